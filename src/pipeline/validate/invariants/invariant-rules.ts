import { isDocument } from "../../../core/fhir/document-bundle.ts";
import type { Environment } from "../../../core/fhir/fhirpath/environment.ts";
import { FhirPathError } from "../../../core/fhir/fhirpath/errors.ts";
import { nodeOf, nodeOfProperty, type FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import type { JsonObject, JsonValue } from "../../../core/fhir/tree/tree.ts";
import type { Invariant, PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import type { CompiledInvariant, CompiledInvariants } from "./compiled.ts";

/** A resource that the walk is in. */
interface Evaluation {
  readonly resource: JsonObject;
  /** dom-6 asks for a narrative. A contained resource is told by its container's, an entry of a document by those of the Composition (R4 documents.html, 3.3.2). */
  readonly isToldElsewhere: boolean;
  /** How the keys begin that are not asked of the resource and its elements. */
  readonly skipped: string | undefined;
  readonly environment: Environment;
}

/** R4's invariants (ElementDefinition.constraint), each in FHIRPath, on every element of every resource. The rule's id is the invariant's key. */
export class InvariantRules {
  readonly #findings: Findings;
  readonly #invariants: CompiledInvariants;
  readonly #document: JsonObject | undefined;
  readonly #composition: JsonObject | undefined;
  readonly #frames: Evaluation[] = [];

  /** @param root the resource that is walked through */
  constructor(root: JsonObject, invariants: CompiledInvariants, findings: Findings) {
    this.#findings = findings;
    this.#invariants = invariants;
    this.#document = isDocument(root) ? root : undefined;
    this.#composition = this.#document?.objects("entry")[0]?.object("resource");
  }

  enterResource(resource: JsonObject, place: Place): void {
    const { definitions } = this.#invariants;
    const node = nodeOf(resource, definitions);
    const isContained = place.name() === "contained";
    const rootResource = isContained ? (this.#frames.at(-1)?.environment.rootResource ?? node) : node;
    const evaluation: Evaluation = {
      resource,
      isToldElsewhere: isContained || this.#document !== undefined,
      skipped: this.#skippedOf(resource),
      environment: { resource: node, rootResource },
    };
    this.#frames.push(evaluation);
    const definition = definitions.definitionOf(node.type);
    if (definition) this.#ask(this.#invariants.of(definition.invariants), node, evaluation, place, resource.offset);
  }

  /** Where other rules tell as much, or something is missing on which all of them hang. */
  #skippedOf(resource: JsonObject): string | undefined {
    if (resource === this.#composition) return "cmp-";
    const isTyped = resource !== this.#document && (resource.string("resourceType") !== "Bundle" || resource.has("type"));
    return isTyped ? undefined : "bdl-";
  }

  leaveResource(resource: JsonObject): void {
    if (this.#frames.at(-1)?.resource === resource) this.#frames.pop();
  }

  /** An element: an object, or a primitive with invariants of its own. */
  element(value: JsonValue, property: PropertyDefinition, place: Place, offset: number): void {
    const evaluation = this.#frames.at(-1);
    const node = nodeOfProperty(property, value, undefined, this.#invariants.definitions);
    if (evaluation && node) this.#ask(this.#invariants.at(property), node, evaluation, place, offset);
  }

  #ask(
    list: readonly CompiledInvariant[],
    node: FhirPathNode,
    { skipped, isToldElsewhere, environment }: Evaluation,
    place: Place,
    offset: number,
  ): void {
    for (const { invariant, expression } of list) {
      const { key } = invariant;
      if ((skipped !== undefined && key.startsWith(skipped)) || (isToldElsewhere && key === "dom-6")) continue;
      try {
        if (expression.holds(node, environment)) continue;
      } catch (error) {
        // It can't be worked out on a value that is malformed, which the structure check tells of.
        if (error instanceof FhirPathError) continue;
        throw error;
      }
      this.#findings.addInvariant(invariant, { text: textOf(invariant, expression.text), expression: place.expression(), offset });
    }
  }
}

function textOf({ human }: Invariant, expression: string): string {
  return `${human.trim().replace(/\.$/, "")}. In FHIRPath: ${expression.length > 300 ? `${expression.slice(0, 300)}…` : expression}`;
}
