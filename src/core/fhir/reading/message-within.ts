/** Documents that come within a signed message (CMS), as German prescriptions and receipts do: docs/formats.md, "A document within a signed message". */
import { readSignedMessage } from "../../cms/signed-message.ts";
import { toBase64 } from "../../crypto/base64.ts";
import { AppError } from "../../errors.ts";
import { treeOf, type JsonObject } from "../tree/tree.ts";
import { SIGNED_MESSAGE } from "./fhir-media-type.ts";

/** What a signed message has within; in words why there is nothing that can be read. */
export function openMessage(bytes: Uint8Array): Uint8Array | string {
  try {
    return readSignedMessage(bytes).content ?? "it has no content within: the document stands elsewhere";
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/** Nobody says when, by whom and to what end it was signed but the message itself, which must be checked for that. */
const UNSAID = { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "not-asked" }] };

/** The Bundle with the message as its signature. Written down for ever: the outer commitment is over it. */
export function withMessage(bundle: JsonObject, message: Uint8Array): JsonObject {
  const signature = { type: [UNSAID], _when: UNSAID, who: UNSAID, sigFormat: SIGNED_MESSAGE, data: toBase64(message) };
  return bundle.add("signature", treeOf(signature));
}
