/** Questions that nobody asks in earnest: each is refused by name, or answered within what a search may cost. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";

const many = (count: number, make: (at: number) => string): string => Array.from({ length: count }, (_, at) => make(at)).join(",");
const times = (count: number, text: string): string => Array.from({ length: count }, () => text).join("&");
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };
let house: House;

beforeAll(async () => {
  house = await openHouse();
  const headers = { "Content-Type": "application/fhir+json" };
  for (let at = 0; at < 3; at += 1) await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers, body: documentJson() });
});
afterAll(() => house.close());

test.each([
  ["a chain of seven", "Observation?subject.organization.partof.partof.partof.partof.partof.name=a", 400],
  ["nine reverse chains", `Patient?${"_has:Observation:patient:".repeat(9)}code=x`, 400],
  [
    "ninety reverse chains beside each other",
    `Patient?${Array.from({ length: 90 }, (_, at) => `_has:Observation:patient:code=c${at}`).join("&")}`,
    200,
  ],
  ["the same reverse chain ninety times", `Patient?${times(90, "_has:Observation:patient:code=2823-3")}`, 200],
  ["a thousand values", `Observation?code=${many(1_000, (at) => `c${at}`)}`, 200],
  ["one more", `Observation?code=${many(1_001, (at) => `c${at}`)}`, 400],
  ["a hundred and one parameters", `Observation?${times(101, "status=final")}`, 400],
  ["a year beyond all", "Observation?date=9999999999999-01-01", 400],
  ["a year that no clock shows", "Observation?date=gt275761-01-01", 400],
  ["a month that there is not", "Observation?date=2024-13-45T99:99:99Z", 400],
  ["the first year", "Observation?date=ap0001-01-01", 200],
  ["a number without bounds", "Observation?value-quantity=1e999999999", 400],
  ["a large exponent", "Observation?value-quantity=1e400", expect.any(Number)],
  ["what is no number", "Observation?value-quantity=NaN", 400],
  ["infinity", "RiskAssessment?probability=Infinity", 400],
  ["a long number", `RiskAssessment?probability=${"9".repeat(9_000)}`, expect.any(Number)],
  ["what a regular expression would be stuck in", `Patient?name:contains=${encodeURIComponent("(a+)+$")}`, 200],
  ["what a database would understand", `Patient?identifier=${encodeURIComponent('$where|{"$gt":""}')}`, 200],
  ["an operator as a name", "Patient?identifier[$ne]=1", 400],
  ["nothing to be counted", "Observation?_count=0", 200],
  ["less than nothing", "Observation?_count=-1", 400],
  ["a thousand million", "Observation?_count=1000000000", 400],
  ["as many as may be named", "Observation?_count=999999999", 200],
  ["two counts", "Observation?_count=1&_count=2", 400],
  ["two orders", "Observation?_sort=date&_sort=-date", 400],
  ["five hundred keys of a sort", `Observation?_sort=${many(500, () => "date")}`, 400],
  ["keys of a sort that are none", "Observation?_sort=,,-,", 400],
  ["the same include a hundred times", `Observation?${times(99, "_include=Observation:subject")}`, 200],
  [
    "many includes",
    `Observation?${Array.from({ length: 40 }, (_, at) => `_include=Observation:subject:Patient&_revinclude=Provenance:target${at}`).join("&")}`,
    400,
  ],
  ["everything that refers and is referred to", "Composition?_include=*&_revinclude=*&_include:iterate=*", 200],
  ["a percent sign with nothing behind it", "Observation?code=%ZZ%", 200],
  ["bytes that are no text", "Observation?%E0%A4%A=1", 400],
  ["a character that no text has", "Patient?name=%00", 200],
  ["an id that is none", "Patient/%00", 404],
  ["a member of every object", "Patient?__proto__=1", 400],
  ["its constructor", "Patient?constructor:exact=1", 400],
  ["an include of it", "Patient?_include=__proto__:x", 400],
  ["a sort by it", "Patient?_sort=__proto__", 400],
  ["a type that is none", "__proto__?x=1", 404],
  ["a page beyond the log", "Patient?-page=zzzzzzzzzz.zzzzzzzzzzz", 400],
  ["a page with a long past", `Patient?-page=1.1${".1".repeat(17)}`, 400],
  ["parts of a composite", `Observation?code-value-quantity=${"$".repeat(3_000)}`, 400],
  ["backslashes", `Patient?name=${encodeURIComponent("\\".repeat(999))}`, 400],
  ["bars", `Patient?identifier=${"|".repeat(5_000)}`, 400],
  ["words without end", `Observation?_content=${Array.from({ length: 900 }, (_, at) => `w${at}`).join("+")}`, 400],
  ["a long word", `Observation?_content=${"a".repeat(12_000)}`, 200],
  ["all that is not", `Observation?${Array.from({ length: 99 }, (_, at) => `code:not=c${at}`).join("&")}`, 200],
])("%s", async (_, path, status) => {
  const answer = await ask(house.port, { path: `/fhir/${path}` });
  expect([answer.status, answer.status < 500 ? "" : String(answer.body)]).toEqual([status, ""]);
  const { resourceType } = JSON.parse(String(answer.body)) as { readonly resourceType: string };
  expect(resourceType).toBe(answer.status === 200 ? "Bundle" : "OperationOutcome");
});

test("a form is joined with the address, and has a bound", async () => {
  const post = (query: string, body: string, headers: Record<string, string> = FORM): ReturnType<typeof ask> =>
    ask(house.port, { method: "POST", path: `/fhir/Observation/_search${query}`, headers, body });
  const both = await post("?status=final", "code=2823-3&_count=1");
  expect([both.status, String(both.body)]).toEqual([200, expect.stringContaining("Observation?status=final&code=2823-3&_count=1")]);
  expect((await post("?_count=1", "_count=1")).status).toBe(400);
  expect((await post("", `_content=${"a".repeat(200_000)}`)).status).toBe(413);
  expect((await post("", `code=${many(10_000, (at) => `c${at}`)}`)).status).toBe(400);
  expect((await post("", "code=a", { ...FORM, "Content-Type": `${FORM["Content-Type"]}; charset=x-none` })).status).toBe(415);
  expect((await post("", "&&&===%%%")).status).toBe(400);
});

test("a search says beside a crowd of expensive ones what it says alone, to the letter", async () => {
  const ordinary = [
    "Patient?name=brandt",
    "Observation?code=2823-3&_include=Observation:subject",
    "Composition?subject:Patient.name=brandt&_sort=-date",
  ];
  const hostile = ["Observation?_content=a&_sort=-date&_count=500", "?_text=a&_count=500", "Patient?name:contains=a&_revinclude=*&_total=accurate"];
  // When it was written is another time each, and an outcome has an address of its own.
  const said = async (path: string): Promise<string> =>
    String((await ask(house.port, { path: `/fhir/${path}` })).body).replace(/^(\{"resourceType":"Bundle","meta":\{.*?)"lastUpdated":"[^"]*"/, "$1");
  const alone = await Promise.all(ordinary.map(said));
  const crowd = Promise.all(Array.from({ length: 8 }, () => hostile).flatMap((paths) => paths.map(said)));
  const beside = await Promise.all(Array.from({ length: 4 }, () => Promise.all(ordinary.map(said))));
  for (const answers of beside) expect(answers).toEqual(alone);
  expect(alone.every((text) => text.includes('"searchset"'))).toBe(true);
  expect(new Set(await crowd).size).toBe(hostile.length);
});
