import type { ParameterDefinitions } from "../../../core/fhir/r4/parameter-definitions.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/** What a SearchParameter, or a CapabilityStatement, says of one that R4 publishes (searchparameter.html, derivedFrom; capabilitystatement.html, rest.resource.searchParam.definition). */
export function checkParameters(resource: JsonObject, place: Place, findings: Findings, parameters: ParameterDefinitions): void {
  const type = resource.string("resourceType");
  if (type === "SearchParameter") checkDerived(resource, place, findings, parameters);
  else if (type === "CapabilityStatement") checkStated(resource, place, findings, parameters);
}

/** A derived one is of the same type, for some of the same resources. */
function checkDerived(parameter: JsonObject, place: Place, findings: Findings, parameters: ParameterDefinitions): void {
  const origin = published(parameter.string("derivedFrom"), parameters);
  if (!origin) return;
  const [type, bases] = [parameter.string("type"), parameter.items("base").filter((base) => typeof base === "string")];
  const alien = origin.bases.includes("Resource") ? [] : bases.filter((base) => !origin.bases.includes(base));
  const from = shown(parameter.string("derivedFrom") ?? "");
  if (alien.length > 0) {
    const text = `${from} is for ${origin.bases.join(", ")}, and what is derived from it not for ${alien.map((base) => shown(base, 64)).join(", ")}.`;
    findings.add({ rule: "parameter-base", text, expression: place.expression(), offset: parameter.offsetOf("base") });
  }
  if (type !== undefined && type !== origin.type) {
    const text = `${from} is of type ${origin.type}, and what is derived from it not of type ${shown(type, 64)}.`;
    findings.add({ rule: "parameter-type", text, expression: place.expression(), offset: parameter.offsetOf("type") });
  }
}

function checkStated(statement: JsonObject, place: Place, findings: Findings, parameters: ParameterDefinitions): void {
  statement.objects("rest").forEach((rest, restAt) => {
    rest.objects("resource").forEach((resource, resourceAt) => {
      resource.objects("searchParam").forEach((stated, at) => {
        const definition = published(stated.string("definition"), parameters);
        const type = stated.string("type");
        if (!definition || type === undefined || type === definition.type) return;
        const text = `${shown(stated.string("definition") ?? "")} is of type ${definition.type}, and not ${shown(type, 64)}.`;
        const expression = `${place.expression()}.rest[${restAt}].resource[${resourceAt}].searchParam[${at}]`;
        findings.add({ rule: "parameter-type", text, expression, offset: stated.offset });
      });
    });
  });
}

function published(canonical: string | undefined, parameters: ParameterDefinitions): ReturnType<ParameterDefinitions["of"]> {
  return canonical === undefined ? undefined : parameters.of(canonical.replace(/\|.*$/, ""));
}
