/** Fields that read and search: `Patient(id)`, `PatientList(…)`, `PatientConnection(…)`, and the last two within a resource, of what refers to it (R4 graphql.html, "Searching resources"). */
import {
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLOutputType,
} from "graphql";
import { AppError } from "../errors.ts";
import type { SearchParameter, SearchParameters } from "../fhir/r4/search-parameters.ts";
import { arrangementOf } from "./directives.ts";
import { taken } from "./element-fields.ts";
import type { Arguments, Field, GraphContext } from "./context.ts";
import { argumentName, CONNECTION, LIST } from "./names.ts";
import { nodeOfResource, pathNodeOf, type GraphNode } from "./node.ts";
import { whole } from "./navigation.ts";
import type { Scalars } from "./scalars.ts";
import type { GraphPage, GraphSearch, Held, SearchArgument } from "./source.ts";

export interface SearchFieldNeeds {
  readonly scalars: Scalars;
  readonly parameters: SearchParameters;
  /** The object type of a resource. */
  resource(type: string): GraphQLOutputType;
}

/** Parameters that are not searched by here: `_filter` and `_query` are of others, and distances are not reckoned. */
const NOT_HERE: ReadonlySet<string> = new Set(["_filter", "_query", "near"]);

export function readField(type: string, { resource }: SearchFieldNeeds): Field<unknown> {
  return {
    type: resource(type),
    args: { id: { type: new GraphQLNonNull(GraphQLID) } },
    resolve: async (_source, args, context) => {
      const id = String(args["id"]);
      const held = await context.loaders.read(type, id);
      if (!held) throw new AppError("not-found", `There is no ${type}/${id} here.`);
      return nodeOfResource(held, context.definitions);
    },
  };
}

/** `{type}List` and `{type}Connection` of the root. */
export function searchFields(type: string, needs: SearchFieldNeeds, connection: GraphQLOutputType): Record<string, Field<unknown>> {
  const args = searchArguments(type, needs, []);
  return {
    [type + LIST]: {
      type: new GraphQLList(needs.resource(type)),
      description: `All that match, or \`_count\` of them; an error where they are too many.`,
      args,
      resolve: async (_source, given, context, info) => {
        const held = await context.loaders.source.list(searchOf(type, given, needs));
        return listed(held, given, context, info);
      },
    },
    [type + CONNECTION]: {
      type: connection,
      args: { ...args, _cursor: CURSOR, cursor: CURSOR },
      resolve: async (_source, given, context) => {
        const cursor = cursorOf(given);
        if (cursor === undefined) return matching(await context.loaders.source.page(searchOf(type, given, needs)), given, context);
        const others = Object.keys(given).filter((name) => !/^_?cursor$|^fhirpath$/.test(name));
        if (others.length > 0) throw new AppError("bad-query", `A cursor says what is searched: leave out ${others.join(", ")}.`);
        return matching(await context.loaders.source.pageAt(type, cursor), given, context);
      },
    },
  };
}

/**
 * The same within a resource, of whatever of the type refers to it.
 * @param isNarrow whether it may refer to anything: then it is found by that alone, for 5,000 places with all arguments would be a schema that nobody could load
 */
export function reverseFields(
  type: string,
  needs: SearchFieldNeeds,
  { connection, isNarrow }: { readonly connection: GraphQLOutputType; readonly isNarrow: boolean },
): Record<string, Field<GraphNode>> {
  const args = {
    _reference: { type: new GraphQLNonNull(GraphQLString), description: "The search parameter by which it refers to this resource." },
    ...(isNarrow ? OF_EVERY_SEARCH : searchArguments(type, needs, ["_id"])),
  };
  return {
    [type + LIST]: {
      type: new GraphQLList(needs.resource(type)),
      args,
      resolve: async ({ held, value }, given, context, info) => {
        const search = { ...searchOf(type, given, needs), by: referenceOf(type, given, { held, needs }) };
        if (value !== held.resource) throw new AppError("bad-query", "What refers to a resource is asked of the resource.");
        return listed(await context.loaders.referring(search, held), given, context, info);
      },
    },
    [type + CONNECTION]: {
      type: connection,
      args,
      resolve: async ({ held }, given, context) => {
        const search = { ...searchOf(type, given, needs), by: referenceOf(type, given, { held, needs }) };
        return matching(await context.loaders.source.pageReferring(search, held), given, context);
      },
    },
  };
}

/** A page of a search, and its edges. */
export function connectionType(type: string, { resource }: SearchFieldNeeds): GraphQLObjectType {
  const edge = new GraphQLObjectType<GraphPage["edges"][number], GraphContext>({
    name: `${type}Edge`,
    fields: () => ({
      mode: { type: GraphQLString },
      score: { type: GraphQLFloat },
      resource: { type: resource(type), resolve: ({ held }, _args, { definitions }) => nodeOfResource(held, definitions) },
    }),
  });
  return new GraphQLObjectType<GraphPage, GraphContext>({
    name: type + CONNECTION,
    fields: () => ({
      count: { type: GraphQLInt, description: "Matches in all, where they were counted.", resolve: ({ total }) => total },
      offset: { type: GraphQLInt },
      pagesize: { type: GraphQLInt, resolve: ({ pageSize }) => pageSize },
      edges: { type: new GraphQLList(edge) },
      first: { type: GraphQLID },
      previous: { type: GraphQLID },
      next: { type: GraphQLID },
      last: { type: GraphQLID },
    }),
  });
}

