import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { Definitions, PropertyDefinition } from "../../core/fhir/r4/definitions.ts";
import type { Place } from "./place.ts";

/** A rule about values of some elements. `State` is what rules remember while one resource is walked through. */
export interface Rule<State, Value> {
  /** Whether it is about values of this property. Asked once for each property that `definitions` have, so that a walk asks nothing of values that no rule is about. */
  about(property: PropertyDefinition, definitions: Definitions): boolean;
  /** Asks it of one value. `place` is that of the value, `offset` where it begins in the source. */
  ask(state: State, value: Value, property: PropertyDefinition, place: Place, offset: number): void;
}

/** What is asked in a walk through a resource, beside its structure. Everything is asked in the order of the document, outer before inner. */
export interface RuleSet<State> {
  /** A resource, before what is in it: the root, one in a Bundle's entry, or a contained one. */
  enterResource(state: State, resource: JsonObject, place: Place): void;
  leaveResource(state: State, resource: JsonObject, place: Place): void;
  /** Whatever has extensions: a resource (without property), an object, or what stands beside a primitive (`_birthDate`). */
  extended(state: State, object: JsonObject, property: PropertyDefinition | undefined, place: Place): void;
  /** Objects of a datatype or backbone. */
  readonly objects: readonly Rule<State, JsonObject>[];
  /** Primitives that are strings in JSON, of the format that they must have. */
  readonly texts: readonly Rule<State, string>[];
}
