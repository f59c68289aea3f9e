import type { Terminology } from "../../core/fhir/r4/terminology.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { SearchParameter, SearchParameters } from "../../core/fhir/r4/search-parameters.ts";
import { AppError } from "../../core/errors.ts";

/** What a request is read with. */
export interface QueryContext {
  readonly definitions: Definitions;
  readonly parameters: SearchParameters;
  /** The value sets that `:in` may name. */
  readonly terminology: Pick<Terminology, "valueSet">;
  /** The address of the FHIR interface, without a slash at its end: references that begin with it lead to what is here. */
  readonly base: string;
  readonly now: Date;
}

/** A parameter that this type does not have. In a lenient search it is left out and named. */
export class UnknownParameterError extends AppError {
  constructor(type: string, code: string) {
    super("unsupported", `${type} has no search parameter "${code}".`);
  }
}

/** @throws UnknownParameterError */
export function parameterOf(type: string, code: string, { parameters, definitions }: QueryContext): SearchParameter {
  if (!definitions.isResourceType(type)) throw new AppError("bad-query", `There is no type of resource "${type}".`);
  const parameter = parameters.of(type).get(code);
  if (!parameter || !isAnswered(parameter)) throw new UnknownParameterError(type, code);
  return parameter;
}

/** Whether a parameter of R4 is one that searches here may use: not named queries, nor distances between places. */
export function isAnswered({ code, type, expression }: SearchParameter): boolean {
  return type !== "special" && (expression !== "" || WITHOUT_EXPRESSION.has(code));
}

const WITHOUT_EXPRESSION: ReadonlySet<string> = new Set(["_text", "_content"]);
