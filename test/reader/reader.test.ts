/** What the decision forbids does not exist, on every way by which the HTTP interface could tell of it. */
import { EntriesInLog } from "../../src/pipeline/log/entries-in-log.ts";
import { JsonObject } from "../../src/core/fhir/tree/tree.ts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { askedByProgram } from "../../src/core/asked.ts";
import { STORED_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { createReader, type Reader } from "../../src/reader/reader.ts";
import { ANYTHING } from "../../src/search/query/criterion.ts";
import type { SearchQuery } from "../../src/search/query/search-query.ts";
import type { FoundResource } from "../../src/search/resource-index.ts";
import type { SearchPage } from "../../src/search/search-page.ts";
import type { Action, DocumentFacts } from "../../src/security/decide.ts";
import { accessBy, type Decide } from "../access.ts";
import { documentJson } from "../journeys/documents.ts";
import { openHouse, type House } from "../http/house.ts";
import { R4 } from "../r4.ts";
import { ask, type RawAnswer } from "../http/local-server.ts";

const JSON_TYPE = { "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
const hidden = new Set<string>();
const asked: { readonly action: Action; readonly id: string; readonly channel: string; readonly requestId: string }[] = [];
const decide: Decide = ({ channel, requestId }, action, { id }) => {
  asked.push({ action, id, channel, requestId });
  return hidden.has(id) ? { isPermitted: false, reason: "a test's" } : { isPermitted: true };
};

const identifier = `urn:uuid:${randomUUID()}`;
const original = documentJson({ identifier });
const conflicting = documentJson({ identifier, words: "Potassium 7.00 mmol/l." });
let house: House;
let id: string;
let later: string;

const get = (path: string, headers: Record<string, string> = {}): Promise<RawAnswer> => ask(house.port, { path, headers });
const post = (body: string): Promise<RawAnswer> => ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: JSON_TYPE, body });
const idIn = ({ headers }: RawAnswer): string => headers.location?.split("/").at(-3) ?? "";

beforeAll(async () => {
  house = await openHouse({ decide });
  id = idIn(await post(original));
  later = idIn(await post(documentJson({ replaces: identifier })));
});
afterAll(() => house.close());

/** Every address that gives a document, or says something of it. */
const addressesOf = (of: string): string[] => [
  ...["", "/_history/1", "/$validate", "?_format=html", "?_format=pdf"].map((end) => `/fhir/Bundle/${of}${end}`),
  ...["", "/_history/1", "/$validate"].map((end) => `/fhir/Binary/${of}${end}`),
  ...["", ".pdf", "/verify", "/receipt"].map((end) => `/documents/${of}${end}`),
];

describe("a document that may not be read", () => {
  beforeAll(() => void hidden.add(id));
  afterAll(() => hidden.clear());

  test("is not found, by the same answer as one that never was", async () => {
    const never = randomUUID();
    for (const [at, address] of addressesOf(id).entries()) {
      const [forbidden, absent] = await Promise.all([get(address), get(addressesOf(never)[at] ?? "")]);
      const plain = (answer: RawAnswer, of: string): string =>
        String(answer.body).replaceAll(of, "ID").replaceAll(String(answer.headers["x-request-id"]), "REQUEST");
      expect([address, forbidden.status]).toEqual([address, 404]);
      expect(plain(forbidden, id)).toBe(plain(absent, never));
    }
  });

  test("nor is it not modified", async () => {
    expect((await get(`/fhir/Bundle/${id}`, { "If-None-Match": 'W/"1"' })).status).toBe(404);
  });

  test("stands in no list", async () => {
    for (const address of ["/", "/?q=Brandt"]) expect(String((await get(address)).body)).not.toContain(id);
  });

  test("is named on no other document's page", async () => {
    expect(String((await get(`/documents/${later}`)).body)).not.toContain(id);
  });

  test("is named in no conflict", async () => {
    const { status, body } = await post(conflicting);
    expect([status, String(body).includes(id), String(body).includes("sha256:")]).toEqual([409, false, false]);
  });
});

