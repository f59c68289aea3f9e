/** What is to be judged, wherever the cases come from. */

/** Definitions that cases are held against, beside R4's own. */
export interface CaseSet {
  /** Names it: cases with the same name have the same set. */
  readonly name: string;
  /** Paths of `.tgz`. */
  readonly archives: readonly string[];
  /** Paths of definitions that stand alone, in JSON or XML. */
  readonly definitions: readonly string[];
  /** Code systems that its programme leaves to others: nothing is asked about their codes. */
  readonly ignoredSystems: readonly string[];
}

/** A place with an error that the case's authors expect. */
export interface Expected {
  readonly severity: string;
  readonly code: string;
  readonly expression?: readonly string[];
}

export interface Case {
  readonly family: string;
  readonly name: string;
  /** Path of the instance. */
  readonly file: string;
  /** Canonicals that it is held against beside what it declares. */
  readonly profiles: readonly string[];
  /** It is valid when it is valid under one of them (a programme's dated sets overlap). */
  readonly sets: readonly CaseSet[];
  /** Whether extensions of anybody may be in it, or only those that the set defines. */
  readonly anyExtensions: boolean;
  /** A declared profile that is not held is an error. */
  readonly everyProfileHeld: boolean;
  readonly assumeValidReferences: boolean;
  /** What its authors say; undefined where nobody says anything. */
  readonly valid: boolean | undefined;
  readonly expected?: readonly Expected[];
}
