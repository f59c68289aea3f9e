/** A terminology server that answers, is slow, is away, or says what no server should; and what of a document reaches it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { lookup } from "node:dns";
import { openTerminologyServer, type TerminologyLimits, type TerminologyServer } from "../../../src/adapters/callbacks/terminology-server.ts";
import type { ValueSet } from "../../../src/core/fhir/conformance/terminology-resources.ts";
import type { TerminologyQuestion } from "../../../src/core/fhir/terminology/questions.ts";
import { until } from "../../journeys/program.ts";
import { outcome, parameters, say, TerminologyStandIn, type Parameter } from "./terminology-stand-in.ts";

const SCT = "http://snomed.info/sct";
const LOINC = "http://loinc.org";
const RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm";
const SET = "http://example.org/ValueSet/findings";
const OWN = "http://example.org/ValueSet/own|1.0.0";

const server = new TerminologyStandIn({
  systems: { [SCT]: { "386661006": "Fever", "22298006": "Heart attack" }, [LOINC]: { "8867-4": "Heart rate" }, [RXNORM]: {} },
  valueSets: { [SET]: [`${SCT}|386661006`] },
});

let opened: TerminologyServer[] = [];
let rests: string[] = [];
let held: Readonly<Record<string, ValueSet>> = {};

beforeAll(() => server.open());
afterAll(() => server.close());
beforeEach(() => {
  Object.assign(server, { instead: undefined, delay: 0, most: 0, version: "1", listsSystems: true });
  server.asked.length = 0;
  held = {};
  rests = [];
});
afterEach(() => {
  opened.forEach((one) => one.close());
  opened = [];
});

function open(limits: Partial<TerminologyLimits> = {}, base = server.base): TerminologyServer {
  const one = openTerminologyServer({
    address: { base, lookup, software: "chartulary/test" },
    valueSet: (canonical) => held[canonical],
    isKnownSystem: (system) => system === LOINC,
    // How fast this machine is at this moment must not matter, but where waiting is what is tested.
    limits: { time: 60_000, call: 60_000, ...limits },
    onRest: (reason) => rests.push(reason),
  });
  opened.push(one);
  return one;
}

const question = (code: string, { valueSet, system = SCT, version }: Partial<TerminologyQuestion> = {}): TerminologyQuestion => ({
  valueSet,
  system,
  version,
  code,
});

const membershipsOf = async (one: TerminologyServer, ...questions: readonly TerminologyQuestion[]): Promise<(string | undefined)[]> =>
  (await one.ask(questions)).answers.map((answer) => answer?.membership);

const parametersOf = ({ body }: { readonly body: string }): Record<string, unknown> =>
  Object.fromEntries(
    (JSON.parse(body) as { readonly parameter: readonly Parameter[] }).parameter.map(({ name, ...value }) => [name, Object.values(value)[0]]),
  );

test("it is asked what it has, then of each code once; yes, no and unknown are remembered", async () => {
  const one = open();
  const questions = [
    question("386661006", { valueSet: SET }),
    question("22298006", { valueSet: SET }),
    question("8867-4", { system: LOINC }),
    question("9279-1", { system: LOINC, version: "2024" }),
    question("386661006", { valueSet: "http://example.org/ValueSet/nobody-knows" }),
  ];
  const first = await one.ask(questions);
  expect(first.answers).toEqual([
    { membership: "member", display: "Fever" },
    { membership: "stranger" },
    { membership: "member", display: "Heart rate" },
    { membership: "stranger" },
    { membership: "unknown" },
  ]);
  expect(server.asked[0]).toMatchObject({ method: "GET", url: "/fhir/metadata?mode=terminology" });
  expect(server.questions.map(parametersOf)).toContainEqual({ url: SET, code: "386661006", system: SCT });
  expect(server.questions.map(parametersOf)).toContainEqual({ url: LOINC, code: "9279-1", version: "2024" });
  const before = server.asked.length;
  expect(await one.ask(questions)).toEqual(first);
  expect(server.asked.length).toBe(before);
  expect(one.tally).toMatchObject({ member: 2, stranger: 2, unknown: 1, remembered: 5, failed: 0 });
});

test("a value set that it does not know is sent, as far as it is about the system; then at once", async () => {
  held = {
    [OWN]: {
      url: "http://example.org/ValueSet/own",
      version: "1.0.0",
      compose: {
        include: [
          { system: SCT, concept: [{ code: "386661006" }], valueSet: ["http://example.org/ValueSet/imported"] },
          { system: "http://example.org/local", concept: [{ code: "a" }] },
        ],
        exclude: [{ system: SCT, concept: [{ code: "22298006" }] }, { system: LOINC }],
      },
    },
    "http://example.org/ValueSet/imported": { url: "http://example.org/ValueSet/imported", compose: { include: [{ system: SCT }] } },
  };
  const one = open();
  expect(await membershipsOf(one, question("386661006", { valueSet: OWN }))).toEqual(["member"]);
  expect(server.questions.map(parametersOf)).toEqual([
    { url: "http://example.org/ValueSet/own", valueSetVersion: "1.0.0", code: "386661006", system: SCT },
    {
      valueSet: {
        resourceType: "ValueSet",
        status: "active",
        compose: {
          include: [{ system: SCT, concept: [{ code: "386661006" }], valueSet: ["http://example.org/ValueSet/imported"] }],
          exclude: [{ system: SCT, concept: [{ code: "22298006" }] }],
        },
      },
      "tx-resource": {
        resourceType: "ValueSet",
        url: "http://example.org/ValueSet/imported",
        status: "active",
        compose: { include: [{ system: SCT }] },
      },
      ...{ code: "386661006", system: SCT },
    },
  ]);
  expect(await membershipsOf(one, question("22298006", { valueSet: OWN }))).toEqual(["stranger"]);
  expect(server.questions.length).toBe(3);
});

test.each([
  ["false alone", parameters(false), "stranger"],
  ["false, and why", parameters(false, { name: "issues", resource: outcome("invalid-code", "no such code") }), "stranger"],
  ["of an unknown system", parameters(false, { name: "x-caused-by-unknown-system", valueCanonical: SCT }), "unknown"],
  ["of an unknown system, as some servers call it", parameters(false, { name: "x-unknown-system", valueCanonical: SCT }), "unknown"],
  [
    "false, for the system was not found",
    parameters(false, { name: "issues", resource: outcome("not-found", "A definition for CodeSystem") }),
    "unknown",
  ],
  ["false, for it can't", parameters(false, { name: "issues", resource: outcome("", "no", "not-supported") }), "unknown"],
  ["false with a warning", parameters(false, { name: "issues", resource: { issue: [{ severity: "warning", code: "not-found" }] } }), "stranger"],
])("%s", async (_name, answer, membership) => {
  server.instead = ({ method }, response) =>
    method === "GET" ? say(response, 200, { resourceType: "CapabilityStatement" }) : say(response, 200, answer);
  held = { [SET]: { url: SET, compose: { include: [{ system: SCT }] } } };
  expect(await membershipsOf(open(), question("386661006", { valueSet: SET }))).toEqual([membership]);
});

test.each([400, 404, 412, 422])("%d to what it was asked is no yes and no no", async (status) => {
  server.instead = ({ method }, response) =>
    method === "GET" ? say(response, 200, { resourceType: "TerminologyCapabilities" }) : say(response, status, outcome("", "no", "processing"));
  const one = open();
  expect(await membershipsOf(one, question("8867-4", { system: LOINC, valueSet: SET }), question("8867-4", { system: LOINC }))).toEqual([
    "unknown",
    "unknown",
  ]);
  expect(server.questions.map(({ url }) => url)).toContain("/fhir/CodeSystem/$lookup");
  expect(rests).toEqual([]);
});

test.each([
  ["its own trouble", 500, {}],
  ["something else than FHIR", 200, { hello: "world" }],
  ["no result", 200, { resourceType: "Parameters", parameter: [] }],
])("%s is no answer; when that goes on it is left alone", async (_name, status, body) => {
  server.instead = ({ method }, response) =>
    method === "GET" ? say(response, 200, { resourceType: "TerminologyCapabilities" }) : say(response, status, body);
  const one = open({ failures: 3, calls: 1 });
  const codes = ["1-8", "2-6", "3-4", "4-2", "5-9"].map((code) => question(code, { system: LOINC }));
  expect(await membershipsOf(one, ...codes)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  expect([server.questions.length, rests.length, one.isResting()]).toEqual([3, 1, true]);
  expect(await membershipsOf(one, question("6-7", { system: LOINC }))).toEqual([undefined]);
  expect(server.questions.length).toBe(3);
});

test.each([
  [301, {}],
  [401, {}],
  [403, {}],
  [429, { "Retry-After": "120" }],
])("%d: it is left alone at once", async (status, headers) => {
  server.instead = (_asked, response) => say(response, status, {}, { Location: `${server.base}/elsewhere`, ...headers });
  const one = open({ rest: 1 });
  expect(await membershipsOf(one, question("8867-4", { system: LOINC }))).toEqual([undefined]);
  expect([server.asked.length, rests.length]).toEqual([1, 1]);
  // For as long as it says, where it does.
  if ("Retry-After" in headers) expect(one.isResting()).toBe(true);
  else await until(() => !one.isResting());
});

test("one that is away costs nobody time, and is tried again after a rest", async () => {
  const one = open({ rest: 50 }, "http://127.0.0.1:1/fhir");
  expect(await membershipsOf(one, question("8867-4", { system: LOINC }))).toEqual([undefined]);
  expect(rests).toEqual(["nothing listens there"]);
  await until(() => !one.isResting());
  expect(await membershipsOf(one, question("8867-4", { system: LOINC }))).toEqual([undefined]);
  expect(rests).toHaveLength(2);
});

test("whoever asks waits for a set time; what comes later is there for the next", async () => {
  const one = open({ time: 100, rest: 1 });
  // That it is known takes as long as it takes.
  await until(async () => (await one.ask([])).edition !== "" && !one.isResting());
  rests = [];
  let answer = (): void => undefined;
  server.instead = (_asked, response) => (answer = () => say(response, 200, parameters(true)));
  expect(await membershipsOf(one, question("8867-4", { system: LOINC }))).toEqual([undefined]);
  expect([rests, one.tally.late]).toEqual([["it answered nothing within 100 ms"], 1]);
  await until(() => server.questions.length === 1);
  answer();
  await until(() => one.tally.member === 1 && !one.isResting());
  expect(await membershipsOf(one, question("8867-4", { system: LOINC }))).toEqual(["member"]);
  expect(server.questions).toHaveLength(1);
});

test("one that never says what it is, is asked nothing", async () => {
  server.instead = () => undefined;
  const one = open({ time: 100 });
  expect(await membershipsOf(one, question("8867-4", { system: LOINC }))).toEqual([undefined]);
  expect([server.questions.length, one.isResting()]).toEqual([0, true]);
  await expect(open({ call: 100 }).facts()).rejects.toMatchObject({ code: "unavailable" });
});

test("so many calls are made at once, and the same question by one of them", async () => {
  server.delay = 20;
  const one = open({ calls: 3, time: 20_000 });
  const codes = Array.from({ length: 12 }, (_, at) => question(String(1000 + at), { system: RXNORM }));
  const [first, second] = await Promise.all([membershipsOf(one, ...codes), membershipsOf(one, ...codes)]);
  expect([first, second]).toEqual([codes.map(() => "stranger"), codes.map(() => "stranger")]);
  expect(server.questions.length).toBe(12);
  expect(server.most).toBeLessThanOrEqual(3);
});

test("what it said as another version counts no more", async () => {
  const one = open({ facts: 0 });
  const { edition } = await one.ask([question("8867-4", { system: LOINC })]);
  server.version = "2";
  await one.ask([question("8867-4", { system: LOINC })]);
  await until(async () => (await one.ask([])).edition !== edition);
  const before = server.questions.length;
  expect(await membershipsOf(one, question("8867-4", { system: LOINC }))).toEqual(["member"]);
  expect(server.questions.length).toBe(before + 1);
});

test("answers that are longer than any, and names that say nothing, are bounded", async () => {
  server.instead = ({ method }, response) =>
    method === "GET"
      ? say(response, 200, { resourceType: "TerminologyCapabilities" })
      : say(
          response,
          200,
          parameters(true, { name: "display", valueString: server.questions.length === 1 ? "x".repeat(300_000) : "a\n\u202Eb".repeat(400) }),
        );
  const one = open();
  expect(await membershipsOf(one, question("1-8", { system: LOINC }))).toEqual([undefined]);
  const [answer] = (await one.ask([question("2-6", { system: LOINC })])).answers;
  expect(answer?.display).toMatch(/^a {2}b/);
  expect(answer?.display?.length).toBeLessThanOrEqual(400);
});

test("nothing leaves about systems that it does not have, nor what is no code by its form", async () => {
  const one = open();
  const withheld = [
    question("4711", { system: "http://hospital.example/patients" }),
    question("4711", { system: "urn:oid:1.2.3" }),
    question("Anna Meyer, born 12.3.1960"),
    question("anna.meyer"),
    question("386661006 |Fever|"),
    question("1234", { system: LOINC }),
    question("8867-5", { system: LOINC }),
    question("386661007"),
    question("386661006", { version: "of Anna Meyer" }),
    question("386661006", { version: "1999" }),
    question("x".repeat(65)),
  ];
  expect(await membershipsOf(one, ...withheld)).toEqual(withheld.map(() => "unknown"));
  expect([server.questions, one.tally.withheld]).toEqual([[], withheld.length]);
});

test("of one that lists no systems only those are asked about which the definitions name", async () => {
  server.listsSystems = false;
  held = { [SET]: { url: SET, compose: { include: [{ system: SCT }] } } };
  const one = open();
  const questions = [
    question("8867-4", { system: LOINC }),
    question("386661006", { valueSet: SET }),
    question("386661006"),
    question("4711", { system: "http://hospital.example/patients", valueSet: SET }),
  ];
  expect(await membershipsOf(one, ...questions)).toEqual(["member", "member", "unknown", "unknown"]);
  expect(server.questions).toHaveLength(2);
});
