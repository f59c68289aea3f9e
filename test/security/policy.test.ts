/** What an access policy permits: the file as operators write it, and the decision for callers and documents. */
import { describe, expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KnownCaller, Scope } from "../../src/core/asked.ts";
import { permits, PERMIT_NONE, type Predicate, type PredicateFacts } from "../../src/search/predicate.ts";
import { createAccess, requireRight, requireScope } from "../../src/security/access.ts";
import { RIGHTS, rolesOf, STANDARD_POLICY, type AccessPolicy } from "../../src/security/policy/access-policy.ts";
import { explain } from "../../src/security/policy/explain.ts";
import { cleared, hasRight, permittedBy, type Subject } from "../../src/security/policy/permitted.ts";
import { readAccessPolicy } from "../../src/security/policy/read-access-policy.ts";
import { scopedDocuments, scopedTo } from "../../src/security/scoped.ts";
import { NO_FACTS } from "../contracts/indexed.ts";
import { run } from "../cli/command-line.ts";

const EXAMPLES = join(import.meta.dirname, "../../docs/access-policies");
const OWN: Predicate = { kind: "any", column: "patient", values: ["identifier:urn:oid:1|7"] };

const caller = (more: Partial<KnownCaller> = {}): KnownCaller => ({
  ...{ kind: "person", issuer: "https://issuer.example.org", subject: "s", name: "S", roles: [], organisations: [], clearance: [] },
  ...more,
});
const subject = (more: Partial<KnownCaller> = {}, purpose?: string, ownPatient?: Predicate): Subject => ({
  caller: caller(more),
  purpose,
  ownPatient,
});
const facts = (more: Partial<PredicateFacts> = {}): PredicateFacts => ({ ...NO_FACTS, clearance: ["N"], id: "one", ...more });
const policy = (...rules: readonly object[]): AccessPolicy =>
  readAccessPolicy(JSON.stringify({ version: "t/1", clearance: { high: ["R", "HIV"], top: ["V", "*"] }, rules }));

describe("a rule", () => {
  const mayRead = (rules: AccessPolicy, who: Subject, what: PredicateFacts): boolean => permits(permittedBy(rules, who, "read"), what);
  const house = { organisations: ["urn:oid:9|A"] };
  const ofA = facts({ custodian: ["url:urn:uuid:1", "identifier:urn:oid:9|A"] });

  test.each<[string, object, Subject, PredicateFacts, boolean]>([
    ["about everybody and everything", {}, subject(), facts(), true],
    ["by role", { to: { roles: ["a", "b"] } }, subject({ roles: ["b"] }), facts(), true],
    ["by a role that nobody has", { to: { roles: ["a"] } }, subject({ roles: ["b"] }), facts(), false],
    ["by kind", { to: { kinds: ["system"] } }, subject(), facts(), false],
    ["by client", { to: { clients: ["app"] } }, subject({ client: "app" }), facts(), true],
    ["by client, of a person's own session", { to: { clients: ["app"] } }, subject(), facts(), false],
    ["by purpose", { to: { purposes: ["TREAT"] } }, subject({}, "TREAT"), facts(), true],
    ["by purpose, when none was said", { to: { purposes: ["TREAT"] } }, subject(), facts(), false],
    ["by all of several conditions", { to: { roles: ["a"], purposes: ["TREAT"] } }, subject({ roles: ["a"] }), facts(), false],
    ["by the caller's organisation", { to: { organisations: ["urn:oid:9|A"] } }, subject(house), facts(), true],
    ["upon one's own custodian", { of: { custodian: "own" } }, subject(house), ofA, true],
    ["upon one's own custodian, by somebody without one", { of: { custodian: "own" } }, subject(), ofA, false],
    ["upon one's own custodian, of another", { of: { custodian: "own" } }, subject(house), facts({ custodian: ["identifier:urn:oid:9|B"] }), false],
    [
      "upon a custodian that is only an address",
      { of: { custodian: "own" } },
      subject({ organisations: ["urn:uuid|1"] }),
      facts({ custodian: ["url:urn:uuid:1"] }),
      false,
    ],
    ["upon a custodian that is named", { of: { custodian: ["urn:oid:9|A"] } }, subject(), ofA, true],
    ["upon the organisation of an author", { of: { author: ["urn:oid:9|A"] } }, subject(), facts({ organisation: ["identifier:urn:oid:9|A"] }), true],
    ["upon one's own patient", { of: { patient: "own" } }, subject({}, undefined, OWN), facts({ patient: OWN.values }), true],
    ["upon one's own patient, by somebody without one", { of: { patient: "own" } }, subject(), facts({ patient: ["identifier:urn:oid:1|7"] }), false],
    ["upon one's own patient, where nothing is known of them", { of: { patient: "own" } }, subject({}, undefined, PERMIT_NONE), facts(), false],
    ["upon a type", { of: { type: ["http://loinc.org|1", "http://loinc.org|2"] } }, subject(), facts({ type: ["http://loinc.org|2"] }), true],
    ["upon a label", { of: { label: ["s|l"] } }, subject(), facts({ labels: ["s|other"] }), false],
  ])("%s", (_, rule, who, what, expected) => {
    expect(mayRead(policy({ name: "r", permit: ["read"], ...rule }), who, what)).toBe(expected);
  });

  test("that denies wins over all that permit, and no rule permits nothing", () => {
    const both = policy({ name: "all", permit: ["read", "deposit"] }, { name: "but", deny: ["read"], of: { status: ["preliminary"] } });
    const draft = facts({ status: ["preliminary"] });
    expect([mayRead(both, subject(), facts()), mayRead(both, subject(), draft)]).toEqual([true, false]);
    expect(permits(permittedBy(both, subject(), "deposit"), draft)).toBe(true);
    expect([mayRead(policy(), subject(), facts()), mayRead(policy({ name: "d", permit: ["deposit"] }), subject(), facts())]).toEqual([false, false]);
  });
});

