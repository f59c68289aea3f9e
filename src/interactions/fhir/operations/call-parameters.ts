import { AppError } from "../../../core/errors.ts";
import { isError } from "../../../core/fhir/issue.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { DEFAULT_READ_LIMITS } from "../../../core/fhir/reading/read-limits.ts";
import { readResource } from "../../../core/fhir/reading/read-resource.ts";
import type { JsonObject, JsonValue } from "../../../core/fhir/tree/tree.ts";
import { JsonArray, JsonNumber } from "../../../core/fhir/tree/tree.ts";
import type { Parameter } from "../../../search/query/search-query.ts";
import type { OperationCall } from "../operation.ts";

/** Nobody asks that much. */
const LARGEST = 100_000;

/** General parameters, which are no operation's own. */
const GENERAL: ReadonlySet<string> = new Set(["_format", "_pretty"]);

/**
 * The parameters of a call, of its address and of the Parameters that were sent (R4 operations.html), each as it is written in an address: a coding as `system|code`.
 * @throws AppError `too-large`; `malformed` for a body that is no Parameters, `bad-query` for a value that no address could hold
 */
export function callParameters({ parameters, sent }: OperationCall, definitions: Definitions): readonly Parameter[] {
  const own = parameters.filter(([name, value]) => !GENERAL.has(name) && value !== "");
  if (!sent) return own;
  if (sent.bytes.length > LARGEST) throw new AppError("too-large", `The parameters of an operation have at most ${LARGEST} bytes.`);
  const { resource, issues } = readResource(sent.bytes, sent.mediaType, DEFAULT_READ_LIMITS, definitions);
  const [fault] = issues.filter(isError);
  if (!resource || fault) throw new AppError("malformed", fault?.text ?? "The parameters could not be read.");
  if (resource.string("resourceType") !== "Parameters")
    throw new AppError("malformed", "An operation is sent its parameters as a resource of type Parameters.");
  return [...own, ...listed(resource).map(parameterOf)];
}

/** None may be passed over because it is not written as a parameter is: more would be found than was asked for. */
function listed(resource: JsonObject): readonly JsonObject[] {
  const parameters = resource.objects("parameter");
  const all = resource.get("parameter");
  if (all === undefined || (all instanceof JsonArray && all.items.length === parameters.length)) return parameters;
  throw new AppError("malformed", "Parameters.parameter is a list of objects.");
}

function parameterOf(parameter: JsonObject): Parameter {
  const name = parameter.string("name") ?? "";
  const at = parameter.names.findIndex((one) => one.startsWith("value"));
  const text = at < 0 ? undefined : textOf(parameter.values[at] ?? null);
  if (text === undefined) throw new AppError("bad-query", `The parameter "${name}" has no value that is understood here.`);
  return [name, text];
}

function textOf(value: JsonValue): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (value instanceof JsonNumber) return value.text;
  if (value === null || !("object" in value)) return undefined;
  const coding = value.objects("coding")[0] ?? value;
  const [code, system] = [coding.string("code"), coding.string("system")];
  if (code !== undefined) return system === undefined ? code : `${system}|${code}`;
  const identifier = value.string("value");
  return value.string("reference") ?? (identifier === undefined ? undefined : `${value.string("system") ?? ""}|${identifier}`);
}

/** The one value of a parameter; undefined without one. AppError `bad-query` when it stands twice. */
export function oneOf(parameters: readonly Parameter[], name: string): string | undefined {
  const values = parameters.filter(([one]) => one === name).map(([, value]) => value);
  if (values.length > 1) throw new AppError("bad-query", `${name} stands twice.`);
  return values[0];
}

/** AppError `bad-query` when it is none. */
export function truth(name: string, value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (value !== "true" && value !== "false") throw new AppError("bad-query", `${name} is true or false, not "${value}".`);
  return value === "true";
}

/** Refuses parameters that an operation does not have: a question must not silently mean something else. */
export function refuseOthers(operation: string, parameters: readonly Parameter[], known: readonly string[]): void {
  const unknown = parameters.find(([name]) => !known.includes(name));
  if (unknown) throw new AppError("unsupported", `$${operation} has no parameter "${unknown[0]}" here.`);
}
