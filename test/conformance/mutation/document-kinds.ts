/** Damage to what makes a Bundle a document: identity, entries, sections, references, contained resources (R4 documents.html, bundle.html, references.html). */
import { JsonArray, JsonNumber, JsonObject, treeOf, type JsonValue } from "../../../src/core/fhir/tree/tree.ts";
import { damage, drop, put, type Damage, type Kind, type Sample } from "./damage.ts";
import type { ObjectSite, PropertySite } from "./sites.ts";
import { ofObjects, ofProperties } from "./structure-kinds.ts";

const STRANGER = "urn:uuid:5c1d9a4e-0000-4000-8000-00000000dead";

export const DOCUMENT_KINDS: readonly Kind[] = [
  ofDocument("no identifier, or half of one (bdl-9)", ({ bundle }) => {
    const identifier = bundle.object("identifier");
    const half = ["system", "value"].map((name) => [identifier, name] as const);
    return [[bundle, "identifier"] as const, ...half].flatMap(([object, name]) =>
      object ? [{ rule: "bdl-9", at: "Bundle", object, change: () => drop(object, name) }] : [],
    );
  }),
  ofDocument("no timestamp (bdl-10)", ({ bundle }) => [{ rule: "bdl-10", at: "Bundle", object: bundle, change: () => drop(bundle, "timestamp") }]),
  ofDocument("a total (bdl-1)", ({ bundle }) => [
    { rule: "bdl-1", at: "Bundle", object: bundle, change: () => put(bundle, "total", new JsonNumber("1")) },
  ]),
  ofEntries("an entry's search, request or response (bdl-2, bdl-3, bdl-4)", (sample, { object }, index) => {
    const [rule, name, content] = ENTRY_PARTS[index % ENTRY_PARTS.length] as (typeof ENTRY_PARTS)[number];
    return damage(sample, rule, "Bundle", [object], () => put(object, name, treeOf(content)));
  }),
  ofEntries("an entry without a resource (bdl-5)", (sample, { object, path }, index) =>
    index === 0 ? undefined : damage(sample, "bdl-5", path, [object], () => drop(object, "resource")),
  ),
  ofEntries("a fullUrl that stands twice (bdl-7)", (sample, { object }, index, entries) => {
    const other = entries[(index + 1) % entries.length]?.object.get("fullUrl");
    return other === undefined || entries.length < 2 ? undefined : damage(sample, "bdl-7", "Bundle", [object], () => put(object, "fullUrl", other));
  }),
  ofEntries("a fullUrl of a version (bdl-8)", (sample, { object, path }) =>
    damage(sample, "bdl-8", path, [object], () => put(object, "fullUrl", "http://example.org/fhir/Patient/1/_history/1")),
  ),
  ofEntries("a Composition that is not first (bdl-11)", (sample, _entry, index) => {
    const entries = sample.bundle.get("entry") as JsonArray;
    return index === 0 ? undefined : damage(sample, "bdl-11", "Bundle", [entries], () => entries.items.unshift(...entries.items.splice(index, 1)));
  }),
  ofEntries("an entry without fullUrl", (sample, { object, path }) =>
    damage(sample, "full-url-missing", path, [object], () => drop(object, "fullUrl")),
  ),
  ofEntries("a relative fullUrl", (sample, { object, path }) =>
    damage(sample, "full-url-relative", path, [object], () => put(object, "fullUrl", "Patient/1")),
  ),
  ofEntries("a fullUrl that is another resource's", (sample, { object, path }) => {
    const resource = object.object("resource");
    const type = resource?.string("resourceType");
    if (resource === undefined || type === undefined) return undefined;
    return damage(sample, "full-url-id", path, [object, resource], () => {
      put(object, "fullUrl", `http://example.org/fhir/${type}/one`);
      put(resource, "id", "two");
    });
  }),
  ofEntries("an entry that nothing leads to", (sample, _entry, index) => {
    const entries = sample.bundle.get("entry") as JsonArray;
    const resource = STRANGERS[index % STRANGERS.length];
    return damage(sample, "entry-unreachable", `Bundle.entry[${entries.items.length}]`, [entries], () =>
      entries.add(treeOf({ fullUrl: STRANGER, resource })),
    );
  }),
  ofObjects("a section with nothing in it (cmp-1)", isSection, (sample, { object, path }) =>
    damage(sample, "cmp-1", path, [object], () => drop(object, "text", "entry", "section")),
  ),
  ofObjects(
    "a section with entries and a reason for none (cmp-2)",
    (site) => isSection(site) && site.object.has("entry"),
    (sample, { object, path }) => damage(sample, "cmp-2", path, [object], () => put(object, "emptyReason", treeOf({ text: "nil" }))),
  ),
  ofProperties(
    "a reference to a resource of another type",
    (site) => isReference(site) && site.property.element.types.some(({ targets }) => targets.length > 0),
    otherType,
  ),
  ofProperties(
    "what the Composition needs is not in the document",
    (site) => isReference(site) && NEEDED.has(site.property.element.path),
    (sample, site) => {
      const item = lastItem(site);
      return damage(sample, "composition-reference-unresolved", item.path, [item.object], () => put(item.object, "reference", STRANGER));
    },
  ),
  ofProperties("a reference to a contained resource that is not there (ref-1)", isReference, (sample, site) => {
    const item = lastItem(site);
    return damage(sample, ["ref-1", "composition-reference-unresolved"], item.path, [item.object], () => put(item.object, "reference", "#nobody"));
  }),
  ofContained("a contained resource within a contained one (dom-2)", "dom-2", {
    contained: [{ resourceType: "Basic", id: "inner", code: { text: "x" } }],
  }),
  ofContained("a contained resource with a version (dom-4)", "dom-4", { meta: { versionId: "1" } }),
  ofContained("a contained resource with a time of change (dom-4)", "dom-4", { meta: { lastUpdated: "2024-03-14T09:31:00Z" } }),
  ofContained("a contained resource with a security label (dom-5)", "dom-5", {
    meta: { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "R" }] },
  }),
  ofContained("a contained resource that nothing refers to (dom-3)", "dom-3", {}, false),
];

