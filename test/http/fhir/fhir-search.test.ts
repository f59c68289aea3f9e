/** Searches over HTTP (R4 search.html, http.html): what a client gets that was written against the specification. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { documentJson } from "../../journeys/documents.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { openHouse, type House } from "../house.ts";

interface Entry {
  readonly fullUrl?: string;
  readonly resource: { readonly resourceType: string; readonly id?: string; readonly [name: string]: unknown };
  readonly search: { readonly mode: string };
}

interface Bundle {
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly Entry[];
}

const JSON_TYPE = { "Content-Type": "application/fhir+json" };
const LONG = readFileSync(new URL("../../../fixtures/documents/valid/discharge-summary-long.json", import.meta.url), "utf8");
const BASE = "https://documents.example.org/fhir";
let house: House;
let id: string;

const get = (path: string, headers: Record<string, string> = {}): Promise<RawAnswer> => ask(house.port, { path, headers });
const idIn = ({ headers }: RawAnswer): string => headers.location?.split("/").at(-3) ?? "";
const deposit = async (body: string): Promise<string> =>
  idIn(await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: JSON_TYPE, body }));

async function search(query: string, headers?: Record<string, string>): Promise<Bundle> {
  const answer = await get(`/fhir${query}`, headers);
  expect([query, answer.status]).toEqual([query, 200]);
  return JSON.parse(String(answer.body)) as Bundle;
}

const linkOf = ({ link }: Bundle, relation: string): string | undefined => link.find((one) => one.relation === relation)?.url;
const matchesOf = ({ entry = [] }: Bundle): Entry[] => entry.filter(({ search: { mode } }) => mode === "match");

beforeAll(async () => {
  house = await openHouse();
  id = await deposit(LONG);
});
afterAll(() => house.close());

describe("a search", () => {
  test("finds a document by what its deposit's answer was not yet asked for", async () => {
    const composition = await search("/Composition");
    expect(composition.total).toBe(1);
    const [entry] = matchesOf(composition);
    expect(entry?.fullUrl).toBe(`${BASE}/Composition/${id}.0`);
    const read = await get(`/fhir/Composition/${id}.0`);
    expect([read.status, JSON.parse(String(read.body))]).toEqual([200, entry?.resource]);
    expect(entry?.resource["meta"]).toMatchObject({ source: `${BASE}/Bundle/${id}`, versionId: "1" });
    expect((await search("/Bundle?composition.status=final")).total).toBe(1);
    expect((await search("/DocumentReference?status=current")).total).toBe(1);
  });

  test("gives references that lead to what is here", async () => {
    const [entry] = matchesOf(await search("/Composition"));
    const { reference } = entry?.resource["subject"] as { readonly reference: string };
    expect(reference).toMatch(new RegExp(`^Patient/${id}\\.\\d+$`));
    expect((await get(`/fhir/${reference}`)).status).toBe(200);
    expect((await search(`/Composition?subject=${reference}`)).total).toBe(1);
    expect((await search(`/Composition?subject=${BASE}/${reference}`)).total).toBe(1);
    expect((await search(`/Composition?subject=${reference}x`)).total).toBe(0);
  });

  test("gives the same by GET and POST, in JSON and XML", async () => {
    const byGet = await search("/Observation?status=final&_count=3");
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const byPost = await ask(house.port, { method: "POST", path: "/fhir/Observation/_search?status=final", headers, body: "_count=3" });
    const posted = JSON.parse(String(byPost.body)) as Bundle;
    expect([posted.total, posted.entry, posted.link]).toEqual([byGet.total, byGet.entry, byGet.link]);
    const inXml = String((await get("/fhir/Observation?status=final&_count=3", { Accept: "application/fhir+xml" })).body);
    expect(inXml).toContain(`<total value="${byGet.total}"/>`);
    for (const { fullUrl } of byGet.entry ?? []) expect(inXml).toContain(`<fullUrl value="${fullUrl}"/><resource><Observation`);
  });

  test("says what it used, and what it was as of", async () => {
    const found = await search("/Observation?status=final&_count=2&_format=json&code=");
    expect(linkOf(found, "self")).toBe(`${BASE}/Observation?status=final&_count=2`);
    expect(found).toMatchObject({ meta: { extension: [{ url: `${BASE}/StructureDefinition/log-size`, valueUnsignedInt: 1 }] } });
  });

  test("gives all in pages, each once, though documents arrive", async () => {
    const all = matchesOf(await search("/Observation?_count=500")).map(({ fullUrl }) => fullUrl);
    expect(all.length).toBeGreaterThan(20);
    const seen: (string | undefined)[] = [];
    let page = await search("/Observation?_count=7");
    for (;;) {
      expect(page.total).toBe(all.length);
      seen.push(...matchesOf(page).map(({ fullUrl }) => fullUrl));
      await deposit(documentJson({ words: `Word ${seen.length}.` }));
      const next = linkOf(page, "next");
      if (next === undefined) break;
      page = await search(next.slice(BASE.length));
    }
    expect(seen).toEqual(all);
  });

  test("includes what belongs to its matches, once", async () => {
    const found = await search(
      "/Composition?subject:missing=false&_include=Composition:subject&_include=Composition:author&type:missing=false&_count=1",
    );
    const included = (found.entry ?? []).filter(({ search: { mode } }) => mode === "include").map(({ fullUrl }) => fullUrl);
    expect(new Set(included).size).toBe(included.length);
    expect(included.some((url) => url?.includes("/Patient/"))).toBe(true);
    const back = await search("/Patient?_revinclude=Observation:patient&_count=50");
    expect((back.entry ?? []).some(({ resource, search: { mode } }) => mode === "include" && resource.resourceType === "Observation")).toBe(true);
  });

  test("counts, and shows parts that say they are parts", async () => {
    const counted = await search("/Observation?_summary=count");
    expect([counted.total, counted.entry]).toEqual([(await search("/Observation?_count=500")).total, undefined]);
    expect((await search("/Observation?_count=0")).entry).toBeUndefined();
    const [entry] = matchesOf(await search("/Observation?_elements=value&_count=1"));
    expect(Object.keys(entry?.resource ?? {})).not.toContain("subject");
    expect(JSON.stringify(entry?.resource["meta"])).toContain("SUBSETTED");
    const [bundle] = matchesOf(await search("/Bundle?_summary=data&_count=1"));
    expect(bundle?.resource["signature"]).toBeUndefined();
  });

  test("takes as many values as it may have", async () => {
    const none = Array.from({ length: 900 }, (_, at) => `none${at}`).join(",");
    expect((await search(`/Observation?code=${none}`)).total).toBe(0);
    const all = (await search("/Observation?status=final&_summary=count")).total;
    expect((await search(`/Observation?status=${none},final&_summary=count`)).total).toBe(all);
    expect((await search(`/Observation?status:not=${none},final&status=final&_summary=count`)).total).toBe(0);
    const together = Array.from({ length: 400 }, (_, at) => `none${at}$1`).join(",");
    expect((await search(`/Observation?code-value-quantity=${together}`)).total).toBe(0);
  });

  test("sorts", async () => {
    const dates = matchesOf(await search("/Observation?_sort=date&_count=500")).map(({ resource }) =>
      typeof resource["effectiveDateTime"] === "string" ? resource["effectiveDateTime"] : "9",
    );
    expect(dates).toEqual([...dates].sort());
  });

  test.each([
    ["/Observation?nonsense=1", "unsupported"],
    ["/Observation?code:nonsense=1", "unsupported"],
    ["/Observation?code:in=http://example.org/vs", "unsupported"],
    ["/Observation?date=yesterday", "bad-query"],
    ["/Observation?_sort=nonsense", "unsupported"],
    ["/Observation?_count=many", "bad-query"],
    ["/Observation?_include=Observation:status", "bad-query"],
    ["/Observation?_has:Observation:code=1", "bad-query"],
    ["/Observation?subject:Nonsense=1", "unsupported"],
    ["/Observation?code.text=1", "bad-query"],
    ["/Observation?code=a\\b", "bad-query"],
    ["/Observation?-page=nonsense", "bad-query"],
    ["/Observation?-page=zzzz.zzzz", "bad-query"],
    ["/Observation?_query=any", "unsupported"],
    ["/?_type=Nonsense", "bad-query"],
  ])("that nobody can answer is refused by name: %s", async (query, rule) => {
    const answer = await get(`/fhir${query}&_format=json`);
    const said = String(answer.body).slice(0, 500);
    expect([answer.status, said]).toEqual([400, expect.stringContaining(`"${rule}"`)]);
  });

  test("passes over what it does not know where the client wishes it, and says so, but never over what keeps data back", async () => {
    const lenient = { Prefer: "handling=lenient" };
    const found = await search("/Observation?nonsense=1&status=final&_count=1", lenient);
    expect(linkOf(found, "self")).toBe(`${BASE}/Observation?status=final&_count=1`);
    const outcome = found.entry?.find(({ search: { mode } }) => mode === "outcome");
    expect(JSON.stringify(outcome?.resource)).toContain("nonsense");
    expect((await get("/fhir/Observation?code:nonsense=1", lenient)).status).toBe(400);
    expect((await get("/fhir/Organization?patient=1", lenient)).status).toBe(400);
  });

  test("upon several types gives all of them, newest first", async () => {
    const found = await search("?_type=Patient,Composition&_count=500");
    expect(new Set(matchesOf(found).map(({ resource }) => resource.resourceType))).toEqual(new Set(["Patient", "Composition"]));
    expect((await search(`?_id=${id}`)).total).toBe(3);
  });

  test("keeps data of superseded documents back, and says whose it is where it is asked for", async () => {
    const identifier = "urn:uuid:6a1f3e9a-53a6-4f1b-9f6a-0d9f7f1c6f01";
    const first = await deposit(documentJson({ identifier, words: "First." }));
    const before = (await search("/Patient?_summary=count")).total ?? 0;
    await deposit(documentJson({ replaces: identifier, words: "Second." }));
    expect((await search("/Patient?_summary=count")).total).toBe(before);
    expect((await search(`/Composition?_id=${first}.0`)).total).toBe(1);
    expect((await search(`/DocumentReference?_id=${first}&status=superseded`)).total).toBe(1);
    expect((await search(`/DocumentReference?_id=${first}&status=current`)).total).toBe(0);
    const kept = await search(`/Patient?-with-superseded=true&_count=500`);
    expect(kept.total).toBe(before + 1);
    expect(JSON.stringify(matchesOf(kept).find(({ fullUrl }) => fullUrl?.includes(first))?.resource["meta"])).toContain("superseded");
  });
});

describe("what was found", () => {
  test("is read by its id, with validators, and is not there under another type or version", async () => {
    const address = `/fhir/Composition/${id}.0`;
    const answer = await get(address);
    expect(answer.headers.etag).toBe('W/"1"');
    expect((await get(address, { "If-None-Match": 'W/"1"' })).status).toBe(304);
    expect((await get(`${address}/_history/1`)).status).toBe(200);
    for (const absent of [
      `${address}/_history/2`,
      `/fhir/Patient/${id}.0`,
      `/fhir/Composition/${id}.99`,
      "/fhir/Composition/x",
      `/fhir/Composition/${id}`,
    ])
      expect([absent, (await get(absent)).status]).toEqual([absent, 404]);
    expect(String((await get(address, { Accept: "application/fhir+xml" })).body)).toContain("<Composition");
  });

  test("is in the CapabilityStatement, with the parameters that are answered", async () => {
    const statement = JSON.parse(String((await get("/fhir/metadata")).body)) as {
      readonly rest: readonly {
        readonly resource: readonly { readonly type: string; readonly searchParam?: readonly { readonly name: string }[] }[];
      }[];
    };
    const observation = statement.rest[0]?.resource.find(({ type }) => type === "Observation");
    for (const { name } of observation?.searchParam ?? []) {
      const answer = await get(`/fhir/Observation?${name}=`);
      expect([name, answer.status]).toEqual([name, 200]);
    }
    expect(observation?.searchParam?.map(({ name }) => name)).toEqual(expect.arrayContaining(["code", "value-quantity", "patient"]));
  });

  test("is gone when its document was erased", async () => {
    const erased = await deposit(documentJson({ words: "To be erased." }));
    await search("/Patient");
    await house.erase(erased);
    expect((await get(`/fhir/Composition/${erased}.0`)).status).toBe(410);
    expect(matchesOf(await search("/Composition?_count=500")).some(({ fullUrl }) => fullUrl?.includes(erased))).toBe(false);
  });
});
