/** What can be repeated in resources. */
import type { Dimension } from "./dimension.ts";
import { documentWith, entryOf, PATIENT, repeated, sectionWithout, urlOf } from "./document.ts";

const OBSERVATION = `"resourceType":"Observation","status":"final","code":{"text":"Pulse"},"subject":{"reference":"${PATIENT}"}`;
const REFERENCE_TO_PATIENT = `{"reference":"${PATIENT}"}`;

/** So many profiles that a document has more of them than of anything else. */
const PROFILES = repeated(50, (at) => `"urn:a:${at}"`);

/** A document whose only data is one resource, in a section whose content is generated. */
function withResource(properties: string): string {
  return documentWith({ sections: sectionWithout(`{"reference":"${urlOf(1)}"}`), entries: entryOf(urlOf(1), properties) });
}

/** A property of the Patient that is an array of so many. */
function ofPatient(name: string, item: (at: number) => string): (count: number) => string {
  return (count) => documentWith({ patient: `"${name}":[${repeated(count, item)}]` });
}

function ofComposition(name: string, item: (at: number) => string): (count: number) => string {
  return (count) => documentWith({ composition: `"${name}":[${repeated(count, item)}]` });
}

function ofObservation(name: string, item: (at: number) => string): (count: number) => string {
  return (count) => withResource(`${OBSERVATION},"${name}":[${repeated(count, item)}]`);
}

/** Questionnaires are not shown, but validated to the last rule. */
const ITEM = (at: number): string => `{"linkId":"${at}","type":"string","text":"Q"}`;

function nested(depth: number, count: number, open: string, inner: string, close: string): string {
  return repeated(Math.max(1, Math.floor(count / depth)), () => open.repeat(depth) + inner + close.repeat(depth));
}

