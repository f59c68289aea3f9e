import type { Asked } from "../../core/asked.ts";
import { type Issue } from "../../core/fhir/issue.ts";
import { AppError } from "../../core/errors.ts";
import { isSyntaxError } from "../../core/fhir/reading/reading-issues.ts";
import { deposit, type DepositContext, type DepositResult } from "../../pipeline/deposit.ts";
import type { Reader } from "../../reader/reader.ts";
import { UNWATCHED } from "../../core/watch.ts";
import { conflictText } from "./conflict-text.ts";
import type { CreateInteraction, CreateOutcome } from "../interaction.ts";

/** What the interaction works with. */
export interface DepositNeeds {
  readonly depositing: DepositContext;
  readonly reader: Pick<Reader, "mayName">;
}

/** Deposits a document: the one way in. */
export function depositDocument(using: DepositNeeds): CreateInteraction {
  return {
    type: "Bundle",
    code: "create",
    documentation:
      "Deposits a document (a Bundle of type document): validated, sealed, stored for ever, entered in the log. Sending the same document again is harmless and answers 200 with the first deposit; other content under the same Bundle.identifier is a conflict.",
    handle: async (asked, sent) => {
      const { watch = UNWATCHED } = using.depositing;
      const depositing = (): Promise<DepositResult> => deposit({ ...sent, asked }, using.depositing);
      return outcomeOf(await watch.step({ kind: "deposit", name: "deposit" }, depositing, ({ kind }) => kind), asked, using.reader);
    },
  };
}

async function outcomeOf(result: DepositResult, asked: Asked, reader: DepositNeeds["reader"]): Promise<CreateOutcome> {
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
