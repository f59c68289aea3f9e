/** `$document`, `$docref`, `$everything` and `$lastn` over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import type { AnsweredBundle, AnsweredEntry } from "./answered-bundle.ts";
import { ask, type RawAnswer } from "../local-server.ts";

type Entry = AnsweredEntry & Required<Pick<AnsweredEntry, "resource" | "search">>;
type Bundle = AnsweredBundle<Entry>;

const BASE = "https://documents.example.org/fhir";
const JSON_TYPE = { "Content-Type": "application/fhir+json" };
const LONG = readFileSync(new URL("../../../fixtures/documents/valid/discharge-summary-long.json", import.meta.url), "utf8");
let house: House;
let id: string;
let patient: string;

const get = (path: string, headers: Record<string, string> = {}): Promise<RawAnswer> => ask(house.port, { path: `/fhir${path}`, headers });
const post = (path: string, body: string): Promise<RawAnswer> => ask(house.port, { method: "POST", path: `/fhir${path}`, headers: JSON_TYPE, body });
const deposit = async (body: string): Promise<string> => (await post("/Bundle", body)).headers.location?.split("/").at(-3) ?? "";
const urls = ({ entry = [] }: Bundle): string[] => entry.map(({ fullUrl }) => fullUrl.slice(BASE.length + 1));

async function bundle(path: string): Promise<Bundle> {
  const answer = await get(path);
  expect([path, answer.status, answer.status === 200 ? "" : String(answer.body)]).toEqual([path, 200, ""]);
  return JSON.parse(String(answer.body)) as Bundle;
}

beforeAll(async () => {
  house = await openHouse();
  id = await deposit(LONG);
  await deposit(documentJson());
  patient = urls(await bundle("/Patient?_has:Condition:patient:code:missing=false"))[0] ?? "";
});
afterAll(() => house.close());

describe("$document", () => {
  test("gives the document as it was attested", async () => {
    const whole = String((await get(`/Bundle/${id}`)).body);
    for (const query of ["", "?persist=true", "?persist=false", "?_format=json"]) {
      const answer = await get(`/Composition/${id}.0/$document${query}`);
      expect([query, answer.status, String(answer.body) === whole]).toEqual([query, 200, true]);
      expect(answer.headers["content-location"]).toBe(`${BASE}/Bundle/${id}/_history/1`);
    }
    const parameters = '{"resourceType":"Parameters","parameter":[{"name":"persist","valueBoolean":true}]}';
    expect(String((await post(`/Composition/${id}.0/$document`, parameters)).body)).toBe(whole);
    expect(String((await get(`/Composition/${id}.0/$document`, { Accept: "application/fhir+xml" })).body)).toContain("<Bundle");
    const head = await ask(house.port, { method: "HEAD", path: `/fhir/Composition/${id}.0/$document` });
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });

  test("of what leads no document is nothing", async () => {
    const erased = await deposit(documentJson());
    await house.erase(erased);
    expect((await get(`/Composition/${erased}.0/$document`)).status).toBe(410);
    for (const nothing of [`Composition/${id}.1`, `Composition/${randomUUID()}.0`, "Composition/x", `Composition/${id}`, `Patient/${id}.0`])
      expect([nothing, (await get(`/${nothing}/$document`)).status]).toEqual([nothing, 404]);
    for (const bad of ["graph=http://example.org/g", "persist=maybe", "persist=true&persist=true", "colour=red"])
      expect([bad, (await get(`/Composition/${id}.0/$document?${bad}`)).status]).toEqual([bad, 400]);
    expect((await post(`/Composition/${id}.0/$document`, '{"resourceType":"Patient"}')).status).toBe(400);
  });
});

describe("$docref", () => {
  const docref = (query: string): Promise<Bundle> => bundle(`/DocumentReference/$docref?${query}`);

  test("gives the documents of a patient", async () => {
    expect(urls(await docref(`patient=${patient}`))).toEqual([`DocumentReference/${id}`]);
    expect(urls(await docref(`patient=${patient.slice("Patient/".length)}`))).toEqual([`DocumentReference/${id}`]);
    expect((await docref(`patient=${patient}`)).link[0]?.url).toBe(`${BASE}/DocumentReference/$docref?patient=${encodeURIComponent(patient)}`);
    expect(urls(await docref(`patient=${randomUUID()}.1`))).toEqual([]);
    const [reference] = (await docref(`patient=${patient}`)).entry ?? [];
    const { coding } = reference?.resource["type"] as { readonly coding: readonly { readonly system: string; readonly code: string }[] };
    const type = `${coding[0]?.system}|${coding[0]?.code}`;
    expect(urls(await docref(`patient=${patient}&type=${type}&type=x`))).toEqual([`DocumentReference/${id}`]);
    expect(urls(await docref(`patient=${patient}&type=x`))).toEqual([]);
    const concept = { coding: coding.slice(0, 1) };
    const parameter = [
      { name: "patient", valueId: patient.slice("Patient/".length) },
      { name: "type", valueCodeableConcept: concept },
    ];
    const posted = await post("/DocumentReference/$docref", JSON.stringify({ resourceType: "Parameters", parameter }));
    expect(urls(JSON.parse(String(posted.body)) as Bundle)).toEqual([`DocumentReference/${id}`]);
  });

  test("goes by the period of care, and leaves out nothing that does not tell of one", async () => {
    const event = '"event":[{"period":{"start":"2021-03-01","end":"2021-03-08"}}],"section"';
    const dated = await deposit(documentJson().replace('"section"', event));
    const own = `Patient/${dated}.1`;
    const found = async (query: string): Promise<number> => urls(await docref(`patient=${own}${query}`)).length;
    expect([await found(""), await found("&start=2021-03-05"), await found("&end=2021-03-05"), await found("&start=2021&end=2021")]).toEqual([
      1, 1, 1, 1,
    ]);
    expect([await found("&start=2021-04-01"), await found("&end=2021-02-28"), await found("&start=2020&end=2020")]).toEqual([0, 0, 0]);
    const undated = await deposit(documentJson());
    expect(urls(await docref(`patient=Patient/${undated}.1&start=1999&end=1999`))).toEqual([`DocumentReference/${undated}`]);
  });

  test.each([
    "",
    "start=2020",
    "patient=a&patient=b",
    "patient=a&on-demand=true",
    "patient=a&profile=http://x",
    "patient=a&start=soon",
    "patient=a&colour=1",
  ])("refuses '%s'", async (query) => expect((await get(`/DocumentReference/$docref?${query}`)).status).toBe(400));
});

describe("$everything", () => {
  const everything = (query = ""): Promise<Bundle> => bundle(`/${patient}/$everything${query}`);

  test("gives what is in the compartment, and what that refers to, each once on a page", async () => {
    const found = await everything();
    expect(found.type).toBe("searchset");
    const all = urls(found);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain(patient);
    const inIt = urls(await bundle(`/${patient}/*?_count=500`));
    expect(new Set(all)).toEqual(new Set([...inIt, ...all.filter((_, at) => found.entry?.[at]?.search.mode === "include")]));
    expect(all.some((url) => url.startsWith("Organization/"))).toBe(true);
    expect(all.every((url) => url.includes(id))).toBe(true);
  });

  test("in pages that come to the same", async () => {
    const whole = new Set(urls(await everything()));
    const seen = new Set<string>();
    for (let next: string | undefined = `/${patient}/$everything?_count=10`; next !== undefined;) {
      const page: Bundle = await bundle(next);
      for (const url of urls(page)) seen.add(url);
      await deposit(documentJson({ words: `Meanwhile ${seen.size}.` }));
      next = page.link.find(({ relation }) => relation === "next")?.url.slice(BASE.length);
    }
    expect(seen).toEqual(whole);
  });

  test("narrowed by type, time of receipt, and dates of care", async () => {
    const types = new Set((await everything("?_type=Condition,Organization")).entry?.map(({ resource }) => resource.resourceType));
    expect([...types].sort()).toEqual(["Condition", "Organization"]);
    expect((await everything("?_since=2999-01-01T00:00:00Z")).total).toBe(0);
    expect((await everything("?_since=2001-01-01T00:00:00Z")).total).toBe((await everything()).total);
    const never = await everything("?end=1900-01-01");
    const kinds = new Set(never.entry?.filter(({ search }) => search.mode === "match").map(({ resource }) => resource.resourceType));
    expect([kinds.has("Patient"), kinds.has("Observation"), kinds.has("Composition")]).toEqual([true, false, false]);
    expect((await everything("?start=1900-01-01")).total).toBe((await everything()).total);
  });

  test("of nobody is nothing", async () => {
    expect((await get(`/Patient/${id}.9999/$everything`)).status).toBe(404);
    expect((await get(`/Patient/${id}.0/$everything`)).status).toBe(404);
    expect((await get("/Patient/x/$everything")).status).toBe(404);
    expect((await get(`/Patient/${randomUUID()}.1/$everything`)).status).toBe(404);
    for (const bad of ["_since=x", "_count=x", "_type=Nothing", "colour=1", "start=x", "_since=2020&_since=2021"])
      expect([bad, (await get(`/${patient}/$everything?${bad}`)).status]).toEqual([bad, 400]);
    expect((await get("/Patient/$everything")).status).toBe(404);
  });

  test("is narrowed by every parameter that it is sent, or refused", async () => {
    const one = '{"name":"_type","valueCode":"Condition"}';
    const asked = (parameter: string): Promise<RawAnswer> =>
      post(`/${patient}/$everything`, `{"resourceType":"Parameters","parameter":${parameter}}`);
    const right = JSON.parse(String((await asked(`[${one}]`)).body)) as Bundle;
    expect(new Set(right.entry?.map(({ resource }) => resource.resourceType))).toEqual(new Set(["Condition"]));
    for (const wrong of [one, `[${one},null]`, `[[${one}]]`, '"_type"', "null"]) expect([wrong, (await asked(wrong)).status]).toEqual([wrong, 400]);
  });

  test("is asked in a batch, and in XML", async () => {
    const body = `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"${patient}/$everything?_count=3"}}]}`;
    const answer = JSON.parse(String((await post("", body)).body)) as { entry: { resource: Bundle }[] };
    expect(answer.entry[0]?.resource.total).toBe((await everything()).total);
    expect(String((await get(`/${patient}/$everything`, { Accept: "application/fhir+xml" })).body)).toContain("<Patient");
  });
});

describe("$lastn", () => {
  const lastn = (query: string): Promise<Bundle> => bundle(`/Observation/$lastn?${query}`);

  test("gives the newest of each code", async () => {
    const all = await bundle(`/Observation?patient=${patient}&category:missing=false&_count=500`);
    const codesOf = ({ resource }: Entry): string[] =>
      ((resource["code"] as { coding?: { system?: string; code?: string }[] }).coding ?? []).map(({ system, code }) => `${system}|${code}`);
    const found = await lastn(`patient=${patient}&category:missing=false`);
    const codes = (found.entry ?? []).flatMap(codesOf);
    // No code comes twice but by ties.
    const times = (found.entry ?? []).map(({ resource }) => JSON.stringify(resource["effectiveDateTime"] ?? ""));
    expect(times).toEqual([...times].sort().reverse());
    expect(new Set(codes)).toEqual(new Set((all.entry ?? []).flatMap(codesOf)));
    expect(found.total).toBeLessThanOrEqual(all.total ?? 0);
    const many = await lastn(`patient=${patient}&category:missing=false&max=500`);
    expect(new Set(urls(many))).toEqual(new Set(urls(all)));
    const one = await lastn(`subject=${patient}&code=${codes[0]}&max=1`);
    expect(one.entry?.every((entry) => codesOf(entry).includes(codes[0] ?? ""))).toBe(true);
  });

  test("of nobody is an empty set", async () => {
    expect((await lastn(`patient=${randomUUID()}.1&code=x`)).total).toBe(0);
  });

  test.each([
    "",
    "patient=x",
    "code=x",
    "patient=x&code=y&max=0",
    "patient=x&code=y&max=z",
    "patient=x&code=y&_sort=date",
    "patient=x&code=y&colour=1",
  ])("refuses '%s'", async (query) => expect((await get(`/Observation/$lastn?${query}`)).status).toBe(400));
});

test("the statement names them where they are", async () => {
  const statement = JSON.parse(String((await get("/metadata")).body)) as {
    rest: { resource: { type: string; operation?: { name: string }[] }[] }[];
  };
  const of = (type: string): string[] => statement.rest[0]?.resource.find((one) => one.type === type)?.operation?.map(({ name }) => name) ?? [];
  expect([of("Composition"), of("DocumentReference"), of("Patient"), of("Observation")]).toEqual([
    ["validate", "document", "graphql"],
    ["validate", "docref", "generate-metadata", "graphql"],
    ["validate", "everything", "export", "graphql"],
    ["validate", "lastn", "graphql"],
  ]);
});

test("a DocumentReference is found by when its document was received", async () => {
  expect((await bundle("/DocumentReference?date=gt2001")).total).toBe((await bundle("/DocumentReference")).total);
  expect((await bundle("/DocumentReference?date=lt2001")).total).toBe(0);
});
