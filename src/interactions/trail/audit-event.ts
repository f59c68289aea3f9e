/** An event of the audit trail as an AuditEvent by IHE BALP 1.1.4, made when it is read from what was kept. */
import { transactionOf } from "./transactions.ts";
import type { Actor, TrailEvent, TrailKind, TrailRequest } from "../../core/formats/audit-trail.ts";

const BALP = "https://profiles.ihe.net/ITI/BALP";
const DCM = "http://dicom.nema.org/resources/ontology/DCM";
const INTERACTION = "http://hl7.org/fhir/restful-interaction";
const TYPES = "http://terminology.hl7.org/CodeSystem/audit-event-type";
const ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const ROLE = "http://terminology.hl7.org/CodeSystem/object-role";
const LONGEST = 2_000;

interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

const SOURCE: Coding = { system: DCM, code: "110153", display: "Source Role ID" };
const DESTINATION: Coding = { system: DCM, code: "110152", display: "Destination Role ID" };
const RESOURCES = "http://hl7.org/fhir/resource-types";
const RECIPIENT: Coding = { system: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", code: "IRCP", display: "information recipient" };

/** What R4's interactions call it, and the profiles of events with and without a patient. */
const KINDS: Readonly<Record<string, { readonly interaction: string; readonly patient: string; readonly plain: string }>> = {
  read: { interaction: "read", patient: "PatientRead", plain: "Read" },
  search: { interaction: "search", patient: "PatientQuery", plain: "Query" },
  create: { interaction: "create", patient: "PatientCreate", plain: "Create" },
  update: { interaction: "update", patient: "PatientUpdate", plain: "Update" },
  delete: { interaction: "delete", patient: "PatientDelete", plain: "Delete" },
};

/** What it is called of a consent, by the action. */
const OF_CONSENT: Readonly<Record<string, keyof typeof KINDS>> = { C: "create", U: "update" };

/** Events that no profile of BALP is for: DICOM's codes (PS3.16, CID 400 and 403). */
const OTHERS: Readonly<Record<string, { readonly type: Coding; readonly subtype: Coding }>> = {
  "sign-in": { type: dcm("110114", "User Authentication"), subtype: dcm("110122", "Login") },
  "sign-out": { type: dcm("110114", "User Authentication"), subtype: dcm("110123", "Logout") },
  emergency: { type: dcm("110113", "Security Alert"), subtype: dcm("110127", "Emergency Override Started") },
  "emergency-over": { type: dcm("110113", "Security Alert"), subtype: dcm("110138", "Emergency Override Stopped") },
  // BALP has a profile of it: AuthZconsent.
  decision: { type: dcm("110113", "Security Alert"), subtype: { system: `${BALP}/CodeSystem/AuthZsubType`, code: "AuthZ-Consent" } },
  policy: { type: dcm("110113", "Security Alert"), subtype: dcm("110129", "Security Configuration") },
  settings: { type: dcm("110113", "Security Alert"), subtype: dcm("110131", "Software Configuration") },
};

function dcm(code: string, display: string): Coding {
  return { system: DCM, code, display };
}

type Named = Pick<TrailEvent, "kind" | "action">;

function interactionOf({ kind, action }: Named): (typeof KINDS)[string] | undefined {
  if (kind === "update" && action === "D") return KINDS["delete"];
  return KINDS[kind === "consent" ? (OF_CONSENT[action] ?? kind) : kind];
}

/** What an AuditEvent is called: `type` and `subtype`. */
export function codesOf(event: Named): { readonly type: Coding; readonly subtype: Coding } {
  const rest = { system: TYPES, code: "rest", display: "RESTful Operation" };
  return OTHERS[event.kind] ?? { type: rest, subtype: { system: INTERACTION, code: interactionOf(event)?.interaction ?? "operation" } };
}

/** Kinds with DICOM's codes of their own: few of all events. */
export const RARE_KINDS = Object.keys(OTHERS) as TrailKind[];

/** @param fhirBase absolute address of the FHIR interface */
export function auditEvent(event: TrailEvent, fhirBase: string): object {
  const { id, at, kind, action, outcome, reason, who, from, request, documents = [], consents = [], resources = [], patient, purpose, text } = event;
  const known = interactionOf(event);
  // The profiles are of what was done, to read of something that has a name: what was refused or failed, or read nothing that is kept, has what R4 itself asks for.
  const isProfiled = outcome === 0 && (kind !== "read" || documents.length + consents.length + resources.length > 0);
  const profile = isAuthorization(event) ? "AuthZconsent" : isProfiled && known && (patient === undefined ? known.plain : known.patient);
  const { type, subtype } = codesOf(event);
  const observer = { display: `Chartulary at ${fhirBase}` };
  const transaction = kind === "decision" ? undefined : transactionOf(event);
  const description = [reason, text, ...(kind === "decision" ? decisionText(event) : [])].filter((one) => one !== undefined).join("; ");
  return {
    resourceType: "AuditEvent",
    id,
    ...(profile && { meta: { profile: [`${BALP}/StructureDefinition/IHE.BasicAudit.${profile}`] } }),
    type,
    subtype: [subtype, ...(transaction ? [transaction] : [])],
    action,
    recorded: at,
    outcome: String(outcome),
    ...(description !== "" && { outcomeDesc: description }),
    ...(purpose !== undefined && { purposeOfEvent: [concept({ system: "http://terminology.hl7.org/CodeSystem/v3-ActReason", code: purpose })] }),
    agent: (kind === "decision" ? decisionAgents : agentsOf)(who, {
      isRead: kind === "read",
      address: from?.address,
      host: new URL(fhirBase).host,
      observer,
      purpose,
    }),
    source: {
      observer,
      type: [{ system: "http://terminology.hl7.org/CodeSystem/security-source-type", code: "4", display: "Application Server" }],
    },
    entity: [
      // Of a decision the profile takes the patient and the consents, and nothing else.
      ...(request && kind !== "decision"
        ? [{ what: { identifier: { value: request.id } }, type: { system: `${BALP}/CodeSystem/BasicAuditEntityType`, code: "XrequestId" } }]
        : []),
      ...(patient === undefined
        ? []
        : [
            {
              what: patientReference(patient),
              type: { system: ENTITY, code: "1", display: "Person" },
              role: { system: ROLE, code: "1", display: "Patient" },
            },
          ]),
      ...(kind === "decision" ? [] : documents).map(({ id: document, labels = [] }) => ({
        what: { reference: `Bundle/${document}/_history/1` },
        // In a query a system object is the question itself: what it found says of which type it is.
        type: kind === "search" ? { system: RESOURCES, code: "Bundle", display: "Bundle" } : { system: ENTITY, code: "2", display: "System Object" },
        role: { system: ROLE, code: "4", display: "Domain Resource" },
        ...(labels.length > 0 && { securityLabel: labels.map(labelOf) }),
      })),
      ...consents.map(({ id: consent, version }) => ({
        what: { reference: `Consent/${consent}/_history/${version}` },
        // Of a decision it is what was decided by; in a query as for documents.
        ...(kind === "decision" || kind === "search"
          ? { type: { system: RESOURCES, code: "Consent", display: "Consent" } }
          : { type: { system: ENTITY, code: "2", display: "System Object" } }),
        ...(kind !== "decision" && { role: { system: ROLE, code: "4", display: "Domain Resource" } }),
      })),
      ...resources.map((reference) => ({
        what: { reference },
        type:
          kind === "search" ? { system: RESOURCES, code: reference.split("/")[0] ?? "" } : { system: ENTITY, code: "2", display: "System Object" },
        role: { system: ROLE, code: "4", display: "Domain Resource" },
      })),
      ...(request && kind === "search" ? [queryEntity(request)] : []),
    ],
  };
}

/** Whether a decision has all that BALP's AuthZconsent asks for: it is of a person who acts for an organisation, and of one patient. */
function isAuthorization({ kind, who, patient, consents = [] }: TrailEvent): boolean {
  return kind === "decision" && who.kind === "person" && who.organisations.length > 0 && patient !== undefined && consents.length > 0;
}

/** What has no element in a decision: documents, of which some are named, and the request. */
function decisionText({ documents = [], request }: TrailEvent): string[] {
  const named = documents.slice(0, 10).map(({ id }) => `Bundle/${id}`);
  const others = documents.length - named.length;
  return [
    ...(named.length > 0 ? [`of ${named.join(", ")}${others > 0 ? ` and ${others} others` : ""}`] : []),
    ...(request ? [`request ${request.id}`] : []),
  ];
}

function concept(coding: Coding): object {
  return { coding: [coding] };
}

/** A patient who stands alone is known by the document that they stand in. */
function patientReference(patient: string): object {
  const document = patient.startsWith("of:") ? patient.slice(3) : undefined;
  if (document === undefined) return { reference: `Patient/${patient}` };
  return {
    type: "Patient",
    identifier: { system: "urn:ietf:rfc:3986", value: `urn:uuid:${document}` },
    display: `The patient of the document ${document}`,
  };
}

function labelOf(label: string): Coding {
  const at = label.lastIndexOf("|");
  return { system: label.slice(0, at), code: label.slice(at + 1) };
}

/** The request as it was sent, and so that a person can read it. */
function queryEntity({ method, raw, body }: TrailRequest): object {
  const address = Buffer.from(raw, "base64").toString("utf8");
  const form = body === undefined ? "" : Buffer.from(body, "base64").toString("utf8");
  const sent = `${method} ${address}${form === "" ? "" : `\n\n${form}`}`;
  return {
    type: { system: ENTITY, code: "2", display: "System Object" },
    role: { system: ROLE, code: "24", display: "Query" },
    description: sent.replace(/\p{Cc}+/gu, " ").slice(0, LONGEST),
    query: Buffer.from(sent, "utf8").toString("base64"),
  };
}

interface Circumstances {
  readonly isRead: boolean;
  readonly address: string | undefined;
  readonly host: string;
  /** Who tells of the event. */
  readonly observer: object;
  readonly purpose: string | undefined;
}

/** Of a read the client is where it goes to; of a search and a deposit where it comes from. */
function agentsOf(who: Actor, { isRead, address, host, purpose }: Circumstances): object[] {
  const user = who.kind === "person" ? [userAgent(who, purpose)] : [];
  const client = {
    type: concept(isRead ? DESTINATION : SOURCE),
    who: clientOf(who),
    requestor: user.length === 0,
    ...(who.kind === "system" && who.token !== undefined && { policy: [who.token] }),
    network: { address: address === undefined || address === "" ? "unknown" : address, type: "2" },
  };
  const server = {
    type: concept(isRead ? SOURCE : DESTINATION),
    who: { display: `Chartulary at ${host}` },
    requestor: false,
    network: { address: host, type: "1" },
  };
  return [client, server, ...user];
}

/** Of a decision: who asked, by which program, for which organisation, and who decided. */
function decisionAgents(who: Actor, { address, observer, purpose }: Circumstances): object[] {
  const organisations = who.kind === "person" || who.kind === "system" ? who.organisations : [];
  const [first] = organisations;
  return [
    {
      type: concept(dcm("110150", "Application")),
      who: clientOf(who),
      requestor: who.kind !== "person",
      ...(who.kind === "system" && who.token !== undefined && { policy: [who.token] }),
      network: { address: address === undefined || address === "" ? "unknown" : address, type: "2" },
    },
    ...(who.kind === "person" ? [userAgent(who, purpose)] : []),
    ...(first === undefined
      ? []
      : [
          {
            type: concept({ system: "http://terminology.hl7.org/CodeSystem/v3-RoleClass", code: "PROV", display: "healthcare provider" }),
            who: { identifier: identifierOf(first), display: organisations.join(", ") },
            requestor: false,
          },
        ]),
    {
      type: concept({
        system: "http://terminology.hl7.org/CodeSystem/extra-security-role-type",
        code: "authserver",
        display: "authorization server",
      }),
      // Who decides is who tells of it (val-audit-source).
      who: observer,
      requestor: false,
    },
  ];
}

/** @param text `system|value` */
function identifierOf(text: string): object {
  const at = text.lastIndexOf("|");
  return at < 0 ? { value: text } : { system: text.slice(0, at), value: text.slice(at + 1) };
}

function clientOf(who: Actor): object {
  switch (who.kind) {
    case "unauthenticated":
      return { display: "unauthenticated: nobody was asked who they are" };
    case "anonymous":
      return { display: "anonymous: nothing was proved" };
    case "program":
      return { display: `a part of the repository: ${who.name}` };
    case "operator":
      return { identifier: { value: who.name }, display: `the operating system's user ${who.name} on ${who.host}` };
    case "system":
      return { identifier: { system: who.issuer, value: who.client ?? who.subject }, display: who.name };
    case "person":
      return who.client === undefined ? { display: "a browser" } : { identifier: { system: who.issuer, value: who.client } };
  }
}

function userAgent(
  { issuer, subject, name, roles, token }: Extract<Actor, { readonly kind: "person" | "system" }>,
  purpose: string | undefined,
): object {
  return {
    type: concept(RECIPIENT),
    ...(roles.length > 0 && { role: roles.map((role) => ({ text: role })) }),
    who: { identifier: { system: issuer, value: subject }, display: name },
    requestor: true,
    ...(token !== undefined && { policy: [token] }),
    ...(purpose !== undefined && { purposeOfUse: [concept({ system: "http://terminology.hl7.org/CodeSystem/v3-ActReason", code: purpose })] }),
  };
}