const ENTRY_PARTS = [
  ["bdl-2", "search", { mode: "match" }],
  ["bdl-3", "request", { method: "GET", url: "Patient" }],
  ["bdl-4", "response", { status: "200" }],
] as const;

const STRANGERS: readonly object[] = [
  { resourceType: "Observation", status: "final", code: { text: "Pulse" } },
  { resourceType: "Organization", name: "Elsewhere" },
  { resourceType: "Basic", code: { text: "x" } },
];

/** R4 documents.html 3.3.1: what SHALL be included, each with its whole path. */
const NEEDED: ReadonlySet<string> = new Set(
  ["subject", "encounter", "author", "attester.party", "custodian", "event.detail", "section.author", "section.focus", "section.entry"].map(
    (path) => `Composition.${path}`,
  ),
);

interface Change {
  readonly rule: string;
  readonly at: string;
  readonly object: JsonObject;
  change(): void;
}

function ofDocument(name: string, changes: (sample: Sample) => readonly Change[]): Kind {
  return { name, damages: (sample) => changes(sample).map(({ rule, at, object, change }) => damage(sample, rule, at, [object], change)) };
}

function ofEntries(
  name: string,
  damaged: (sample: Sample, entry: ObjectSite, index: number, entries: readonly ObjectSite[]) => Damage | undefined,
): Kind {
  return {
    name,
    damages: (sample) =>
      sample.objects
        .filter((site) => /^Bundle\.entry\[\d+\]$/.test(site.path))
        .flatMap((entry, index, entries) => {
          const made = damaged(sample, entry, index, entries);
          return made ? [made] : [];
        }),
  };
}

/** A Basic, contained in each resource of an entry and referred to from it through an extension (or not), with something wrong about it. */
function ofContained(name: string, rule: string, wrong: object, isReferredTo = true): Kind {
  return ofObjects(
    name,
    ({ path, definition }) => /^Bundle\.entry\[\d+\]\.resource$/.test(path) && definition.properties.has("contained"),
    (sample, { object, path }) => {
      const contained = new JsonArray();
      const extensions = new JsonArray();
      for (const item of object.objects("contained")) contained.add(item);
      for (const item of object.objects("extension")) extensions.add(item);
      const place = `${path}.contained[${contained.items.length}]`;
      contained.add(treeOf({ resourceType: "Basic", id: "held", code: { text: "x" }, ...wrong }));
      if (isReferredTo) extensions.add(treeOf({ url: "http://example.org/fhir/StructureDefinition/held", valueReference: { reference: "#held" } }));
      return damage(sample, rule, place, [object], () => {
        put(object, "contained", contained);
        if (extensions.items.length > 0) put(object, "extension", extensions);
      });
    },
  );
}

function isSection({ definition }: ObjectSite): boolean {
  return definition.name === "Composition.section";
}

function isReference({ property, items }: PropertySite): boolean {
  return property.type === "Reference" && items.every(({ value }) => value instanceof JsonObject && value.has("reference"));
}

function lastItem({ items }: PropertySite): { readonly object: JsonObject; readonly path: string } {
  const item = items.at(-1) as { readonly value: JsonValue; readonly path: string };
  return { object: item.value as JsonObject, path: item.path };
}

/** To an entry of a type that the element does not take; to one that is not there at all, where it takes all that the document holds. */
function otherType(sample: Sample, site: PropertySite): Damage {
  const { object, path } = lastItem(site);
  const targets = site.property.element.types.flatMap((type) => type.targets);
  const wrong = sample.bundle.objects("entry").find((entry) => {
    const type = entry.object("resource")?.string("resourceType") ?? "";
    return !targets.includes(type) && !targets.includes("Resource");
  });
  const reference = wrong?.string("fullUrl") ?? "#nobody";
  return damage(sample, wrong ? "reference-target-type" : "ref-1", path, [object], () => {
    drop(object, "type", "identifier");
    put(object, "reference", reference);
  });
}
