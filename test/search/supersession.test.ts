import { describe, expect, test } from "@jest/globals";
import type { DocumentLinks, IndexedDocument } from "../../src/search/index-port.ts";
import type { Relation } from "../../src/pipeline/render/pages/presented.ts";
import { PERMIT_ALL } from "../../src/search/predicate.ts";
import { isSuperseded, relationsOf as relations } from "../../src/search/supersession.ts";
import { newDocument } from "../contracts/indexed.ts";
import { MemoryIndex } from "../contracts/memory-index.ts";

/** The place in the log does not matter here. */
function document(
  id: string,
  {
    timestamp = "2026-03-14T09:00:00Z",
    date = "2026-03-14",
    receivedAt = "2026-03-14T09:00:01.000Z",
    ...links
  }: Partial<DocumentLinks> & { timestamp?: string; date?: string; receivedAt?: string } = {},
): IndexedDocument {
  const { terms: _, ...indexed } = newDocument({
    from: 0,
    summary: { id, title: id, timestamp, date, receivedAt },
    links: { ownKeys: [`identifier:doc|${id}`], subjectKeys: ["identifier:mrn|1"], custodianKeys: ["identifier:org|1"], ...links },
  });
  return indexed;
}

/** As an index that has `all` gives them. */
async function relationsOf(of: IndexedDocument, ...all: IndexedDocument[]): Promise<Relation[]> {
  const index = new MemoryIndex();
  const documents = all.map((one, from) => ({ ...one, from, terms: [], header: [] }));
  await index.advance({ from: 0, to: all.length, mark: "", documents, closed: [], removed: [] });
  const [found] = await index.related([of.summary.id], PERMIT_ALL);
  return found ? relations(found) : [];
}
const replacing = (key: string) => [{ relation: "replaces", key }];
const kinds = async (of: IndexedDocument, ...all: IndexedDocument[]) =>
  (await relationsOf(of, ...all)).map(({ kind, isConfirmed, other, target }) => `${kind}${isConfirmed ? "" : "?"} ${other?.id ?? target}`);

describe("relationsOf", () => {
  test("a replaced document says so, and the one that replaces it too", async () => {
    const one = document("one");
    const two = document("two", { claims: replacing("identifier:doc|one") });
    expect(await kinds(one, one, two)).toEqual(["superseded-by two"]);
    expect(await kinds(two, one, two)).toEqual(["replaces one"]);
    expect(isSuperseded(await relationsOf(one, one, two))).toBe(true);
  });

  test("another patient's or custodian's claim stays unconfirmed on both sides", async () => {
    const one = document("one");
    const stranger = document("two", { claims: replacing("identifier:doc|one"), subjectKeys: ["identifier:mrn|2"] });
    const rival = document("three", { claims: replacing("identifier:doc|one"), custodianKeys: [] });
    expect(await kinds(one, one, stranger)).toEqual(["superseded-by? two"]);
    expect(await kinds(stranger, one, stranger)).toEqual(["replaces? one"]);
    expect(isSuperseded(await relationsOf(one, one, stranger, rival))).toBe(false);
  });

  test("a claim upon a document that has not arrived is kept and matched when it comes", async () => {
    const two = document("two", { claims: replacing("identifier:doc|one") });
    expect(await kinds(two, two)).toEqual(["claims-missing? doc|one"]);
    expect(await kinds(two, two, document("one", { receivedAt: "2026-03-20T00:00:00.000Z" }))).toEqual(["replaces one"]);
  });

  test("of versions that share a Composition.identifier and claim it, only later ones supersede", async () => {
    const shared = { compositionKeys: ["identifier:c|X"] };
    const version = (n: number, claims: DocumentLinks["claims"]) =>
      document(`v${n}`, { ...shared, ownKeys: [`identifier:doc|v${n}`, "identifier:c|X"], timestamp: `2026-03-1${n}T00:00:00Z`, claims });
    const [one, two, three] = [version(1, []), version(2, replacing("identifier:c|X")), version(3, replacing("identifier:c|X"))] as const;
    expect(await kinds(one, one, two, three)).toEqual(["superseded-by v3", "superseded-by v2"]);
    expect(await kinds(two, one, two, three)).toEqual(["superseded-by v3", "replaces v1"]);
    expect(await kinds(three, one, two, three)).toEqual(["replaces v2", "replaces v1"]);
  });

  test("a later version without relatesTo is a newer version, an earlier one is not", async () => {
    const shared = { compositionKeys: ["identifier:c|X"] };
    const one = document("one", shared);
    const two = document("two", { ...shared, timestamp: "2026-04-01T00:00:00+02:00" });
    expect(await kinds(one, one, two)).toEqual(["newer-version two"]);
    expect(await kinds(two, one, two)).toEqual([]);
    expect(isSuperseded(await relationsOf(one, one, two))).toBe(false);
  });

  test("an addition does not supersede", async () => {
    const one = document("one");
    const two = document("two", { claims: [{ relation: "appends", key: "identifier:doc|one" }] });
    expect(await kinds(one, one, two)).toEqual(["appended-by two"]);
  });
});

describe("versions under one identifier, of which a time is missing or is a leap second", () => {
  const shared = "identifier:composition|1";
  const version = (id: string, at: { timestamp: string; date: string; receivedAt: string }): IndexedDocument =>
    document(id, { ...at, ownKeys: [shared, `identifier:doc|${id}`], claims: replacing(shared) });
  const TIMES = ["", "2026-01-10T09:00:00Z", "2026-02-01T23:59:60Z", "2026-03-05T08:00:00+01:00", "yesterday"];
  const DATES = ["", "2026", "2026-02", "2026-02-01", "2026-02-01T10:00:00+01:00", "2026-12-31T23:59:60Z"];

  test("one of them is the newest, whichever three there are and however they came", async () => {
    const all = TIMES.flatMap((timestamp) => DATES.map((date) => ({ timestamp, date })));
    for (let at = 0; at < all.length; at++) {
      const three = [0, 7, 13].map((step, order) => {
        const { timestamp, date } = all[(at * 3 + step) % all.length] as (typeof all)[number];
        return version(`v${order}`, { timestamp, date, receivedAt: `2026-02-0${1 + ((order + at) % 3)}T12:00:00.000Z` });
      });
      const superseded = await Promise.all(three.map(async (one) => isSuperseded(await relationsOf(one, ...three))));
      expect([three.map(({ summary }) => summary), superseded.filter(Boolean).length]).toEqual([expect.anything(), 2]);
    }
  });

  test("without a timestamp the date of the Composition counts", async () => {
    const march = version("march", { timestamp: "2026-03-05T08:00:00Z", date: "2026-03-05", receivedAt: "2026-03-05T08:00:01.000Z" });
    const february = version("february", { timestamp: "", date: "2026-02-01", receivedAt: "2026-04-01T08:00:00.000Z" });
    expect(isSuperseded(await relationsOf(march, march, february))).toBe(false);
    expect(isSuperseded(await relationsOf(february, march, february))).toBe(true);
  });
});
