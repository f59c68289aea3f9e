import { bundleEntries, EntryIndex, type BundleEntry, type DocumentBundle, type Resolution } from "../../../core/fhir/document-bundle.ts";
import { nodeOf, type FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { parseReference, type ReferenceForm } from "../../../core/fhir/references.ts";
import { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { rootPlace, type Place } from "../place.ts";
import type { MetResource } from "./asked-resources.ts";
import type { Standing, Target } from "./standing.ts";

/** Where the resources of what is judged stand, and what their references lead to (R4 references.html; bundle.html, "Resolving references in Bundles"). */
export class Surroundings {
  readonly root: Standing;
  readonly #definitions: Definitions;
  readonly #document: DocumentBundle | undefined;
  readonly #standings = new Map<JsonObject, Standing>();
  readonly #containedIn = new Map<JsonObject, ReadonlyMap<string, Standing>>();
  #index: EntryIndex | undefined;
  #entries: readonly BundleEntry[] | undefined;

  constructor(root: JsonObject, document: DocumentBundle | undefined, definitions: Definitions) {
    this.#definitions = definitions;
    this.#document = document;
    const node = nodeOf(root, definitions);
    this.root = { resource: node, container: node, place: rootPlace(root).steps(), entry: undefined, targets: new Map() };
    this.#standings.set(root, this.root);
  }

  /** Where a resource stands. @param met where a walk met it, and from which */
  standingOf(resource: FhirPathNode, met?: { readonly from: Standing; readonly place: Place }): Standing {
    const object = resource.value as JsonObject;
    const known = this.#standings.get(object) ?? this.#entry(object);
    if (known) return known;
    const container = met?.place.name() === "contained" ? met.from.container : resource;
    const made = { resource, container, place: met?.place.steps() ?? this.root.place, entry: met?.from.entry, targets: new Map() };
    this.#standings.set(object, made);
    return made;
  }

  /** Where a resource stands that the first walk met. */
  standingWithin({ resource, place, isContained, within }: MetResource): Standing {
    const known = this.#standings.get(resource) ?? this.#entry(resource);
    if (known) return known;
    const node = nodeOf(resource, this.#definitions);
    const outer = within.at(-1);
    const container = isContained && outer ? nodeOf(outer, this.#definitions) : node;
    const entry = within[1] && this.#entry(within[1])?.entry;
    const made = { resource: node, container, place, entry, targets: new Map() };
    this.#standings.set(resource, made);
    return made;
  }

  /** The Composition of a document. */
  composition(): Standing | undefined {
    const [first] = this.#allEntries();
    return this.#document && first && this.#standings.get(first.resource);
  }

  leadsTo(reference: string, from: Standing): Target {
    let target = from.targets.get(reference);
    if (!target) from.targets.set(reference, (target = this.#target(reference, from)));
    return target;
  }

  #target(reference: string, from: Standing): Target {
    const form = parseReference(reference);
    if (form.kind === "contained") {
      const standing = form.id === "" ? this.standingOf(from.container) : this.#contained(from, form.id);
      return standing ? { kind: "found", standing, isContained: true } : { kind: "unknown" };
    }
    if (form.kind === "malformed") return { kind: "unknown" };
    const resolution = this.#resolve(reference, form, from.entry);
    if (resolution?.kind === "found") {
      const standing = this.#standings.get(resolution.entry.resource);
      return standing ? { kind: "found", standing, isContained: false } : { kind: "unknown" };
    }
    if (resolution?.kind === "ambiguous") return { kind: "unknown" };
    // An absolute address need not tell the type of what it leads to.
    return form.kind === "relative" && this.#definitions.isResourceType(form.type) ? { kind: "typed", type: form.type } : { kind: "unknown" };
  }

  #resolve(
    reference: string,
    form: Exclude<ReturnType<typeof parseReference>, { kind: "contained" | "malformed" }>,
    own: BundleEntry | undefined,
  ): Resolution | undefined {
    const entries = this.#allEntries();
    const [first] = entries;
    if (own === undefined) return first && this.#fromBundle(this.#lookUp(reference, form, first));
    return this.#document ? this.#document.decide(reference, own, form) : this.#lookUp(reference, form, own);
  }

  #lookUp(reference: string, form: ReferenceForm, from: BundleEntry): Resolution {
    if (this.#document) return this.#document.lookUp(reference, from, form);
    this.#index ??= new EntryIndex(this.#allEntries());
    // [type]/[uuid] in an entry without a server means, to all who write it, the entry that this UUID names.
    const isUrn = form.kind === "relative" && from.fullUrl?.startsWith("urn:uuid:") === true;
    return this.#index.lookUp(isUrn ? `urn:uuid:${form.id}` : reference, from);
  }

  /** An invariant of the whole Bundle asks of references without saying in which entry they stand: what has their type and id, and alone does, is meant. */
  #fromBundle(resolution: Resolution): Resolution {
    if (resolution.kind !== "missing") return resolution;
    const [entry, other] = resolution.lookalikes;
    return entry && !other ? { kind: "found", entry } : resolution;
  }

  #entry(object: JsonObject): Standing | undefined {
    return this.#allEntries().length === 0 ? undefined : this.#standings.get(object);
  }

  /** The entries of the Bundle, each with its standing; made when they are first asked for. */
  #allEntries(): readonly BundleEntry[] {
    if (this.#entries) return this.#entries;
    const root = this.root.resource.value as JsonObject;
    const isBundle = this.root.resource.type === "Bundle";
    this.#entries = this.#document?.entries ?? (isBundle ? bundleEntries(root) : []);
    for (const entry of this.#entries) {
      const resource = nodeOf(entry.resource, this.#definitions);
      const place = [...this.root.place, "entry", entry.index, "resource"];
      this.#standings.set(entry.resource, { resource, container: resource, place, entry, targets: new Map() });
    }
    return this.#entries;
  }

  #contained(from: Standing, id: string): Standing | undefined {
    const container = from.container.value as JsonObject;
    let byId = this.#containedIn.get(container);
    if (!byId) {
      const { place, entry } = this.standingOf(from.container);
      const made = new Map<string, Standing>();
      for (const [index, resource] of container.items("contained").entries()) {
        if (!(resource instanceof JsonObject)) continue;
        const node = nodeOf(resource, this.#definitions);
        const standing = this.#standings.get(resource) ?? {
          resource: node,
          container: from.container,
          place: [...place, "contained", index],
          entry,
          targets: new Map(),
        };
        this.#standings.set(resource, standing);
        const own = resource.string("id") ?? "";
        if (!made.has(own)) made.set(own, standing);
      }
      byId = made;
      this.#containedIn.set(container, byId);
    }
    return byId.get(id);
  }
}