describe("clearance", () => {
  test.each<[string, Partial<KnownCaller>, readonly string[], boolean]>([
    ["nobody's, of a normal document", {}, ["N"], true],
    ["nobody's, of a low one", {}, ["U"], true],
    ["nobody's, of a restricted one", {}, ["R"], false],
    ["a role's", { roles: ["high"] }, ["R", "HIV"], true],
    ["a role's, of another sensitivity", { roles: ["high"] }, ["N", "PSY"], false],
    ["a role's, of a very restricted one", { roles: ["high"] }, ["V"], false],
    ["of everything", { roles: ["top"] }, ["V", "PSY", "HIV"], true],
    ["the issuer's", { clearance: ["R"] }, ["R"], true],
    ["the issuer's and a role's together", { roles: ["high"], clearance: ["V"] }, ["V", "HIV"], true],
    ["what no level is", { clearance: ["Z", "admin"] }, ["R"], false],
  ])("%s", (_, who, needed, expected) => {
    expect(permits(cleared(policy(), { caller: caller(who) }), facts({ clearance: needed }))).toBe(expected);
  });
});

describe("scopes", () => {
  const scope = (level: Scope["level"], type: string, rights: string, query?: string): Scope => ({
    level,
    type,
    rights: [...rights] as Scope["rights"],
    query,
  });

  test("narrow to the patient of the launch, and without one to nothing", () => {
    const holder = { caller: { scopes: [scope("patient", "Observation", "rs", "category=laboratory")] } };
    expect(scopedTo("Observation", ["r"], { ...holder, ownPatient: OWN })).toEqual({
      kind: "some",
      parts: [{ permitted: OWN, query: "category=laboratory" }],
    });
    expect(scopedTo("Observation", ["r"], { ...holder, ownPatient: undefined })).toEqual({
      kind: "some",
      parts: [{ permitted: PERMIT_NONE, query: "category=laboratory" }],
    });
    expect(scopedTo("Condition", ["r"], { ...holder, ownPatient: OWN })).toEqual({ kind: "some", parts: [] });
    expect(scopedTo("Observation", ["c"], { ...holder, ownPatient: OWN })).toEqual({ kind: "some", parts: [] });
  });

  test("that only let something be created let nothing be read", () => {
    const documents = scopedDocuments({ caller: { scopes: [scope("system", "Bundle", "c")] }, ownPatient: undefined });
    expect(permits(documents, facts())).toBe(false);
  });

  test("a union of levels is the wider one, each of its own types", () => {
    const scopes = [scope("patient", "*", "rs"), scope("user", "Patient", "s")];
    expect(scopedTo("Patient", ["s"], { caller: { scopes }, ownPatient: OWN })).toMatchObject({
      parts: [{ permitted: OWN }, { permitted: { kind: "every", of: [] } }],
    });
    expect(scopedTo("Bundle", ["r"], { caller: { scopes }, ownPatient: OWN })).toMatchObject({ parts: [{ permitted: OWN }] });
  });

  test("what lacks is named, and a right that nothing gives is refused", async () => {
    const access = createAccess({ policy: STANDARD_POLICY, ownPatient: () => Promise.resolve(OWN) });
    const asked = { caller: caller({ roles: ["clinician"], scopes: [scope("user", "Patient", "rs")] }), channel: "rest", requestId: "r" } as const;
    await expect(requireScope(access, asked, "Observation", ["s"])).rejects.toMatchObject({
      ...{ code: "forbidden", challenge: 'Bearer error="insufficient_scope", scope="user/Observation.s"' },
    });
    await expect(requireRight(access, asked, "deposit")).rejects.toMatchObject({ code: "forbidden" });
    await expect(requireRight(access, asked, "read")).resolves.toBeUndefined();
  });
});

