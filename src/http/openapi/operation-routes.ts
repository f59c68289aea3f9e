/** The operations of FHIR, as the registry has them: each where it is called, with its parameters. */
import type { FhirOperation } from "../../interactions/fhir/operation.ts";
import type { RoutedOperation } from "../../interactions/fhir/routed-operations.ts";
import { forms, parameter, query, resource, schema, nothing, content, type DescribedRoute, type Piece } from "./described.ts";

/** As a part of an operationId. */
const inCamelCase = (name: string): string => name.replace(/-(.)/g, (_all, letter: string) => letter.toUpperCase());

/** @param all every type of R4 */
export function describeOperations(operations: readonly RoutedOperation[], all: readonly string[]): DescribedRoute[] {
  const among = (types: readonly string[]): Piece =>
    types.length === all.length ? schema("ResourceType") : { type: "string", enum: [...types].sort() };
  return operations.flatMap(({ operation, places: { onSystem, onTypes, onInstancesOf } }) => {
    const byAddress = operation.isAskedByAddress === true && !operation.affectsState;
    const name = `$${operation.name}`;
    return [
      ...(onSystem ? routesAt(operation, { pattern: `/fhir/${name}`, level: "", mayGet: byAddress }) : []),
      ...(onTypes.length > 0
        ? routesAt(operation, { pattern: `/fhir/:type/${name}`, level: "OnType", mayGet: byAddress, pieces: { type: among(onTypes) } })
        : []),
      ...(onInstancesOf.length > 0
        ? routesAt(operation, {
            pattern: `/fhir/:type/:id/${name}`,
            level: "OnInstance",
            mayGet: !operation.affectsState,
            pieces: { type: among(onInstancesOf) },
          })
        : []),
    ];
  });
}

interface Place {
  readonly pattern: string;
  readonly level: string;
  readonly mayGet: boolean;
  readonly pieces?: Readonly<Record<string, Piece>>;
}

function routesAt(operation: FhirOperation, { pattern, level, mayGet, pieces }: Place): DescribedRoute[] {
  const { ownRoutes } = operation;
  const common = {
    ...{ pattern, area: "operations" as const, summary: firstSentence(operation.documentation) },
    ...(pieces && { pieces }),
    answers: ownRoutes ? ownAnswers(ownRoutes.answered) : ANSWERS,
    refusals: [404, 409, 410, 412, 422],
  };
  const id = `${inCamelCase(operation.name)}${level}`;
  const own = operation.parameters
    .filter(({ isSimple }) => isSimple)
    .map(({ name, type = "text", min }) => ({
      ...query(name, `${type}, as the OperationDefinition says`),
      // Elsewhere it may stand in the body, or in the resource that is sent.
      ...(ownRoutes && min > 0 && { required: true }),
    }));
  const general = ownRoutes ? [] : [parameter("_format"), parameter("_pretty")];
  const parameters = [...general, ...own, ...(operation.isAskedByAddress === true && !ownRoutes ? [parameter("criteria")] : [])];
  const messages = operation.takesMessages === true ? { "application/pkcs7-mime": { schema: {} } } : {};
  const get = mayGet ? [{ ...common, method: "GET", id: `${id}ByAddress`, parameters } as const] : [];
  if (ownRoutes)
    return [
      ...get,
      { ...common, method: "POST", id, parameters: [parameter("Prefer")], body: content("What the operation is sent", ...ownRoutes.sent) },
    ];
  // What is asked about a resource of any type is asked about what is none, too.
  const sent = operation.types === "any" ? { ...forms(), "application/fhir+json": { schema: {} } } : forms();
  const takes = operation.parameters.length > 0 || operation.takesMessages === true;
  const lines = operation.handleLines ? { "application/fhir+ndjson": { schema: { type: "string" } } } : {};
  const body = { description: "Parameters, or the one resource that it is about", content: { ...sent, ...messages, ...lines } };
  return [...get, { ...common, method: "POST", id, parameters: [...parameters, parameter("Prefer")], ...(takes && { body }) }];
}

const LATER = content("Taken: the answer comes later, elsewhere, or at Content-Location", "application/fhir+json", "application/fhir+xml");

/** What operations may answer: which of it each does is told by its OperationDefinition. */
const ANSWERS: Readonly<Record<number, Piece>> = {
  200: resource("What the operation answers", "Resource", { "text/plain": { schema: {} } }),
  202: LATER,
  303: nothing("The answer stands at Location"),
};

/** What routes of an operation's own answer, failures too; what is refused before they are asked is an OperationOutcome, or a page. */
function ownAnswers(answered: readonly string[]): Readonly<Record<number, Piece>> {
  const failure = content("Errors, with an OperationOutcome in each", ...answered, "application/fhir+json", "application/fhir+xml", "text/html");
  const failures = [400, 401, 403, 404, 406, 408, 409, 410, 412, 413, 415, 422, 429, 500, 503].map((status) => [status, failure] as const);
  return { 200: content("What the operation answers", ...answered), 202: LATER, ...Object.fromEntries(failures) };
}

function firstSentence(text: string): string {
  return text.split(/(?<=[.:]) /)[0] ?? text;
}
