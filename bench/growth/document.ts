/** A small document, valid in itself, with room for what a dimension repeats. Written as text: a million repetitions must cost the harness little. */

const NAMESPACE = 'xmlns="http://www.w3.org/1999/xhtml"';
export const PATIENT = "urn:uuid:6a1f0f7c-3b1c-4c2e-9d57-000000000001";
const AUTHOR = "urn:uuid:6a1f0f7c-3b1c-4c2e-9d57-000000000002";

/** Pieces of JSON, each without a comma at its ends. */
export interface DocumentParts {
  /** Properties of the Patient, besides its gender. */
  readonly patient?: string;
  /** Properties of the Composition; they replace the author or the section where they name them. */
  readonly composition?: string;
  /** What the narrative of the first section holds, as XHTML. */
  readonly narrative?: string;
  /** Sections behind the first, or instead of it. */
  readonly sections?: string;
  /** Entries behind the Practitioner. */
  readonly entries?: string;
  /** Properties of the Bundle. */
  readonly bundle?: string;
}

/** The text of a document Bundle in JSON. */
export function documentWith(parts: DocumentParts): string {
  const { patient, composition = "", narrative = "<p>None known.</p>", sections, entries, bundle } = parts;
  const first = `{"title":"Findings","text":{"status":"generated","div":${JSON.stringify(`<div ${NAMESPACE}>${narrative}</div>`)}}}`;
  const properties = [
    '"resourceType":"Composition","status":"final","title":"Letter","date":"2026-03-14T09:00:00+01:00"',
    '"type":{"coding":[{"system":"http://loinc.org","code":"11488-4","display":"Consult note"}]}',
    `"subject":{"reference":"${PATIENT}"}`,
    ...(composition.includes('"author":') ? [] : [`"author":[{"reference":"${AUTHOR}"}]`]),
    ...(composition.includes('"attester":') ? [] : [`"attester":[{"mode":"legal","party":{"reference":"${AUTHOR}"}}]`]),
    ...(composition === "" ? [] : [composition]),
    `"section":[${sections === undefined ? first : sections}]`,
  ];
  return `{${[
    '"resourceType":"Bundle","type":"document","timestamp":"2026-03-14T09:30:00+01:00"',
    '"identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:6a1f0f7c-3b1c-4c2e-9d57-0000000000ff"}',
    ...(bundle === undefined ? [] : [bundle]),
    `"entry":[${[
      entryOf("urn:uuid:6a1f0f7c-3b1c-4c2e-9d57-000000000000", properties.join(",")),
      entryOf(PATIENT, `"resourceType":"Patient","gender":"female"${patient === undefined ? "" : `,${patient}`}`),
      entryOf(AUTHOR, '"resourceType":"Practitioner","name":[{"family":"Okafor"}]'),
      ...(entries === undefined || entries === "" ? [] : [entries]),
    ].join(",")}]`,
  ].join(",")}}`;
}

/** An entry from its fullUrl and the properties of its resource. */
export function entryOf(fullUrl: string, properties: string): string {
  return `{"fullUrl":"${fullUrl}","resource":{${properties}}}`;
}

/** `count` pieces, parted by `separator`. */
export function repeated(count: number, piece: (at: number) => string, separator = ","): string {
  let text = "";
  for (let at = 0; at < count; at++) text += at === 0 ? piece(at) : separator + piece(at);
  return text;
}

/** A section with references to entries and no narrative, so that its content is generated. */
export function sectionWithout(references: string): string {
  return `{"title":"Data","entry":[${references}]}`;
}

/** The fullUrl of the entry of a number. */
export function urlOf(at: number): string {
  return `urn:uuid:6a1f0f7c-3b1c-4c2e-8d57-${at.toString(16).padStart(12, "0")}`;
}

/** The same document in XML, with `inside` put into its Patient. */
export function xmlDocumentWith(inside: string, attributes = "", narrative = "<p>None known.</p>"): string {
  return (
    `<Bundle xmlns="http://hl7.org/fhir"${attributes}><identifier><system value="urn:ietf:rfc:3986"/><value value="urn:uuid:6a1f0f7c-3b1c-4c2e-9d57-0000000000ff"/></identifier>` +
    `<type value="document"/><timestamp value="2026-03-14T09:30:00+01:00"/>` +
    `<entry><fullUrl value="urn:uuid:6a1f0f7c-3b1c-4c2e-9d57-000000000000"/><resource><Composition><status value="final"/>` +
    `<type><text value="Letter"/></type><subject><reference value="${PATIENT}"/></subject><date value="2026-03-14T09:00:00+01:00"/>` +
    `<author><reference value="${PATIENT}"/></author><title value="Letter"/><section><title value="Findings"/><text><status value="generated"/>` +
    `<div ${NAMESPACE}>${narrative}</div></text></section></Composition></resource></entry>` +
    `<entry><fullUrl value="${PATIENT}"/><resource><Patient>${inside}</Patient></resource></entry></Bundle>`
  );
}