test("under the standard policy an administrator sees who saw what, and no document, whatever else is asked", () => {
  const administrator = subject({ roles: ["administrator"] });
  expect(RIGHTS.filter((right) => hasRight(STANDARD_POLICY, administrator, right))).toEqual(["audit", "oversee"]);
  expect(permits(permittedBy(STANDARD_POLICY, administrator, "read"), facts())).toBe(false);
  expect(rolesOf(STANDARD_POLICY)).toEqual(expect.arrayContaining(["administrator", "clinician", "reader", "restricted-clinician"]));
});

describe("a policy file", () => {
  test.each(readdirSync(EXAMPLES))("docs/access-policies/%s is read, and says what it does by name", (file) => {
    const read = readAccessPolicy(readFileSync(join(EXAMPLES, file), "utf8"));
    expect(read.version).toMatch(/\/1$/);
    expect(read.rules.every(({ name }) => name.length > 10)).toBe(true);
  });

  test.each<[string, unknown, RegExp]>([
    ["no JSON", "{", /line 1/],
    ["no object", [], /no JSON object|object/],
    ["no rules", { version: "1" }, /"rules"/],
    ["a slip in a name", { version: "1", rules: [], clearence: {} }, /"clearence", which is not known/],
    ["a rule without a name", { version: "1", rules: [{ permit: ["read"] }] }, /rule 1 has no "name"/],
    [
      "two rules of a name",
      {
        version: "1",
        rules: [
          { name: "a", permit: ["read"] },
          { name: "a", deny: ["read"] },
        ],
      },
      /two rules are called "a"/,
    ],
    ["a rule that does both", { version: "1", rules: [{ name: "a", permit: ["read"], deny: ["read"] }] }, /either/],
    ["an unknown right", { version: "1", rules: [{ name: "a", permit: ["write"] }] }, /list of read, deposit/],
    ["a condition that is not known", { version: "1", rules: [{ name: "a", permit: ["read"], to: { role: ["x"] } }] }, /"role", which is not known/],
    ["an empty list", { version: "1", rules: [{ name: "a", permit: ["read"], to: { roles: [] } }] }, /at least one/],
    ["a list that is none", { version: "1", rules: [{ name: "a", permit: ["read"], to: { roles: "x" } }] }, /list of texts/],
    ["an organisation without a system", { version: "1", rules: [{ name: "a", permit: ["read"], of: { custodian: ["A"] } }] }, /system\|value/],
    ["another's patient", { version: "1", rules: [{ name: "a", permit: ["read"], of: { patient: ["x|1"] } }] }, /"patient" is "own"/],
    ["own where nothing is one's own", { version: "1", rules: [{ name: "a", permit: ["read"], of: { type: "own" } }] }, /list of texts/],
    ["a clearance that there is not", { version: "1", clearance: { a: ["HIGH"] }, rules: [] }, /not "HIGH"/],
  ])("%s is refused, and by name", (_, file, message) => {
    const text = typeof file === "string" ? file : JSON.stringify(file);
    expect(() => readAccessPolicy(text)).toThrow(message);
  });
});

describe("access explain", () => {
  test("says of each rule what of it holds", () => {
    const rules = policy({ name: "own", permit: ["read"], to: { roles: ["a"] }, of: { custodian: "own" } });
    const told = explain(rules, subject({ roles: ["a"] }), facts({ clearance: ["R"] }));
    expect(told).toMatchObject({
      permitted: [],
      rules: [{ isForCaller: true, isForDocument: false }],
      clearance: { needed: ["R"], isEnough: false },
    });
  });

  test("is told what is asked for, and answers by its exit code", async () => {
    const asked: unknown[] = [];
    const explainAccess = (document: string, who: object): Promise<never> => {
      asked.push([document, who]);
      return Promise.resolve({
        ...explain(policy(), subject(), facts()),
        policy: "t/1",
        document: { title: "Letter", facts: facts() },
        isOwnPatient: false,
        consent: { isPermitted: false, reason: "Consent/c/_history/1 denies it (provision)", consents: [{ id: "c", version: 1 }] },
      } as never);
    };
    const given = ["access", "explain", "--document", "file.json", "--role", "a", "--role", "b", "--organisation", "s|1", "--system"];
    expect(await run(given, { tools: { explainAccess } })).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/consents +Consent\/c\/_history\/1 denies it \(provision\): may not be read[^]*nothing is permitted/) as unknown,
    });
    expect(asked).toEqual([
      [
        "file.json",
        { kind: "system", roles: ["a", "b"], organisations: ["s|1"], clearance: [], patientKeys: [], purpose: undefined, client: undefined },
      ],
    ]);
    expect(await run(["access", "explain"])).toMatchObject({ code: 2 });
    expect(await run(["access", "why", "--document", "x"])).toMatchObject({ code: 2 });
    expect(await run(["access", "explain", "--document", "x", "--patient", "7"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("SYSTEM|VALUE") as unknown,
    });
  });
});
