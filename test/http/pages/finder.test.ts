/** The finder over HTTP: what each field finds and does not find, why it says so, and that nothing of it is logged. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const FIRST = "urn:uuid:7f1f5c7e-8a55-4ad8-9c0b-0f6f5c1b7a01";
const STATUS = '"status": "final",\n        "type"';
const ids: Record<string, string> = {};
const hidden = new Set<string>();
let house: House;

const written = (date: string, options: Parameters<typeof documentJson>[0] = {}): string =>
  documentJson(options).replace('"date": "2026-03-14T09:00:00+01:00"', `"date": "${date}"`);
/** Received in this order. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  first: written("2026-01-02", { identifier: FIRST }),
  replacing: written("2026-02-01T23:30:00-05:00", { replaces: FIRST }),
  wrong: written("2026-02-10").replace(STATUS, STATUS.replace("final", "entered-in-error")),
  other: written("2026-03-01")
    .replaceAll("Brandt", "Ødegård-Núñez")
    .replace("J-4711", "A|B,C$D")
    .replace("Okafor", "Lind")
    .replace("Lakeside Hospital", "Harbour, Clinic")
    .replace('"code": "18842-5", "display": "Discharge summary"', '"code": "11502-2", "display": "Laboratory report"'),
};

const get = (path: string): Promise<RawAnswer> => ask(house.port, { path, headers: { Accept: "text/html" } });
const pageOf = async (question: Record<string, string>): Promise<string> => {
  const answer = await get(`/?${new URLSearchParams(question).toString()}`);
  expect([question, answer.status]).toEqual([question, 200]);
  return String(answer.body);
};
const found = async (question: Record<string, string>): Promise<string[]> => {
  const links = [...(await pageOf(question)).matchAll(/\/documents\/([0-9a-f-]{36})"/g)].map(([, id]) => id);
  return links.map((id) => Object.keys(ids).find((name) => ids[name] === id) ?? "?");
};

beforeAll(async () => {
  house = await openHouse({
    decide: (_asked, _action, { id }) => (hidden.has(id) ? { isPermitted: false, reason: "hidden" } : { isPermitted: true }),
  });
  for (const [name, body] of Object.entries(DOCUMENTS)) {
    const headers = { "Content-Type": "application/fhir+json" };
    const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers, body });
    expect([name, answer.status]).toEqual([name, 201]);
    ids[name] = answer.headers.location?.split("/").at(-3) ?? "";
  }
});
afterAll(() => house.close());

const BRANDT = ["wrong", "replacing", "first"];

describe("finds by", () => {
  test.each<[Record<string, string>, string[]]>([
    [{ patient: "brandt" }, BRANDT],
    [{ patient: "Ada BRAN" }, BRANDT],
    [{ patient: "randt" }, []],
    [{ patient: "nunez" }, ["other"]],
    [{ patient: "***" }, []],
    [{ identifier: "J-4711" }, BRANDT],
    [{ identifier: "J-471" }, []],
    [{ identifier: "A|B,C$D" }, ["other"]],
    [{ identifier: "A" }, []],
    [{ identifier: FIRST }, ["first"]],
    [{ type: "labor" }, ["other"]],
    [{ type: "11502-2" }, ["other"]],
    [{ type: "discharge summary" }, BRANDT],
    [{ type: "summary letter" }, []],
    [{ author: "Okafor" }, BRANDT],
    [{ author: "ngozi lind" }, ["other"]],
    [{ author: "Brandt" }, []],
    [{ organisation: "lakeside" }, BRANDT],
    [{ organisation: "Harbour, Clinic" }, ["other"]],
    [{ organisation: "Okafor" }, []],
    // The day is that of the document's own zone, as its row tells it.
    [{ from: "2026-02-02" }, ["other", "wrong"]],
    [{ to: "2026-02-01" }, ["replacing", "first"]],
    [{ to: "2026-01-31" }, ["first"]],
    [{ from: "2026-02", to: "2026-02" }, ["wrong", "replacing"]],
    [{ status: "current" }, ["other", "replacing"]],
    [{ status: "superseded" }, ["first"]],
    [{ status: "entered-in-error" }, ["wrong"]],
    [{ patient: "brandt", status: "current", organisation: "lakeside", author: "okafor", type: "discharge", from: "2026" }, ["replacing"]],
    [{ q: "brandt", status: "current" }, ["replacing"]],
    [{ q: "J-4711", status: "superseded" }, ["first"]],
    [{ q: "nunez", status: "superseded" }, []],
    // Fields that are empty ask nothing: the newest, or the box alone.
    [{ patient: "", status: " " }, ["other", ...BRANDT]],
    [{ q: "4711", patient: "" }, BRANDT],
    [{ q: "J4711", patient: "" }, BRANDT],
  ])("%j: %j", async (question, names) => expect(await found(question)).toEqual(names));
});

test("says why: the field, and what of the document it matched", async () => {
  const why = async (question: Record<string, string>): Promise<string[]> =>
    [...(await pageOf(question)).matchAll(/\/documents\/[^"]+">([^<]*?)(?=<| next)/g)].map(([, reason]) => reason ?? "");
  expect(await why({ patient: "nunez", author: "lind", organisation: "harbour", type: "lab", from: "2026" })).toEqual([
    "patient=ØDEGÅRD-NÚÑEZ, Ada, type=Laboratory report, author=Dr Ngozi Lind, organisation=Harbour, Clinic",
  ]);
  expect(await why({ identifier: FIRST })).toEqual(["document-identifier="]);
  expect(await why({ identifier: "j-4711", status: "superseded" })).toEqual(["identifier=J-4711"]);
  expect(await why({ type: "11502-2" })).toEqual(["type="]);
  expect(await why({ q: "brandt" })).toEqual(BRANDT.map(() => "patient=BRANDT, Ada"));
  expect(await why({ q: "J-4711" })).toEqual(BRANDT.map(() => "identifier=J-4711"));
  expect(await why({})).toEqual(["", "", "", ""]);
});

test("a question that is none is refused, and nothing is answered in its place", async () => {
  for (const question of [
    "from=14.3.2026",
    "to=2026-13-01",
    "status=final",
    "patient=x&page=no",
    `patient=${"a+b+c+d+e+f+g+".repeat(2)}h+i+j+k+l+m+n`,
  ])
    expect([question, (await get(`/?${question}`)).status]).toEqual([question, 400]);
});

test("what may not be known is not found by any field", async () => {
  hidden.add(ids["other"] ?? "");
  for (const question of [{ patient: "nunez" }, { identifier: "A|B,C$D" }, { organisation: "harbour" }, { status: "current", author: "lind" }])
    expect([question, await found(question)]).toEqual([question, []]);
  hidden.clear();
});

test("goes on with the older ones, each once, also while documents arrive", async () => {
  const more = async (): Promise<void> => {
    const headers = { "Content-Type": "application/fhir+json" };
    const body = documentJson().replaceAll("Brandt", "Pagerson");
    expect((await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers, body })).status).toBe(201);
  };
  for (let at = 0; at < 27; at += 1) await more();
  const idsOf = (page: string): (string | undefined)[] => [...page.matchAll(/\/documents\/([0-9a-f-]{36})"/g)].map(([, id]) => id);
  const first = await pageOf({ patient: "pagerson" });
  const [, page = ""] = / next (\S+)$/.exec(first) ?? [];
  await more();
  const second = await pageOf({ patient: "pagerson", page });
  expect([idsOf(first).length, idsOf(second).length, new Set([...idsOf(first), ...idsOf(second)]).size]).toEqual([25, 2, 27]);
  expect(second).toMatch(/ next none$/);
});

test("no line of the log has a word of a search", async () => {
  const before = house.logged.length;
  await found({ patient: "zzyzx", author: "qwyjibo", organisation: "xyzzy", identifier: "plugh" });
  await found({ q: "zzyzx" });
  await get("/?from=zzyzx");
  const lines = house.logged.slice(before).join("\n");
  expect(lines).not.toMatch(/zzyzx|qwyjibo|xyzzy|plugh/);
});
