import type { Issue } from "../core/fhir/issue.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import { shown } from "./validate/shown.ts";

/** http://hl7.org/fhir/resource-validation-mode */
const MODES: ReadonlySet<string> = new Set(["create", "update", "delete", "profile"]);

export type ValidationMode = "create" | "update" | "delete" | "profile";

/** What `$validate` was asked (R4 operation Resource/$validate). */
export interface ValidateParameters {
  /** What is to be validated, where it was sent. */
  readonly resource: JsonObject | undefined;
  /** Where in the body it stands, as the reader's expressions have it: empty when it is the body itself. */
  readonly path: string;
  readonly mode: ValidationMode | undefined;
  readonly profile: string | undefined;
  /** What is wrong with the call itself. */
  readonly issues: readonly Issue[];
}

/**
 * The operation's parameters from a body, which is a Parameters resource or the resource itself, and from the address, which many clients use for `mode` and `profile`
 * beside such a body. The body has precedence. At `/fhir/Parameters/$validate` a Parameters without `resource` is what is to be validated.
 */
export function validateParameters(body: JsonObject | undefined, query: ReadonlyMap<string, string>, type: string | undefined): ValidateParameters {
  const issues: Issue[] = [];
  const isCall = body?.string("resourceType") === "Parameters" && (type !== "Parameters" || hasResource(body));
  const given: Record<"mode" | "profile", string | undefined> = { mode: query.get("mode"), profile: query.get("profile") };
  let resource = isCall ? undefined : body;
  let path = "";
  if (isCall) {
    body.objects("parameter").forEach((parameter, at) => {
      const name = parameter.string("name");
      if (name === "resource") {
        resource = parameter.object("resource");
        path = `Parameters.parameter[${at}].resource`;
      } else if (name === "mode" || name === "profile") given[name] = simpleValue(parameter);
      else
        issues.push({
          severity: "warning",
          code: "not-supported",
          rule: "operation-parameter",
          text: `$validate has no parameter ${shown(name ?? "without a name")}: it was passed over.`,
          expression: `Parameters.parameter[${at}]`,
          offset: parameter.offset,
        });
    });
  }
  const { mode, profile } = given;
  if (mode !== undefined && !MODES.has(mode))
    issues.push({
      severity: "error",
      code: "code-invalid",
      rule: "operation-mode",
      text: `The mode of $validate is create, update, delete or profile, not ${shown(mode)}.`,
    });
  return { resource, path, mode: isMode(mode) ? mode : undefined, profile, issues };
}

function isMode(mode: string | undefined): mode is ValidationMode {
  return mode !== undefined && MODES.has(mode);
}

function hasResource(parameters: JsonObject): boolean {
  return parameters.objects("parameter").some((parameter) => parameter.string("name") === "resource" && parameter.has("resource"));
}

/** Whatever simple type a client gave it: valueCode, valueUri, valueString, valueCanonical. */
function simpleValue(parameter: JsonObject): string | undefined {
  return ["valueCode", "valueUri", "valueCanonical", "valueString", "valueUrl"]
    .map((name) => parameter.string(name))
    .find((value) => value !== undefined);
}
