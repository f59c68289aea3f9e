/** Damage to values of primitive types: formats, ranges, codes. */
import { JsonNumber, type JsonValue } from "../../../src/core/fhir/tree/tree.ts";
import { damage, drop, put, type Kind } from "./damage.ts";
import { ofObjects } from "./structure-kinds.ts";

const ADDRESSES = ["uri", "url", "canonical"];

export const VALUE_KINDS: readonly Kind[] = [
  ofType("a date that does not exist", ["date", "dateTime", "instant"], {
    date: ["2023-02-30", "2023-13-01", "2023-00-10", "2100-02-29"],
    dateTime: ["2023-02-30", "2023-02-29T10:00:00Z", "2023-04-31T10:00:00+01:00", "2023-06-01T25:00:00Z"],
    instant: ["2023-02-30T10:00:00Z", "2023-06-31T10:00:00+01:00", "2023-06-01T10:61:00Z"],
  }),
  ofType("a date of another form", ["date", "dateTime", "instant"], {
    date: ["14.03.2024", "03/14/2024", "2024-3-14", "20240314", "2024-03-14T10:00:00Z"],
    dateTime: ["14.03.2024", "2024-3-14", "2024-03-14 10:00:00", "20240314T100000Z"],
    instant: ["2024-03-14", "2024-03", "2024-03-14T10:00Z"],
  }),
  ofType("a time without a zone", ["dateTime", "instant"], {
    dateTime: ["2024-03-14T09:31:00", "2024-03-14T09:31", "2024-03-14T09:31Z"],
    instant: ["2024-03-14T09:31:00", "2024-03-14T09:31:00.123"],
  }),
  ofType("an id with other characters, or too long", ["id"], { id: ["a_b", "a b", "ä", "a".repeat(65), "a/b"] }),
  ofType("an address with white space", ADDRESSES, {
    uri: ["http://example.org/a b", " urn:x", "a\tb"],
    url: ["http://a b"],
    canonical: ["http://a b"],
  }),
  ofType("a UUID or an OID that is none", ["uri", "url", "canonical", "oid", "uuid"], {
    uri: ["urn:uuid:1234", "urn:uuid:ABCDEF00-0000-4000-8000-00000000000G", "urn:oid:1.02.3", "urn:oid:9.1", "urn:oid:"],
    canonical: ["urn:uuid:1234", "urn:oid:1.02.3"],
    url: ["urn:uuid:1234"],
    oid: ["1.2.3"],
    uuid: ["1234"],
  }),
  ofType("base64 that is none", ["base64Binary"], { base64Binary: ["AAA", "AA=A", "Ä===", "AAAA!AAA"] }),
  ofType("a code with white space", ["code"], { code: [" final", "final ", "a  b", "a\tb"] }),
  ofType("a string with a control character", ["string", "markdown"], {
    string: ["a\u0001b", "a\u0000", "\ufffe"],
    markdown: ["a\u0008"],
  }),
  ofType("a whole number out of its range", ["positiveInt", "unsignedInt", "integer"], {
    positiveInt: [new JsonNumber("0"), new JsonNumber("-1"), new JsonNumber("1.5"), new JsonNumber("2147483648")],
    unsignedInt: [new JsonNumber("-1"), new JsonNumber("0.5"), new JsonNumber("2147483648")],
    integer: [new JsonNumber("2147483648"), new JsonNumber("1.0"), new JsonNumber("1e3")],
  }),
  {
    name: "a code outside of a required value set",
    damages: (sample) =>
      sample.properties
        .filter(({ property }) => REQUIRED_CODES.has(property.element.path))
        .flatMap(({ items }) =>
          items.map((item) =>
            damage(sample, ["binding-required", "confidentiality-code"], item.path, [item.container], () => item.replace("nonsense")),
          ),
        ),
  },
  ofObjects(
    "a concept outside of a required value set",
    ({ property, object }) => REQUIRED_CONCEPTS.has(property?.element.path ?? "") && object.objects("coding").length > 0,
    (sample, { object, path }) => {
      const codings = object.objects("coding");
      return damage(sample, "binding-required", path, codings, () => codings.forEach((coding) => put(coding, "code", "nonsense")));
    },
  ),
  ofObjects(
    "an identifier that says URI and is none",
    ({ property, object }) => property?.type === "Identifier" && object.has("value"),
    (sample, { object, path }) =>
      damage(sample, "identifier-not-a-uri", path, [object], () => {
        put(object, "system", "urn:ietf:rfc:3986");
        put(object, "value", "4711");
      }),
  ),
  ofObjects(
    "an extension without value and extensions",
    ({ property }) => property?.type === "Extension",
    (sample, { object, path }) => damage(sample, "ext-1", path, [object], () => drop(object, ...object.names.filter((name) => name !== "url"))),
  ),
];

/** R4's elements of type code with a required binding, as the specification lists them; those that real documents have. */
const REQUIRED_CODES: ReadonlySet<string> = new Set([
  "AllergyIntolerance.category",
  "AllergyIntolerance.criticality",
  "AllergyIntolerance.type",
  "AllergyIntolerance.reaction.severity",
  "Address.use",
  "Composition.attester.mode",
  "Composition.confidentiality",
  "Composition.relatesTo.code",
  "Composition.section.mode",
  "Composition.status",
  "ContactPoint.system",
  "ContactPoint.use",
  "DiagnosticReport.status",
  "Encounter.status",
  "HumanName.use",
  "Identifier.use",
  "Immunization.status",
  "MedicationRequest.intent",
  "MedicationRequest.status",
  "MedicationStatement.status",
  "Narrative.status",
  "Observation.status",
  "Patient.gender",
  "Practitioner.gender",
  "Procedure.status",
  "Quantity.comparator",
  "Timing.repeat.periodUnit",
]);

const REQUIRED_CONCEPTS: ReadonlySet<string> = new Set([
  "AllergyIntolerance.clinicalStatus",
  "AllergyIntolerance.verificationStatus",
  "Condition.clinicalStatus",
  "Condition.verificationStatus",
]);

/** Every value of a primitive type, replaced by bad ones in turn. */
function ofType(name: string, types: readonly string[], bad: Readonly<Record<string, readonly JsonValue[]>>): Kind {
  return {
    name,
    damages: (sample) =>
      sample.properties
        .filter(({ property }) => types.includes(property.type) && property.isPrimitive)
        .flatMap(({ items, property }) =>
          items.flatMap((item, index) => {
            const values = bad[property.type] ?? [];
            const value = values[(item.path.length + index) % values.length];
            if (value === undefined || item.value === null) return [];
            return [damage(sample, `format-${property.type}`, item.path, [item.container], () => item.replace(value))];
          }),
        ),
  };
}
