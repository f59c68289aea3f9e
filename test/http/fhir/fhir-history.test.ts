/** Histories over HTTP (R4 http.html, history), and reads of versions. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import type { AnsweredBundle, AnsweredEntry } from "./answered-bundle.ts";
import { ask, type RawAnswer } from "../local-server.ts";

type Entry = AnsweredEntry & Required<Pick<AnsweredEntry, "request" | "response">>;
type History = AnsweredBundle<Entry>;

const BASE = "https://documents.example.org/fhir";
const JSON_TYPE = { "Content-Type": "application/fhir+json" };
const LONG = readFileSync(new URL("../../../fixtures/documents/valid/discharge-summary-long.json", import.meta.url), "utf8");
let house: House;
/** In order of deposit; the second was erased. */
let ids: string[];

const get = (path: string, headers: Record<string, string> = {}): Promise<RawAnswer> => ask(house.port, { path: `/fhir${path}`, headers });

async function deposit(body: string): Promise<string> {
  const { headers } = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: JSON_TYPE, body });
  return headers.location?.split("/").at(-3) ?? "";
}

async function history(path: string): Promise<History> {
  const answer = await get(path);
  expect([path, answer.status]).toEqual([path, 200]);
  return JSON.parse(String(answer.body)) as History;
}

async function allPages(path: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const page: History = await history(next);
    entries.push(...(page.entry ?? []));
    next = page.link.find(({ relation }) => relation === "next")?.url.slice(BASE.length);
  }
  return entries;
}

const told = (entries: readonly Entry[] = []): string[] =>
  entries.map(({ request, fullUrl }) => `${request.method} ${fullUrl.slice(BASE.length + 1)}`);

beforeAll(async () => {
  house = await openHouse();
  ids = [await deposit(LONG), await deposit(documentJson({ words: "To be erased." })), await deposit(documentJson({ words: "Third." }))];
  await house.erase(ids[1] ?? "");
});
afterAll(() => house.close());

