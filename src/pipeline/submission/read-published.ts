/** A DocumentReference that brings its document with it (IHE MHD, ITI-105, Simplified Publish): read and held against what can be told from it alone. A function from data to data, for any thread. */
import { digestOf } from "../../core/crypto/digest.ts";
import { canonicalJson } from "../../core/fhir/canonical.ts";
import { isError } from "../../core/fhir/issue.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import { JsonArray, JsonObject, type JsonValue } from "../../core/fhir/tree/tree.ts";
import { told } from "../admission.ts";
import type { Received } from "../document-forms.ts";
import { cutDocuments } from "./cut.ts";
import { checkReference } from "./metadata-rules.ts";
import { dataOf, documentType, holdAgainst, relationsOf, subjectOf, warnRecipients, type ResourceRules } from "./submission-parts.ts";
import { SubmissionFaults } from "./submission-faults.ts";
import type { FaultySubmission, ReadSubmission } from "./submission-forms.ts";

export function readPublished(received: Received, rules: ResourceRules): ReadSubmission | FaultySubmission {
  const { resource, bytes: body, source, mediaType } = received;
  const faults = new SubmissionFaults(() => "DocumentReference");
  faults.take(0, "DocumentReference", rules(resource));
  checkReference(resource, { entry: 0, profile: "minimal", faults });
  warnRecipients(resource, 0, faults);
  const attachment = resource.objects("content")[0]?.object("attachment");
  const contentType = attachment?.string("contentType") ?? "";
  const type = documentType(contentType);
  const data = attachment?.string("data");
  const bytes = data === undefined ? undefined : dataOf(data);
  const path = ".content[0].attachment";
  if (resource.object("subject") === undefined)
    faults.add(0, "required", "subject is missing: ITI-105 says whom the document is about.", ".subject", resource);
  if (data === undefined)
    faults.add(0, "required", "attachment.data is missing: ITI-105 brings the document with its metadata.", `${path}.data`, attachment);
  else if (!bytes) faults.add(0, "content", "attachment.data is no base64.", `${path}.data`, attachment);
  if (!type)
    faults.add(
      0,
      "not-supported",
      `Documents of FHIR are kept here (application/fhir+json or application/fhir+xml); "${contentType}" is not.`,
      `${path}.contentType`,
      attachment,
    );
  if (attachment && bytes) holdAgainst(attachment, { isBinary: true, contentType, content: { bytes, mediaType } }, { at: 0, path, faults });
  const { issues, warnings } = faults;
  if (!attachment || !type || !bytes || data === undefined || issues.some(isError)) return { kind: "faulty-submission", ...told(issues, source) };
  const start = source.text.indexOf(data);
  const subject = subjectOf(resource);
  return {
    kind: "submission",
    transaction: "simplified",
    mediaType,
    digest: digestOf(body),
    canonical: digestOf(canonicalJson(resource)),
    identifiers: [],
    documents: [
      {
        ...{ entry: 0, contentEntry: undefined, content: { bytes, mediaType: type }, isBinary: true },
        reference: writeJson(withoutData(resource)),
        relatesTo: relationsOf(resource),
        subject,
      },
    ],
    lists: [],
    patches: [],
    entries: [{ entry: 0, fullUrl: undefined, brings: "reference", at: 0 }],
    ...cutDocuments(body, source.text, [{ document: 0, start, end: start + data.length, form: "base64", bytes }]),
    warnings,
  };
}

/** The document stands in the record once. */
function withoutData(reference: JsonObject): JsonObject {
  return mapped(reference, "content", (contents) => {
    const made = new JsonArray();
    for (const content of contents instanceof JsonArray ? contents.items : [])
      made.add(
        content instanceof JsonObject
          ? mapped(content, "attachment", (one) => (one instanceof JsonObject ? one.without("data", "_data") : one))
          : content,
      );
    return made;
  });
}

function mapped(object: JsonObject, name: string, change: (value: JsonValue) => JsonValue): JsonObject {
  const copy = new JsonObject();
  object.names.forEach((one, at) => copy.add(one, one === name ? change(object.values[at] ?? null) : (object.values[at] ?? null)));
  return copy;
}
