import { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import type { Findings } from "../findings.ts";
import { shown } from "../shown.ts";
import type { AskedExtension } from "./asked-resources.ts";
import { placeAt } from "./place-at.ts";
import { PlanWalk } from "./plan-walk.ts";
import { Sink } from "./sink.ts";
import type { Pair, Standing, Whole } from "./standing.ts";

/** Holds an extension against its own definition, whatever profiles say of what it stands in, and tells what is otherwise. */
export function tellOfExtension(
  { extension, definition, place, offset }: AskedExtension,
  standing: Standing,
  whole: Whole,
  findings: Findings,
): Sink<Pair> {
  const { title, name, url } = definition.held.resource;
  const sink = new Sink<Pair>("tell", findings, `${shown(title ?? name)} (${shown(url)}): `);
  const node = new FhirPathNode("Extension", whole.definitions.definitionOf("Extension"), extension, undefined);
  new PlanWalk(whole, standing, sink, placeAt(place)).check(definition.plan.root, { node, index: undefined, offset });
  return sink;
}
