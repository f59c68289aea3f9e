import { recordedSignature } from "../../core/formats/deposit-signatures.ts";
import type { SignatureCheck } from "../../core/signatures/signature-check.ts";

/** What checks are called. Pages have words for each in every language (`verify-name-…` of the locales). */
export const CHECK_NAMES = [
  ...(["document", "content", "receipt", "trust file", "digest", "identifier", "signature and meta"] as const),
  ...(["seal", "seal certificate", "inclusion", "checkpoint", "time", "witnesses", "signature", "signer"] as const),
  ...(["pdf", "pdf signature", "pdf certificate", "pdf time"] as const),
] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

/**
 * One line of a verification. `not-confirmed`: all is intact, but nobody vouches for who it was; `not-made`: something was missing to make it, or it could not be made;
 * `info`: says something, decides nothing. `damaged`: something beside the document is false, which is proved without it: told loudly, and decides nothing.
 */
export interface VerificationCheck {
  readonly name: CheckName;
  readonly result: "pass" | "fail" | "not-confirmed" | "not-made" | "info" | "damaged";
  /** One sentence for a person. */
  readonly text: string;
}

/**
 * What it all comes to, the same words everywhere. `false`: something is not what it says it is. `incomplete`: a check could not be made. `not-confirmed`: everything is intact,
 * but the repository or a signer is not confirmed. `proven`: all of it, which a document that came unsigned can be too.
 */
export type Verdict = "proven" | "not-confirmed" | "false" | "incomplete";

export interface VerificationReport {
  readonly verdict: Verdict;
  /** Of the senders' signatures, one each. */
  readonly signatures: readonly SignatureCheck[];
  readonly checks: readonly VerificationCheck[];
  /** 0 `proven`, 1 `false`, 2 `not-confirmed` or `incomplete`. */
  readonly exitCode: 0 | 1 | 2;
}

const EXIT_CODES: Readonly<Record<Verdict, 0 | 1 | 2>> = { proven: 0, false: 1, "not-confirmed": 2, incomplete: 2 };

export function reportOf(checks: readonly VerificationCheck[], signatures: readonly SignatureCheck[] = []): VerificationReport {
  return { ...verdictOf(checks), signatures, checks };
}

/** What lines come to together. */
export function verdictOf(checks: readonly Pick<VerificationCheck, "result">[]): Pick<VerificationReport, "verdict" | "exitCode"> {
  const has = (result: VerificationCheck["result"]) => checks.some((check) => check.result === result);
  const verdict = has("fail") ? "false" : has("not-made") ? "incomplete" : has("not-confirmed") ? "not-confirmed" : "proven";
  return { verdict, exitCode: EXIT_CODES[verdict] };
}

/** Whether something beside the document is damaged. */
export function isDamagedBeside({ checks }: Pick<VerificationReport, "checks">): boolean {
  return checks.some(({ result }) => result === "damaged");
}

/** A report for programs: `verdict`, `signatures` (as a deposit record has them: docs/formats.md) and `checks` (name, result, text), as properties for treeOf. */
export function reportFields({ verdict, signatures, checks }: VerificationReport): object {
  return { verdict, signatures: signatures.map(recordedSignature), checks };
}

/** A line that says so. */
export function pass(name: CheckName, text: string): VerificationCheck {
  return { name, result: "pass", text };
}

/** A line of what is proved false. */
export function fail(name: CheckName, text: string): VerificationCheck {
  return { name, result: "fail", text };
}

/** A line of what is proved false beside a document that is proved without it. */
export function damaged(name: CheckName, text: string): VerificationCheck {
  return { name, result: "damaged", text };
}

/** A line of what could not be looked at. */
export function notMade(name: CheckName, text: string): VerificationCheck {
  return { name, result: "not-made", text };
}
