/** Many consents, each of which says something else: what narrows a question grows with what is left of them for whoever asks, and not with their number. */
import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { permits, type Predicate } from "../../../src/search/predicate.ts";
import { ConsentBook } from "../../../src/security/consent/consent-book.ts";
import { CONSENT_LIMITS } from "../../../src/security/consent/same-terms.ts";
import type { EnteredConsent } from "../../../src/security/consent/consenting-persons.ts";
import { OF_A, organisation, provision, RECIPIENT } from "./cases.ts";
import { consent, facts, question } from "./facts.ts";

const MANY = 5_000;
const keyOf = (at: number): string => `identifier:urn:oid:1|${at}`;
const patientOf = (at: number): EnteredConsent["patient"] => ({ keys: [keyOf(at)], documents: [] });
/** Each denies all but one house, each another; every hundredth permits ours. */
const consents = Array.from({ length: MANY }, (_, at): EnteredConsent => {
  const house = at % 100 === 0 ? "A" : `house-${at}`;
  const exception = { type: "permit", actor: [{ role: RECIPIENT, reference: organisation(house) }] };
  return consent(provision({ type: "deny", provision: [exception] }), `c${at}`, patientOf(at));
});

function partsOf(predicate: Predicate): number {
  if (predicate.kind === "not") return 1 + partsOf(predicate.of);
  return 1 + (predicate.kind === "every" || predicate.kind === "some" ? predicate.of.reduce((sum, one) => sum + partsOf(one), 0) : 0);
}

test("patients of whom the same is left share one predicate", () => {
  const { permitted, reasonOf } = new ConsentBook(consents).ask(question({}, OF_A), "opt-out");
  expect(partsOf(permitted)).toBeLessThan(10);
  for (const [at, may] of [
    [0, true],
    [1, false],
    [4_900, true],
    [4_999, false],
    [MANY, true],
  ] as const)
    expect([at, permits(permitted, facts({ patient: [keyOf(at)] }))]).toEqual([at, may]);
  expect(reasonOf(facts({ patient: [keyOf(4_999)] })).consents).toEqual([{ id: "c4999", version: 1 }]);
});

test("what is kept for an asker ends when a period begins or ends", () => {
  const body = { start: "2026-03-15", end: "2026-03-16" };
  const book = new ConsentBook([consent(provision({ type: "deny", period: body }))]);
  const may = (now: string): boolean => permits(book.ask(question({ now }), "opt-out").permitted, facts());
  const times = ["2026-03-14T00:00:00.000Z", "2026-03-16T00:00:00.000Z", "2026-03-18T00:00:00.000Z", "2026-03-16T01:00:00.000Z"];
  expect(times.map(may)).toEqual([true, false, true, false]);
});

test("who says more than can be worked out is given to nobody, and talks nobody else out of the limit", () => {
  const many = (count: number): object => ({
    type: "permit",
    provision: Array.from({ length: count }, (_, at) => ({ type: at % 2 ? "permit" : "deny", class: [{ system: "s", code: `${at}` }] })),
  });
  const book = new ConsentBook([
    consent(provision(many(CONSENT_LIMITS.provisions)), "provisions", patientOf(1)),
    consent(provision(many(CONSENT_LIMITS.provisions - 1)), "conditions", patientOf(2)),
    consent(provision(many(10)), "few", patientOf(3)),
  ]).ask(question(), "opt-out");
  const of = (at: number) => facts({ patient: [keyOf(at)] });
  expect([1, 2, 3].map((at) => permits(book.permitted, of(at)))).toEqual([false, false, true]);
  expect(book.reasonOf(of(1)).text).toMatch(/500 provisions.*could not be evaluated/);
  expect(book.reasonOf(of(2)).text).toMatch(/50000 conditions.*could not be evaluated/);
});

test("of all together those are the first to go beyond it who say most", () => {
  const each = (at: number, count: number): EnteredConsent =>
    consent(
      provision({ type: "deny", class: Array.from({ length: count }, (_, code) => ({ system: "s", code: `${at} ${code}` })) }),
      `c${at}`,
      patientOf(at),
    );
  const large = Array.from({ length: 70 }, (_, at) => each(at, 7_500));
  const book = new ConsentBook([...large, each(100, 5), each(101, 7_501)]).ask(question(), "opt-out");
  const of = (at: number) => facts({ patient: [keyOf(at)] });
  expect([permits(book.permitted, of(100)), permits(book.permitted, of(101))]).toEqual([true, false]);
  expect(book.reasonOf(of(101)).text).toMatch(/1000000 conditions/);
});

test("docs/limits.md names these limits", () => {
  const table = readFileSync(new URL("../../../docs/limits.md", import.meta.url), "utf8");
  for (const [name, value] of Object.entries(CONSENT_LIMITS)) expect(table).toContain(`| \`consents.${name}\` | ${value} |`);
});
