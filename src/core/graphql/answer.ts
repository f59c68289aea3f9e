/** GraphQL upon FHIR resources (R4 graphql.html): a query is read, held against its limits and the schema, worked out, and arranged. */
import {
  executeRootSelectionSet,
  FieldsOnCorrectTypeRule,
  GraphQLError,
  Kind,
  parse,
  recommendedRules,
  specifiedRules,
  validate,
  validateExecutionArgs,
  visit,
  type DocumentNode,
  type GraphQLSchema,
  type SelectionSetNode,
  type ValidatedExecutionArgs,
} from "graphql";
import { AppError, type ErrorCode } from "../errors.ts";
import { writeJson } from "../fhir/json/write-json.ts";
import type { Definitions } from "../fhir/r4/definitions.ts";
import { arranged, hasArrangement } from "./arrange.ts";
import type { GraphContext } from "./context.ts";
import { requireModest } from "./cost.ts";
import { Effort } from "./effort.ts";
import { fieldsOnFittingTypes, Fitting, fragmentsOf, type Fragments } from "./fitting.ts";
import { GRAPH_LIMITS } from "./limits.ts";
import { KnownQueries, type FittedQuery } from "./known-queries.ts";
import { createLoaders } from "./loaders.ts";
import { TYPE_KEY } from "./names.ts";
import { nodeOfResource } from "./node.ts";
import { faultOf, faultResponse, type GraphFault } from "./outcome.ts";
import { SafeFhirPath } from "./safe-fhirpath.ts";
import { GraphSchemas, type GraphSchemaNeeds } from "./schema.ts";
import type { GraphQLSource, Held } from "./source.ts";
import { writeFound } from "./write-found.ts";
import { writtenQuery } from "./written-fields.ts";

/** A query as it was sent. */
export interface GraphQuestion {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

export interface GraphAnswer {
  /** `refused`: nothing was asked for it, since it cannot be read, is beyond a limit or does not fit the schema. `failed`: it could not be answered whole, so that no part of it is. */
  readonly kind: "answered" | "refused" | "failed";
  /** JSON with `data`, or with `errors` and, where it failed, `data` as null. */
  readonly text: string;
  /** Of what was not answered, first what counts. */
  readonly faults: readonly GraphFault[];
}

/** Where a query begins: the service, or one resource. */
export interface GraphRoot {
  readonly type: string;
  /** Asked for when the query is found to be sound. AppErrors of whoever has it. */
  load(): Promise<Held>;
}

/** A query for the schema alone, which takes seconds of a processor where it wants all of it. */
export interface Introspection extends GraphQuestion {
  /** The type of the root; undefined for the service. */
  readonly type: string | undefined;
}

export interface GraphEngineNeeds extends GraphSchemaNeeds {
  /** Answers a sound query for the schema somewhere else (`GraphEngine.introspect`); undefined: here. */
  readonly introspect?: ((question: Introspection) => Promise<string>) | undefined;
}

const MOST_ERRORS = 20;
const RULES = [...specifiedRules.filter((rule) => rule !== FieldsOnCorrectTypeRule), ...recommendedRules];

export class GraphEngine {
  readonly #needs: GraphEngineNeeds;
  readonly #schemas: GraphSchemas;
  readonly #knowing: Knowing;

  constructor(needs: GraphEngineNeeds) {
    this.#needs = needs;
    this.#schemas = new GraphSchemas(needs);
    this.#knowing = { known: new KnownQueries(), definitions: needs.definitions };
  }

