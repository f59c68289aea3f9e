import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings, PlainRuleId } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

interface Inner {
  readonly resource: JsonObject;
  readonly id: string | undefined;
  readonly expression: string;
  /** It refers to its container (`#`). */
  refersOut: boolean;
}

/** One resource that may contain others, while the walk is within it. */
interface Container {
  readonly resource: JsonObject;
  readonly contained: Inner[];
  /** Those of what it contains. Like all that follows made when it is needed: most resources contain nothing. */
  ids?: Set<string>;
  /** Every `#id` that is referred to, with the places of Reference.reference. */
  named?: Set<string>;
  local?: { readonly id: string; readonly rule: "ref-1" | "canonical-unresolved"; readonly expression: string; readonly offset: number }[];
}

/** dom-2 to dom-5 and ref-1 (R4 domainresource.html, references.html), in one walk. */
export class ContainedRules {
  readonly #findings: Findings;
  /** Containers from the outermost inwards (a Bundle, then the resource of an entry). */
  readonly #containers: Container[] = [];
  /** The contained resource that the walk is in. */
  #inner: Inner | undefined;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  enterResource(resource: JsonObject, place: Place): void {
    const container = this.#containers.at(-1);
    if (container === undefined || place.name() !== "contained") {
      if (this.#inner === undefined) this.#containers.push({ resource, contained: [] });
      return;
    }
    const inner = { resource, id: resource.string("id"), expression: place.expression(), refersOut: false };
    if (inner.id !== undefined && container.ids?.has(inner.id) === true)
      this.#report(
        "contained-id-repeated",
        `Another contained resource has the id ${shown(inner.id)}: #${shown(inner.id)} would lead to both.`,
        inner,
      );
    if (inner.id !== undefined) (container.ids ??= new Set()).add(inner.id);
    this.#inner = inner;
    container.contained.push(inner);
    const meta = resource.object("meta");
    if (resource.has("contained")) this.#report("dom-2", "A contained resource contains none itself: move it up.", inner);
    if (meta?.has("versionId") || meta?.has("lastUpdated"))
      this.#report("dom-4", "A contained resource has no meta.versionId and no meta.lastUpdated: remove them.", inner);
    if (meta?.has("security"))
      this.#report("dom-5", "A contained resource has no security label of its own: put it on the containing resource.", inner);
  }

  leaveResource(resource: JsonObject): void {
    if (this.#inner?.resource === resource) {
      this.#inner = undefined;
      return;
    }
    if (this.#containers.at(-1)?.resource !== resource) return;
    const container = this.#containers.pop();
    if (!container) return;
    for (const { id, rule, expression, offset } of container.local ?? [])
      if (container.ids?.has(id) !== true)
        this.#findings.add({ rule, text: `#${shown(id)} leads to no contained resource: add it, or mend the reference.`, expression, offset });
    for (const inner of container.contained) {
      if (inner.refersOut || (inner.id !== undefined && container.named?.has(inner.id) === true)) continue;
      this.#report(
        "dom-3",
        `The contained resource ${shown(inner.id ?? "without an id")} is referred to from nowhere in its container, nor refers to it: remove it, or refer to it as #${shown(inner.id ?? "id")}.`,
        inner,
      );
    }
  }

  /** `#id` in a Reference or canonical: it must lead somewhere; `#` alone is the container. */
  link(id: string, rule: "ref-1" | "canonical-unresolved", place: Place, offset: number): void {
    if (id === "" && rule === "ref-1" && !this.#inner) {
      const text = "# is the container of a contained resource, and this one is contained in none: name what is meant.";
      this.#findings.add({ rule, text, expression: place.expression(), offset });
    }
    this.address(id);
    const container = this.#containers.at(-1);
    if (container && id !== "") (container.local ??= []).push({ id, rule, expression: place.expression(), offset });
  }

  /** `#id` in a uri or url. */
  address(id: string): void {
    if (id !== "") this.narrative(id);
    else if (this.#inner) this.#inner.refersOut = true;
  }

  /** `#id` of an image or link in a narrative. What refers to itself is not referred to. */
  narrative(id: string): void {
    const container = this.#containers.at(-1);
    if (container && this.#inner?.id !== id) (container.named ??= new Set()).add(id);
  }

  #report(rule: PlainRuleId, text: string, inner: Inner): void {
    this.#findings.add({ rule, text, expression: inner.expression, offset: inner.resource.offset });
  }
}
