/** Who is told of a document: whoever's search would find it, looked up and not tried. */
import { describe, expect, test } from "@jest/globals";
import { ArrivedDocument } from "../../src/events/arrived-document.ts";
import { CriteriaIndex } from "../../src/events/criteria-index.ts";
import { Matching } from "../../src/events/matching.ts";
import { MOST_TESTS, unmatchable } from "../../src/events/unmatchable.ts";
import { isResultParameter } from "../../src/search/query/result-parameters.ts";
import type { HeldSubscription } from "../../src/events/subscription.ts";
import { TABLE } from "../contracts/query-table.ts";
import { LOINC, RESOURCES } from "../contracts/query-resources.ts";
import { Random } from "../contracts/random.ts";
import { randomCriterion, randomResources, randomWords, TYPES } from "../contracts/random-resources.ts";
import { parametersOf, parse } from "../search/query/found.ts";
import { arrived, AT, CONTEXT, DOCUMENT, documentOf, happening, search, subscription } from "./arrived.ts";

const faults: unknown[] = [];
function matchingOf(subscriptions: readonly HeldSubscription[]): Matching {
  const matching = new Matching({ context: CONTEXT, onFault: (error) => faults.push(error) });
  matching.take(subscriptions);
  return matching;
}

const BUNDLE = documentOf(RESOURCES);
const WHOLE = arrived(BUNDLE);
const reasonOf = (type: string, query: string): string | undefined =>
  parse(type, query)
    .types.map(({ criterion }) => unmatchable(criterion))
    .find((reason) => reason !== undefined);
/** As people call them in the table. */
const nameOf = (focus: string): string[] => {
  const name = BUNDLE.entries[Number.parseInt(focus.split(`${DOCUMENT}.`)[1] ?? "", 10)]?.id;
  return name === undefined ? [] : [name];
};

describe("a subscription by a search", () => {
  const rows = TABLE.filter(([, query]) => !parametersOf(query).some(([name]) => isResultParameter(name)));
  const matchable = rows.filter(([type, query]) => reasonOf(type, query) === undefined);

  test("is told what the same search finds: every row of the table of queries that depends on the document alone", async () => {
    expect(matchable.length).toBeGreaterThan(170);
    const asked = new Map(matchable.map(([type, query, found]) => [search(`${type}?${query}`), found] as const));
    const told = await matchingOf([...asked.keys()]).told(happening(WHOLE));
    const foci = new Map(told.map((one) => [one.subscription, one.foci]));
    const wrong = [...asked].flatMap(([one, found]) => {
      const names = (foci.get(one) ?? []).flatMap(nameOf).sort();
      return JSON.stringify(names) === JSON.stringify(found) ? [] : [[one.wanted, names, found]];
    });
    expect([wrong, faults]).toEqual([[], []]);
  });

  test("is refused when others decide with it: chains, _has, lists, and too many values", () => {
    const refused = rows.filter((row) => !matchable.includes(row)).map(([type, query]) => `${type}?${query}`);
    expect(refused.every((query) => /[.]|_has|_list|:[A-Z]/.test(query))).toBe(true);
    expect(reasonOf("Observation", "subject.name=a")).toMatch(/^Chained/);
    expect(reasonOf("Patient", "_has:Observation:subject:code=a")).toMatch(/^_has/);
    expect(reasonOf("Patient", "_list=1")).toMatch(/^_has and _list/);
    const many = Array.from({ length: MOST_TESTS + 1 }, (_, at) => `urn:s|${at}`).join(",");
    expect(reasonOf("Observation", `code=${many}`)).toMatch(/values at most/);
    expect(() => reasonOf("Observation", `code=${new Array<string>(1_000_000).fill("a").join(",")}`)).toThrow(/at most/);
  });
});

describe("criteria that are filed", () => {
  test.each([1, 2, 3, 4, 5, 6])("are found as if each were tried (seed %i)", (seed) => {
    const random = new Random(seed);
    const all = random.many(300, (owner) => ({ type: random.one(TYPES), owner, criterion: randomCriterion(random, 3) }));
    const open = all.filter(({ criterion }) => unmatchable(criterion) === undefined);
    expect(open.length).toBeGreaterThan(60);
    const index = new CriteriaIndex(open);
    let found = 0;
    for (let document = 0; document < 20; document++) {
      const resources = randomResources(random, 1 + random.below(8));
      const one = new ArrivedDocument({ id: DOCUMENT, receivedAt: AT, isSuperseded: random.chance(50) }, [
        [...resources, ...randomWords(random, resources)],
      ]);
      for (const resource of one.resources) {
        const tried = open.filter(({ type, criterion }) => type === resource.type && one.satisfies(resource, criterion)).map(({ owner }) => owner);
        expect(
          index
            .satisfied(one, resource)
            .map(({ owner }) => owner)
            .sort((a, b) => a - b),
        ).toEqual(tried);
        found += tried.length;
      }
    }
    expect(found).toBeGreaterThan(100);
  });

  test("of 1,000 that all ask for what is common too, a document asks those alone that it matches", () => {
    const subscriptions = Array.from({ length: 1_000 }, (_, at) => search(`Observation?status=final&code=${LOINC}|${at}&date=gt2000`));
    const matching = matchingOf(subscriptions);
    const observed = (code: number): object => ({
      resourceType: "Observation",
      id: `o${code}`,
      status: "final",
      effectiveDateTime: "2024",
      code: { coding: [{ system: LOINC, code: String(code) }] },
    });
    const document = arrived(documentOf([1, 20, 300, 999, 5_000].map(observed)));
    expect(matching.asked(document)).toBe(4);
  });

  test("of 10,000 of a stranger, whatever they ask for, one document asks a few: and one that all want is told to all", async () => {
    const strange = Array.from({ length: 10_000 }, (_, at) =>
      search(`${["Patient?identifier=urn:x|", "Observation?code=urn:x|", "Patient?name=zz", "Observation?subject=Patient/x"][at % 4] ?? ""}${at}`),
    );
    const matching = matchingOf(strange);
    expect(matching.asked(WHOLE)).toBe(0);
    const all = matchingOf(Array.from({ length: 10_000 }, () => search("Observation?status=final")));
    const told = await all.told(happening(WHOLE));
    expect(told).toHaveLength(10_000);
    expect(new Set(told.map(({ foci }) => foci.length))).toEqual(new Set([4]));
  });
});

