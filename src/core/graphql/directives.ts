/** Directives that rearrange an answer (R4 graphql.html, "Data Flattening Directives"). */
import {
  DirectiveLocation,
  getDirectiveValues,
  GraphQLDirective,
  GraphQLIncludeDirective,
  GraphQLNonNull,
  GraphQLSkipDirective,
  GraphQLString,
  type DirectiveNode,
  type FieldNode,
  type GraphQLResolveInfo,
} from "graphql";
import { AppError } from "../errors.ts";

const locations = [DirectiveLocation.FIELD];

const FLATTEN = new GraphQLDirective({ name: "flatten", locations, description: "The fields of the element stand in its place." });
const FIRST = new GraphQLDirective({ name: "first", locations, description: "Of a list the first element alone." });
const SINGLETON = new GraphQLDirective({
  name: "singleton",
  locations,
  description: "One value, though an element around it is flattened; several are an error.",
});
const SLICE = new GraphQLDirective({
  name: "slice",
  locations,
  args: { path: { type: new GraphQLNonNull(GraphQLString), description: "FHIRPath upon each element, or $index." } },
  description: "Each element of a list under a name of its own, to which a dot and the value of the path are added.",
});

/** Whether a field or fragment is part of an answer, by `@skip` and `@include`. */
export function isIncluded(
  node: { readonly directives?: readonly DirectiveNode[] | undefined },
  variables: GraphQLResolveInfo["variableValues"],
): boolean {
  const said = (directive: GraphQLDirective): unknown => getDirectiveValues(directive, node, variables)?.["if"];
  return (node.directives ?? []).length === 0 || (said(GraphQLSkipDirective) !== true && said(GraphQLIncludeDirective) !== false);
}

/** By their names. */
export const REARRANGING: ReadonlySet<string> = new Set([FLATTEN, FIRST, SINGLETON, SLICE].map(({ name }) => name));

export const DIRECTIVES: readonly GraphQLDirective[] = [GraphQLIncludeDirective, GraphQLSkipDirective, FLATTEN, FIRST, SINGLETON, SLICE];

/** What the directives of a field say, where it stands several times in a selection those of all. */
export interface Arrangement {
  readonly isFlattened: boolean;
  readonly isFirst: boolean;
  readonly isSingleton: boolean;
  /** The path of `@slice`. */
  readonly slice: string | undefined;
}

/** Without any of them. */
export const PLAIN: Arrangement = { isFlattened: false, isFirst: false, isSingleton: false, slice: undefined };

/** @throws AppError `bad-query` for directives that contradict each other */
export function arrangementOf(nodes: readonly FieldNode[], variables: GraphQLResolveInfo["variableValues"]): Arrangement {
  if (nodes.length === 1 && (nodes[0]?.directives?.length ?? 0) === 0) return PLAIN;
  if (nodes.every(({ directives = [] }) => directives.length === 0)) return PLAIN;
  const has = (directive: GraphQLDirective): boolean =>
    nodes.some(({ directives = [] }) => directives.some(({ name }) => name.value === directive.name));
  const paths = new Set(nodes.map((node) => getDirectiveValues(SLICE, node, variables)?.["path"]).filter((path) => typeof path === "string"));
  const [slice] = paths;
  if (paths.size > 1 || (slice !== undefined && has(FIRST))) throw new AppError("bad-query", "@slice stands once on a field, and not beside @first.");
  return { isFlattened: has(FLATTEN), isFirst: has(FIRST), isSingleton: has(SINGLETON), slice };
}
