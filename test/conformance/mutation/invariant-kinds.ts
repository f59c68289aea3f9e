/** Broken invariants of datatypes and resources: objects are changed so that one invariant of R4 is false and nothing else is wrong. */
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { arrayOf, damage, drop, put, type Kind } from "./damage.ts";
import type { ObjectSite } from "./sites.ts";
import { ofObjects } from "./structure-kinds.ts";

interface Broken {
  readonly invariant: string;
  /** The datatype, resource or backbone that has the invariant. */
  readonly type: string;
  readonly isMeant?: (object: JsonObject) => boolean;
  readonly dropped?: readonly string[];
  readonly added: Readonly<Record<string, unknown>>;
}

const BROKEN: readonly Broken[] = [
  { invariant: "per-1", type: "Period", added: { start: "2024-03-14", end: "2023-03-14" } },
  { invariant: "qty-3", type: "Quantity", dropped: ["system"], added: { code: "mm[Hg]" } },
  { invariant: "cpt-2", type: "ContactPoint", dropped: ["system"], added: { value: "x" } },
  { invariant: "ext-1", type: "Extension", isMeant: hasValue, added: { extension: [{ url: "http://example.org/x", valueString: "x" }] } },
  { invariant: "obs-6", type: "Observation", isMeant: hasValue, added: { dataAbsentReason: { text: "x" } } },
  { invariant: "pat-1", type: "Patient", added: { contact: [{ gender: "female" }] } },
  { invariant: "org-1", type: "Organization", dropped: ["name", "identifier"], added: {} },
  {
    invariant: "con-5",
    type: "Condition",
    // One without it may be entered in error.
    isMeant: (object) => object.has("clinicalStatus"),
    dropped: ["verificationStatus"],
    added: { verificationStatus: concept("condition-ver-status", "entered-in-error") },
  },
  { invariant: "ait-1", type: "AllergyIntolerance", dropped: ["clinicalStatus", "verificationStatus"], added: {} },
  { invariant: "ait-2", type: "AllergyIntolerance", added: { verificationStatus: concept("allergyintolerance-verification", "entered-in-error") } },
];

/** Datatypes as the value of an extension, which any resource may have: the invariant, where in the value it is false, and the value. */
const BROKEN_DATATYPES: readonly (readonly [invariant: string, below: string, name: string, value: unknown])[] = [
  ["per-1", "", "valuePeriod", { start: "2024-03-14T10:00:00Z", end: "2024-03-14T09:00:00Z" }],
  ["rng-2", "", "valueRange", { low: { value: 5 }, high: { value: 2 } }],
  ["rat-1", "", "valueRatio", { numerator: { value: 1 } }],
  ["att-1", "", "valueAttachment", { data: "QUJD" }],
  ["cnt-3", "", "valueCount", { value: 1.5, system: "http://unitsofmeasure.org", code: "1" }],
  ["drt-1", "", "valueDuration", { value: 3, system: "http://example.org/units", code: "h" }],
  ["age-1", "", "valueAge", { value: 3 }],
  ["dis-1", "", "valueDistance", { value: 3 }],
  ["exp-1", "", "valueExpression", { language: "text/fhirpath", description: "x" }],
  ["tim-1", ".repeat", "valueTiming", { repeat: { duration: 1 } }],
  ["tim-2", ".repeat", "valueTiming", { repeat: { period: 1 } }],
  ["tim-4", ".repeat", "valueTiming", { repeat: { duration: -1, durationUnit: "h" } }],
  ["tim-5", ".repeat", "valueTiming", { repeat: { period: -1, periodUnit: "h" } }],
  ["tim-6", ".repeat", "valueTiming", { repeat: { periodMax: 1 } }],
  ["tim-7", ".repeat", "valueTiming", { repeat: { durationMax: 1 } }],
  ["tim-8", ".repeat", "valueTiming", { repeat: { countMax: 2 } }],
  ["tim-9", ".repeat", "valueTiming", { repeat: { offset: 30 } }],
  ["tim-10", ".repeat", "valueTiming", { repeat: { when: ["MORN"], timeOfDay: ["09:00:00"] } }],
];

export const INVARIANT_KINDS: readonly Kind[] = [
  ...BROKEN.map(({ invariant, type, isMeant, dropped = [], added }) =>
    ofObjects(
      `invariant ${invariant}`,
      ({ definition, object }) => definition.name === type && (isMeant?.(object) ?? true),
      (sample, { object, path }) =>
        damage(sample, invariant, invariant === "pat-1" ? `${path}.contact[0]` : path, [object], () => {
          drop(object, ...dropped);
          for (const [name, value] of Object.entries(added)) put(object, name, treeOf(value));
        }),
    ),
  ),
  ...BROKEN_DATATYPES.map(([invariant, below, name, value]) =>
    ofObjects(`invariant ${invariant} of a ${name.slice("value".length)}`, isInEntry, (sample, { object, path }) => {
      const extensions = arrayOf(...object.objects("extension"), treeOf({ url: "http://example.org/fhir/StructureDefinition/x", [name]: value }));
      return damage(sample, invariant, `${path}.extension[${extensions.items.length - 1}].value${below}`, [object], () =>
        put(object, "extension", extensions),
      );
    }),
  ),
];

/** Of a third of the entries: what the resource is makes no difference here. */
function isInEntry({ path, definition }: ObjectSite): boolean {
  return /^Bundle\.entry\[[147]\]\.resource$/.test(path) && definition.properties.has("extension");
}

function hasValue(object: JsonObject): boolean {
  return object.names.some((name) => /^value[A-Z]/.test(name));
}

function concept(system: string, code: string): object {
  return { coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }] };
}
