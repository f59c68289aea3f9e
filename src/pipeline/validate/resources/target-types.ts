import { bundleEntries, EntryIndex, isDocument, type BundleEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { mayLeadTo, referenceTargets, type Definitions, type PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { ReferenceForm } from "../../../core/fhir/references.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/** A resource that may contain others, and those by id once they are asked for. */
interface Container {
  readonly resource: JsonObject;
  contained: ReadonlyMap<string, string> | undefined;
}

/** What a Reference says of its target's type (Reference.type: relative to R4's own definitions, or absolute). */
export function declaredType(reference: JsonObject): string | undefined {
  return reference.string("type")?.replace("http://hl7.org/fhir/StructureDefinition/", "");
}

/** Whether Reference.type says another type than its target has. */
export function contradicts(declared: string, type: string): boolean {
  return type !== "" && declared !== type;
}

export function contradiction(declared: string, text: string, type: string): string {
  return `Reference.type says ${shown(declared)}, but ${shown(text)} is of type ${shown(type)}: mend either.`;
}

/**
 * The types that References lead to (R4 references.html): a contained resource, an entry of the same Bundle (of a document's entries the document rules tell), and, as a warning, what a
 * relative address names though nothing here has it. An absolute address says no type.
 */
export class TargetTypes {
  readonly #findings: Findings;
  readonly #definitions: Definitions;
  readonly #bundle: JsonObject | undefined;
  readonly #isDocument: boolean;
  readonly #containers: Container[] = [];
  #index: EntryIndex | undefined;
  #entries: ReadonlyMap<JsonObject, BundleEntry> | undefined;
  readonly #resolves: boolean;
  readonly #mayLackFullUrls: boolean;

  /** @param root the resource that is walked through */
  constructor(root: JsonObject, findings: Findings, definitions: Definitions) {
    this.#findings = findings;
    this.#definitions = definitions;
    this.#bundle = root.string("resourceType") === "Bundle" ? root : undefined;
    const type = root.string("type") ?? "";
    this.#isDocument = isDocument(root);
    this.#resolves = this.#bundle !== undefined && type !== "transaction" && type !== "batch";
    this.#mayLackFullUrls = this.#bundle === undefined || /^(?:transaction|batch)/.test(type);
  }

  enterResource(resource: JsonObject, place: Place): void {
    if (place.name() !== "contained") this.#containers.push({ resource, contained: undefined });
  }

  leaveResource(resource: JsonObject): void {
    if (this.#containers.at(-1)?.resource === resource) this.#containers.pop();
  }

  /** Whether the walk is in an entry of a Bundle in which references are resolved: a transaction or batch may refer by a search, and who signed the Bundle itself is no entry. */
  get isResolved(): boolean {
    return this.#resolves && this.#containers.length > 1;
  }

  /** Whether the walk is in an entry that has no identity which a relative reference could count from. */
  get isWithoutFullUrl(): boolean {
    const resource = this.#containers[1]?.resource;
    return !this.#mayLackFullUrls && resource !== undefined && this.#entryOf(resource)?.fullUrl === undefined;
  }

  /**
   * @param declared what Reference.type says
   * @param address the Reference's `text`, taken apart
   */
  reference(text: string, declared: string | undefined, address: ReferenceForm, property: PropertyDefinition, place: Place, offset: number): void {
    // Who signed the Bundle stands in no entry: the document rules do not ask.
    const isToldByDocumentRules = this.#isDocument && address.kind !== "contained" && this.#containers.length > 1;
    if (declared === undefined && isToldByDocumentRules) return;
    const { isResourceType } = this.#definitions;
    const { path } = property.element;
    const report = (severity: "error" | "warning", message: string): void => {
      this.#findings.add({ rule: "reference-target-type", severity, text: message, expression: place.expression(), offset });
    };
    const type = address.kind === "relative" || address.kind === "absolute" ? address.type : undefined;
    const named = type !== undefined && isResourceType(type) ? type : undefined;
    if (named !== undefined && declared !== undefined && contradicts(declared, named))
      report("error", `Reference.type says ${shown(declared)}, but the address names a resource of type ${named}: mend either.`);
    const targets = referenceTargets(property);
    if (declared !== undefined && !mayLeadTo(declared, targets))
      report("error", `${path} leads to ${targets.join(", ")}, but Reference.type says ${shown(declared)}.`);
    if (isToldByDocumentRules) return;
    const found = this.typeOf(text, address);
    if (found !== undefined && declared !== undefined && named === undefined && contradicts(declared, found))
      report("error", contradiction(declared, text, found));
    const isRelative = address.kind === "relative";
    if (isRelative && found !== undefined && named !== undefined && found !== named)
      report("error", `${shown(text)} leads to an entry of type ${shown(found)}: mend the reference, or the entry's fullUrl.`);
    else if (found !== undefined && !mayLeadTo(found, targets))
      report("error", `${path} leads to ${targets.join(", ")}, but ${shown(text)} is of type ${shown(found)}.`);
    else if (isRelative && found === undefined && named !== undefined && !mayLeadTo(named, targets))
      report(this.#bundle ? "error" : "warning", `${path} leads to ${targets.join(", ")}, but ${shown(text)} names a resource of type ${named}.`);
  }

  /** The type of the contained resource or entry that a Reference leads to, if it is here. */
  typeOf(text: string, address: ReferenceForm): string | undefined {
    return address.kind === "contained" ? this.#containedType(address.id) : this.#entryType(text, address);
  }

  #containedType(id: string): string | undefined {
    const container = this.#containers.at(-1);
    if (!container || id === "") return undefined;
    container.contained ??= new Map(
      container.resource.objects("contained").map((inner) => [inner.string("id") ?? "", inner.string("resourceType") ?? ""]),
    );
    return container.contained.get(id) || undefined;
  }

  #entryType(text: string, address: ReferenceForm): string | undefined {
    if (!this.#bundle) return undefined;
    const own = this.#entryOf(this.#containers[1]?.resource ?? this.#bundle);
    // The Bundle itself is no entry that something counts from; what is absolute leads to the same from every one.
    const from = own ?? (address.kind === "absolute" ? this.#entries?.values().next().value : undefined);
    if (!from) return undefined;
    this.#index ??= new EntryIndex([...(this.#entries?.values() ?? [])]);
    // [type]/[uuid] in an entry without a server means, to all who write it, the entry that this UUID names.
    const isUrn = address.kind === "relative" && from.fullUrl?.startsWith("urn:uuid:") === true;
    const resolution = this.#index.lookUp(isUrn ? `urn:uuid:${address.id}` : text, from);
    return resolution.kind === "found" && resolution.entry.type !== "" ? resolution.entry.type : undefined;
  }

  #entryOf(resource: JsonObject): BundleEntry | undefined {
    this.#entries ??= new Map((this.#bundle ? bundleEntries(this.#bundle) : []).map((entry) => [entry.resource, entry]));
    return this.#entries.get(resource);
  }
}
