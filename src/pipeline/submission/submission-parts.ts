/** Parts of what a source submits, read. */
import { createHash } from "node:crypto";
import { fromBase64 } from "../../core/crypto/base64.ts";
import type { Issue } from "../../core/fhir/issue.ts";
import { JsonNumber, type JsonObject } from "../../core/fhir/tree/tree.ts";
import type { Content, FhirMediaType } from "../document-forms.ts";
import { extensionsOf } from "./metadata-rules.ts";
import type { SubmissionFaults } from "./submission-faults.ts";
import type { SubmittedDocument, SubmittedSubject } from "./submission-forms.ts";
import { identifierOf, identifiersOf } from "./submitted-identifiers.ts";

/** What the rules of R4 say of one resource. */
export type ResourceRules = (resource: JsonObject) => readonly Issue[];

/** A document as it was found in a submission. */
export interface DocumentBytes {
  readonly content: Content;
  /** Whether it was a Binary, whose hash and size the source says. */
  readonly isBinary: boolean;
  readonly contentType: string;
}

/** Media types of a Binary that is a FHIR document. */
const DOCUMENTS: Readonly<Record<string, FhirMediaType>> = {
  "application/fhir+json": "application/fhir+json",
  "application/fhir+xml": "application/fhir+xml",
};

/** The bytes of base64 in which there may be white space; undefined when it is none. */
export function dataOf(base64: string): Uint8Array | undefined {
  return fromBase64(base64.replace(/\s+/g, ""));
}

/** The form of a document by the media type of a Binary, parameters aside. */
export function documentType(contentType: string): FhirMediaType | undefined {
  return DOCUMENTS[contentType.split(";")[0]?.trim().toLowerCase() ?? ""];
}

/** The SHA-1 of nothing, in base64. */
const NOTHING = "2jmj7l5rSw0yVb/vlWAYkK/YBwk=";

/** Whether a source says that the document is delivered later (MHD 2:3.65.4.1.2.1, Delayed Document Assembly). */
export function isDelayed(attachment: JsonObject): boolean {
  const size = attachment.get("size");
  return size instanceof JsonNumber && Number(size.text) === 0 && attachment.string("hash") === NOTHING;
}

export function relationsOf(reference: JsonObject): SubmittedDocument["relatesTo"] {
  return reference.objects("relatesTo").map((one) => ({ code: one.string("code") ?? "", reference: one.object("target")?.string("reference") }));
}

export function warnRecipients(resource: JsonObject, at: number, faults: SubmissionFaults): void {
  if (extensionsOf(resource, "ihe-intendedRecipient").length > 0)
    faults.warn(at, "UnknownRecipient: nobody is told of the document; it is kept for whoever looks for it.");
}

/** What a source says of the document's bytes: of a Binary it is held against them, of a document Bundle nothing may be said (MHD 2:3.65.4.1.2.1). */
export function holdAgainst(
  attachment: JsonObject,
  { isBinary, contentType, content: { bytes } }: DocumentBytes,
  { at, path, faults }: { readonly at: number; readonly path: string; readonly faults: SubmissionFaults },
): void {
  const said = attachment.string("contentType") ?? "";
  if (documentType(said) !== documentType(contentType)) {
    // A Bundle has no form of its own; it is kept in that of the request.
    if (!isBinary && documentType(said)) faults.warn(at, `attachment.contentType is "${said}"; the document is kept as it came, in ${contentType}.`);
    else faults.add(at, "content", `attachment.contentType is "${said}", and the document is ${contentType}.`, `${path}.contentType`, attachment);
  }
  const [hash, size] = [attachment.string("hash"), attachment.get("size")];
  if (!isBinary) {
    for (const name of ["hash", "size"])
      if (attachment.has(name))
        faults.add(
          at,
          name,
          `attachment.${name} is not said of a document Bundle: which bytes it would be of depends on who writes it.`,
          `${path}.${name}`,
          attachment,
        );
    return;
  }
  const sha1 = createHash("sha1").update(bytes).digest("base64");
  if (hash !== undefined && hash !== sha1)
    faults.add(
      at,
      "hash",
      `attachment.hash is not the SHA-1 of the document's ${bytes.length} bytes, which is ${sha1} (XDSRepositoryMetadataError).`,
      `${path}.hash`,
      attachment,
    );
  if (size instanceof JsonNumber && Number(size.text) !== bytes.length)
    faults.add(
      at,
      "size",
      `attachment.size says ${size.text}, and the document has ${bytes.length} bytes (XDSRepositoryMetadataError).`,
      `${path}.size`,
      attachment,
    );
}

/** Whom a resource is about. @param resourceAt the resource that the submission has under an address */
export function subjectOf(resource: JsonObject, resourceAt: (url: string) => JsonObject | undefined = () => undefined): SubmittedSubject | undefined {
  const subject = resource.object("subject");
  if (!subject) return undefined;
  const reference = subject.string("reference");
  const contained = reference?.startsWith("#") ? resource.objects("contained").find((one) => `#${one.string("id") ?? ""}` === reference) : undefined;
  const patient = contained ?? (reference === undefined ? undefined : resourceAt(reference));
  const logical = subject.object("identifier");
  return {
    reference,
    isWithin: patient !== undefined,
    identifiers: [...(patient ? identifiersOf(patient) : []), ...(logical ? identifierOf(logical) : [])],
  };
}
