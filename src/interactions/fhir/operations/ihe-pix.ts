/** `$ihe-pix` (IHE ITI-83): by which identifiers a person is known, as identity feeds said, and nobody else. */
import type { Asked } from "../../../core/asked.ts";
import { PIXM } from "../../../core/fhir/ihe.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Reader } from "../../../reader/reader.ts";
import type { PersonIdOf } from "../../../search/derived/person.ts";
import { personKeyOf, type PatientSystems } from "../../../search/same-person.ts";
import type { FhirOperation, OperationAnswer } from "../operation.ts";
import { identifierIn } from "../identity/token.ts";
import { callParameters, oneOf, refuseOthers } from "./call-parameters.ts";

export interface PixNeeds {
  readonly reader: Pick<Reader, "fed">;
  readonly definitions: Definitions;
  readonly personIdOf: PersonIdOf;
  readonly systems: PatientSystems;
}

const SOURCE = "sourceIdentifier";
const TARGET = "targetSystem";

export function pixOperation(using: PixNeeds): FhirOperation {
  return {
    name: "ihe-pix",
    definition: `${PIXM}/OperationDefinition/IHE.PIXm.pix`,
    documentation:
      "The other identifiers of a person (IHE ITI-83), as identity feeds said: documents and guesses teach it nothing. Systems are those that the operator has listed as unique to a person; identifiers of Patients that were replaced are not given.",
    levels: ["type"],
    types: ["Patient"],
    affectsState: false,
    isAskedByAddress: true,
    parameters: [
      { name: SOURCE, isSimple: true, type: "string", min: 1, max: "1" },
      { name: TARGET, isSimple: true, type: "uri", min: 0, max: "*" },
    ],
    handle: async (asked, call) => {
      const parameters = callParameters(call, using.definitions);
      refuseOthers("ihe-pix", parameters, [SOURCE, TARGET]);
      const source = identifierIn(SOURCE, oneOf(parameters, SOURCE) ?? "");
      const targets = parameters.filter(([name]) => name === TARGET).map(([, value]) => value);
      return answer(asked, source, targets, using);
    },
  };
}

/** Statuses and words are those of ITI-83, 2:3.83.4.2.2. */
async function answer(
  asked: Asked,
  source: { readonly system: string; readonly value: string },
  targets: readonly string[],
  { reader, personIdOf, systems }: PixNeeds,
): Promise<OperationAnswer> {
  const key = personKeyOf(treeOf(source) as JsonObject, systems);
  if (key === undefined) return refusal(400, "code-invalid", "sourceIdentifier Assigning Authority not found");
  if (targets.some((system) => !systems.has(system))) return refusal(403, "code-invalid", "targetSystem not found");
  const person = await reader.fed(asked, await personIdOf(key));
  if (!person) return refusal(404, "not-found", "sourceIdentifier Patient Identifier not found");
  const found = new Map<string, JsonObject>();
  for (const identifier of person.patients.flatMap(identifiersIn)) {
    const own = personKeyOf(identifier, systems);
    if (own === undefined || own === key || found.has(own)) continue;
    if (targets.length > 0 && !targets.includes(identifier.string("system") ?? "")) continue;
    if (!person.replaced.includes(await personIdOf(own))) found.set(own, identifier);
  }
  const parameter = [
    ...[...found.values()].map((identifier) => ({ name: "targetIdentifier", valueIdentifier: identifier })),
    { name: "targetId", valueReference: { reference: `Patient/${person.survivor}` } },
  ];
  return { kind: "resource", resource: treeOf({ resourceType: "Parameters", parameter }) as JsonObject };
}

/** Those of the Patient, and that of whoever stands in its place. */
function identifiersIn(patient: JsonObject): JsonObject[] {
  const links = patient.objects("link").filter((link) => link.string("type") === "replaced-by");
  return [...patient.objects("identifier"), ...links.flatMap((link) => link.object("other")?.object("identifier") ?? [])];
}

function refusal(status: 400 | 403 | 404, code: string, diagnostics: string): OperationAnswer {
  const resource = treeOf({ resourceType: "OperationOutcome", issue: [{ severity: "error", code, diagnostics }] }) as JsonObject;
  return { kind: "refused", status, resource };
}
