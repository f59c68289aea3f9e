/** Compartments (R4 compartmentdefinition.html): what belongs to a patient, an encounter, a device, a practitioner or a related person. */
import { AppError } from "../../core/errors.ts";
import { nameOf } from "../values/index-row.ts";
import { some, type Criterion } from "./criterion.ts";
import type { QueryContext } from "./query-context.ts";

/** `Patient/{id}`, upon which a search is made. */
export interface Compartment {
  readonly type: string;
  readonly id: string;
}

/** The types that may be in it, what it is named after first. AppError `not-found` for a type that has no compartment. */
export function typesInCompartment({ type }: Pick<Compartment, "type">, { parameters }: Pick<QueryContext, "parameters">): readonly string[] {
  const members = parameters.compartment(type);
  if (!members) throw new AppError("not-found", `${type} has no compartment.`);
  return [...new Set([type, ...members.keys()])];
}

/**
 * That a resource of `member` is in it: it is what the compartment is named after, or refers to that by one of the parameters that the definition names.
 * @throws AppError `not-found` for a type that is never in it
 */
export function compartmentCriterion(member: string, { type, id }: Compartment, context: QueryContext): Criterion {
  const names = context.parameters.compartment(type)?.get(member) ?? [];
  const own: Criterion[] = member === type ? [{ kind: "id", ids: [id] }] : [];
  // What has the compartment stands in a document here, and only what stands in the same document can refer to it.
  const referring = names.flatMap((name): Criterion[] =>
    context.parameters.of(member).get(name)?.type === "reference" ? [{ kind: "refers-to", name: nameOf(name), types: [type], id }] : [],
  );
  if (own.length + referring.length === 0) throw new AppError("not-found", `A ${member} is never in the compartment of a ${type}.`);
  return some([...own, ...referring]);
}
