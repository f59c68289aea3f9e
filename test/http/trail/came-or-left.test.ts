/** Who comes in by an issuer elsewhere, and who leaves, is in the audit trail before the answer; who signs in here is told where the password is looked at. */
import { expect, test } from "@jest/globals";
import { loadConfig } from "../../../src/config.ts";
import type { TrailEvent } from "../../../src/core/formats/audit-trail.ts";
import type { IssuerClient } from "../../../src/security/issuers/issuer-client.ts";
import { remoteIssuer } from "../../../src/security/issuers/remote-issuer.ts";
import { openProof } from "../../../src/main/proof.ts";
import { memorySessions } from "../../security/sessions/memory-sessions.ts";

const ISSUER = "https://issuer.example";
const environment = { ACCESS: "oidc", OIDC_ISSUER: ISSUER, OIDC_CLIENT_ID: "chartulary", BASE_URL: "https://documents.example" };
const caller = { kind: "person" as const, issuer: ISSUER, subject: "s1", name: "Dr Jo Doe", roles: ["clinician"], organisations: [], clearance: [] };

function told(own?: IssuerClient): { readonly events: TrailEvent[]; come(what: "sign-in" | "sign-out"): Promise<void> } {
  const events: TrailEvent[] = [];
  const fail = (error: unknown): never => {
    throw error;
  };
  const door = openProof(loadConfig({ environment }), {
    ...{ fhirBase: "https://documents.example/fhir", sessions: memorySessions(), own, onRefused: () => undefined, onFault: fail },
    trail: { record: (given) => Promise.resolve(void events.push(...given)) },
  });
  return { events, come: async (what) => door.people?.onCameOrLeft({ what, caller, requestId: "r1", address: "192.0.2.1" }) };
}

test("by an issuer elsewhere: both, with who it was and from where", async () => {
  const { events, come } = told();
  await come("sign-in");
  await come("sign-out");
  expect(events.map(({ kind, outcome, from }) => [kind, outcome, from?.address])).toEqual([
    ["sign-in", 0, "192.0.2.1"],
    ["sign-out", 0, "192.0.2.1"],
  ]);
  expect(events[0]?.who).toMatchObject({ kind: "person", issuer: ISSUER, subject: "s1" });
});

test("by our own: the end of the session alone", async () => {
  const { events, come } = told({ issuer: remoteIssuer(ISSUER), clientId: "chartulary", clientSecret: undefined });
  await come("sign-in");
  await come("sign-out");
  expect(events.map(({ kind }) => kind)).toEqual(["sign-out"]);
});
