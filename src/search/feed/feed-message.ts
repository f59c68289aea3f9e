/** What a message of an identity feed says (IHE ITI-104): by which identifiers a person is known, and who stands in their place. */
import { AppError } from "../../core/errors.ts";
import { isError } from "../../core/fhir/issue.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { STORED_READ_LIMITS } from "../../core/fhir/reading/read-limits.ts";
import { readResource } from "../../core/fhir/reading/read-resource.ts";
import { JsonArray, treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import type { FeedRecord } from "../../core/formats/identity-feed.ts";
import { byTrust, personKeyOf, type PatientSystems } from "../same-person.ts";
import { isPersonId } from "../derived/person.ts";
import { MOST_OF_MESSAGE } from "../resource-number.ts";

export interface FeedMessage {
  /** As it came; with the identifier that it is about, if it did not have that. */
  readonly patient: JsonObject;
  /** Keys of same-person.ts by which the person is known: of the identifier that the message is about, then the others. */
  readonly keys: readonly [string, ...string[]];
  /** Who stands in the person's place: a key, or the id of a derived Patient. */
  readonly replacedBy: { readonly key: string } | { readonly person: string } | undefined;
}

export interface FeedReading {
  readonly definitions: Definitions;
  readonly systems: PatientSystems;
}

/** @throws AppError `invalid` says why it joins nothing here; `malformed` when it is no Patient that can be read */
export function readFeedMessage(
  { identifier, mediaType, message }: Pick<FeedRecord, "identifier" | "mediaType" | "message">,
  { definitions, systems }: FeedReading,
): FeedMessage {
  const { resource, issues } = readResource(message, mediaType, STORED_READ_LIMITS, definitions);
  const [fault] = issues.filter(isError);
  if (!resource || fault) throw new AppError("malformed", fault?.text ?? "The message could not be read.");
  if (resource.string("resourceType") !== "Patient") throw new AppError("invalid", "An identity feed sends resources of type Patient.");
  const patient = withIdentifier(resource, identifier);
  const own = keyOf(patient, identifier, systems);
  const replacedBy = replacementIn(patient, systems);
  if (replacedBy !== undefined && "key" in replacedBy && replacedBy.key === own)
    throw new AppError("invalid", "The Patient would be replaced by itself.");
  const taken = replacedBy !== undefined && "key" in replacedBy ? replacedBy.key : undefined;
  const others = patient.objects("identifier").flatMap((one) => personKeyOf(one, systems) ?? []);
  const keys: [string, ...string[]] = [
    own,
    ...byTrust(
      [...new Set(others)].filter((key) => key !== own && key !== taken),
      systems,
    ),
  ];
  if (keys.length > MOST_OF_MESSAGE)
    throw new AppError("invalid", `A message names at most ${MOST_OF_MESSAGE} identifiers by which the person is known everywhere.`);
  return { patient, keys, replacedBy };
}

/** A source may call its Patients by an identifier that it does not write into them (ITI-104: the logical id); but not by another one of the same system. */
function withIdentifier(patient: JsonObject, { system, value }: FeedRecord["identifier"]): JsonObject {
  const identifiers = patient.objects("identifier");
  if (identifiers.some((one) => one.string("system") === system && one.string("value") === value)) return patient;
  if (identifiers.some((one) => one.string("system") === system))
    throw new AppError("invalid", "The address names another identifier of its system than Patient.identifier does.");
  const all = new JsonArray();
  for (const one of identifiers) all.add(one);
  all.add(treeOf({ system, value }));
  return patient.without("identifier").add("identifier", all);
}

function keyOf(patient: JsonObject, { system, value }: FeedRecord["identifier"], systems: PatientSystems): string {
  if (!systems.has(system))
    throw new AppError(
      "invalid",
      "The identifier is of no system that is unique to a person here (PATIENT_SYSTEMS): the message would join nothing.",
    );
  const named = patient.objects("identifier").filter((one) => one.string("system") === system && one.string("value") === value);
  const key = named.map((one) => personKeyOf(one, systems)).find((one) => one !== undefined);
  if (key === undefined)
    throw new AppError(
      "invalid",
      "Patient.identifier says that it is old, temporary, or of a contract, an account or a visit: it stands for no person.",
    );
  return key;
}

const PERSON = /(?:^|\/)Patient\/(p-[0-9a-f]+)(?:\/_history\/\w+)?$/;
const CONDITION = /(?:^|\/)Patient\?identifier=([^&|]+)(?:\||%7C)([^&]+)$/i;

/** Whom Patient.link says to stand in its place (R4 patient.html, replaced-by). */
function replacementIn(patient: JsonObject, systems: PatientSystems): FeedMessage["replacedBy"] {
  const links = patient.objects("link").filter((link) => link.string("type") === "replaced-by");
  const [link] = links;
  if (!link) return undefined;
  if (links.length > 1) throw new AppError("invalid", "A Patient is replaced by one other.");
  if (patient.get("active") === true) throw new AppError("invalid", "A Patient that is replaced by another is not active (Patient.active).");
  const other = link.object("other");
  const reference = other?.string("reference");
  const [, person] = PERSON.exec(reference ?? "") ?? [];
  if (person !== undefined && isPersonId(person)) return { person };
  const identifier = other?.object("identifier") ?? conditionIn(reference ?? "");
  if (!identifier)
    throw new AppError("invalid", "Patient.link names the Patient that is left by other.identifier, or as Patient/p-… as it is called here.");
  const key = personKeyOf(identifier, systems);
  if (key === undefined)
    throw new AppError(
      "invalid",
      "Patient.link names the Patient that is left by an identifier of no system that is unique to a person here (PATIENT_SYSTEMS).",
    );
  return { key };
}

function conditionIn(reference: string): JsonObject | undefined {
  const [, system, value] = CONDITION.exec(reference) ?? [];
  if (system === undefined || value === undefined) return undefined;
  try {
    return treeOf({ system: decodeURIComponent(system), value: decodeURIComponent(value) }) as JsonObject;
  } catch {
    return undefined;
  }
}
