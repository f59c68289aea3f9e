import { expect, test } from "@jest/globals";
import { HeardAnswers, type HeardLimits } from "../../../../src/core/fhir/terminology/heard-answers.ts";
import { isAskable, type Answered, type TerminologyQuestion } from "../../../../src/core/fhir/terminology/questions.ts";
import { mayHave, serverFacts, type ServerFacts } from "../../../../src/core/fhir/terminology/server-answers.ts";
import { judgedByAsking } from "../../../../src/pipeline/validate/hearing.ts";

const SYSTEM = "http://example.org/CodeSystem/one";
const SET = "http://example.org/ValueSet/some|1.0.0";
const member = { membership: "member", display: "A" } as const;

let now = 0;
const heardWith = (limits: Partial<HeardLimits> = {}): HeardAnswers => new HeardAnswers({ limits, now: () => now });
const answered = (questions: readonly TerminologyQuestion[], edition = "1"): Answered => ({ edition, answers: questions.map(() => member) });

test("what was not heard is a question, once; what was is known for a time, to the system, version and value set that it was about", () => {
  const heard = heardWith({ kept: 100 });
  const coded = { system: SYSTEM, code: "a" };
  expect([heard.membership(SET, coded), heard.membership(SET, coded), heard.code(coded)]).toEqual([undefined, undefined, undefined]);
  const questions = heard.asked();
  expect(questions).toEqual([
    { valueSet: SET, system: SYSTEM, version: undefined, code: "a" },
    { valueSet: undefined, system: SYSTEM, version: undefined, code: "a" },
  ]);
  expect(heard.asked()).toEqual([]);
  expect(heard.take(questions, answered(questions))).toBe(true);
  expect([heard.membership(SET, coded), heard.code(coded)]).toEqual(["member", member]);
  expect([heard.code({ ...coded, version: "2" }), heard.membership(`${SET}.1`, coded)]).toEqual([undefined, undefined]);
  now += 100;
  expect(heard.code(coded)).toBeUndefined();
});

test("of another edition nothing stays, and what did not come changes nothing", () => {
  const heard = heardWith();
  const [first, second] = ["a", "b"].map((code) => ({ valueSet: undefined, system: SYSTEM, version: undefined, code })) as [
    TerminologyQuestion,
    TerminologyQuestion,
  ];
  heard.take([first], answered([first]));
  expect(heard.take([second], { edition: "", answers: [undefined] })).toBe(false);
  expect(heard.code(first)).toEqual(member);
  heard.take([second], answered([second], "2"));
  expect([heard.code(first), heard.code(second)]).toEqual([undefined, member]);
});

test("neither questions nor answers grow without bound", () => {
  const heard = heardWith({ questions: 3, answers: 2 });
  for (let at = 0; at < 10; at++) heard.code({ system: SYSTEM, code: `c${at}` });
  const questions = heard.asked();
  expect(questions.map(({ code }) => code)).toEqual(["c0", "c1", "c2"]);
  heard.take(questions, answered(questions));
  expect(["c0", "c1", "c2"].map((code) => heard.code({ system: SYSTEM, code }) !== undefined)).toEqual([false, true, true]);
});

test.each([
  [{ system: undefined, code: "a" }, false],
  [{ system: "Anna Meyer", code: "a" }, false],
  [{ system: "http://example.org/a?patient=4711", code: "a" }, false],
  [{ system: "http://example.org/#anna", code: "a" }, false],
  [{ system: "mailto:anna@example.org", code: "a" }, false],
  [{ system: SYSTEM, code: "a b" }, false],
  [{ system: SYSTEM, code: "Müller" }, false],
  [{ system: SYSTEM, code: "" }, false],
  [{ system: SYSTEM, code: "a", version: "a b" }, false],
  [{ system: "urn:oid:1.2.3", code: "a-1.b" }, true],
  [{ system: "http://snomed.info/sct", code: "22298006" }, true],
  [{ system: "http://snomed.info/sct", code: "22298007" }, false],
  [{ system: "http://snomed.info/sct", code: "22298006", version: "http://snomed.info/sct/900000000000207008" }, true],
  [{ system: "http://loinc.org", code: "60591-5" }, true],
  [{ system: "http://loinc.org", code: "LA6576-8" }, true],
  [{ system: "http://loinc.org", code: "60591-6" }, false],
  [{ system: "http://hl7.org/fhir/sid/icd-10", code: "I21.4" }, true],
  [{ system: "http://hl7.org/fhir/sid/icd-10", code: "Meyer" }, false],
])("%j is asked about: %s", (coded: { system: string | undefined; code: string; version?: string }, isAsked) => {
  const heard = heardWith();
  heard.code(coded);
  expect(heard.asked().length > 0).toBe(isAsked);
  if (coded.system !== undefined) expect(isAskable({ valueSet: undefined, version: undefined, ...coded, system: coded.system })).toBe(isAsked);
});

test("judging goes on by what was said, once more; nobody asks about the same twice, nor where nothing came", async () => {
  const heard = heardWith();
  const asked: (readonly TerminologyQuestion[])[] = [];
  let edition: string | undefined = "1";
  const hearing = {
    heard,
    ask: (questions: readonly TerminologyQuestion[]): Promise<Answered> => {
      asked.push(questions);
      return Promise.resolve(edition === undefined ? { edition: "", answers: questions.map(() => undefined) } : answered(questions, edition));
    },
  };
  let judged = 0;
  const judge = (code: string) => (): unknown => [heard.code({ system: SYSTEM, code })?.membership, ++judged];
  expect(await judgedByAsking(judge("a"), undefined)).toEqual([undefined, 1]);
  expect(await judgedByAsking(judge("a"), hearing)).toEqual(["member", 3]);
  expect(await judgedByAsking(judge("a"), hearing)).toEqual(["member", 4]);
  expect(asked).toHaveLength(1);
  edition = undefined;
  expect(await judgedByAsking(judge("b"), hearing)).toEqual([undefined, 5]);
  expect(asked).toHaveLength(2);
});

test.each([undefined, null, "x", [], {}, { resourceType: "Patient" }, { resourceType: "Parameters" }])("%j is no server's word of itself", (said) =>
  expect(serverFacts(said)).toBeUndefined(),
);

test("a server is what it says that it has, in whatever order and whenever it says so", () => {
  const said = (date: string, ...codeSystem: readonly object[]): ServerFacts =>
    serverFacts({ resourceType: "TerminologyCapabilities", date, software: { name: "One", version: "2" }, codeSystem }) as ServerFacts;
  const [a, b] = [{ uri: "http://a" }, { uri: "http://snomed.info/sct", version: [{ code: "http://snomed.info/sct/1/version/2024" }, {}, 4] }];
  const facts = said("2024", a, b);
  expect(facts).toEqual(said("2025", b, a));
  expect(facts.edition).not.toBe(said("2024", a).edition);
  expect(facts.software).toBe("One 2");
  const has = (system: string, version?: string): boolean => mayHave(facts, system, version);
  expect([has("http://a"), has("http://a", "1"), has("http://b"), has("http://snomed.info/sct")]).toEqual([true, true, false, true]);
  expect([has("http://snomed.info/sct", "http://snomed.info/sct/1"), has("http://snomed.info/sct", "http://snomed.info/sct/11")]).toEqual([
    true,
    false,
  ]);
  expect(mayHave(said("2024"), "http://whatever", "7")).toBe(true);
});
