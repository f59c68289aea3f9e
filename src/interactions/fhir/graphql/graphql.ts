import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import { GraphEngine, type GraphAnswer, type GraphQuestion, type Introspection } from "../../../core/graphql/answer.ts";
import type { SearchParameters } from "../../../core/fhir/r4/search-parameters.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import type { Held } from "../../../core/graphql/source.ts";
import type { Work } from "../../../pipeline/work/work.ts";
import type { FhirOperation } from "../operation.ts";
import { readerSource, type SourceNeeds } from "./reader-source.ts";

export interface GraphNeeds extends SourceNeeds {
  readonly definitions: Definitions;
  readonly parameters: SearchParameters;
  readonly work: Pick<Work, "do">;
  /** The types that are read and searched. */
  readonly types: readonly string[];
}

/** A resource at whose address a query is asked. */
export interface GraphAddress {
  readonly type: string;
  readonly id: string;
}

/** `$graphql` (R4 graphql.html, operation Resource/$graphql). */
export interface GraphInteraction {
  readonly operation: FhirOperation;
  /** Never throws for what a query is or comes to. @param place undefined: the service */
  answer(asked: Asked, question: GraphQuestion, place?: GraphAddress): Promise<GraphAnswer>;
}

/** Media types of GraphQL over HTTP. */
export const JSON_TYPE = "application/json";
export const GRAPH_TYPE = "application/graphql-response+json";
export const QUERY_TYPE = "application/graphql";

/** A query for the schema is made in a thread as if it were so large a document: it takes as long. */
const AS_LARGE_AS = 2_000_000;

export function graphInteraction(using: GraphNeeds): GraphInteraction {
  const { definitions, parameters, work, types } = using;
  const introspect = async (question: Introspection): Promise<string> =>
    new TextDecoder().decode(await work.do("introspect", question, { bytes: AS_LARGE_AS, inThread: "in-turn" }));
  const engine = new GraphEngine({ definitions, parameters, introspect });
  const answer: GraphInteraction["answer"] = (asked, question, place) => {
    const source = readerSource(asked, using);
    if (!place) return engine.answer(question, source);
    const load = async (): Promise<Held> => {
      const [held] = await source.read([place]);
      if (!held) throw new AppError("not-found", `There is no ${place.type}/${place.id} here.`);
      return held;
    };
    return engine.answer(question, source, { type: place.type, load });
  };
  return { answer, operation: operationUpon(types) };
}

function operationUpon(types: readonly string[]): FhirOperation {
  return {
    name: "graphql",
    definition: "http://hl7.org/fhir/OperationDefinition/Resource-graphql",
    documentation:
      "Answers a GraphQL query by R4's page: reads, lists, connections, `resource` of a reference, what refers to a resource (`_reference`), `fhirpath` and filters upon lists, `@flatten`, `@first`, `@singleton`, `@slice`. Nothing is left out silently; there are no mutations. POST takes JSON or `application/graphql`.",
    levels: ["system", "instance"],
    types,
    affectsState: false,
    isAskedByAddress: true,
    ownRoutes: { sent: [JSON_TYPE, QUERY_TYPE], answered: [JSON_TYPE, GRAPH_TYPE] },
    parameters: [
      { name: "query", isSimple: true, type: "string", min: 1, max: "1" },
      { name: "operationName", isSimple: true, type: "string", min: 0, max: "1" },
      { name: "variables", isSimple: true, type: "string", min: 0, max: "1" },
    ],
    handle: () =>
      Promise.reject(new AppError("unsupported", "A query is asked by itself, at an address of $graphql: what it is answered with is no resource.")),
  };
}
