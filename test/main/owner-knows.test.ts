/** What owners of subscriptions may know when something happens: the first question before an event gets its number. */
import { expect, test } from "@jest/globals";
import type { KnownCaller } from "../../src/core/asked.ts";
import { AppError } from "../../src/core/errors.ts";
import { scopeCriteria } from "../../src/main/access.ts";
import { ownerKnows } from "../../src/main/owner-knows.ts";
import { PERMIT_NONE } from "../../src/search/predicate.ts";
import { createAccess } from "../../src/security/access.ts";
import { readAccessPolicy } from "../../src/security/policy/read-access-policy.ts";
import { CONTEXT, DOCUMENT, search } from "../events/arrived.ts";

const policy = readAccessPolicy(
  JSON.stringify({
    version: "owners/1",
    rules: [
      { name: "readers subscribe", permit: ["read", "subscribe"], to: { roles: ["reader"] } },
      { name: "the silent read", permit: ["read"], to: { roles: ["silent"] } },
    ],
  }),
);
const owner: KnownCaller = {
  ...{ kind: "system", issuer: "https://issuer.example.org", subject: "a", name: "A", roles: ["reader"], organisations: [], clearance: [] },
};
const focus = `Observation/${DOCUMENT}.2`;

function knows(over: Partial<KnownCaller>, satisfying: () => Promise<Set<string>>): Promise<ReadonlySet<string>> {
  const access = createAccess({ policy, ownPatient: () => Promise.resolve(PERMIT_NONE) });
  const mayKnow = ownerKnows({
    ...{ access, searcher: { satisfying }, scopeCriterion: scopeCriteria(CONTEXT) },
    ownerNow: (one) => Promise.resolve(one),
    mayKnow: (_grant, _action, ids) => Promise.resolve(new Map(ids.map((id) => [id, true]))),
  });
  return mayKnow(search("Observation?code=a", { owner: { ...owner, ...over } }), { documentId: DOCUMENT, kind: "deposited", foci: [focus] });
}

const all = (): Promise<Set<string>> => Promise.resolve(new Set([`${DOCUMENT}.2`]));
const narrowed = (query: string): Partial<KnownCaller> => ({ scopes: [{ level: "system", type: "Observation", rights: ["r", "s"], query }] });

test.each<[string, Partial<KnownCaller>, readonly string[]]>([
  ["may read and subscribe", {}, [focus]],
  ["may read, and not subscribe any more", { roles: ["silent"] }, []],
  ["is narrowed by a scope that covers it", narrowed("code=a"), [focus]],
  ["is narrowed by what nobody understands: it must not hold up anybody else", narrowed("nonsense=1"), []],
])("who %s", async (_who, over, expected) => {
  expect([...(await knows(over, all))]).toEqual(expected);
});

test("what cannot be decided now is asked again", async () => {
  const unavailable = (): Promise<Set<string>> => Promise.reject(new AppError("unavailable", "the index of a test"));
  await expect(knows(narrowed("code=a"), unavailable)).rejects.toThrow("the index of a test");
});
