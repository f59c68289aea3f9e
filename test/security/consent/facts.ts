/** Documents and questions for tests of consents. */
import { readJson } from "../../../src/core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import type { JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import type { KnownCaller } from "../../../src/core/asked.ts";
import type { PredicateFacts } from "../../../src/search/predicate.ts";
import type { ConsentQuestion } from "../../../src/security/consent/caller-conditions.ts";
import type { EnteredConsent } from "../../../src/security/consent/consenting-persons.ts";
import { NO_FACTS } from "../../contracts/indexed.ts";

export const KEY = "identifier:urn:oid:1|ada";

export function facts(more: Partial<PredicateFacts> = {}): PredicateFacts {
  return { ...NO_FACTS, id: "0b8f2c52-62c8-4d5c-9d3e-1b6f0a5e7c11", patient: [KEY], clearance: ["N"], ...more };
}

export function question(more: Partial<ConsentQuestion> = {}, caller: Partial<KnownCaller> = {}): ConsentQuestion {
  return {
    caller: { kind: "person", issuer: "https://issuer.example.org", subject: "s", name: "S", roles: [], organisations: [], clearance: [], ...caller },
    purpose: "TREAT",
    now: "2026-03-14T09:30:00.000Z",
    ...more,
  };
}

export function resourceOf(value: unknown): JsonObject {
  const { resource } = readJson(new SourceText(JSON.stringify(value)), DEFAULT_READ_LIMITS);
  if (!resource) throw new TypeError("no resource");
  return resource;
}

export function consent(more: object, id = "c1", patient: EnteredConsent["patient"] = { keys: [KEY], documents: [] }): EnteredConsent {
  const resource = resourceOf({
    resourceType: "Consent",
    status: "active",
    scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
    ...more,
  });
  return { id, version: 1, at: "2026-03-01T00:00:00.000Z", resource, patient };
}
