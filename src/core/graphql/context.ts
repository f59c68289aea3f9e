import type { GraphQLFieldConfig, GraphQLResolveInfo } from "graphql";
import type { Definitions } from "../fhir/r4/definitions.ts";
import type { SearchParameters } from "../fhir/r4/search-parameters.ts";
import type { Effort } from "./effort.ts";
import type { FieldWriters } from "./element-plan.ts";
import type { Loaders } from "./loaders.ts";
import type { SafeFhirPath } from "./safe-fhirpath.ts";

/** What the fields of one query share. */
export interface GraphContext {
  readonly definitions: Definitions;
  readonly parameters: SearchParameters;
  readonly loaders: Loaders;
  readonly effort: Effort;
  readonly fhirpath: SafeFhirPath;
  /** What `@slice` adds to the names of the elements of a list, by the place of the list in the answer. */
  readonly slices: Map<string, readonly string[]>;
  /** Of fields whose value is written at once. */
  readonly writers: FieldWriters;
  /** @throws AppError `bad-query` where what is selected of a resource is nothing that its type has */
  requireFit(info: Pick<GraphQLResolveInfo, "fieldNodes" | "fragments">, type: string): void;
}

/** What a field was given. */
export type Arguments = Readonly<Record<string, unknown>>;

/** A field as this graph has it. */
export type Field<Source> = GraphQLFieldConfig<Source, GraphContext, Arguments>;