const CURSOR = { type: GraphQLString, description: "Of a page, as `first`, `previous` or `next` said it: without any other argument." };

function searchArguments(type: string, { scalars, parameters }: SearchFieldNeeds, without: readonly string[]): GraphQLFieldConfigArgumentMap {
  const searched = [...parameters.of(type).values()].filter(({ code }) => !NOT_HERE.has(code) && !without.includes(code));
  return {
    ...Object.fromEntries(searched.map((one) => [argumentName(one.code), { type: new GraphQLList(scalars.ofSearch(one.type)) }])),
    ...OF_EVERY_SEARCH,
  };
}

const OF_EVERY_SEARCH: GraphQLFieldConfigArgumentMap = {
  fhirpath: { type: GraphQLString },
  _sort: { type: GraphQLString },
  _count: { type: GraphQLInt },
};

const OF_RESULT: ReadonlySet<string> = new Set(["fhirpath", "_count", "_sort", "_reference", "_cursor", "cursor"]);

function searchOf(type: string, given: Arguments, { parameters }: SearchFieldNeeds): GraphSearch {
  const codes = new Map([...parameters.of(type).keys()].map((code) => [argumentName(code), code]));
  const searched = Object.entries(given).flatMap(([name, values]): SearchArgument[] => {
    const code = OF_RESULT.has(name) ? undefined : codes.get(name);
    if (code === undefined || !Array.isArray(values)) return [];
    const texts = values.filter((value) => value !== null && value !== "").map(String);
    // A search leaves out what has no value: a program whose list of ids is empty would be given everybody.
    if (texts.length === 0) throw new AppError("bad-query", `${name} has no value: give one, or leave the argument out to have all.`);
    return [[code, texts.map(asOneValue).join(",")]];
  });
  const sort = given["_sort"];
  return { type, parameters: [...searched, ...(typeof sort === "string" ? [["_sort", sort] as const] : [])], count: whole(given, "_count") };
}

/** A comma within a value is no other value (R4 graphql.html: alternatives are an array), and an escape ends with it. */
function asOneValue(text: string): string {
  return text.replaceAll(/\\[^]|[\\,]/g, (found) => (found.length === 1 ? `\\${found}` : found));
}

function cursorOf(given: Arguments): string | undefined {
  const [cursor] = [given["_cursor"], given["cursor"]].filter((one) => typeof one === "string");
  return cursor;
}

function referenceOf(type: string, given: Arguments, { held, needs }: { readonly held: Held; readonly needs: SearchFieldNeeds }): string {
  const wanted = String(given["_reference"]);
  const parameter = [...needs.parameters.of(type).values()].find(({ code }) => argumentName(code) === argumentName(wanted));
  if (parameter && mayReferTo(parameter, held.type)) return parameter.code;
  throw new AppError("bad-query", `_reference: ${type} has no parameter "${wanted}" that leads to a ${held.type}.`);
}

/** Whether a parameter is one of references that may lead to a type; `anything` where it may lead to all. What canonicals name is no resource here. */
export function mayReferTo(
  { type, targets, expression }: Pick<SearchParameter, "type" | "targets" | "expression">,
  target: string,
): boolean | "anything" {
  if (type !== "reference" || targets.length > 0) return type === "reference" && targets.includes(target);
  return !/relatedArtifact|[cC]anonical/.test(expression) && "anything";
}

type Info = Parameters<NonNullable<Field<GraphNode>["resolve"]>>[3];

function listed(held: readonly Held[], given: Arguments, context: GraphContext, info: Info): readonly GraphNode[] | undefined {
  const all = held.flatMap((one) => nodeOfResource(one, context.definitions) ?? []).filter((node) => isWanted(node, given, context));
  const nodes = taken(all, arrangementOf(info.fieldNodes, info.variableValues), { context, info }, (at) => all[at] && pathNodeOf(all[at]));
  return nodes.length === 0 ? undefined : nodes;
}

/** R4 graphql.html: the filter may be applied to what stands on a page. */
function matching(page: GraphPage, given: Arguments, context: GraphContext): GraphPage {
  context.effort.spend(page.edges.length);
  const edges = page.edges.filter(({ held }) => {
    const node = nodeOfResource(held, context.definitions);
    return node && isWanted(node, given, context);
  });
  return { ...page, edges };
}

function isWanted(node: GraphNode, given: Arguments, { fhirpath, effort }: GraphContext): boolean {
  const text = given["fhirpath"];
  if (typeof text === "string") effort.checkTime();
  return typeof text !== "string" || fhirpath.on(text).truth(pathNodeOf(node)) === true;
}
