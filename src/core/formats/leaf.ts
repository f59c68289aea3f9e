import { AppError } from "../errors.ts";
import { utf8Text } from "../crypto/bytes.ts";
import { equalBytes } from "../crypto/digest.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf } from "../fhir/tree/tree.ts";
import { DIGEST, INSTANT, readVersions, textField, UUID } from "./fields.ts";

/** What the log holds of one deposit, for everybody to see: digests and times, no patient data. All digests are `sha256:` + hex. */
export interface Leaf {
  /** The document's id in the repository: a UUID. */
  readonly id: string;
  /** An instant in UTC with milliseconds. */
  readonly receivedAt: string;
  /** Of the bytes as they were submitted. */
  readonly submittedDigest: string;
  /** Of the canonical form's UTF-8 bytes. */
  readonly canonicalDigest: string;
  /** Of the deposit record's UTF-8 bytes. */
  readonly depositDigest: string;
  /** Of the identifier with a salt. */
  readonly identifierCommitment: string;
  /** Of the Bundle's own signature and meta, which the canonical form leaves out, with the same salt. */
  readonly outerCommitment: string;
}

const REQUIRED = ["kind", "id", "receivedAt", "submittedDigest", "canonicalDigest", "depositDigest", "identifierCommitment", "outerCommitment"];
/** Closed: what was entered until there was a second number. */
const CLOSED = { format: "chartulary-leaf/1", required: REQUIRED };
/** Open: later deposits may say more. */
const OPEN = { format: "chartulary-leaf/2", required: REQUIRED };

/** The leaf's bytes: canonical JSON in UTF-8. docs/formats.md, "Leaf". */
export function formatLeaf(leaf: Leaf): Uint8Array {
  const { id, receivedAt, submittedDigest, canonicalDigest, depositDigest, identifierCommitment, outerCommitment } = leaf;
  const digests = { submittedDigest, canonicalDigest, depositDigest, identifierCommitment, outerCommitment };
  return new TextEncoder().encode(canonicalJson(treeOf({ format: OPEN.format, kind: "deposit", id, receivedAt, ...digests })));
}

/** Reads the leaf of a deposit, of either number. AppError `malformed` when it is none, is not in canonical form, or has a critical property that is not known. */
export function parseLeaf(bytes: Uint8Array): Leaf {
  const { object } = readVersions(utf8Text(bytes), { closed: CLOSED, open: OPEN });
  textField(object, "kind", /^deposit$/);
  if (!equalBytes(new TextEncoder().encode(canonicalJson(object)), bytes))
    throw new AppError("malformed", "not a leaf of the log: it is not in canonical form");
  return {
    id: textField(object, "id", UUID),
    receivedAt: textField(object, "receivedAt", INSTANT),
    submittedDigest: textField(object, "submittedDigest", DIGEST),
    canonicalDigest: textField(object, "canonicalDigest", DIGEST),
    depositDigest: textField(object, "depositDigest", DIGEST),
    identifierCommitment: textField(object, "identifierCommitment", DIGEST),
    outerCommitment: textField(object, "outerCommitment", DIGEST),
  };
}

/** When an entry of any kind was made, by its own words: `receivedAt` of a deposit, `at` of others; undefined when it does not say. */
export function timeOfLeaf(bytes: Uint8Array): Date | undefined {
  const [, instant] = /"(?:receivedAt|at)":"([0-9]{4}-[0-9-]{5}T[0-9:]{8}\.[0-9]{3}Z)"/.exec(utf8Text(bytes)) ?? [];
  const time = new Date(instant ?? "");
  return Number.isNaN(time.getTime()) ? undefined : time;
}
