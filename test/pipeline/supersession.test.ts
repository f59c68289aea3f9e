import { describe, expect, test } from "@jest/globals";
import type { DocumentSummary } from "../../src/pipeline/record.ts";
import { isSuperseded, relationsOf } from "../../src/pipeline/supersession.ts";

/** The three look-ups of a store over a list of summaries. */
function shelf(...documents: DocumentSummary[]) {
  const having = (pick: (document: DocumentSummary) => readonly string[]) => (keys: readonly string[]) =>
    Promise.resolve(documents.filter((document) => pick(document).some((key) => keys.includes(key))));
  return {
    named: having((document) => document.ownKeys),
    claiming: having((document) => document.claims.map((claim) => claim.key)),
    sharingComposition: having((document) => document.compositionKeys),
  };
}

function document(id: string, over: Partial<DocumentSummary> = {}): DocumentSummary {
  return {
    id,
    title: id,
    type: "",
    status: "final",
    timestamp: "2026-03-14T09:00:00Z",
    date: "2026-03-14",
    receivedAt: "2026-03-14T09:00:01.000Z",
    patientIdentifiers: [],
    authors: [],
    searchTerms: [],
    ownKeys: [`identifier:doc|${id}`],
    claims: [],
    subjectKeys: ["identifier:mrn|1"],
    custodianKeys: ["identifier:org|1"],
    compositionKeys: [],
    ...over,
  };
}

const replacing = (key: string) => [{ relation: "replaces", key }];
const kinds = async (of: DocumentSummary, ...all: DocumentSummary[]) =>
  (await relationsOf(of, shelf(...all))).map(({ kind, isConfirmed, other, target }) => `${kind}${isConfirmed ? "" : "?"} ${other?.id ?? target}`);

describe("relationsOf", () => {
  test("a replaced document says so, and the one that replaces it too", async () => {
    const one = document("one");
    const two = document("two", { claims: replacing("identifier:doc|one") });
    expect(await kinds(one, one, two)).toEqual(["superseded-by two"]);
    expect(await kinds(two, one, two)).toEqual(["replaces one"]);
    expect(isSuperseded(await relationsOf(one, shelf(one, two)))).toBe(true);
  });

  test("another patient's or custodian's claim stays unconfirmed on both sides", async () => {
    const one = document("one");
    const stranger = document("two", { claims: replacing("identifier:doc|one"), subjectKeys: ["identifier:mrn|2"] });
    const rival = document("three", { claims: replacing("identifier:doc|one"), custodianKeys: [] });
    expect(await kinds(one, one, stranger)).toEqual(["superseded-by? two"]);
    expect(await kinds(stranger, one, stranger)).toEqual(["replaces? one"]);
    expect(isSuperseded(await relationsOf(one, shelf(one, stranger, rival)))).toBe(false);
  });

  test("a claim upon a document that has not arrived is kept and matched when it comes", async () => {
    const two = document("two", { claims: replacing("identifier:doc|one") });
    expect(await kinds(two, two)).toEqual(["claims-missing? doc|one"]);
    expect(await kinds(two, two, document("one", { receivedAt: "2026-03-20T00:00:00.000Z" }))).toEqual(["replaces one"]);
  });

  test("of versions that share a Composition.identifier and claim it, only later ones supersede", async () => {
    const shared = { compositionKeys: ["identifier:c|X"] };
    const version = (n: number, claims: DocumentSummary["claims"]) =>
      document(`v${n}`, { ...shared, ownKeys: [`identifier:doc|v${n}`, "identifier:c|X"], timestamp: `2026-03-1${n}T00:00:00Z`, claims });
    const [one, two, three] = [version(1, []), version(2, replacing("identifier:c|X")), version(3, replacing("identifier:c|X"))] as const;
    expect(await kinds(one, one, two, three)).toEqual(["superseded-by v3", "superseded-by v2"]);
    expect(await kinds(two, one, two, three)).toEqual(["superseded-by v3", "replaces v1"]);
    expect(await kinds(three, one, two, three)).toEqual(["replaces v1", "replaces v2"]);
  });

  test("a later version without relatesTo is a newer version, an earlier one is not", async () => {
    const shared = { compositionKeys: ["identifier:c|X"] };
    const one = document("one", shared);
    const two = document("two", { ...shared, timestamp: "2026-04-01T00:00:00+02:00" });
    expect(await kinds(one, one, two)).toEqual(["newer-version two"]);
    expect(await kinds(two, one, two)).toEqual([]);
    expect(isSuperseded(await relationsOf(one, shelf(one, two)))).toBe(false);
  });

  test("an addition does not supersede", async () => {
    const one = document("one");
    const two = document("two", { claims: [{ relation: "appends", key: "identifier:doc|one" }] });
    expect(await kinds(one, one, two)).toEqual(["appended-by two"]);
  });
});
