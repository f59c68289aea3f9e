/** FHIR R4 as most tests mean it: one instance, and what asks it, bound to it. */
import {
  answerHere as answerBy,
  checkDocumentSignatures as checkSignatures,
  type SignatureAnswerer,
  type SignatureSurroundings,
  type SignerTrust,
} from "../src/core/signatures/document-signature.ts";
import { canonicalXmlForms as canonicalXml } from "../src/core/signatures/canonical-xml-forms.ts";
import type { SignatureCheck } from "../src/core/signatures/signature-check.ts";
import { compileFhirPath as compile, type FhirPathExpression } from "../src/core/fhir/fhirpath/compile.ts";
import type { FhirPathMode } from "../src/core/fhir/fhirpath/mode.ts";
import { nodeOf as node, nodeOfProperty as nodeAt, type FhirPathNode } from "../src/core/fhir/fhirpath/node.ts";
import type { Issue } from "../src/core/fhir/issue.ts";
import type { Reading } from "../src/core/fhir/json/read-json.ts";
import type { JsonObject, JsonValue } from "../src/core/fhir/tree/tree.ts";
import type { PropertyDefinition } from "../src/core/fhir/r4/definitions.ts";
import { openR4, openR4SearchParameters } from "../src/core/fhir/r4/open-r4.ts";
import type { ReadLimits } from "../src/core/fhir/reading/read-limits.ts";
import { readResource as read, type ResourceReading } from "../src/core/fhir/reading/read-resource.ts";
import type { SourceText } from "../src/core/fhir/reading/source-text.ts";
import { readXml as readInXml } from "../src/core/fhir/xml/read-xml.ts";
import { writeXml as writeAsXml, type WriteXmlOptions } from "../src/core/fhir/xml/write-xml.ts";
import { receive as receiveBy, type Intake } from "../src/pipeline/intake/receive.ts";
import type { Content, FhirMediaType, Received } from "../src/pipeline/document-forms.ts";
import { admit as admitBy, type Admission } from "../src/pipeline/validate/admit.ts";
import { DEFAULT_POLICY, type Policy } from "../src/pipeline/validate/policy.ts";
import { formatFault as faultOf, formatOf as formatBy, type Format } from "../src/pipeline/validate/structure/primitive-formats.ts";
import { createValidator } from "../src/pipeline/validate/validate.ts";
import { indexTools } from "../src/search/index-tools.ts";
import type { VerificationRequest as FullRequest } from "../src/pipeline/verify/verify-file.ts";
import { verifyHeld } from "../src/pipeline/verify/verify-pdf.ts";
import type { VerificationReport } from "../src/pipeline/verify/report.ts";

export const R4 = openR4();
export const SEARCH_PARAMETERS = openR4SearchParameters();
export const INDEX_TOOLS = indexTools(R4, SEARCH_PARAMETERS, { systems: new Set(), hasFullText: true });
export const VALIDATOR = createValidator({ ...R4, policy: DEFAULT_POLICY });

export const { definitionOf, isResourceType, resourceTypes, typeNames } = R4.definitions;
export const { extensionDefinition } = R4.extensions;
export const { codeSystem, valueSet } = R4.terminology;

export function readResource(bytes: Uint8Array, mediaType: FhirMediaType, limits: ReadLimits): ResourceReading {
  return read(bytes, mediaType, limits, R4.definitions);
}

export function readXml(source: SourceText, limits: ReadLimits): Reading {
  return readInXml(source, limits, R4.definitions);
}

export function writeXml(resource: JsonObject, options?: WriteXmlOptions): string {
  return writeAsXml(resource, R4.definitions, options);
}

export function compileFhirPath(text: string, mode?: FhirPathMode): FhirPathExpression {
  return compile(text, R4.definitions, mode);
}

export function nodeOf(resource: JsonObject): FhirPathNode {
  return node(resource, R4.definitions);
}

export function nodeOfProperty(property: PropertyDefinition, value?: JsonValue, companion?: JsonValue): FhirPathNode | undefined {
  return nodeAt(property, value, companion, R4.definitions);
}

export function validate(resource: JsonObject, readingIssues: readonly Issue[], policy: Policy): Issue[] {
  return VALIDATOR.under(policy).validate(resource, readingIssues);
}

export function admit(received: Received, policy: Policy): Admission {
  return admitBy(received, VALIDATOR.under(policy));
}

export function receive(content: Content, limits: ReadLimits): Intake {
  return receiveBy(content, limits, R4.definitions);
}

export function canonicalXmlForms(bundle: JsonObject, transform: string, isExclusive: boolean, source?: string): Generator<Uint8Array> {
  return canonicalXml(bundle, transform, { isExclusive, definitions: R4.definitions, source });
}

export function checkDocumentSignatures(
  bundle: JsonObject,
  trust: SignerTrust | undefined,
  surroundings: Omit<SignatureSurroundings, "definitions"> = {},
): Promise<SignatureCheck[]> {
  return checkSignatures(bundle, trust, { definitions: R4.definitions, ...surroundings });
}

export const answerHere: SignatureAnswerer = (question) => answerBy(R4.definitions)(question);

export function formatFault(type: string, text: string): string | undefined {
  return faultOf(type, text, definitionOf(type)?.pattern);
}

export function formatOf(type: string): Format {
  return formatBy(type, definitionOf(type)?.pattern);
}

export type VerificationRequest = Omit<FullRequest, "definitions">;

export function verifyFile(request: VerificationRequest): Promise<VerificationReport> {
  return verifyHeld({ ...request, definitions: R4.definitions });
}