describe("a history", () => {
  test("of documents is that of the log, the newest first, and tells what was erased", async () => {
    const [first = "", erased = "", third = ""] = ids;
    const expected = [`DELETE Bundle/${erased}`, `POST Bundle/${third}`, `POST Bundle/${erased}`, `POST Bundle/${first}`];
    const found = await history("/Bundle/_history");
    expect(found.type).toBe("history");
    expect(told(found.entry)).toEqual(expected);
    expect(told((await history("/_history")).entry)).toEqual(expected);
    expect(found.entry?.map(({ resource }) => resource?.id)).toEqual([undefined, third, undefined, first]);
    expect(found.entry?.[1]).toMatchObject({ request: { method: "POST", url: "Bundle" }, response: { status: "201 Created", etag: 'W/"1"' } });
    expect(found.entry?.[0]).toMatchObject({ request: { url: `Bundle/${erased}` }, response: { status: "204 No Content" } });
    expect(found.entry?.[3]?.resource).toEqual(JSON.parse(String((await get(`/Bundle/${first}`)).body)));
  });

  test("of one resource tells its one version, and that it went", async () => {
    const [first = "", erased = ""] = ids;
    expect(told((await history(`/Bundle/${first}/_history`)).entry)).toEqual([`POST Bundle/${first}`]);
    const gone = await history(`/Bundle/${erased}/_history`);
    expect([gone.total, told(gone.entry)]).toEqual([2, [`DELETE Bundle/${erased}`, `POST Bundle/${erased}`]]);
    expect(told((await history(`/Composition/${erased}.0/_history`)).entry)).toEqual([
      `DELETE Composition/${erased}.0`,
      `POST Composition/${erased}.0`,
    ]);
    const composition = await history(`/Composition/${first}.0/_history`);
    expect(composition.entry?.[0]?.resource).toEqual(JSON.parse(String((await get(`/Composition/${first}.0`)).body)));
    expect((await get(`/Bundle/${erased}`)).status).toBe(410);
    // Nobody knows any more what stood in it.
    expect((await get(`/Observation/${erased}.3/_history`)).status).toBe(410);
    for (const nothing of [
      `/Observation/${first}.0/_history`,
      `/Observation/${first}.9999/_history`,
      "/Observation/x/_history",
      `/Nothing/${first}/_history`,
    ])
      expect([nothing, (await get(nothing)).status]).toEqual([nothing, 404]);
  });

  test("of a type holds every resource of the type once, though documents arrive meanwhile", async () => {
    const all = await allPages("/Observation/_history?_count=500");
    expect(all.length).toBeGreaterThan(20);
    expect(new Set(told(all)).size).toBe(all.length);
    const seen: Entry[] = [];
    let next: string | undefined = "/Observation/_history?_count=7";
    while (next !== undefined) {
      const page: History = await history(next);
      expect(page.entry?.length).toBeLessThanOrEqual(7);
      seen.push(...(page.entry ?? []));
      await deposit(documentJson({ words: `Meanwhile ${seen.length}.` }));
      next = page.link.find(({ relation }) => relation === "next")?.url.slice(BASE.length);
    }
    expect(told(seen)).toEqual(told(all));
    expect(new Set((await allPages("/Bundle/_history?_count=2")).map(({ fullUrl, request }) => request.method + fullUrl)).size).toBe(
      (await allPages("/Bundle/_history")).length,
    );
  });

  test("goes back as far as is asked", async () => {
    const [last] = (await history("/Bundle/_history?_count=1")).entry ?? [];
    const { lastModified } = last?.response ?? { lastModified: "" };
    expect(told((await history(`/Bundle/_history?_since=${lastModified}`)).entry)).toContain(told(last ? [last] : [])[0]);
    expect((await history("/Bundle/_history?_since=2999-01-01")).entry).toBeUndefined();
    expect((await history("/Observation/_history?_since=2999-01-01")).entry).toBeUndefined();
    expect((await history("/Bundle/_history?_at=1999")).entry).toBeUndefined();
    expect(told((await history("/Bundle/_history?_since=2001-02-03T04:05:06Z")).entry)).toContain(`POST Bundle/${ids[0]}`);
    for (const zone of ["+01:00", "%2B01:00", "-01:00"])
      expect(told((await history(`/Bundle/_history?_since=2001-02-03T04:05:06.000${zone}`)).entry)).toContain(`POST Bundle/${ids[0]}`);
    const now = told((await history("/Bundle/_history?_at=2999")).entry);
    // What was erased was current once, and is no more: its erasure is what holds.
    expect(now).toContain(`DELETE Bundle/${ids[1]}`);
    expect(now).not.toContain(`POST Bundle/${ids[1]}`);
    expect(now).toContain(`POST Bundle/${ids[2]}`);
  });

  test.each([
    ["/Bundle/_history?_count=x", 400],
    ["/Bundle/_history?_count=0", 400],
    ["/Bundle/_history?_since=yesterday", 400],
    ["/Bundle/_history?_count=1&_count=2", 400],
    ["/Bundle/_history?_since=2024&_since=2025", 400],
    ["/Bundle/_history?status=final", 400],
    ["/Bundle/_history?_list=1", 400],
    ["/Bundle/_history?-page=x", 400],
    ["/Bundle/_history?-page=zzzzzz.zzzzzz", 400],
    ["/Parameters/_history", 404],
  ])("refuses %s", async (path, status) => {
    expect((await get(path)).status).toBe(status);
  });

  test("leaves out what nobody knows, where a client wants that", async () => {
    expect((await get("/Bundle/_history?colour=red", { Prefer: "handling=lenient" })).status).toBe(200);
    expect((await get("/Bundle/_history?_list=1", { Prefer: "handling=lenient" })).status).toBe(400);
  });

  test("is written in XML, and told to HEAD by its headers", async () => {
    const inXml = String((await get("/Bundle/_history?_count=1", { Accept: "application/fhir+xml" })).body);
    expect(inXml).toContain('<type value="history"/>');
    expect(inXml).toMatch(/<request><method value="POST"\/><url value="Bundle"\/><\/request><response><status value="201 Created"\/>/);
    const head = await ask(house.port, { method: "HEAD", path: "/fhir/Bundle/_history" });
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });
});

