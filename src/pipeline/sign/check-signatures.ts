import { checkDocumentSignatures } from "../../core/crypto/document-signature.ts";
import type { JsonObject } from "../../core/fhir/json/tree.ts";
import type { Trust } from "../../core/formats/trust.ts";
import type { SignatureCheck } from "../record.ts";

/**
 * Checks the signature that a document came with; empty when it came unsigned. Its results are recorded and shown, they never refuse a deposit: a repository keeps
 * what it was given, and says what it is worth. Without `trust`, nothing is said about the certificate.
 */
export async function checkSignatures(bundle: JsonObject, trust: Trust | undefined): Promise<SignatureCheck[]> {
  return checkDocumentSignatures(bundle, trust);
}
