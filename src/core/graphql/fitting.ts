/**
 * Elements that are named of a resource whose type is not known before it is there: `subject { resource { active } }` (R4 graphql.html, "Resource references"). GraphQL has no such thing: a schema knows the fields of the
 * interface alone. Such a selection is held against the types: before a query is worked out one must have it all, and then the one that the resource is of.
 */
import {
  FieldsOnCorrectTypeRule,
  getNamedType,
  GraphQLError,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  Kind,
  type ASTNode,
  type ASTVisitFn,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
  type ValidationRule,
} from "graphql";
import { AppError } from "../errors.ts";

/** Fragments of a query by name. */
export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export function fragmentsOf({ definitions }: DocumentNode): Fragments {
  return new Map(definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])));
}

export class Fitting {
  readonly #schema: GraphQLSchema;
  readonly #fragments: Fragments;
  readonly #known = new Map<SelectionSetNode, Map<GraphQLObjectType, string | undefined>>();
  readonly #resources: readonly GraphQLObjectType[];

  constructor(schema: GraphQLSchema, fragments: Fragments) {
    this.#schema = schema;
    this.#fragments = fragments;
    const resource = schema.getType("Resource");
    this.#resources = isInterfaceType(resource) ? schema.getPossibleTypes(resource) : [];
  }

  /** What is wrong with the selection of a field that leads to any resource; undefined where one of the types, or that which is named, has it all. */
  misfitOfField(field: FieldNode): string | undefined {
    const { selectionSet } = field;
    if (!selectionSet) return undefined;
    const named = typesNamed(field);
    const types = named ? this.#resources.filter(({ name }) => named.includes(name)) : this.#resources;
    let first: string | undefined;
    for (const type of types) {
      const misfit = this.misfit(selectionSet, type);
      if (misfit === undefined) return undefined;
      first ??= misfit;
    }
    if (types.length === 0) return `There is no type of resource ${(named ?? []).join(", ")}.`;
    return types.length === 1 ? first : "No type of resource has all that is selected here.";
  }

  /** @throws AppError `bad-query` */
  requireFit(fields: readonly FieldNode[], typeName: string): void {
    const type = this.#schema.getType(typeName);
    if (!isObjectType(type)) return;
    for (const { selectionSet } of fields) {
      const misfit = selectionSet && this.misfit(selectionSet, type);
      if (misfit !== undefined) throw new AppError("bad-query", `${misfit} Name the type that is meant: \`... on\`, or the argument \`type\`.`);
    }
  }

  /** What of a selection a type does not have; undefined where it has it all. */
  misfit(set: SelectionSetNode, type: GraphQLObjectType): string | undefined {
    const byType = this.#known.get(set) ?? new Map<GraphQLObjectType, string | undefined>();
    this.#known.set(set, byType);
    if (!byType.has(type)) {
      // A fragment within itself is refused elsewhere.
      byType.set(type, undefined);
      byType.set(type, this.#misfit(set, type));
    }
    return byType.get(type);
  }

  #misfit({ selections }: SelectionSetNode, type: GraphQLObjectType): string | undefined {
    for (const one of selections) {
      const misfit =
        one.kind === Kind.FIELD
          ? this.#misfitOf(one, type)
          : this.#misfitWithin(one.kind === Kind.INLINE_FRAGMENT ? one : this.#fragments.get(one.name.value), type);
      if (misfit !== undefined) return misfit;
    }
    return undefined;
  }

  /** What stands behind another type's name is no matter of this one. */
  #misfitWithin(
    fragment:
      { readonly typeCondition?: { readonly name: { readonly value: string } } | undefined; readonly selectionSet: SelectionSetNode } | undefined,
    type: GraphQLObjectType,
  ): string | undefined {
    const condition = fragment?.typeCondition?.name.value;
    if (!fragment || (condition !== undefined && condition !== type.name && condition !== "Resource")) return undefined;
    return this.misfit(fragment.selectionSet, type);
  }

  #misfitOf(field: FieldNode, type: GraphQLObjectType): string | undefined {
    const name = field.name.value;
    if (name === "__typename") return undefined;
    const definition = type.getFields()[name];
    if (!definition) return `Cannot query field "${name}" on type "${type.name}".`;
    const args = field.arguments ?? [];
    const unknown = args.find((given) => !definition.args.some((one) => one.name === given.name.value));
    if (unknown) return `Unknown argument "${unknown.name.value}" on field "${type.name}.${name}".`;
    const missing = definition.args.find((one) => isRequiredArgument(one) && !args.some((given) => given.name.value === one.name));
    if (missing) return `Field "${type.name}.${name}" needs the argument "${missing.name}".`;
    const inner = getNamedType(definition.type);
    if (isCompositeType(inner) !== (field.selectionSet !== undefined))
      return `Field "${type.name}.${name}" ${isCompositeType(inner) ? "needs a selection of its fields" : "has no fields to select"}.`;
    if (!field.selectionSet) return undefined;
    return isObjectType(inner) ? this.misfit(field.selectionSet, inner) : this.misfitOfField(field);
  }
}

/** The types that the argument `type` names in so many words. */
function typesNamed({ arguments: args = [] }: FieldNode): readonly string[] | undefined {
  const value = args.find(({ name }) => name.value === "type")?.value;
  const values = value?.kind === Kind.LIST ? value.values : value ? [value] : [];
  const names = values.flatMap((one) => (one.kind === Kind.STRING || one.kind === Kind.ENUM ? [one.value] : []));
  return names.length > 0 && names.length === values.length ? names : undefined;
}

/** As GraphQL's own rule, but that elements of resources of an unknown type are held against the types. */
export function fieldsOnFittingTypes(fitting: Fitting): ValidationRule {
  return (context) => {
    const { Field: check } = FieldsOnCorrectTypeRule(context) as { readonly Field: ASTVisitFn<FieldNode> };
    return {
      Field: (node, key, parent, path, ancestors) => {
        const type = context.getType();
        const named = type ? getNamedType(type) : undefined;
        const misfit = isInterfaceType(named) ? fitting.misfitOfField(node) : undefined;
        if (misfit !== undefined) context.reportError(new GraphQLError(misfit, { nodes: node }));
        if (isInterfaceType(context.getParentType()) && !isOfFragment(ancestors)) return undefined;
        return check(node, key, parent, path, ancestors) as undefined;
      },
    };
  };
}

/** Whether a field stands behind the name of a type, by which it is held against that alone. */
function isOfFragment(ancestors: readonly (ASTNode | readonly ASTNode[])[]): boolean {
  const nodes = ancestors.filter((one): one is ASTNode => !Array.isArray(one));
  const owner = nodes.findLast((node) => node.kind !== Kind.SELECTION_SET && !(node.kind === Kind.INLINE_FRAGMENT && !node.typeCondition));
  return owner !== undefined && owner.kind !== Kind.FIELD;
}
