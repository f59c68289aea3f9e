/**
 * The way in of documents that come with their metadata (IHE MHD): all of them and the submission itself are one unit of the log, or nothing is. A submission that came before is known again, and
 * answered as it was the first time.
 */
import type { Asked } from "../core/asked.ts";
import { utf8Text } from "../core/crypto/bytes.ts";
import { AppError } from "../core/errors.ts";
import type { SubmittedAnswer } from "../core/formats/submission.ts";
import type { SubmittedMetadata, SubmittedAddress } from "../core/formats/submitted.ts";
import { depositUnit, type Accepted, type EntryBeside, type UnitResult } from "./deposit-unit.ts";
import type { DepositContext, ReadyDeposit } from "./deposit.ts";
import { erasuresOf, erasureClaim } from "./erasures.ts";
import { openSubmissionRecord, submissionClaim, submissionEntry, submissionLeafOf } from "./submissions.ts";
import { putBack } from "./submission/put-back.ts";
import type { ReadSubmission } from "./submission/submission-forms.ts";

export interface SubmitRequest {
  readonly receivedAt: Date;
  readonly asked: Asked;
  /** Told of all documents when they are ready; may refuse by throwing, and then nothing is stored. */
  check(documents: readonly (ReadyDeposit | Accepted)[]): SubmissionCheck;
}

export interface SubmissionCheck {
  /** What the source should know of entries, by their places in the request. */
  readonly warnings: readonly { readonly entry: number; readonly text: string }[];
  /** `Patient/id` of whom it is about; undefined when that is not known. */
  readonly patient: string | undefined;
}

export type SubmitResult =
  /** All of it is here; `at`: an instant. The answers of its entries, in order. */
  | {
      readonly kind: "submitted";
      readonly at: string;
      readonly answers: readonly SubmittedAnswer[];
      readonly documents: readonly string[];
      /** Whether it was entered now. */
      readonly isNew: boolean;
    }
  /** Nothing was stored: another submission is called so. */
  | { readonly kind: "taken"; readonly by?: string }
  | Extract<UnitResult, { kind: "refused" | "overlapping" }>;

/** How often a unit is made anew, because its documents came by another way meanwhile. */
const ATTEMPTS = 10;

/** Thrown within a unit: all of it could be entered, and another submission is called so. */
class Taken extends Error {}

/** Thrown within a unit: documents were here under other ids than they were given. */
class OtherIds extends Error {
  readonly ids: readonly string[];

  constructor(ids: readonly string[]) {
    super("documents were here before");
    this.ids = ids;
  }
}

/** @throws AppError `unavailable` when nothing was stored and trying again may help; `gone` for a submission of which a document was erased. */
export async function submit(submission: ReadSubmission, request: SubmitRequest, using: DepositContext): Promise<SubmitResult> {
  await using.permit?.enter(request.asked);
  const claim = await submissionClaim(submission, using.keys);
  const plan = submission.documents.map(() => ({ id: using.newId(), isNew: true }));
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await submittedBefore(claim, submission, request.asked, using);
    if (before && before.kind !== "hidden") return before;
    try {
      const done = await enterSubmission(submission, { claim, plan, isTaken: before !== undefined }, request, using);
      // That all of its documents are here may be because it came at the same moment by another way.
      if (done?.kind === "submitted" && !done.isNew) {
        const again = await submittedBefore(claim, submission, request.asked, using);
        return again && again.kind !== "hidden" ? again : done;
      }
      if (done) return done;
    } catch (error) {
      if (error instanceof Taken) return { kind: "taken" };
      if (!(error instanceof OtherIds)) throw error;
      error.ids.forEach((id, at) => {
        const own = plan[at];
        if (own && own.id !== id) plan[at] = { id, isNew: false };
      });
    }
  }
  throw new AppError("unavailable", "Others submitted the same documents at the same time, again and again; try again in a moment.", {
    retryAfter: 1,
  });
}

/** What a submission was answered that came before; `hidden`: another is called so, of which the sender may not know. AppError `forbidden`. */
async function submittedBefore(
  claim: string,
  { canonical }: ReadSubmission,
  asked: Asked,
  using: DepositContext,
): Promise<SubmitResult | { readonly kind: "hidden" } | undefined> {
  const { entry, value } = (await using.store.claimed([claim])).get(claim) ?? {};
  if (!entry || !value) return undefined;
  const { documents } = submissionLeafOf(entry);
  if (utf8Text(value) !== canonical) {
    for (const id of documents) if ((await using.permit?.mayKnow(asked, id)) === false) return { kind: "hidden" };
    return { kind: "taken", by: entry.id };
  }
  const key = await using.documentKeys.read(entry.id);
  if (key === undefined) {
    const isErased = (await using.store.claimed([erasureClaim(entry.id)])).size > 0;
    if (isErased) throw new AppError("gone", `Submission ${entry.id} came before, and a document of it was erased since; it is not taken again.`);
    throw new AppError("damaged", `The key of submission ${entry.id} is lost.`);
  }
  for (const id of documents) await using.permit?.repeated(asked, id);
  const { answers } = openSubmissionRecord(entry, await using.store.evidence(entry.id), key);
  return { kind: "submitted", at: entry.receivedAt, answers, documents, isNew: false };
}

