/** The seal as FHIR resources show it. */
import { toBase64 } from "../../core/crypto/base64.ts";
import type { KnownCertificates } from "../../core/crypto/certificate.ts";
import { readSeal, VERIFICATION } from "../../core/signatures/seal.ts";
import { readXmlSeal } from "../../core/signatures/xml-seal.ts";
import { AppError } from "../../core/errors.ts";
import { CANONICAL_DOCUMENT_URI } from "../../core/fhir/canonical.ts";
import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";

/**
 * The Signature element (R4 datatypes) that a document which came unsigned is served with as its Bundle.signature, so that it carries its own proof.
 * AppError `damaged` when the seal is none.
 *
 * @param known certificates of seals that were read before
 */
export function servedSignature(seal: string, known?: KnownCertificates): JsonObject {
  const { sealedAt, name } = factsOf(seal, known);
  return treeOf({
    type: [VERIFICATION],
    when: sealedAt,
    who: { display: name },
    targetFormat: `application/fhir+json;canonicalization=${CANONICAL_DOCUMENT_URI}`,
    sigFormat: "application/jose",
    data: toBase64(Buffer.from(seal, "ascii")),
  }) as JsonObject;
}

/** The same of an XML seal. Its form is that of the document in XML. */
function xmlSignature(seal: string): JsonObject {
  const facts = readXmlSeal(seal);
  if (facts === undefined) throw new AppError("damaged", "a stored XML seal cannot be read");
  return treeOf({
    type: [VERIFICATION],
    when: facts.sealedAt,
    who: { display: facts.name },
    targetFormat: "application/fhir+xml;canonicalization=http://hl7.org/fhir/canonicalization/xml#document",
    sigFormat: "application/signature+xml",
    data: toBase64(Buffer.from(seal, "ascii")),
  }) as JsonObject;
}

/** The Provenance (R4) that holds the seals of the document with this id: who vouches for it, since when, and the proof. @param xmlSeal where there is one by now */
export function sealProvenance(id: string, seal: string, xmlSeal?: string, known?: KnownCertificates): JsonObject {
  const { sealedAt, name } = factsOf(seal, known);
  return treeOf({
    resourceType: "Provenance",
    id,
    target: [{ reference: `Bundle/${id}/_history/1` }],
    recorded: sealedAt,
    activity: { text: "Sealed when it was deposited" },
    agent: [
      {
        type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/provenance-participant-type", code: "verifier", display: "Verifier" }] },
        who: { display: name },
      },
    ],
    signature: [servedSignature(seal, known), ...(xmlSeal === undefined ? [] : [xmlSignature(xmlSeal)])],
  }) as JsonObject;
}

function factsOf(seal: string, known?: KnownCertificates) {
  const facts = readSeal(seal, known);
  if (facts === undefined) throw new AppError("damaged", "a stored seal cannot be read");
  return facts;
}
