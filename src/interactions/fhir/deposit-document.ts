import { copyOf } from "../../core/crypto/bytes.ts";
import type { Asked } from "../../core/asked.ts";
import { type Issue } from "../../core/fhir/issue.ts";
import { AppError } from "../../core/errors.ts";
import { isSyntaxError } from "../../core/fhir/reading/reading-issues.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { Terminology } from "../../core/fhir/r4/terminology.ts";
import type { SearchParameters } from "../../core/fhir/r4/search-parameters.ts";
import { deposit, depositIf, type DepositContext, type DepositResult } from "../../pipeline/deposit.ts";
import type { Reader } from "../../reader/reader.ts";
import { UNWATCHED } from "../../core/watch.ts";
import { conditionQuery, existing, noneExists, severalExist } from "./conditional-create.ts";
import { conflictText } from "./conflict-text.ts";
import type { CreateInteraction, CreateOutcome, Sent } from "../interaction.ts";

/** What the interaction works with. */
export interface DepositNeeds {
  readonly depositing: DepositContext;
  readonly reader: Pick<Reader, "mayName" | "find">;
  readonly definitions: Definitions;
  readonly parameters: SearchParameters;
  readonly terminology: Pick<Terminology, "valueSet">;
}

/** How often a deposit is tried that others outran. */
const ATTEMPTS = 10;

/** Deposits a document: the one way in. */
export function depositDocument(using: DepositNeeds): CreateInteraction {
  return {
    type: "Bundle",
    code: "create",
    documentation:
      "Deposits a document (a Bundle of type document): validated, sealed, stored for ever, entered in the log. Sending the same document again is harmless and answers 200 with the first deposit; other content under the same Bundle.identifier is a conflict. With `If-None-Exist` nothing is stored when a search finds a document already.",
    handle: async (asked, sent) => {
      const { ifNoneExist, ...submitted } = sent;
      if (ifNoneExist !== undefined) return depositUnless(ifNoneExist, asked, submitted, using);
      const result = await watched(using.depositing, () => deposit({ ...submitted, asked }, using.depositing));
      return depositOutcome(result, asked, using.reader);
    },
  };
}

/** Whoever looks on is told what became of a deposit, or of a transaction's. */
export function watched<Result extends { readonly kind: string }>(
  { watch = UNWATCHED }: Pick<DepositContext, "watch">,
  work: () => Promise<Result>,
): Promise<Result> {
  return watch.step({ kind: "deposit", name: "deposit" }, work, ({ kind }) => kind);
}

/** A conditional create. What its condition finds is told without a look at what was sent. */
async function depositUnless(condition: string, asked: Asked, sent: Sent, using: DepositNeeds): Promise<CreateOutcome> {
  const needs = { ...using, fhirBase: using.depositing.fhirBase };
  const query = conditionQuery(condition, needs);
  const there = async (): Promise<CreateOutcome | undefined> => {
    const found = await existing(asked, query, needs);
    if (found.kind === "several") throw severalExist(condition);
    return found.kind === "one" ? existingOutcome(found) : undefined;
  };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await there();
    if (found) return found;
    // Bytes are handed over, and may be needed again.
    const bytes = copyOf(sent.bytes);
    const unless = noneExists(asked, [query], needs);
    const result = await watched(using.depositing, () => depositIf({ ...sent, bytes, asked }, unless, using.depositing));
    if (result.kind === "outrun") continue;
    // What took the identifier meanwhile may be what the condition finds: whoever came a moment later is told of that one, and not of a conflict.
    return (result.kind === "conflict" && (await there())) || depositOutcome(result, asked, using.reader);
  }
  throw new AppError("unavailable", "Others deposit so much that If-None-Exist cannot be answered; try again in a moment.", { retryAfter: 5 });
}

/** The document that a condition found. */
export function existingOutcome({ id, receivedAt }: { readonly id: string; readonly receivedAt: string }): CreateOutcome {
  const text = `Document ${id} is what If-None-Exist finds; nothing was stored.`;
  const issue: Issue = { severity: "information", code: "informational", rule: "exists-already", text };
  return { kind: "exists", id, lastModified: new Date(receivedAt), issues: [issue] };
}

/** What became of a deposit, as its sender is told. AppError `gone` for what was erased. */
export async function depositOutcome(result: DepositResult, asked: Asked, reader: Pick<Reader, "mayName">): Promise<CreateOutcome> {
  switch (result.kind) {
    case "created":
      return { kind: "created", ...placeOf(result.entry), issues: [deposited(result.entry.id), ...result.issues], source: result.source };
    case "repeated":
      return { kind: "repeated", ...placeOf(result.entry), issues: [repeated(result.entry.id)] };
    case "unreadable":
      return { kind: "unreadable", issues: result.issues, source: result.source };
    case "refused":
      return { kind: result.issues.some(isSyntaxError) ? "unreadable" : "invalid", issues: result.issues, source: result.source };
    case "conflict":
      // Whoever sends it again must not be led to send it under another identifier.
      if (result.conflict.differsIn === "erased") throw new AppError("gone", await conflictText(result.conflict, asked, reader));
      return { kind: "conflict", issues: [taken(await conflictText(result.conflict, asked, reader))] };
  }
}

function placeOf({ id, receivedAt }: { readonly id: string; readonly receivedAt: string }): { id: string; lastModified: Date } {
  return { id, lastModified: new Date(receivedAt) };
}

function deposited(id: string): Issue {
  return { severity: "information", code: "informational", rule: "deposited", text: `The document was deposited as ${id}.` };
}

function repeated(id: string): Issue {
  return {
    severity: "information",
    code: "informational",
    rule: "deposited-before",
    text: `This document was deposited before, as ${id}; nothing was stored.`,
  };
}

function taken(text: string): Issue {
  return { severity: "error", code: "conflict", rule: "identifier-taken", text, expression: "Bundle.identifier" };
}