export const RESOURCE_DIMENSIONS: readonly Dimension[] = [
  {
    name: "entries, linked",
    make: (count) =>
      documentWith({
        sections: sectionWithout(repeated(count, (at) => `{"reference":"${urlOf(at)}"}`)),
        entries: repeated(count, (at) => entryOf(urlOf(at), OBSERVATION)),
      }),
  },
  { name: "entries, unreachable", make: (count) => documentWith({ entries: repeated(count, (at) => entryOf(urlOf(at), OBSERVATION)) }) },
  {
    name: "entries of one fullUrl",
    make: (count) => documentWith({ entries: repeated(count, () => entryOf(urlOf(1), `"resourceType":"Basic","code":{"text":"a"}`)) }),
  },
  {
    name: "entries of one server",
    make: (count) =>
      documentWith({
        sections: sectionWithout(repeated(count, (at) => `{"reference":"https://example.org/fhir/Observation/${at}"}`)),
        entries: repeated(count, (at) => entryOf(`https://example.org/fhir/Observation/${at}`, `"id":"${at}",${OBSERVATION}`)),
      }),
  },
  { name: "entries, empty", make: (count) => documentWith({ entries: repeated(count, () => "{}") }) },
  {
    name: "entries in a chain",
    make: (count) =>
      documentWith({
        sections: sectionWithout(`{"reference":"${urlOf(1)}"}`),
        entries: repeated(count, (at) => entryOf(urlOf(at + 1), `${OBSERVATION},"hasMember":[{"reference":"${urlOf(at + 2)}"}]`)),
      }),
  },
  {
    name: "references to one entry",
    make: (count) =>
      documentWith({
        sections: sectionWithout(repeated(count, () => `{"reference":"${urlOf(1)}"}`)),
        entries: entryOf(urlOf(1), OBSERVATION),
      }),
  },
  { name: "references to nothing", make: ofComposition("attester", () => `{"mode":"legal","party":{"reference":"Practitioner/1"}}`) },
  {
    name: "references to alike entries",
    make: (count) =>
      documentWith({
        sections: sectionWithout(repeated(count, () => `{"reference":"Observation/1"}`)),
        entries: repeated(count, (at) => entryOf(urlOf(at), `"id":"1",${OBSERVATION}`)),
      }),
  },
  {
    name: "contained resources",
    make: (count) =>
      withResource(
        `${OBSERVATION},"contained":[${repeated(count, (at) => `{"resourceType":"Organization","id":"c${at}","name":"A"}`)}],"performer":[${repeated(count, (at) => `{"reference":"#c${at}"}`)}]`,
      ),
  },
  {
    name: "references to one contained",
    make: (count) =>
      withResource(
        `${OBSERVATION},"contained":[{"resourceType":"Organization","id":"c","name":"A"}],"performer":[${repeated(count, () => `{"reference":"#c"}`)}]`,
      ),
  },
  { name: "extensions", make: ofPatient("extension", () => `{"url":"http://a.org/b","valueCode":"c"}`) },
  {
    name: "extensions of R4",
    make: ofPatient("extension", () => `{"url":"http://hl7.org/fhir/StructureDefinition/patient-religion","valueCode":"c"}`),
  },
  { name: "extensions, modifying", make: ofPatient("modifierExtension", (at) => `{"url":"http://a.org/${at}","valueCode":"c"}`) },
  {
    name: "extensions, nested",
    make: (count) =>
      documentWith({ patient: `"extension":[${nested(30, count, `{"url":"http://a.org/b","extension":[`, `{"url":"c","valueCode":"d"}`, "]}")}]` }),
  },
  { name: "names", make: ofPatient("name", (at) => `{"family":"A${at}"}`) },
  { name: "given names", make: (count) => documentWith({ patient: `"name":[{"family":"A","given":[${repeated(count, (at) => `"B${at}"`)}]}]` }) },
  { name: "identifiers", make: ofPatient("identifier", (at) => `{"system":"urn:oid:1.2.3","value":"${at}"}`) },
  { name: "telecoms", make: ofPatient("telecom", (at) => `{"system":"phone","value":"${at}"}`) },
  { name: "lines of an address", make: (count) => documentWith({ patient: `"address":[{"line":[${repeated(count, (at) => `"B${at}"`)}]}]` }) },
  { name: "contacts", make: ofPatient("contact", (at) => `{"name":{"family":"A${at}"}}`) },
  { name: "authors", make: ofComposition("author", () => REFERENCE_TO_PATIENT) },
  { name: "attesters", make: ofComposition("attester", () => `{"mode":"legal","party":${REFERENCE_TO_PATIENT}}`) },
  { name: "events", make: ofComposition("event", () => `{"detail":[${REFERENCE_TO_PATIENT}]}`) },
  { name: "claims (relatesTo)", make: ofComposition("relatesTo", (at) => `{"code":"replaces","targetIdentifier":{"value":"${at}"}}`) },
  { name: "sections", make: (count) => documentWith({ sections: repeated(count, () => `{"title":"A","emptyReason":{"text":"b"}}`) }) },
  {
    name: "sections with a narrative",
    make: (count) =>
      documentWith({
        sections: repeated(count, () => `{"title":"A","text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">b</div>"}}`),
      }),
  },
  {
    name: "sections, nested",
    make: (count) =>
      documentWith({ sections: nested(20, count, `{"title":"A","section":[`, `{"title":"B","code":{"text":"c"},"emptyReason":{"text":"b"}}`, "]}") }),
  },
  {
    name: "sections, generated",
    make: (count) =>
      documentWith({ sections: repeated(count, () => `{"entry":[{"reference":"${urlOf(1)}"}]}`), entries: entryOf(urlOf(1), OBSERVATION) }),
  },
  {
    name: "lists in lists",
    make: (count) =>
      documentWith({
        sections: sectionWithout(repeated(count, () => `{"reference":"${urlOf(1)}"}`)),
        entries: [1, 2, 3]
          .map((at) =>
            entryOf(
              urlOf(at),
              `"resourceType":"List","status":"current","mode":"snapshot","entry":[${repeated(count, () => `{"item":{"reference":"${urlOf(at + 1)}"}}`)}]`,
            ),
          )
          .concat(entryOf(urlOf(4), OBSERVATION))
          .join(","),
      }),
  },
  {
    name: "codings",
    make: (count) =>
      withResource(`"resourceType":"Basic","code":{"coding":[${repeated(count, (at) => `{"system":"http://loinc.org","code":"${at}"}`)}]}`),
  },
  {
    name: "codings, unknown",
    make: (count) =>
      withResource(
        `"resourceType":"Basic","code":{"coding":[${repeated(count, () => `{"system":"http://hl7.org/fhir/gender-identity","code":"a"}`)}]}`,
      ),
  },
  { name: "categories", make: ofObservation("category", (at) => `{"text":"${at}"}`) },
  { name: "components", make: ofObservation("component", () => `{"code":{"text":"a"},"valueString":"b"}`) },
  { name: "notes", make: ofObservation("note", () => `{"text":"a"}`) },
  {
    name: "labels (meta.security)",
    make: (count) => documentWith({ bundle: `"meta":{"security":[${repeated(count, (at) => `{"code":"${at}"}`)}]}` }),
  },
  { name: "profiles", make: (count) => documentWith({ bundle: `"meta":{"profile":[${repeated(count, (at) => `"http://a.org/${at}"`)}]}` }) },
  {
    name: "profiles of entries",
    make: (count) =>
      documentWith({
        sections: sectionWithout(repeated(count, (at) => `{"reference":"${urlOf(at)}"}`)),
        entries: repeated(count, (at) => entryOf(urlOf(at), `"resourceType":"Basic","meta":{"profile":[${PROFILES}]},"code":{"text":"a"}`)),
      }),
  },
  {
    name: "links of the Bundle",
    make: (count) => documentWith({ bundle: `"link":[${repeated(count, () => `{"relation":"stylesheet","url":"a"}`)}]` }),
  },
  {
    name: "questionnaire items",
    make: (count) => withResource(`"resourceType":"Questionnaire","status":"active","item":[${repeated(count, ITEM)}]`),
  },
  {
    name: "questionnaire, nested",
    make: (count) =>
      withResource(
        `"resourceType":"Questionnaire","status":"active","item":[${nested(20, count, `{"linkId":"a","type":"group","item":[`, ITEM(1), "]}")}]`,
      ),
  },
  {
    name: "answers",
    make: (count) =>
      withResource(
        `"resourceType":"QuestionnaireResponse","status":"completed","questionnaire":"#q","contained":[{"resourceType":"Questionnaire","id":"q","status":"active","item":[${repeated(count, ITEM)}]}],"item":[${repeated(count, (at) => `{"linkId":"${at}","answer":[{"valueString":"a"}]}`)}]`,
      ),
  },
  {
    name: "concepts",
    make: (count) =>
      withResource(`"resourceType":"CodeSystem","status":"active","content":"complete","concept":[${repeated(count, (at) => `{"code":"${at}"}`)}]`),
  },
  {
    name: "value set concepts",
    make: (count) =>
      withResource(
        `"resourceType":"ValueSet","status":"active","compose":{"include":[{"system":"http://loinc.org","concept":[${repeated(count, (at) => `{"code":"${at}"}`)}]}]}`,
      ),
  },
  { name: "elements with ids", make: ofPatient("identifier", (at) => `{"id":"i${at}","value":"a"}`) },
  {
    name: "companions",
    make: (count) =>
      documentWith({ patient: `"name":[{"given":[${repeated(count, () => '"a"')}],"_given":[${repeated(count, () => '{"id":"a"}')}]}]` }),
  },
  {
    name: "attachment in generated section",
    make: (count) =>
      withResource(
        `"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"contentType":"application/pdf","data":"${"AAAA".repeat(count)}"}}]`,
      ),
  },
  {
    name: "attachment, folded",
    make: (count) => withResource(`"resourceType":"Binary","contentType":"image/png","data":"${"AAAA ".repeat(count)}"`),
  },
  {
    name: "attachment with its size",
    make: (count) =>
      withResource(
        `"resourceType":"Media","status":"completed","content":{"contentType":"image/png","size":${count * 3},"data":"${"AAAA".repeat(count)}"}`,
      ),
  },
];
