/** IHE PCF's use cases (ITI-108: basic, intermediate, advanced) and R4's own reading, each with what it says in a house that needs a consent and in one that does not. */
import type { KnownCaller } from "../../../src/core/asked.ts";
import type { PredicateFacts } from "../../../src/search/predicate.ts";
import type { ConsentQuestion } from "../../../src/security/consent/caller-conditions.ts";
import { facts } from "./facts.ts";

export const RECIPIENT = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", code: "IRCP" }] };
const role = (code: string): object => ({ coding: [{ code }] });
export const organisation = (value: string): object => ({ type: "Organization", identifier: { system: "urn:oid:2", value } });
export const purpose = (...codes: readonly string[]): object => ({
  purpose: codes.map((code) => ({ system: "http://terminology.hl7.org/CodeSystem/v3-ActReason", code })),
});
export const label = (...codes: readonly string[]): object => ({ securityLabel: codes.map((code) => ({ code })) });
const policyRule = (code: string): object => ({ policyRule: { coding: [{ code }] } });
export const OF_A: Partial<KnownCaller> = { organisations: ["urn:oid:2|A"] };
const OF_B: Partial<KnownCaller> = { organisations: ["urn:oid:2|B"] };
const WRITTEN_2025 = { written: ["2025-05-01T00:00:00.000Z", "2025-05-01T23:59:59.999Z"] };
const WRITTEN_2020 = { written: ["2020-05-01T00:00:00.000Z", "2020-05-01T23:59:59.999Z"] };
const ENCOUNTER = { identifier: { system: "urn:oid:3", value: "visit 1" } };
const OF_VISIT = { related: ["identifier:urn:oid:3|visit 1"] };
const AUTHOR = { identifier: { system: "urn:oid:4", value: "dr" } };
const OF_AUTHOR = { authors: ["identifier:urn:oid:4|dr"] };
const OWN = facts().id;

export interface Case {
  readonly name: string;
  readonly consent: object;
  readonly document?: Partial<PredicateFacts>;
  readonly caller?: Partial<KnownCaller>;
  readonly asks?: Partial<ConsentQuestion>;
  /** What a house says that needs a consent, and one that does not. */
  readonly optIn: boolean;
  readonly optOut: boolean;
}

export const provision = (body: object): object => ({ provision: body });
const permitted = { optIn: true, optOut: true };
const denied = { optIn: false, optOut: false };
const unsaid = { optIn: false, optOut: true };

