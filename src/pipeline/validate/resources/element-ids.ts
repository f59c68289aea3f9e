import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/**
 * Ids of elements are unique within their resource (R4 element.html, id). A contained resource counts for itself, as in HL7's validator; narrative.html counts it with its container.
 */
export class ElementIds {
  readonly #findings: Findings;
  readonly #resources: { readonly resource: JsonObject; ids: Set<string> | undefined }[] = [];

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  enterResource(resource: JsonObject): void {
    this.#resources.push({ resource, ids: undefined });
  }

  leaveResource(resource: JsonObject): void {
    if (this.#resources.at(-1)?.resource === resource) this.#resources.pop();
  }

  /** Snapshot and differential of a StructureDefinition name the same elements. */
  static startsAnew({ element }: PropertyDefinition): boolean {
    return element.path === "StructureDefinition.snapshot" || element.path === "StructureDefinition.differential";
  }

  startAnew(): void {
    const last = this.#resources.at(-1);
    if (last) last.ids = undefined;
  }

  /** The id of an element, at the place of the element. */
  add(id: string, place: Place, offset: number): void {
    const last = this.#resources.at(-1);
    if (!last) return;
    const ids = (last.ids ??= new Set());
    if (ids.has(id)) {
      const text = `Another element of this resource has the id ${shown(id)}: ids are unique within a resource.`;
      this.#findings.add({ rule: "element-id-repeated", text, expression: place.owner(), offset });
    }
    ids.add(id);
  }
}
