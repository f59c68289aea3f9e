/** Several documents that are deposited together or not at all: one unit of the log. */
import { copyOf } from "../core/crypto/bytes.ts";
import { AppError } from "../core/errors.ts";
import { created, readyDeposit, type DepositContext, type DepositResult, type ReadyDeposit } from "./deposit.ts";
import { compare } from "./earlier-deposit.ts";
import type { UnitCondition } from "./log/queue.ts";
import type { Submission } from "./document-forms.ts";
import type { NewEntry } from "./store/record-store.ts";

export type Accepted = Extract<DepositResult, { kind: "created" | "repeated" }>;

export type UnitResult =
  /** All of them are here, in the order of the submissions: those that are new were entered with one commit. */
  | { readonly kind: "deposited"; readonly results: readonly Accepted[] }
  /** Nothing was stored, because this one cannot be. */
  | { readonly kind: "refused"; readonly at: number; readonly result: Exclude<DepositResult, Accepted> }
  /** Nothing was stored: two of them have one identifier. */
  | { readonly kind: "overlapping"; readonly at: readonly [number, number] }
  /** Nothing was stored: the condition did not hold any more. */
  | { readonly kind: "outrun" };

/** An entry that is entered with the documents. When somebody else bears a claim of its, the unit is `outrun`. */
export interface EntryBeside {
  /** Made when all documents are ready; it may throw to have nothing stored. */
  make(documents: readonly (ReadyDeposit | Accepted)[]): Promise<NewEntry>;
  /** Whether it is entered also where none of the documents is new. */
  readonly isAlways: boolean;
}

/** How often a unit is made ready again, of which somebody else deposited a document meanwhile. */
const ATTEMPTS = 5;

/**
 * Deposits documents as one unit. A document that came before counts as deposited, as it does by itself.
 *
 * @param submissions their bytes stay with the caller
 * @throws AppError `unavailable` when nothing was stored and trying again may help.
 */
export async function depositUnit(
  submissions: readonly Submission[],
  condition: UnitCondition | undefined,
  using: DepositContext,
  beside?: EntryBeside,
): Promise<UnitResult> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const done = await attemptUnit(submissions, { condition, beside }, using);
    if (done) return done;
  }
  throw new AppError("unavailable", "Others deposited the same documents at the same time, again and again; try again in a moment.");
}

/** Undefined when one of the documents came by another way meanwhile. */
async function attemptUnit(
  submissions: readonly Submission[],
  { condition, beside }: { readonly condition: UnitCondition | undefined; readonly beside: EntryBeside | undefined },
  using: DepositContext,
): Promise<UnitResult | undefined> {
  const prepared: (ReadyDeposit | Accepted)[] = [];
  const places = new Map<string, number>();
  for (const [at, submission] of submissions.entries()) {
    // Bytes are handed over, and may be needed again.
    const result = await readyDeposit({ ...submission, bytes: copyOf(submission.bytes) }, using);
    if (result.kind !== "ready" && result.kind !== "repeated") return { kind: "refused", at, result };
    // One that is here twice is no other case than one that is new twice: whether it came before makes no difference.
    for (const key of result.kind === "ready" ? result.entry.claims.map((claim) => claim.key) : [result.entry.id]) {
      const other = places.get(key);
      if (other !== undefined) return { kind: "overlapping", at: [other, at] };
      places.set(key, at);
    }
    prepared.push(result);
  }
  const ready = prepared.flatMap((one) => (one.kind === "ready" ? [one.entry] : []));
  const more = ready.length > 0 || beside?.isAlways === true ? await beside?.make(prepared) : undefined;
  const [first, ...others] = [...ready, ...(more ? [more] : [])];
  if (!first) return { kind: "deposited", results: prepared.filter((one) => one.kind === "repeated") };
  const entered = await using.ledger.append([first, ...others], condition);
  if (entered.kind === "refused") return { kind: "outrun" };
  if (entered.kind === "taken") {
    if (more?.claims.some(({ key }) => key === entered.key) === true) return { kind: "outrun" };
    const at = prepared.findIndex((one) => one.kind === "ready" && one.entry.claims.some(({ key }) => entered.key === key));
    const own = prepared[at];
    const result = own?.kind === "ready" ? await compare(own.identity, entered.by, using) : undefined;
    // The same document is no hindrance: it is recognised the next time.
    return result === undefined || result.kind === "repeated" ? undefined : { kind: "refused", at, result };
  }
  const entries = new Map(entered.entries.map((entry) => [entry.id, entry]));
  const results = await Promise.all(
    prepared.map(async (one): Promise<Accepted> => {
      if (one.kind !== "ready") return one;
      const entry = entries.get(one.entry.id);
      if (!entry) throw new AppError("internal", `the entry ${one.entry.id} is missing in its own commit`);
      return created(entry, one, using);
    }),
  );
  return { kind: "deposited", results };
}