describe("a version", () => {
  test("is read of whatever is here, and there is one", async () => {
    for (const place of [`/Bundle/${ids[0]}`, `/Composition/${ids[0]}.0`, `/DocumentReference/${ids[0]}`]) {
      const plain = await get(place);
      const version = await get(`${place}/_history/1`);
      expect([version.status, version.headers.etag, String(version.body)]).toEqual([200, 'W/"1"', String(plain.body)]);
      expect((await get(`${place}/_history/2`)).status).toBe(404);
      expect((await get(place, { "If-None-Match": 'W/"1"' })).status).toBe(304);
      expect((await get(place, { "If-Modified-Since": String(plain.headers["last-modified"]) })).status).toBe(304);
      expect((await get(place, { "If-None-Match": 'W/"2"' })).status).toBe(200);
      const head = await ask(house.port, { method: "HEAD", path: `/fhir${place}` });
      expect([head.status, head.headers.etag, head.body.length]).toEqual([200, 'W/"1"', 0]);
    }
  });

  test("is made by whatever supersedes the document: the first says what it said, and both are read", async () => {
    const identifier = `urn:uuid:${randomUUID()}`;
    const id = await deposit(documentJson({ words: "Before.", identifier }));
    const places = [`/DocumentReference/${id}`, `/Composition/${id}.0`, `/Observation/${id}.4`];
    const before = await Promise.all(places.map(async (place) => String((await get(place)).body)));
    await deposit(documentJson({ words: "After.", replaces: identifier }));
    for (const [at, place] of places.entries()) {
      const [now, first, second] = [await get(place), await get(`${place}/_history/1`), await get(`${place}/_history/2`)];
      expect([place, String(first.body), first.headers.etag]).toEqual([place, before[at], 'W/"1"']);
      expect([place, String(second.body), second.headers.etag]).toEqual([place, String(now.body), 'W/"2"']);
      expect(now.headers.etag).toBe('W/"2"');
      expect(JSON.parse(String(now.body))).toMatchObject({ meta: { versionId: "2" } });
      expect(String(now.body)).toContain("superseded");
      expect((await get(place, { "If-None-Match": 'W/"2"' })).status).toBe(304);
      expect((await get(place, { "If-None-Match": 'W/"1"' })).status).toBe(200);
      expect((await get(`${place}/_history/1`, { "If-None-Match": 'W/"1"' })).status).toBe(304);
      expect((await get(`${place}/_history/3`)).status).toBe(404);
      const { entry, total } = JSON.parse(String((await get(`${place}/_history`)).body)) as History;
      expect([place, total, entry?.map(({ request, resource }) => [request.method, resource?.meta.versionId])]).toEqual([
        place,
        2,
        [
          ["PUT", "2"],
          ["POST", "1"],
        ],
      ]);
    }
    for (const place of [`/Bundle/${id}`, `/Binary/${id}`, `/List/${id}`, `/Provenance/${id}.seal`])
      expect([place, (await get(`${place}/_history/2`)).status, (await get(`${place}/_history/1`)).status]).toEqual([place, 404, 200]);
  });

  test("of the submitted bytes is told as that of their document", async () => {
    const [id = ""] = ids;
    const { entry } = JSON.parse(String((await get(`/Binary/${id}/_history`)).body)) as History;
    expect(entry?.map(({ fullUrl, request }) => [fullUrl.split("/").at(-2), request.method])).toEqual([["Binary", "POST"]]);
    const data = (entry?.[0]?.resource as unknown as { readonly data: string }).data;
    expect(Buffer.from(data, "base64").toString()).toBe(String((await get(`/Binary/${id}`)).body));
    const all = JSON.parse(String((await get("/Binary/_history?_count=2")).body)) as History;
    expect(all.entry?.length).toBe(2);
    expect(all.link.some(({ relation }) => relation === "next")).toBe(true);
  });

  test("is not said to be unchanged when it was superseded since", async () => {
    const identifier = `urn:uuid:${randomUUID()}`;
    const id = await deposit(documentJson({ words: "Before.", identifier }));
    const of = (name: string): string => `/${name}/${id}${name === "DocumentReference" ? "" : ".0"}`;
    for (const name of ["DocumentReference", "Composition"]) expect((await get(of(name), { "If-None-Match": 'W/"1"' })).status).toBe(304);
    await deposit(documentJson({ words: "After.", replaces: identifier }));
    for (const name of ["DocumentReference", "Composition"]) {
      const read = await get(of(name), { "If-None-Match": 'W/"1"' });
      expect([name, read.status, String(read.body).includes("superseded")]).toEqual([name, 200, true]);
    }
  });
});