interface Plan {
  readonly claim: string;
  /** Another submission is called so, which is told when all else is in order. */
  readonly isTaken: boolean;
  readonly plan: readonly { readonly id: string; readonly isNew: boolean }[];
}

/** Undefined when others were quicker: it is to be tried again. */
async function enterSubmission(
  submission: ReadSubmission,
  { claim, plan, isTaken }: Plan,
  { receivedAt, asked, check }: SubmitRequest,
  using: DepositContext,
): Promise<SubmitResult | undefined> {
  const id = using.newId();
  const metadata = metadataOf(submission, { id, plan });
  const submissions = submission.documents.map(({ content }, at) => {
    const own = { ...content, receivedAt, asked, id: plan[at]?.id ?? using.newId() };
    const submitted = metadata[at];
    return submitted ? { ...own, submitted } : own;
  });
  const old = plan.filter(({ isNew }) => !isNew).map((one) => one.id);
  // What is kept of a submission tells of all its documents: none of them may have been erased when it is entered.
  const condition = old.length === 0 ? undefined : async (): Promise<boolean> => (await erasuresOf(old, using.store)).size === 0;
  const answers: SubmittedAnswer[] = [];
  const make: EntryBeside["make"] = async (documents) => {
    const ids = documents.map(({ entry }) => entry.id);
    if (isTaken) throw new Taken();
    if (ids.some((one, at) => one !== plan[at]?.id)) throw new OtherIds(ids);
    answers.splice(0, answers.length, ...answersOf(submission, { plan, checked: check(documents) }));
    const at = documents.find((one) => one.kind === "ready")?.entry.receivedAt ?? receivedAt.toISOString();
    return submissionEntry(putBack(submission, submissions, documents), { id, at, asked, claim, documents: ids, answers }, using);
  };
  const result = await depositUnit(submissions, condition, using, { make, isAlways: false });
  if (result.kind === "outrun") return undefined;
  if (result.kind !== "deposited") return result;
  const documents = result.results.map(({ entry }) => entry.id);
  const first = result.results.find(({ kind }) => kind === "created") ?? result.results[0];
  const at = first?.entry.receivedAt ?? receivedAt.toISOString();
  if (result.results.some(({ kind }) => kind === "created")) return { kind: "submitted", at, answers, documents, isNew: true };
  const known = documents.map((one) => ({ id: one, isNew: false }));
  return { kind: "submitted", at, documents, isNew: false, answers: answersOf(submission, { plan: known, checked: check(result.results) }) };
}

/** What the record of each document is to say of the submission. The Lists stand with the first that is new. */
function metadataOf(
  { documents, lists, entries }: ReadSubmission,
  { id, plan }: { readonly id: string; readonly plan: Plan["plan"] },
): readonly (SubmittedMetadata | undefined)[] {
  const places = entries.flatMap(({ fullUrl, brings, at }): SubmittedAddress[] => {
    const place = placeOf({ brings, at }, { documents, plan });
    return fullUrl === undefined || place === undefined ? [] : [{ url: fullUrl, place }];
  });
  const host = plan.findIndex(({ isNew }) => isNew);
  return documents.map(({ reference }, at) =>
    plan[at]?.isNew === true ? { submission: id, reference, lists: at === host ? lists.map(({ text }) => text) : [], places } : undefined,
  );
}

/** `Type/id` of what an entry brought. */
function placeOf(
  { brings, at }: Pick<ReadSubmission["entries"][number], "brings" | "at">,
  { documents, plan }: Pick<ReadSubmission, "documents"> & Pick<Plan, "plan">,
): string | undefined {
  const own = plan[at];
  switch (brings) {
    case "reference":
      return own && `DocumentReference/${own.id}${own.isNew ? ".submitted" : ""}`;
    case "document":
      return own && `${documents[at]?.isBinary === true ? "Binary" : "Bundle"}/${own.id}`;
    case "list": {
      const host = plan.find(({ isNew }) => isNew)?.id;
      return host === undefined ? undefined : `List/${host}.${at === 0 ? "submitted" : `folder-${at}`}`;
    }
    case "patient":
    case "patch":
      return undefined;
  }
}

function answersOf(
  { documents, entries, patches, warnings: read }: ReadSubmission,
  { plan, checked }: Pick<Plan, "plan"> & { readonly checked: SubmissionCheck },
): SubmittedAnswer[] {
  return entries.map(({ brings, at, entry }) => {
    const patch = patches.find((one) => one.entry === entry);
    const ofOther = patch ? `DocumentReference/${patch.target}` : brings === "patient" ? checked.patient : undefined;
    const place = ofOther ?? placeOf({ brings, at }, { documents, plan });
    const own = brings === "reference" || brings === "document" ? plan[at] : undefined;
    const warnings = [...read, ...checked.warnings].filter((one) => one.entry === entry).map(({ text }) => text);
    if (own?.isNew === false && brings === "reference")
      warnings.push(
        `The document was here before, as ${own.id}: what was said of it then stands, and what is said of it now is kept within the submission alone, if that is new.`,
      );
    return { ...(place !== undefined && { place }), isNew: patch === undefined && own?.isNew !== false && place !== undefined, warnings };
  });
}