test("a document that may be read is, and whoever asks is told to the decision", async () => {
  asked.length = 0;
  for (const address of addressesOf(id)) {
    const requestId = randomUUID();
    expect([address, (await get(address, { "X-Request-Id": requestId })).status]).toEqual([address, 200]);
    const seen = asked.filter((question) => question.requestId === requestId);
    expect([address, seen.some((question) => question.action === "read" && question.id === id)]).toEqual([address, true]);
  }
  expect(String((await get(`/documents/${id}`)).body)).toContain(`superseded-by ${later}`);
  expect((await post(conflicting)).body.toString()).toContain(id);
});

/** A reader whose index knows no document. */
function readerOf(more: Partial<Parameters<typeof createReader>[0]>): Reader {
  const none = { documents: [], missing: 1 };
  return createReader({
    store: house.store,
    documentKeys: house.depositing.documentKeys,
    logs: house.keys,
    inLog: new EntriesInLog({ logs: house.keys, store: house.store }),
    finder: {
      newest: () => Promise.resolve(none),
      search: () => Promise.resolve(none),
      related: (ids) => Promise.resolve(ids.map(() => ({ document: undefined, claimants: [], versions: [], targets: [], isComplete: false }))),
      named: () => Promise.resolve([]),
      documents: () => Promise.resolve(new Map()),
    },
    limits: STORED_READ_LIMITS,
    definitions: R4.definitions,
    systems: new Set(),
    searcher: SEARCHER,
    personIdOf: () => Promise.reject(new Error("nobody is called here")),
    historian: {
      page: () => Promise.reject(new Error("no history is told here")),
      instance: () => Promise.reject(new Error("no history is told here")),
    },
    project: () => Promise.resolve([]),
    feeds: { texts: () => [], patient: () => new JsonObject() },
    access: accessBy(() => ({ isPermitted: true })),
    scopeCriterion: () => ANYTHING,
    ...more,
  });
}

const SEARCHER: Parameters<typeof createReader>[0]["searcher"] = {
  search: () => Promise.reject(new Error("nothing is searched here")),
  persons: () => Promise.resolve([]),
  survivors: () => Promise.resolve(new Map<string, string>()),
  feeds: () => Promise.resolve([]),
  satisfying: () => Promise.resolve(new Set<string>()),
};

test("a document that the index does not know is decided about by what it says itself", async () => {
  const facts: DocumentFacts[] = [];
  const reader = readerOf({
    systems: new Set(["urn:oid:2.16.756.5.32.99"]),
    access: accessBy((_asked, _action, one) => {
      facts.push(one);
      return { isPermitted: false, reason: "a test's" };
    }),
  });
  const someone = askedByProgram("test");
  await expect(reader.document(id, someone)).rejects.toMatchObject({ code: "not-found" });
  expect(await reader.mayName(someone, { id, sameness: { canonical: "", signature: "", meta: "" } })).toBe(false);
  expect(facts).toHaveLength(2);
  for (const one of facts) expect([one.id, one.status, one.patient.some((key) => key.includes("J-4711"))]).toEqual([id, ["final"], true]);
});

test("what is erased between a search and the decision about it is left out, and the rest is found", async () => {
  const erased = idIn(await post(documentJson({ identifier: `urn:uuid:${randomUUID()}` })));
  await house.erase(erased);
  const found = (documentId: string, number: number): FoundResource => ({
    ...{ number, documentId, type: "Bundle", path: "", receivedAt: "", isSuperseded: false },
  });
  const page: SearchPage = {
    matches: [found(erased, 2), found(later, 1)],
    included: [],
    isCut: false,
    total: 2,
    size: 3,
    missing: 0,
    next: undefined,
  };
  const reader = readerOf({ searcher: { ...SEARCHER, search: () => Promise.resolve(page) } });
  const { matches } = await reader.find(askedByProgram("test"), { types: [] as SearchQuery["types"] } as SearchQuery);
  expect(matches.map(({ documentId }) => documentId)).toEqual([later]);
});
