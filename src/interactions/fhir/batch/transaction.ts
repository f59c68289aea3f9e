/**
 * A transaction (R4 http.html, "Transaction Processing Rules"): all of it or nothing. What is read is read before anything is stored, so that a fault of it comes in time; then the documents are
 * entered as one unit; then searches and histories are asked, which find them.
 */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import { operationOutcome, type Issue } from "../../../core/fhir/issue.ts";
import { JsonArray, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import { depositUnit } from "../../../pipeline/deposit-unit.ts";
import type { Content } from "../../../pipeline/document-forms.ts";
import type { UnpackedEntry } from "../../../pipeline/unpack-batch.ts";
import type { SearchQuery } from "../../../search/query/search-query.ts";
import { MOST_DOCUMENTS } from "../mhd/provide-documents.ts";
import { conditionQuery, existing, noneExists, severalExist } from "../conditional-create.ts";
import { depositOutcome, existingOutcome, watched } from "../deposit-document.ts";
import { STATUS_OF, type CreateOutcome } from "../../interaction.ts";
import { MOST_CHARACTERS, MOST_TIME, type BatchNeeds, type BatchRequest } from "./batch-request.ts";
import { failedAnswer, type EntryAnswer } from "./entry-answer.ts";
import { entryCall, type EntryCall } from "./entry-call.ts";
import { depositAnswer, documentOf } from "./entry-deposit.ts";
import { performCall } from "./perform-call.ts";

export type TransactionResult =
  | { readonly kind: "done"; readonly answers: readonly EntryAnswer[] }
  | { readonly kind: "refused"; readonly status: number; readonly outcome: JsonObject };

/** How often a unit is tried that others outran. */
const ATTEMPTS = 10;

/** A fault of one entry, which is that of the whole. */
class EntryFault extends Error {
  readonly at: number;
  readonly answer: EntryAnswer;

  constructor(at: number, answer: EntryAnswer) {
    super(`entry ${at}`);
    this.at = at;
    this.answer = answer;
  }
}

type Using = BatchNeeds & BatchRequest;

export async function runTransaction(asked: Asked, entries: readonly UnpackedEntry[], using: Using): Promise<TransactionResult> {
  try {
    const calls = await each(entries, (entry) => Promise.resolve(entryCall(entry, using.fhirBase)));
    refuseOverlaps(entries, calls);
    const before = await readings(asked, entries, calls, { ...using, kinds: READING });
    const created = await deposits(asked, entries, calls, using);
    const after = created.size > 0 ? await readings(asked, entries, calls, { ...using, kinds: SEARCHING, isCommitted: true }) : before;
    return { kind: "done", answers: entries.map((_, at) => created.get(at) ?? after.get(at) ?? before.get(at) ?? { status: 500 }) };
  } catch (error) {
    if (!(error instanceof EntryFault)) throw error;
    const { at, answer } = error;
    const told: Issue = {
      severity: "error",
      code: "processing",
      rule: "transaction-failed",
      text: `Entry ${at} (counted from 0) cannot be done, so that nothing of the transaction was.`,
      expression: `Bundle.entry[${at}]`,
    };
    const outcome = operationOutcome([told]);
    const issues = outcome.get("issue");
    if (issues instanceof JsonArray) for (const issue of answer.outcome?.items("issue") ?? []) issues.add(issue);
    return { kind: "refused", status: answer.status, outcome };
  }
}

const READING: ReadonlySet<EntryCall["kind"]> = new Set(["read", "operation", "search", "history", "capabilities"]);
/** What is asked again after the deposits, which it is about. */
const SEARCHING: ReadonlySet<EntryCall["kind"]> = new Set(["search", "history"]);

interface Reading extends Using {
  readonly kinds: ReadonlySet<EntryCall["kind"]>;
  /** After the commit a failure is that of its entry alone: what was deposited stays. */
  readonly isCommitted?: boolean;
}

/** The answers of entries that read something, within what an answer may hold. */
async function readings(
  asked: Asked,
  entries: readonly UnpackedEntry[],
  calls: readonly EntryCall[],
  { kinds, isCommitted = false, ...using }: Reading,
): Promise<ReadonlyMap<number, EntryAnswer>> {
  const until = performance.now() + MOST_TIME;
  const answers = new Map<number, EntryAnswer>();
  let characters = 0;
  for (const [at, entry] of entries.entries()) {
    const call = calls[at];
    if (!call || call.kind === "create" || !kinds.has(call.kind)) continue;
    const read = async (): Promise<EntryAnswer> => {
      if (characters > MOST_CHARACTERS || performance.now() > until || !using.isWanted())
        throw new AppError("too-large", "The transaction reads more than one answer may hold, or takes too long: ask for less at once.");
      return performCall(asked, call, entry, using);
    };
    const answer = await (isCommitted ? read().catch(failedAnswer) : entryOf(at, read));
    characters += answer.text?.length ?? 0;
    answers.set(at, answer);
  }
  return answers;
}

/** Does something about each entry, in order; a failure is that of its entry. */
async function each<Result>(entries: readonly UnpackedEntry[], act: (entry: UnpackedEntry, at: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const [at, entry] of entries.entries()) results.push(await entryOf(at, () => act(entry, at)));
  return results;
}

async function entryOf<Result>(at: number, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw new EntryFault(at, failedAnswer(error));
  }
}

