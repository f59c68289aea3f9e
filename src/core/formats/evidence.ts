import { AppError } from "../errors.ts";
import { toBase64 } from "../crypto/base64.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf } from "../fhir/tree/tree.ts";
import { bytesField, checkNames, readFormat, textField } from "./fields.ts";
import type { DocumentIdentifier } from "./identifier.ts";

/** What is kept beside a document's bytes, encrypted as they are, because it says something about a patient. */
export interface Evidence {
  /** The deposit record's text, of which the leaf has the digest. */
  readonly deposit: string;
  /** Our detached JWS over the canonical form. */
  readonly seal: string;
  /** 32 bytes: opens the leaf's commitment to the identifier. */
  readonly salt: Uint8Array;
  readonly identifier: DocumentIdentifier;
}

const SHAPE = { format: "chartulary-evidence/1", required: ["deposit", "seal", "salt", "identifier"] };
const IDENTIFIER = { format: SHAPE.format, required: ["value"], optional: ["system"] };

/** docs/formats.md, "Evidence". */
export function formatEvidence({ deposit, seal, salt, identifier }: Evidence): string {
  return canonicalJson(treeOf({ format: SHAPE.format, deposit, seal, salt: toBase64(salt), identifier }));
}

/** Reads evidence. AppError `malformed`. */
export function parseEvidence(text: string): Evidence {
  const object = readFormat(text, SHAPE);
  const identifier = object.object("identifier");
  if (!identifier) throw new AppError("malformed", `not a ${SHAPE.format}: identifier is no object`);
  checkNames(identifier, IDENTIFIER);
  const system = identifier.has("system") ? textField(identifier, "system") : undefined;
  return {
    deposit: textField(object, "deposit"),
    seal: textField(object, "seal"),
    salt: bytesField(object, "salt", 32),
    identifier: { value: textField(identifier, "value"), ...(system !== undefined && { system }) },
  };
}
