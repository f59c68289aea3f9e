/** What every input must end as: a described refusal or a verdict; and what must be true of either. */
import { AppError, type ErrorCode } from "../src/core/errors.ts";
import { canonicalDocument, canonicalJson } from "../src/core/fhir/canonical.ts";
import { isDocument } from "../src/core/fhir/document-bundle.ts";
import { isError, operationOutcome, type Issue } from "../src/core/fhir/issue.ts";
import type { JsonObject } from "../src/core/fhir/tree/tree.ts";
import { writeJson } from "../src/core/fhir/json/write-json.ts";
import { DEFAULT_READ_LIMITS, STORED_READ_LIMITS } from "../src/core/fhir/reading/read-limits.ts";
import { readResource, type ResourceReading } from "../src/core/fhir/reading/read-resource.ts";
import type { SourceText } from "../src/core/fhir/reading/source-text.ts";
import { writeXml } from "../src/core/fhir/xml/write-xml.ts";
import type { FhirMediaType, Received } from "../src/pipeline/document-forms.ts";
import { admit } from "../src/pipeline/validate/admit.ts";
import { R4, VALIDATOR } from "./r4.ts";

/** What became of an input: no resource could be read, one that breaks rules, or one that breaks none. */
export type Verdict = "unreadable" | "refused" | "valid";

/** Something that must not be: the message says what, and is the same for inputs that fail alike. */
export class Fault extends Error {
  override readonly name = "Fault";
}

/**
 * Takes bytes all the way: reader, rules, gate, writers and the canonical form.
 * @throws Fault where a promise does not hold; anything else but AppError that is thrown is a fault too
 */
export function oracle(bytes: Uint8Array, mediaType: FhirMediaType): Verdict {
  const reading = readResource(bytes, mediaType, DEFAULT_READ_LIMITS, R4.definitions);
  const { resource, source, issues } = reading;
  if (resource === undefined) {
    if (!issues.some((issue) => issue.severity === "fatal")) throw new Fault("unreadable, but no issue is fatal");
    described(issues, source);
    return "unreadable";
  }
  const found = VALIDATOR.validate(resource, issues);
  described(found, source);
  const isValid = !found.some(isError);
  checkJson(resource, isValid);
  checkXml(resource, isValid);
  checkGate(reading, resource, bytes, mediaType, isValid);
  return isValid ? "valid" : "refused";
}

/** Every issue says what and where, shortly, and the whole can be sent as JSON and XML. */
function described(issues: readonly Issue[], source: SourceText): void {
  for (const { rule, text, expression, offset } of issues) {
    if (text.trim() === "" || rule === "") throw new Fault("an issue without words");
    if (text.length > 2000) throw new Fault(`an issue of ${rule} that repeats too much of the input`);
    if (expression === "") throw new Fault(`an issue of ${rule} with an empty expression`);
    if (offset !== undefined && offset > source.text.length) throw new Fault(`an issue of ${rule} behind the end of the text`);
  }
  const outcome = operationOutcome(issues, source);
  const json = readResource(Buffer.from(writeJson(outcome)), "application/fhir+json", DEFAULT_READ_LIMITS, R4.definitions).resource;
  const xml = readResource(Buffer.from(writeXml(outcome, R4.definitions)), "application/fhir+xml", DEFAULT_READ_LIMITS, R4.definitions).resource;
  if (json === undefined || xml === undefined || canonicalJson(json) !== canonicalJson(xml))
    throw new Fault("an OperationOutcome that changes on the way");
}

function checkJson(resource: JsonObject, isValid: boolean): void {
  const canonical = unlessRefused(() => canonicalJson(resource), isValid ? [] : ["malformed"]);
  // As what was accepted is read: XML that is within its limits may be twice as dense in JSON.
  const back = readResource(Buffer.from(writeJson(resource)), "application/fhir+json", STORED_READ_LIMITS, R4.definitions).resource;
  if (back === undefined) throw new Fault("its JSON can't be read again");
  if (canonical !== undefined && canonicalJson(back) !== canonical) throw new Fault("its JSON is not what was read");
}

function checkXml(resource: JsonObject, isValid: boolean): void {
  // An array of nothing but null is valid beside its companions, but nothing that XML could carry.
  const xml = unlessRefused(() => writeXml(resource, R4.definitions), isValid ? ["not-acceptable"] : ["not-acceptable", "internal"]);
  if (!isValid || xml === undefined) return;
  const { resource: back, issues } = readResource(Buffer.from(xml), "application/fhir+xml", DEFAULT_READ_LIMITS, R4.definitions);
  if (back === undefined || canonicalJson(back) !== canonicalJson(resource)) throw new Fault("its XML is not what was read");
  const broken = VALIDATOR.validate(back, issues).find(isError);
  if (broken) throw new Fault(`valid, but as XML it breaks ${broken.rule}`);
}

function checkGate({ source, issues }: ResourceReading, resource: JsonObject, bytes: Uint8Array, mediaType: FhirMediaType, isValid: boolean): void {
  const received: Received = {
    bytes,
    mediaType,
    source,
    resource,
    readingIssues: issues,
  };
  const { kind } = admit(received, VALIDATOR);
  if ((kind === "validated") !== (isValid && isDocument(resource))) throw new Fault("the gate and the rules disagree");
  if (kind === "validated" && canonicalDocument(resource) === "") throw new Fault("a document without a canonical form");
}

/** What `make` gives; undefined where it refuses with an AppError of a code that it may refuse with here. */
function unlessRefused(make: () => string, codes: readonly ErrorCode[]): string | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof AppError && codes.includes(error.code)) return undefined;
    throw error;
  }
}