function refuse(at: number, code: "malformed" | "unsupported" | "too-large", text: string): never {
  throw new EntryFault(at, failedAnswer(new AppError(code, text)));
}

/** Identities that overlap, and references that would have to be rewritten within a document. */
function refuseOverlaps(entries: readonly UnpackedEntry[], calls: readonly EntryCall[]): void {
  const places = new Map<string, number>();
  entries.forEach(({ fullUrl }, at) => {
    if (fullUrl === undefined) return;
    const other = places.get(fullUrl);
    if (other !== undefined) refuse(at, "malformed", `Entries ${other} and ${at} have the same fullUrl.`);
    places.set(fullUrl, at);
  });
  entries.forEach(({ resource }, at) => {
    const url = resource?.strange.find((one) => places.has(one) && places.get(one) !== at);
    if (url !== undefined)
      refuse(
        at,
        "unsupported",
        `The document refers to entry ${places.get(url)} by ${url}. Elsewhere that would be rewritten; a document is kept exactly as it was sent. Name the other document by its identifier (Composition.relatesTo.targetIdentifier).`,
      );
  });
  const documents = calls.filter(({ kind }) => kind === "create").length;
  if (documents > MOST_DOCUMENTS)
    refuse(calls.length - 1, "too-large", `A transaction deposits at most ${MOST_DOCUMENTS} documents, and this one has ${documents}.`);
}

/** Deposits all documents as one unit; gives the answers of their entries. */
async function deposits(
  asked: Asked,
  entries: readonly UnpackedEntry[],
  calls: readonly EntryCall[],
  using: Using,
): Promise<ReadonlyMap<number, EntryAnswer>> {
  const all = await each(entries, (entry, at) => {
    const call = calls[at];
    return Promise.resolve(call?.kind === "create" ? [{ at, entry, ...documentOf(call.type, entry, using.fhirBase) }] : []);
  });
  const documents = all.flat();
  if (documents.length === 0) return new Map();
  const conditions = new Map<number, SearchQuery>();
  for (const { at, entry } of documents)
    if (entry.ifNoneExist !== undefined) conditions.set(at, await entryOf(at, () => Promise.resolve(conditionQuery(entry.ifNoneExist ?? "", using))));
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const outcomes = await found(asked, documents, conditions, using);
    const wanted = documents.filter(({ at }) => !outcomes.has(at));
    const done = await together(asked, wanted, conditions, using);
    if (!done) continue;
    done.forEach((outcome, place) => outcomes.set(wanted[place]?.at ?? -1, outcome));
    const answers = await Promise.all([...outcomes].map(async ([at, outcome]) => [at, await depositAnswer(asked, outcome, using)] as const));
    return new Map(answers);
  }
  throw new AppError("unavailable", "What If-None-Exist finds changed again and again; try again in a moment.", { retryAfter: 1 });
}

interface PlacedDocument extends Content {
  readonly at: number;
  readonly entry: UnpackedEntry;
}

/** Those that a condition finds already. */
async function found(
  asked: Asked,
  documents: readonly PlacedDocument[],
  conditions: ReadonlyMap<number, SearchQuery>,
  using: Using,
): Promise<Map<number, CreateOutcome>> {
  const outcomes = new Map<number, CreateOutcome>();
  for (const { at, entry } of documents) {
    const query = conditions.get(at);
    const there = query && (await entryOf(at, () => existing(asked, query, using)));
    if (there?.kind === "several") await entryOf(at, () => Promise.reject(severalExist(entry.ifNoneExist ?? "")));
    if (there?.kind === "one") outcomes.set(at, existingOutcome(there));
  }
  return outcomes;
}

/** Undefined when a condition does not hold any more. */
async function together(
  asked: Asked,
  documents: readonly PlacedDocument[],
  conditions: ReadonlyMap<number, SearchQuery>,
  using: Using,
): Promise<readonly CreateOutcome[] | undefined> {
  if (documents.length === 0) return [];
  const submissions = documents.map(({ bytes, mediaType }) => ({ bytes, mediaType, receivedAt: using.receivedAt, asked }));
  const queries = documents.flatMap(({ at }) => conditions.get(at) ?? []);
  const weight = documents.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const unless = noneExists(asked, queries, using);
  const result = await using.turns.take(weight, () => watched(using.depositing, () => depositUnit(submissions, unless, using.depositing)));
  const placeOf = (place: number): number => documents[place]?.at ?? 0;
  switch (result.kind) {
    case "outrun":
      return undefined;
    case "deposited":
      return Promise.all(result.results.map((one) => depositOutcome(one, asked, using.reader)));
    case "overlapping": {
      const [one, other] = result.at.map(placeOf);
      return refuse(other ?? 0, "malformed", `Entries ${one} and ${other} are documents with the same identifier.`);
    }
    case "refused": {
      const at = placeOf(result.at);
      // What took the identifier meanwhile may be what the entry's condition finds.
      const query = result.result.kind === "conflict" ? conditions.get(at) : undefined;
      if (query && (await entryOf(at, () => existing(asked, query, using))).kind !== "none") return undefined;
      const { kind, issues, source } = await entryOf(at, () => depositOutcome(result.result, asked, using.reader));
      throw new EntryFault(at, { status: STATUS_OF[kind], outcome: operationOutcome(issues, source) });
    }
  }
}
