/** What every IndexPort must do, whatever engine keeps it. Each adapter's test runs it with a place of its own kind. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import type { IndexedDocument, IndexPort, NewDocument } from "../../src/search/index-port.ts";
import { DECISION_COLUMNS, PERMIT_ALL, PERMIT_NONE, permits, ruledBy, ruleOf, type Predicate } from "../../src/search/predicate.ts";
import { newDocument, stepOf } from "./indexed.ts";

/** Somewhere an index can be: opened several times, at once (as by several processes) or one after another. */
export interface IndexPlace {
  open(): Promise<IndexPort>;
  /** What lies in the place and belongs to no document that can be found, in words: an empty list when all is well. */
  orphans(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

const at = (second: number): string => `2026-03-14T09:00:${String(second).padStart(2, "0")}.000Z`;
const ids = (found: readonly IndexedDocument[]): string[] => found.map(({ summary }) => summary.id);
const asRead = ({ terms: _, header: __, ...document }: NewDocument): IndexedDocument => document;

export function describeIndexPort(name: string, newPlace: () => Promise<IndexPlace>): void {
  describe(`${name} as an IndexPort`, () => {
    let place: IndexPlace;
    let opened: IndexPort[];
    let index: IndexPort;
    const open = async (): Promise<IndexPort> => {
      const another = await place.open();
      opened.push(another);
      return another;
    };
    const fill = async (...documents: readonly NewDocument[]): Promise<void> => {
      expect(await index.advance(stepOf(documents))).toBe("advanced");
    };
    beforeEach(async () => {
      place = await newPlace();
      opened = [];
      index = await open();
    });
    afterEach(async () => {
      await Promise.all(opened.map((one) => one.close()));
      await place.remove();
    });

    test("that is empty stands at the log's beginning and finds nothing", async () => {
      expect(await index.position()).toEqual({ size: 0, mark: "" });
      expect(await index.newest(10, PERMIT_ALL)).toEqual([]);
      expect(await index.search(["a"], 10, PERMIT_ALL)).toEqual([]);
      expect(await index.document(randomUUID(), PERMIT_ALL)).toBeUndefined();
      expect(await index.named([], PERMIT_ALL)).toEqual([]);
    });

    test("gives back what it took in, whatever characters it holds, after it was opened again too", async () => {
      const title = `nul \u0000 quote ' " \\ lone \ud800 pair \u{1f9ec} عربي 日本語 \u2028`;
      const document = newDocument({
        from: 0,
        // No document of a step ends beyond it.
        to: 0,
        summary: { title, patientName: "Šebestová, Žofie", patientIdentifiers: [{ system: "urn:a", value: "1" }] },
        links: { ownKeys: [title], claims: [{ relation: "replaces", key: "url:a" }] },
        facts: { labels: ["urn:x|R", title], status: ["final"] },
      });
      await fill(document);
      const look = async (): Promise<void> => {
        expect(await index.document(document.summary.id, PERMIT_ALL)).toEqual(asRead(document));
        expect(await index.named([title], PERMIT_ALL)).toEqual([asRead(document)]);
        expect(await index.position()).toEqual({ size: 1, mark: "mark 1" });
      };
      await look();
      await index.close();
      index = await open();
      await look();
    });

    describe("moves", () => {
      test("from where it stands only, and by one of several who try", async () => {
        const others = [index, await open(), await open()];
        const steps = others.map(() => stepOf([newDocument({ from: 0 })]));
        const results = await Promise.all(steps.map((step, number) => (others[number] ?? index).advance(step)));
        expect(results.sort()).toEqual(["advanced", "behind", "behind"]);
        expect(await index.advance(stepOf([newDocument({ from: 3 })]))).toBe("behind");
        expect(await index.newest(10, PERMIT_ALL)).toHaveLength(1);
        expect(await index.position()).toMatchObject({ size: 1 });
        expect(await place.orphans()).toEqual([]);
      });

      test("over entries that have no document", async () => {
        await index.advance({ ...stepOf([]), to: 5, mark: "five" });
        expect(await index.position()).toEqual({ size: 5, mark: "five" });
        await fill(newDocument({ from: 5 }));
      });

      test("and closes, opens and removes documents in the same step", async () => {
        const [kept, closed, removed] = [0, 1, 2].map((from) =>
          newDocument({ from, terms: ["ada"], links: { ownKeys: [`url:${from}`] }, facts: { patient: ["identifier:mrn|1"] } }),
        ) as [NewDocument, NewDocument, NewDocument];
        await fill(kept, closed, removed);
        await index.advance({ ...stepOf([newDocument({ from: 3 })]), closed: [{ id: closed.summary.id, to: 3 }], removed: [removed.summary.id] });
        expect(await index.document(closed.summary.id, PERMIT_ALL)).toMatchObject({ from: 1, to: 3 });
        expect(await index.document(removed.summary.id, PERMIT_ALL)).toBeUndefined();
        expect(ids(await index.search(["ada"], 10, PERMIT_ALL))).toEqual([closed.summary.id, kept.summary.id]);
        expect(await index.named(["url:2"], PERMIT_ALL)).toEqual([]);
        await index.advance({ ...stepOf([], 4), closed: [{ id: closed.summary.id, to: undefined }] });
        expect(await index.document(closed.summary.id, PERMIT_ALL)).toEqual(asRead(closed));
        expect(await place.orphans()).toEqual([]);
      });
    });

    describe("finds", () => {
      test("the newest by time of receipt, a page at a time, each once", async () => {
        // Received in another order than entered, and three in the same millisecond.
        const documents = [3, 1, 2, 7, 5, 5, 5, 9].map((second, from) => newDocument({ from, summary: { receivedAt: at(second) } }));
        await fill(...documents);
        const all = await index.newest(100, PERMIT_ALL);
        expect(all.map(({ from }) => from)).toEqual([7, 3, 6, 5, 4, 0, 2, 1]);
        const paged: IndexedDocument[] = [];
        for (let page = await index.newest(3, PERMIT_ALL); page.length > 0;) {
          paged.push(...page);
          const last = page.at(-1);
          page = last ? await index.newest(3, PERMIT_ALL, { receivedAt: last.summary.receivedAt, from: last.from }) : [];
        }
        expect(paged).toEqual(all);
      });

      test("messages of identity feeds by their ids and keys, and in no list", async () => {
        const receivedAt = at(9);
        const message = newDocument({
          from: 1,
          ...{ summary: { receivedAt }, links: { ownKeys: ["feed"] }, terms: ["ada"], isOfFeed: true },
          header: [{ place: 0, type: "Patient", path: "p-1", rows: [{ kind: "word", name: "family", value: "mohr", part: 0 }] }],
        });
        await fill(
          newDocument({ from: 0, summary: { receivedAt: at(1) }, terms: ["ada"] }),
          message,
          newDocument({ from: 2, summary: { receivedAt: at(2) } }),
        );
        expect((await index.newest(10, PERMIT_ALL)).map(({ from }) => from)).toEqual([2, 0]);
        expect((await index.newest(10, PERMIT_ALL, { receivedAt, from: 1 })).map(({ from }) => from)).toEqual([2, 0]);
        expect((await index.search(["ad"], 10, PERMIT_ALL)).map(({ from }) => from)).toEqual([0]);
        expect((await index.search([], 10, PERMIT_ALL)).map(({ from }) => from)).toEqual([2, 0]);
        const { id } = message.summary;
        expect(await index.documents([id], PERMIT_ALL)).toEqual([asRead(message)]);
        expect(await index.named(["feed"], PERMIT_ALL)).toEqual([asRead(message)]);
        const found = await index.find("Patient", { kind: "any" }, { below: Infinity, count: 10 }, { permitted: PERMIT_ALL, isCurrent: true });
        expect(await index.resources(found, { permitted: PERMIT_ALL, isCurrent: true })).toEqual([
          { number: found[0], type: "Patient", path: "p-1", documentId: id, receivedAt, isSuperseded: false },
        ]);
      });

      test("several documents at once, each with what names it and what it names, as one by one", async () => {
        const claim = (key: string): NewDocument["links"]["claims"][number] => ({ relation: "replaces", key });
        const documents = [
          newDocument({ from: 0, links: { ownKeys: ["a", "x"], compositionKeys: ["c"] } }),
          newDocument({ from: 1, links: { ownKeys: ["b"], claims: [claim("a")], compositionKeys: ["c"] } }),
          newDocument({ from: 2, links: { ownKeys: ["d", "x"], claims: [claim("b"), claim("x")] } }),
          newDocument({ from: 3, links: { ownKeys: ["e"], claims: [claim("nowhere")], compositionKeys: ["f"] } }),
        ];
        await fill(...documents);
        const asked = [...documents.map(({ summary }) => summary.id), randomUUID(), documents[0]?.summary.id ?? ""];
        const one = await Promise.all(asked.map(async (id) => (await index.related([id], PERMIT_ALL))[0]));
        expect(await index.related(asked, PERMIT_ALL)).toEqual(one);
        expect(one.map((found) => [found?.claimants.length, found?.versions.length, found?.targets.length])).toEqual([
          [2, 2, 0],
          [1, 2, 1],
          [1, 0, 3],
          [0, 1, 0],
          [0, 0, 0],
          [2, 2, 0],
        ]);
        expect((await index.documents(asked, PERMIT_ALL)).map(({ from }) => from)).toEqual([0, 1, 2, 3, 0]);
      });

      test("documents in which every term begins a word, and no others", async () => {
        const brandt = newDocument({ from: 0, terms: ["ada", "brandt", "j-4711"] });
        const brand = newDocument({ from: 1, terms: ["bo", "brand", "100%_x"] });
        const cyrillic = newDocument({ from: 2, terms: ["анна", "\u{1f9ec}"] });
        await fill(brandt, brand, cyrillic);
        const expectations: readonly (readonly [readonly string[], readonly NewDocument[]])[] = [
          [["brand"], [brand, brandt]],
          [["brandt"], [brandt]],
          [["bra", "ad"], [brandt]],
          [
            ["bra", "bra", ""],
            [brand, brandt],
          ],
          [["randt"], []],
          [["ada", "bo"], []],
          [["ANNA"], []],
          [["ан"], [cyrillic]],
          [["\u{1f9ec}"], [cyrillic]],
          [["%"], []],
          [["100%_"], [brand]],
          [["' OR 1=1 --"], []],
          [[], [cyrillic, brand, brandt]],
        ];
        for (const [terms, found] of expectations)
          expect([terms, ids(await index.search(terms, 10, PERMIT_ALL))]).toEqual([terms, found.map(({ summary }) => summary.id)]);
        expect(ids(await index.search(["bra"], 1, PERMIT_ALL))).toEqual([brand.summary.id]);
      });

      test("documents by their keys, by their claims and by their composition, each once", async () => {
        const first = newDocument({ from: 0, links: { ownKeys: ["url:a", "identifier:|1"], compositionKeys: ["identifier:|c"] } });
        const claims = [
          { relation: "replaces", key: "url:a" },
          { relation: "appends", key: "url:a" },
          { relation: "appends", key: "identifier:|1" },
        ];
        const second = newDocument({ from: 1, links: { ownKeys: ["url:b"], claims, compositionKeys: ["identifier:|c"] } });
        await fill(first, second);
        const [one, two] = [first.summary.id, second.summary.id];
        expect(ids(await index.named(["url:a", "identifier:|1", "url:a"], PERMIT_ALL))).toEqual([one]);
        expect(ids(await index.named(["url:a", "url:b"], PERMIT_ALL))).toEqual([two, one]);
        expect(ids(await index.claiming(["url:a", "identifier:|1"], PERMIT_ALL))).toEqual([two]);
        expect(ids(await index.sharingComposition(["identifier:|c"], PERMIT_ALL))).toEqual([two, one]);
        expect([await index.named(["url:"], PERMIT_ALL), await index.claiming(["url:b"], PERMIT_ALL)]).toEqual([[], []]);
      });
    });

    describe("narrows every question by a predicate", () => {
      const any = (column: (typeof DECISION_COLUMNS)[number], ...values: readonly string[]): Predicate => ({ kind: "any", column, values });
      const predicates: readonly Predicate[] = [
        PERMIT_ALL,
        PERMIT_NONE,
        ...DECISION_COLUMNS.flatMap((column) => [any(column, `${column} 1`), any(column, `${column} 2`, "nothing"), any(column)]),
        ...DECISION_COLUMNS.flatMap((column): Predicate[] => [
          { kind: "only", column, values: [`${column} 1`] },
          { kind: "only", column, values: [`${column} 1`, `${column} 2`] },
          { kind: "only", column, values: [] },
        ]),
        ...DECISION_COLUMNS.flatMap((column): Predicate[] => [
          { kind: "between", column, from: `${column} 2`, to: `${column} 9` },
          { kind: "between", column, from: "", to: `${column} 1` },
        ]),
        { kind: "not", of: any("labels", "labels 1") },
        { kind: "every", of: [any("patient", "patient 1"), { kind: "not", of: any("labels", "labels 2") }] },
        { kind: "some", of: [any("status", "status 2"), { kind: "every", of: [any("type", "type 1"), any("custodian", "custodian 1")] }] },
        any("patient", "' OR 1=1 --", '"]'),
      ];
      // As many people say different things of their documents.
      const many: readonly Predicate[] = (["some", "every"] as const).map((kind) => ({
        kind,
        of: Array.from({ length: 2_000 }, (_, at): Predicate => {
          const one: Predicate = { kind: "every", of: [any("patient", `patient ${at}`), any("type", `type ${at % 7}`)] };
          return kind === "some" ? one : { kind: "not", of: one };
        }),
      }));
      // Of so many patients something else each, as consents say it: of a hundred thousand nothing is met, of two something is.
      const [nobody, everything]: readonly Predicate[] = [any("type"), PERMIT_ALL];
      const rule = (documents: Predicate): string => ruleOf(documents) ?? JSON.stringify(PERMIT_NONE);
      const each = (...said: readonly (readonly [string, Predicate | undefined])[]): Predicate =>
        ruledBy([
          ...Array.from({ length: 100_000 }, (_, at) => ({
            patients: { keys: [`somebody ${at}`], documents: [] },
            rule: rule(at % 2 === 0 ? PERMIT_ALL : any("type", `type ${at}`)),
          })),
          ...said.map(([key, documents = PERMIT_NONE]) => ({ patients: { keys: [key], documents: [] }, rule: rule(documents) })),
        ]);
      const ruled: readonly Predicate[] = [
        each(),
        each(["patient 1", everything]),
        each(["patient 1", nobody], ["patient 2", any("labels", "labels 1")]),
        each(
          ["patient 1", { kind: "not", of: any("codes", "codes 2") }],
          ["patient 2", { kind: "only", column: "clearance", values: ["clearance 1"] }],
        ),
        each(["patient 2", { kind: "between", column: "written", from: "written 2", to: "written 3" }]),
      ].flatMap((one): Predicate[] => [one, { kind: "not", of: one }, { kind: "every", of: [any("type", "type 1"), { kind: "not", of: one }] }]);
      const documents = Array.from({ length: 12 }, (_, from) =>
        newDocument({
          from,
          terms: ["ada"],
          links: { ownKeys: ["url:a"], claims: [{ relation: "signs", key: "url:a" }], compositionKeys: ["identifier:|c"] },
          facts: Object.fromEntries(
            DECISION_COLUMNS.map((column, number) => [
              column,
              [1, 2].filter((bit) => ((from + number) & bit) !== 0).map((bit) => `${column} ${bit}`),
            ]),
          ),
        }),
      );

      const [first, , third] = documents.map(({ summary }) => summary.id);
      const named: readonly Predicate[] = [
        { kind: "document", ids: [] },
        { kind: "document", ids: [first ?? "", third ?? "", "' OR 1=1 --"] },
        { kind: "not", of: { kind: "document", ids: [first ?? ""] } },
        ruledBy([
          { patients: { keys: [], documents: [first ?? "", "' OR 1=1 --"] }, rule: rule(PERMIT_ALL) },
          { patients: { keys: ["patient 1"], documents: [third ?? ""] }, rule: rule(any("labels", "labels 1")) },
        ]),
      ];
      const titles = [
        ...predicates.map((predicate) => JSON.stringify(predicate)),
        "none by name",
        "two by name",
        "all but one by name",
        "rules of documents by name",
        "one of two thousand",
        "none of two thousand",
        ...ruled.map((_, at) => `rules of a hundred thousand patients (${at})`),
      ];

      test.each([...predicates, ...named, ...many, ...ruled].map((predicate, at) => [titles[at] ?? "", predicate] as const))(
        "%s",
        async (_, predicate) => {
          await fill(...documents);
          const seen = documents.filter(({ facts, summary }) => permits(predicate, { ...facts, id: summary.id })).map(({ summary }) => summary.id);
          const questions = [
            index.newest(100, predicate),
            index.search(["ada"], 100, predicate),
            index.named(["url:a"], predicate),
            index.claiming(["url:a"], predicate),
            index.sharingComposition(["identifier:|c"], predicate),
          ];
          for (const found of await Promise.all(questions)) expect(ids(found)).toEqual([...seen].reverse());
          for (const { summary } of documents) expect((await index.document(summary.id, predicate)) !== undefined).toBe(seen.includes(summary.id));
          const all = [...documents.map(({ summary }) => summary.id), randomUUID()].reverse();
          expect(ids(await index.documents(all, predicate))).toEqual([...seen].reverse());
          expect((await index.related(all, predicate)).flatMap(({ document }) => document?.summary.id ?? [])).toEqual([...seen].reverse());
          expect(await index.newest(2, predicate)).toHaveLength(Math.min(2, seen.length));
        },
      );
    });

    describe("is made anew beside itself", () => {
      const [old, fresh] = [newDocument({ from: 0, terms: ["old"] }), newDocument({ from: 0, terms: ["new"] })];

      test("and answers as before until the other takes over, for everybody at once", async () => {
        const other = await open();
        await fill(old);
        const beside = await index.beside();
        expect(await beside.position()).toEqual({ size: 0, mark: "" });
        expect(await beside.takeOver()).toBe("behind");
        await beside.advance(stepOf([fresh]));
        expect(ids(await beside.named([], PERMIT_ALL))).toEqual([]);
        expect(await beside.document(fresh.summary.id, PERMIT_ALL)).toEqual(asRead(fresh));
        expect(ids(await other.newest(10, PERMIT_ALL))).toEqual([old.summary.id]);
        expect(await beside.takeOver()).toBe("taken-over");
        for (const one of [index, other]) expect(ids(await one.newest(10, PERMIT_ALL))).toEqual([fresh.summary.id]);
        expect(await other.search(["old"], 10, PERMIT_ALL)).toEqual([]);
        await beside.abandon();
        expect(await other.advance(stepOf([newDocument({ from: 1 })]))).toBe("advanced");
        expect(await place.orphans()).toEqual([]);
      });

      test("or is left as it was when that is given up", async () => {
        await fill(old);
        const beside = await index.beside();
        await beside.advance(stepOf([fresh]));
        await beside.abandon();
        expect(ids(await index.newest(10, PERMIT_ALL))).toEqual([old.summary.id]);
        expect(await place.orphans()).toEqual([]);
      });

      test("by the last who began; whoever began before learns of it", async () => {
        await fill(old);
        const first = await index.beside();
        await first.advance(stepOf([fresh]));
        const second = await (await open()).beside();
        await expect(first.advance(stepOf([newDocument({ from: 1 })]))).rejects.toMatchObject({ code: "conflict" });
        await expect(first.takeOver()).rejects.toMatchObject({ code: "conflict" });
        await first.abandon();
        await second.advance(stepOf([fresh]));
        expect(await second.takeOver()).toBe("taken-over");
        expect(ids(await index.newest(10, PERMIT_ALL))).toEqual([fresh.summary.id]);
        expect(await place.orphans()).toEqual([]);
      });
    });

    test("can be emptied", async () => {
      await fill(newDocument({ from: 0, terms: ["ada"] }));
      await index.clear();
      expect(await index.position()).toEqual({ size: 0, mark: "" });
      expect(await index.search(["ada"], 10, PERMIT_ALL)).toEqual([]);
      await fill(newDocument({ from: 0 }));
      expect(await place.orphans()).toEqual([]);
    });

    test("that is closed refuses everything as unavailable, and may be closed twice", async () => {
      await index.close();
      await index.close();
      await expect(index.position()).rejects.toMatchObject({ code: "unavailable" });
      await expect(index.newest(1, PERMIT_ALL)).rejects.toMatchObject({ code: "unavailable" });
      await expect(index.advance(stepOf([newDocument({ from: 0 })]))).rejects.toMatchObject({ code: "unavailable" });
    });
  });
}
