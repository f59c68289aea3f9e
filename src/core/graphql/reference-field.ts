import { GraphQLBoolean, GraphQLList, type GraphQLOutputType } from "graphql";
import { AppError } from "../errors.ts";
import { parseReference } from "../fhir/references.ts";
import type { Field, GraphContext } from "./context.ts";
import { nodeOfResource, type GraphNode } from "./node.ts";
import type { Scalars } from "./scalars.ts";
import type { Held } from "./source.ts";

/** `resource` of a Reference: what it leads to (R4 graphql.html, "Resource references"). */
export function referenceField(resource: GraphQLOutputType, scalars: Scalars): Field<GraphNode> {
  return {
    type: resource,
    description: "What the reference leads to. Where nothing is, or nothing that may be known, the query fails, unless `optional` is true.",
    args: {
      optional: { type: GraphQLBoolean, description: "Nothing is an answer too." },
      type: { type: new GraphQLList(scalars.ofPrimitive("code")), description: "Resources of other types are passed over." },
    },
    resolve: async ({ value, held }, args, context) => {
      context.effort.spend(1);
      const types = wantedTypes(args["type"], context);
      const reference = value.string("reference");
      const named = reference === undefined ? value.string("type") : typeNamed(reference);
      if (types && named !== undefined && !types.includes(named) && context.definitions.isResourceType(named)) return undefined;
      const found = reference === undefined ? undefined : await led(reference, held, context);
      if (found) return types && !types.includes(found.type) ? undefined : nodeOfResource(found, context.definitions);
      if (args["optional"] === true) return undefined;
      throw new AppError(
        "not-found",
        `${reference === undefined ? "A reference without an address" : `The reference "${reference}"`} leads to nothing that is here, or that may be known: \`resource(optional: true)\` passes it over.`,
      );
    },
  };
}

function wantedTypes(given: unknown, { definitions }: GraphContext): readonly string[] | undefined {
  if (!Array.isArray(given)) return undefined;
  const types = given.filter((one) => typeof one === "string");
  const unknown = types.find((type) => !definitions.isResourceType(type));
  if (unknown !== undefined) throw new AppError("bad-query", `resource: there is no type of resource "${unknown}".`);
  return types;
}

function typeNamed(reference: string): string | undefined {
  const form = parseReference(reference);
  return form.kind === "relative" || form.kind === "absolute" ? form.type : undefined;
}

function led(reference: string, held: Held, { loaders }: GraphContext): Promise<Held | undefined> | Held | undefined {
  return reference.startsWith("#") ? containedIn(containerOf(held), reference.slice(1)) : loaders.follow({ reference, from: containerOf(held) });
}

/** What contains a resource; itself where nothing does. */
function containerOf(held: Held): Held {
  return held.within && held.within.entry === undefined ? held.within.holder : held;
}

/** R4 references.html, "Contained Resources": `#` alone is the container. */
function containedIn(container: Held, id: string): Held | undefined {
  if (id === "") return container;
  const resource = container.resource.objects("contained").find((one) => one.string("id") === id);
  return resource && { resource, type: resource.string("resourceType") ?? "", within: { holder: container, entry: undefined } };
}