describe("a subscription", () => {
  const observation = "Observation?status=final";

  test("is told of what is entered from its beginning until its end, unless it is off", async () => {
    const tellsOf = async (over: Partial<HeldSubscription>): Promise<number> =>
      (await matchingOf([search(observation, over)]).told(happening(WHOLE))).length;
    expect([await tellsOf({ from: 5 }), await tellsOf({ from: 6 })]).toEqual([1, 0]);
    expect([await tellsOf({ end: AT }), await tellsOf({ end: "2026-03-14T11:59:59.999Z" })]).toEqual([1, 0]);
    expect([await tellsOf({ status: "requested" }), await tellsOf({ status: "error" }), await tellsOf({ status: "off" })]).toEqual([1, 1, 0]);
  });

  test("that asks much of a large document keeps nobody else from their turn", async () => {
    const observations = Array.from({ length: 300 }, (_, n) => ({ resourceType: "Observation", id: `o${n}`, status: "final" }));
    const values = Array.from({ length: MOST_TESTS }, (_, n) => `x${n}`).join(",");
    const matching = matchingOf(Array.from({ length: 100 }, () => search(`Observation?code:not=${values}`)));
    const document = arrived(documentOf(observations));
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    const told = await matching.told(happening(document));
    clearInterval(counting);
    expect([told.length, told[0]?.foci.length]).toEqual([100, 300]);
    expect(turns).toBeGreaterThan(0);
  });

  test("of another version is another one, and one that is gone is told of nothing", async () => {
    const one = search(observation);
    const matching = matchingOf([one]);
    matching.take([{ ...one, version: 2, wanted: { kind: "search", type: "Observation", query: "status=amended" } }]);
    expect(await matching.told(happening(WHOLE))).toEqual([]);
    matching.take([]);
    expect(await matching.told(happening(WHOLE))).toEqual([]);
    expect(matching.wanted).toEqual(new Set());
  });

  test("that is not understood any more is told of nothing, keeps no other from it, and is reported", async () => {
    faults.length = 0;
    const told = await matchingOf([search("Observation?no-such=1"), search(observation)]).told(happening(WHOLE));
    expect([told.length, faults.length]).toEqual([1, 1]);
  });

  test("to a topic is told of its kind of event alone, with the document's DocumentReference, by all of its filters", async () => {
    const topic = (kind: "deposited" | "superseded" | "retracted" | "erased", ...filters: string[]): HeldSubscription =>
      subscription({ kind: "topic", topic: kind, filters });
    const document = arrived(documentOf([{ resourceType: "Patient", id: "p", identifier: [{ system: "urn:p", value: "1" }] }]));
    const superseded = arrived(documentOf([]), true);
    const tellsOf = async (one: HeldSubscription, ...what: Parameters<typeof happening>): Promise<readonly string[] | undefined> =>
      (await matchingOf([one]).told(happening(...what)))[0]?.foci;
    const focus = [`DocumentReference/${DOCUMENT}`];
    expect(await tellsOf(topic("deposited"), document)).toEqual(focus);
    expect(await tellsOf(topic("deposited"), document, { kind: "retracted" })).toBeUndefined();
    expect(await tellsOf(topic("retracted"), document, { kind: "retracted" })).toEqual(focus);
    expect(await tellsOf(topic("deposited", "status=current"), document)).toEqual(focus);
    expect(await tellsOf(topic("superseded", "status=current"), superseded, { kind: "superseded" })).toBeUndefined();
    expect(await tellsOf(topic("superseded", "status=superseded"), superseded, { kind: "superseded" })).toEqual(focus);
    expect(await tellsOf(topic("deposited", "status=current", "type=urn:t|x"), document)).toBeUndefined();
    expect(await tellsOf(topic("erased"), document, { kind: "erased" })).toEqual(focus);
    expect(await tellsOf(topic("erased", "status=current"), document, { kind: "erased" })).toBeUndefined();
  });
});
