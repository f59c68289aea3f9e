/** One line of a verification. `not-made`: something was missing to make it; `info`: says something, decides nothing. */
export interface VerificationCheck {
  readonly name: string;
  readonly result: "pass" | "fail" | "not-made" | "info";
  /** One sentence for a person. */
  readonly text: string;
}

/** What came of it all. Exit code 1: a check failed; 2: none failed, but one could not be made; 0: all were made and passed. */
export interface VerificationReport {
  readonly checks: readonly VerificationCheck[];
  readonly exitCode: 0 | 1 | 2;
}

export function reportOf(checks: readonly VerificationCheck[]): VerificationReport {
  const has = (result: VerificationCheck["result"]) => checks.some((check) => check.result === result);
  return { checks, exitCode: has("fail") ? 1 : has("not-made") ? 2 : 0 };
}