  /** Never throws for what a query is or comes to: that is told in the response. */
  async answer(question: GraphQuestion, source: GraphQLSource, root?: GraphRoot): Promise<GraphAnswer> {
    const schema = await this.#schemas.of(root?.type);
    let sound: Sound;
    try {
      sound = soundOf(question, schema, this.#knowing);
    } catch (error) {
      return notAnswered("refused", [error], "bad-query");
    }
    if (sound.errors) return notAnswered("refused", sound.errors, "bad-query");
    try {
      if (sound.isOfSchema) {
        const { query, operationName, variables } = question;
        const told = this.#needs.introspect ?? ((asked) => this.introspect(asked));
        return { kind: "answered", text: await told({ query, operationName, variables, type: root?.type }), faults: [] };
      }
      return await this.#worked(sound, schema, { source, root });
    } catch (error) {
      return notAnswered("failed", [error], "internal");
    }
  }

  /** What the schema says of itself, as JSON. AppError `too-costly` when it took too long. */
  async introspect({ type, ...question }: Introspection): Promise<string> {
    const sound = soundOf(question, await this.#schemas.of(type), this.#knowing);
    if (sound.errors) throw new AppError("bad-query", "The query does not fit the schema.");
    return JSON.stringify(await executeRootSelectionSet(sound.args));
  }

  async #worked(
    { document, fitting, writers, originals, args, isArranged }: SoundQuery,
    schema: GraphQLSchema,
    { source, root }: { readonly source: GraphQLSource; readonly root: GraphRoot | undefined },
  ): Promise<GraphAnswer> {
    const { definitions, parameters } = this.#needs;
    const context: GraphContext = {
      ...{ definitions, parameters },
      loaders: createLoaders(source),
      effort: new Effort(),
      fhirpath: new SafeFhirPath(definitions),
      slices: new Map(),
      writers,
      requireFit: ({ fieldNodes }, type) => fitting.requireFit(fieldNodes.map((node) => originals.get(node) ?? node), type), // prettier-ignore
    };
    const held = await root?.load();
    const result = await inTime((externalAbortSignal) =>
      executeRootSelectionSet({ ...args, rootValue: held && nodeOfResource(held, definitions), contextValue: context, externalAbortSignal }),
    );
    const { data, errors = [] } = result;
    if (errors.length > 0 || !data) return notAnswered("failed", errors, "bad-query");
    context.effort.checkTime();
    const text = isArranged
      ? writeJson(arranged(data, { schema, document, operation: args.operation, variables: args.variableValues, slices: context.slices }))
      : writeFound(data);
    return { kind: "answered", text: `{"data":${text}}`, faults: [] };
  }
}

interface SoundQuery extends FittedQuery {
  readonly errors?: undefined;
  readonly args: ValidatedExecutionArgs;
  /** Whether it asks for the schema, and for nothing else. */
  readonly isOfSchema: boolean;
}

interface Knowing {
  readonly known: KnownQueries;
  readonly definitions: Definitions;
}

type Sound = SoundQuery | { readonly errors: readonly unknown[] };

/** A query that may be worked out, or what is wrong with it. @throws GraphQLError, AppError `too-large` */
function soundOf({ query, operationName, variables = {} }: GraphQuestion, schema: GraphQLSchema, { known, definitions }: Knowing): Sound {
  const { characters, tokens } = GRAPH_LIMITS;
  if (query.length > characters) throw new AppError("too-large", `A query has at most ${characters} characters.`);
  const before = known.get(schema, query);
  const written = before?.written ?? parse(query, { maxLexicalTokens: tokens, maxComments: tokens });
  // Of one that was weighed before only variables could make another.
  if (!before || query.includes("$")) requireModest(written, variables);
  const fit = before ?? fittedTo(schema, written, definitions);
  if (Array.isArray(fit)) return { errors: fit };
  const { document } = known.keep(schema, query, fit as FittedQuery);
  const args = validateExecutionArgs({ schema, document, operationName, variableValues: variables, options: { maxCoercionErrors: MOST_ERRORS } });
  if (!("schema" in args)) return { errors: args };
  const names = rootFields(args.operation.selectionSet, fragmentsOf(document)).filter((name) => name !== "__typename");
  const ofSchema = names.filter((name) => name.startsWith("__"));
  if (ofSchema.length > 0 && ofSchema.length < names.length) throw new GraphQLError("A query asks for the schema, or for resources: send two.");
  return { ...(fit as FittedQuery), args, isOfSchema: ofSchema.length > 0 };
}

function fittedTo(schema: GraphQLSchema, written: DocumentNode, definitions: Definitions): FittedQuery | readonly GraphQLError[] {
  const document = plain(written);
  const fitting = new Fitting(schema, fragmentsOf(document));
  const errors = validate(schema, document, [...RULES, fieldsOnFittingTypes(fitting)], { maxErrors: MOST_ERRORS });
  if (errors.length > 0) return errors;
  const isArranged = hasArrangement(document);
  const query = isArranged
    ? { document: withTypes(document), writers: new Map(), originals: new Map() }
    : writtenQuery(document, schema, definitions);
  return { ...query, written, fitting, isArranged };
}

/** The fields of a selection, with those of fragments, which do not stand in each other here. */
function rootFields({ selections }: SelectionSetNode, fragments: Fragments): string[] {
  return selections.flatMap((one) => {
    if (one.kind === Kind.FIELD) return [one.name.value];
    const set = one.kind === Kind.INLINE_FRAGMENT ? one.selectionSet : fragments.get(one.name.value)?.selectionSet;
    return set ? rootFields(set, fragments) : [];
  });
}

/**
 * A word without quotes is a text (R4 graphql.html: `Patient(id: example)`): no argument here is of an enumeration. A variable by which something is left out, `$var: Boolean`, must have a value: HL7's servers take it without
 * the `!` that GraphQL wants (section 5.8.5).
 */
function plain(document: DocumentNode): DocumentNode {
  const conditions = conditionsOf(document);
  return visit(document, {
    VariableDefinition: (node) => {
      const { variable, type, defaultValue } = node;
      if (!conditions.has(variable.name.value) || type.kind !== Kind.NAMED_TYPE || type.name.value !== "Boolean" || defaultValue) return undefined;
      return { ...node, type: { kind: Kind.NON_NULL_TYPE, type } };
    },
    EnumValue: ({ value, loc }) => ({ kind: Kind.STRING, value, ...(loc && { loc }) }),
    Field: ({ alias }) => {
      if (alias?.value === TYPE_KEY) throw new GraphQLError(`"${TYPE_KEY}" is no name that a query may give.`);
    },
  });
}

/** The variables that `@skip` and `@include` go by. */
function conditionsOf(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, {
    Directive: ({ name, arguments: args = [] }) => {
      if (name.value === "skip" || name.value === "include")
        for (const { value } of args) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return names;
}

/** Fields that lead to resources of any type; by what is found there the answer is arranged. */
const TO_RESOURCES: ReadonlySet<string> = new Set(["resource", "contained", "outcome"]);

function withTypes(document: DocumentNode): DocumentNode {
  const type = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" }, alias: { kind: Kind.NAME, value: TYPE_KEY } } as const;
  return visit(document, {
    Field: {
      leave: (field) => {
        if (!field.selectionSet || !TO_RESOURCES.has(field.name.value)) return undefined;
        return { ...field, selectionSet: { ...field.selectionSet, selections: [type, ...field.selectionSet.selections] } };
      },
    },
  });
}

/** What is not done by then is given up. */
async function inTime<Result>(work: (signal: AbortSignal) => Result | Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const { time } = GRAPH_LIMITS;
  const late = (): void => controller.abort(new AppError("too-costly", `The query took more than ${time / 1_000} seconds: ask for less.`));
  const timer = setTimeout(late, time);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

function notAnswered(kind: "refused" | "failed", errors: readonly unknown[], otherwise: ErrorCode): GraphAnswer {
  const faults = errors.slice(0, MOST_ERRORS).map((error) => faultOf(error, otherwise));
  return { kind, faults, text: writeJson(faultResponse(faults, kind === "failed")) };
}
