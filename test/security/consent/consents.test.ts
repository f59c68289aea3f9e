/** What consents leave of a question: IHE PCF's use cases (ITI-108, basic, intermediate and advanced) and R4's own reading, and that predicates and a look at each document agree. */
import { describe, expect, test } from "@jest/globals";
import { permits, type PredicateFacts } from "../../../src/search/predicate.ts";
import type { KnownCaller } from "../../../src/core/asked.ts";
import { ConsentBook } from "../../../src/security/consent/consent-book.ts";
import type { EnteredConsent } from "../../../src/security/consent/consenting-persons.ts";
import { Random } from "../../contracts/random.ts";
import { CASES, label, OF_A, organisation, provision, purpose, RECIPIENT } from "./cases.ts";
import { consent, facts, KEY, question } from "./facts.ts";

test.each(CASES.map((one) => [one.name, one] as const))("%s", (_, { consent: body, document, caller, asks, optIn, optOut }) => {
  const book = new ConsentBook([consent(body)]);
  const asked = question(asks, caller);
  const found = facts(document);
  const may = (model: "opt-in" | "opt-out"): boolean => permits(book.ask(asked, model).permitted, found);
  expect({ optIn: may("opt-in"), optOut: may("opt-out") }).toEqual({ optIn, optOut });
});

describe("several consents", () => {
  const dated = (dateTime: string, body: object, id: string): EnteredConsent => consent({ dateTime, ...provision(body) }, id);
  const toA = { actor: [{ role: RECIPIENT, reference: organisation("A") }] };
  const may = (...consents: readonly EnteredConsent[]): boolean =>
    permits(new ConsentBook(consents).ask(question({}, OF_A), "opt-out").permitted, facts());

  test.each([
    ["a denial wins over an older permission", false, "2025-01-01", "2024-01-01", toA],
    ["and over a newer one that is no more specific", false, "2024-01-01", "2025-01-01", {}],
    ["and over one of the same day", false, "2025-01-01", "2025-01-01", toA],
    ["but not over a newer and more specific one", true, "2024-01-01", "2025-01-01", toA],
    ["and nobody wins by a date to come", false, "2026-03-01T00:00:00Z", "2050-01-01", toA],
  ])("%s", (_, expected, denial, permission, more) => {
    const consents = [dated(denial, { type: "deny" }, "d"), dated(permission, { type: "permit", ...more }, "p")];
    expect(may(...consents)).toBe(expected);
    expect(may(...consents.toReversed())).toBe(expected);
  });

  test("what cannot be evaluated denies whatever a newer one says, and is named", () => {
    const strange = dated("2020-01-01", { type: "permit", action: [{ coding: [{ code: "sell" }] }] }, "s");
    const book = new ConsentBook([strange, dated("2025-01-01", { type: "permit", ...toA }, "p")]).ask(question({}, OF_A), "opt-out");
    expect(permits(book.permitted, facts())).toBe(false);
    expect(book.reasonOf(facts())).toEqual({
      text: "Consent/s/_history/1 denies it: provision.action could not be evaluated",
      consents: [{ id: "s", version: 1 }],
    });
  });

  test("of many patients with the same rules share one predicate", () => {
    const of = (number: number): EnteredConsent =>
      consent(provision({ type: "deny", ...purpose("HRESCH") }), `c${number}`, { keys: [`identifier:urn:oid:1|${number}`], documents: [] });
    const many = new ConsentBook(Array.from({ length: 1000 }, (_, at) => of(at))).ask(question({ purpose: "HRESCH" }), "opt-out").permitted;
    expect(JSON.stringify(many).length).toBeLessThan(1_000);
    expect(permits(many, facts({ patient: ["identifier:urn:oid:1|700"] }))).toBe(false);
    expect(permits(many, facts())).toBe(true);
  });
});

/** A consent as it reads, one document at a time: `undefined` is silence. Conditions that can be told of these documents alone. */
interface Rule {
  readonly type: "permit" | "deny";
  readonly code?: string | undefined;
  readonly label?: string | undefined;
  readonly to?: string | undefined;
  readonly provision: readonly Rule[];
}

type Asked = readonly (readonly [name: "code" | "label" | "to", value: string])[];

/** @param above what the rules above ask */
function says(rule: Rule, document: PredicateFacts, caller: Pick<KnownCaller, "organisations">, above: Asked = []): "permit" | "deny" | undefined {
  const own: Asked = (["code", "label", "to"] as const).flatMap((name) => {
    const value = rule[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const names = new Set(own.map(([name]) => name));
  const kept = above.filter(([name]) => !names.has(name) || (rule.type === "permit" && name !== "label"));
  const asked = [...kept, ...own];
  const applies = asked.every(([name, value]) => {
    if (name === "code") return document.codes.includes(`s|${value}`);
    return name === "label" ? document.clearance.includes(value) : caller.organisations.includes(`urn:oid:2|${value}`);
  });
  const inner = rule.provision.map((one) => says(one, document, caller, asked));
  if (inner.includes("deny")) return "deny";
  return inner.includes("permit") ? "permit" : applies ? rule.type : undefined;
}

const written = ({ type, code, label: sensitivity, to, provision: inner }: Rule): object => ({
  type,
  ...(code !== undefined && { code: [{ coding: [{ system: "s", code }] }] }),
  ...(sensitivity !== undefined && label(sensitivity)),
  ...(to !== undefined && { actor: [{ role: RECIPIENT, reference: organisation(to) }] }),
  ...(inner.length > 0 && { provision: inner.map(written) }),
});

const TYPES = ["permit", "deny"] as const;

function rule(random: Random, depth = 0): Rule {
  const maybe = (values: readonly string[]): string | undefined => (random.chance(40) ? random.one(values) : undefined);
  return {
    type: random.one(TYPES),
    code: maybe(["1", "2"]),
    label: maybe(["HIV", "PSYTHPN"]),
    to: maybe(["A", "B"]),
    provision: depth > 2 ? [] : Array.from({ length: random.below(3) }, () => rule(random, depth + 1)),
  };
}

function document(random: Random): PredicateFacts {
  return facts({
    codes: ["s|1", "s|2"].filter(() => random.chance(50)),
    clearance: ["R", ...["HIV", "PSYTHPN"].filter(() => random.chance(50))],
    patient: [KEY, "identifier:urn:oid:1|eve"].filter(() => random.chance(50)),
  });
}

test.each(Array.from({ length: 400 }, (_, seed) => seed))("predicates agree with consents as they read, of every document (%d)", (seed) => {
  const random = new Random(seed);
  const rules = Array.from({ length: random.below(4) }, () => ({ rule: rule(random), key: random.one([KEY, "identifier:urn:oid:1|eve"]) }));
  // Of one day: none is newer than another.
  const consents = rules.map((one, at) =>
    consent({ dateTime: "2025-01-01", ...provision(written(one.rule)) }, `c${at}`, { keys: [one.key], documents: [] }),
  );
  const asked = question({}, { organisations: ["urn:oid:2|A", "urn:oid:2|B"].filter(() => random.chance(50)) });
  const book = new ConsentBook(consents);
  for (let count = 0; count < 8; count++) {
    const given = document(random);
    const said = rules.filter(({ key }) => given.patient.includes(key)).map((one) => says(one.rule, given, asked.caller));
    const isDenied = said.includes("deny");
    expect(permits(book.ask(asked, "opt-out").permitted, given)).toBe(!isDenied);
    expect(permits(book.ask(asked, "opt-in").permitted, given)).toBe(!isDenied && said.includes("permit"));
  }
});
