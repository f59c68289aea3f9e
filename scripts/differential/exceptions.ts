/** Where HL7's validator and ours give another verdict, and that is meant: each with its reason, by R4's text. */
import type { Issue } from "../../src/core/fhir/issue.ts";
import type { Said } from "./engine.ts";

interface Exception {
  readonly why: string;
  /** Whether an error is one of these: all of them must be. */
  readonly theirs?: (said: Said) => boolean;
  readonly ours?: (issue: Issue) => boolean;
}

const EXCEPTIONS: readonly Exception[] = [
  {
    why: "HL7's validator knows media types, currencies and the like from a terminology server, which it has not here.",
    theirs: ({ text }) => /ValueSet\/(?:mimetypes|currencies|all-languages|languages)\b/.test(text),
  },
];

/** Why one of the two may refuse what the other accepts; undefined when nothing is written about it. */
export function exceptionOf(ours: readonly Issue[], theirs: readonly Said[]): string | undefined {
  return EXCEPTIONS.find((one) =>
    ours.length > 0 ? one.ours !== undefined && ours.every(one.ours) : one.theirs !== undefined && theirs.every(one.theirs),
  )?.why;
}