export const CASES: readonly Case[] = [
  { name: "PCF basic: treatment", consent: provision({ type: "permit", ...purpose("TREAT", "HPAYMT", "HOPERAT") }), ...permitted },
  {
    name: "PCF basic: of another purpose nothing is said",
    consent: provision({ type: "permit", ...purpose("TREAT") }),
    asks: { purpose: "HRESCH" },
    ...unsaid,
  },
  {
    name: "PCF basic: breaking the glass is treatment",
    consent: provision({ type: "permit", ...purpose("TREAT") }),
    asks: { purpose: "BTG" },
    ...permitted,
  },
  {
    name: "no purpose was said: nobody can tell",
    consent: provision({ type: "permit", ...purpose("TREAT") }),
    asks: { purpose: undefined },
    ...denied,
  },
  { name: "PCF basic: reject", consent: provision({ type: "deny" }), ...denied },
  { name: "PCF basic: expired", consent: provision({ type: "permit", period: { end: "2022-12-31" } }), ...unsaid },
  { name: "on the last day it counts", consent: provision({ type: "deny", period: { end: "2026-03-14" } }), ...denied },
  {
    name: "PCF basic: to one organisation",
    consent: provision({ type: "permit", actor: [{ role: RECIPIENT, reference: organisation("A") }] }),
    caller: OF_A,
    ...permitted,
  },
  {
    name: "PCF basic: and not to another",
    consent: provision({ type: "permit", actor: [{ role: RECIPIENT, reference: organisation("A") }] }),
    caller: OF_B,
    ...unsaid,
  },
  {
    name: "PCF intermediate: a time frame",
    consent: provision({ type: "permit", dataPeriod: { start: "2025-01-01" } }),
    document: WRITTEN_2025,
    ...permitted,
  },
  {
    name: "PCF intermediate: outside of it",
    consent: provision({ type: "permit", dataPeriod: { start: "2025-01-01" } }),
    document: WRITTEN_2020,
    ...unsaid,
  },
  {
    name: "PCF intermediate: but not a time frame",
    consent: provision({ type: "permit", provision: [{ type: "deny", dataPeriod: { start: "2025-01", end: "2025-12" } }] }),
    document: WRITTEN_2025,
    ...denied,
  },
  {
    name: "PCF intermediate: all else",
    consent: provision({ type: "permit", provision: [{ type: "deny", dataPeriod: { start: "2025-01", end: "2025-12" } }] }),
    document: WRITTEN_2020,
    ...permitted,
  },
  {
    name: "a document without a date may be of that time",
    consent: provision({ type: "permit", provision: [{ type: "deny", dataPeriod: { start: "2025" } }] }),
    ...denied,
  },
  {
    name: "PCF intermediate: but not this document",
    consent: provision({ type: "permit", provision: [{ type: "deny", data: [{ meaning: "instance", reference: { reference: `Bundle/${OWN}` } }] }] }),
    ...denied,
  },
  {
    name: "PCF intermediate: this document alone",
    consent: provision({
      type: "deny",
      provision: [{ type: "permit", data: [{ meaning: "instance", reference: { reference: `DocumentReference/${OWN}` } }] }],
    }),
    ...permitted,
  },
  {
    name: "PCF intermediate: and no other",
    consent: provision({
      type: "deny",
      provision: [{ type: "permit", data: [{ meaning: "instance", reference: { reference: `DocumentReference/${OWN}` } }] }],
    }),
    document: { id: "9a0c5f3e-58a5-4a43-8f0e-0d3a3c8a7f10" },
    ...denied,
  },
  {
    name: "a part of a document is not the document",
    consent: provision({
      type: "deny",
      provision: [{ type: "permit", data: [{ meaning: "instance", reference: { reference: `Observation/${OWN}.4` } }] }],
    }),
    ...denied,
  },
  {
    name: "PCF intermediate: an encounter",
    consent: provision({ type: "permit", data: [{ meaning: "related", reference: ENCOUNTER }] }),
    document: OF_VISIT,
    ...permitted,
  },
  {
    name: "PCF intermediate: but not an encounter",
    consent: provision({ type: "permit", provision: [{ type: "deny", data: [{ meaning: "related", reference: ENCOUNTER }] }] }),
    document: OF_VISIT,
    ...denied,
  },
  {
    name: "PCF intermediate: by an author",
    consent: provision({ type: "permit", data: [{ meaning: "authoredby", reference: AUTHOR }] }),
    document: OF_AUTHOR,
    ...permitted,
  },
  {
    name: "PCF intermediate: but not by an author",
    consent: provision({ type: "permit", provision: [{ type: "deny", data: [{ meaning: "authoredby", reference: AUTHOR }] }] }),
    document: OF_AUTHOR,
    ...denied,
  },
  {
    name: "PCF intermediate: dissent but for breaking the glass",
    consent: provision({ type: "deny", provision: [{ type: "permit", ...purpose("BTG") }] }),
    asks: { purpose: "BTG" },
    ...permitted,
  },
  {
    name: "PCF intermediate: without breaking it",
    consent: provision({ type: "deny", provision: [{ type: "permit", ...purpose("BTG") }] }),
    ...denied,
  },
  {
    name: "PCF advanced: normal, and PSY",
    consent: provision({ type: "permit", ...label("N"), provision: [{ type: "permit", ...label("PSY") }] }),
    document: { clearance: ["R", "PSY"] },
    ...permitted,
  },
  { name: "PCF advanced: normal", consent: provision({ type: "permit", ...label("N") }), ...permitted },
  {
    name: "PCF advanced: normal, and not restricted",
    consent: provision({ type: "permit", ...label("N"), provision: [{ type: "deny", ...label("R") }] }),
    document: { clearance: ["R"] },
    ...denied,
  },
  {
    name: "PCF advanced: all but restricted",
    consent: provision({ type: "permit", provision: [{ type: "deny", ...label("R") }] }),
    document: { clearance: ["R"] },
    ...denied,
  },
  {
    name: "who is denied R is denied V",
    consent: provision({ type: "permit", provision: [{ type: "deny", ...label("R") }] }),
    document: { clearance: ["V"] },
    ...denied,
  },
  { name: "who is permitted R is permitted N", consent: provision({ type: "permit", ...label("R") }), ...permitted },
  {
    name: "PCF advanced: but not PSY",
    consent: provision({ type: "permit", provision: [{ type: "deny", ...label("PSY") }] }),
    document: { clearance: ["R", "PSY"] },
    ...denied,
  },
  {
    name: "PCF advanced: PSY to one",
    consent: provision({
      type: "deny",
      provision: [{ type: "permit", ...label("PSY", "SDV"), actor: [{ role: RECIPIENT, reference: organisation("A") }] }],
    }),
    document: { clearance: ["R", "PSY"] },
    caller: OF_A,
    ...permitted,
  },
  {
    name: "PCF advanced: and to nobody else",
    consent: provision({
      type: "deny",
      provision: [{ type: "permit", ...label("PSY"), actor: [{ role: RECIPIENT, reference: organisation("A") }] }],
    }),
    document: { clearance: ["R", "PSY"] },
    caller: OF_B,
    ...denied,
  },
  { name: "R4: opt-in, a root rule without a type", consent: { ...policyRule("OPTIN"), ...provision({}) }, ...permitted },
  {
    name: "R4: basic, its time is over",
    consent: { ...policyRule("OPTIN"), ...provision({ period: { start: "1964-01-01", end: "2016-01-01" } }) },
    ...unsaid,
  },
  { name: "R4: opt-out without a rule", consent: policyRule("OPTOUT"), ...denied },
  {
    name: "R4: notOrg",
    consent: {
      ...policyRule("OPTIN"),
      ...provision({
        type: "deny",
        actor: [{ role: role("PRCP"), reference: organisation("A") }],
        action: [{ coding: [{ code: "access" }] }, { coding: [{ code: "correct" }] }],
      }),
    },
    caller: OF_A,
    ...denied,
  },
  {
    name: "R4: notOrg, another",
    consent: { ...policyRule("OPTIN"), ...provision({ type: "deny", actor: [{ role: role("PRCP"), reference: organisation("A") }] }) },
    caller: OF_B,
    ...permitted,
  },
  {
    name: "R4: notAuthor, of another custodian nothing is said",
    consent: { ...policyRule("OPTIN"), ...provision({ actor: [{ role: role("CST"), reference: organisation("A") }] }) },
    ...unsaid,
  },
  {
    name: "R4: notThis leads nowhere: nobody can tell",
    consent: { ...policyRule("OPTIN"), ...provision({ data: [{ meaning: "related", reference: { reference: "Task/example3" } }] }) },
    ...denied,
  },
  {
    name: "R4: signature, by code",
    consent: {
      ...policyRule("OPTOUT"),
      ...provision({ provision: [{ type: "permit", code: [{ coding: [{ system: "http://loinc.org", code: "18842-5" }] }] }] }),
    },
    document: { codes: ["http://loinc.org|18842-5"] },
    ...permitted,
  },
  {
    name: "R4: signature, of another code",
    consent: {
      ...policyRule("OPTOUT"),
      ...provision({ provision: [{ type: "permit", code: [{ coding: [{ system: "http://loinc.org", code: "18842-5" }] }] }] }),
    },
    ...denied,
  },
  {
    name: "R4: smartonfhir, a type that stands in documents",
    consent: provision({
      type: "deny",
      provision: [{ type: "permit", class: [{ system: "http://hl7.org/fhir/resource-types", code: "MedicationRequest" }] }],
    }),
    ...denied,
  },
  {
    name: "by class",
    consent: provision({ type: "permit", provision: [{ type: "deny", class: [{ system: "http://loinc.org", code: "11502-2" }] }] }),
    document: { type: ["http://loinc.org|11502-2"] },
    ...denied,
  },
  {
    name: "R4: an exception to the exception",
    consent: provision({ type: "permit", provision: [{ type: "deny", ...label("HIV"), provision: [{ type: "permit", ...purpose("TREAT") }] }] }),
    document: { clearance: ["R", "HIV"] },
    ...permitted,
  },
  { name: "R4: an exception without a type", consent: { ...policyRule("OPTIN"), ...provision({ provision: [{ ...label("N") }] }) }, ...denied },
  { name: "collecting is no reading", consent: provision({ type: "deny", action: [{ coding: [{ code: "collect" }] }] }), ...unsaid },
  { name: "an action that nobody knows", consent: provision({ type: "permit", action: [{ coding: [{ code: "sell" }] }] }), ...denied },
  {
    name: "what changes the meaning",
    consent: { ...provision({ type: "permit", modifierExtension: [{ url: "https://x", valueBoolean: true }] }) },
    ...denied,
  },
  { name: "a base rule that nobody knows", consent: policyRule("hipaa-auth"), ...denied },
  { name: "ended", consent: { status: "inactive", ...provision({ type: "deny" }) }, ...unsaid },
  { name: "of another scope", consent: { scope: { coding: [{ code: "research" }] }, ...provision({ type: "deny" }) }, ...unsaid },
  { name: "of another patient", consent: provision({ type: "deny" }), document: { patient: ["identifier:urn:oid:1|eve"] }, ...unsaid },
];
