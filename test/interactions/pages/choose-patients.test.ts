/** Whom somebody may choose for an app: each person once, told apart by more than a name. */
import { expect, test } from "@jest/globals";
import { choosePatients } from "../../../src/interactions/pages/choose-patients.ts";
import type { ResourceInteractions, SearchRequest } from "../../../src/interactions/fhir/search-resources.ts";
import { askedByProgram } from "../../../src/core/asked.ts";

const ASKED = askedByProgram("a test");
const [ONE, OTHER] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"] as const;
const PERSON = `p-${"0a".repeat(20)}`;
const patient = (id: string, over: object = {}): object => ({
  ...{ resourceType: "Patient", id, name: [{ family: "Brandt", given: ["Ina"] }], birthDate: "1980-02-03", gender: "female" },
  identifier: [{ value: "4711" }, { value: "4711" }],
  ...over,
});
const person = patient(PERSON, { link: [{ type: "seealso", other: { reference: `Patient/${ONE}.1` } }] });

/** Answers as a search does, by what is asked for. */
function house(answers: (request: SearchRequest) => readonly object[]): {
  readonly search: ResourceInteractions["search"];
  readonly asked: SearchRequest[];
} {
  const asked: SearchRequest[] = [];
  return {
    asked,
    search: (_asked, request) => {
      asked.push(request);
      const entry = answers(request).map((resource) => ({ resource }));
      return Promise.resolve({ weight: 1, write: () => Promise.resolve(Buffer.from(JSON.stringify({ resourceType: "Bundle", entry }))) });
    },
  };
}
const has = ({ parameters }: SearchRequest, name: string): boolean => parameters.some(([one]) => one === name);

test("a person once, without the copies in documents, with name, birth date, sex and identifier", async () => {
  const found = await choosePatients(
    ASKED,
    "",
    house(({ type }) => (type === "Patient" ? [patient(`${ONE}.1`), person] : [])),
  );
  expect(found).toEqual([{ id: PERSON, name: "Ina Brandt", birthDate: "1980-02-03", gender: "female", identifiers: ["4711"] }]);
});

test("a person of whom a copy alone was found, by what they were called once", async () => {
  const { search } = house((request) => (request.type !== "Patient" ? [] : has(request, "link") ? [person] : [patient(`${ONE}.1`)]));
  expect((await choosePatients(ASKED, "Old name", { search })).map(({ id }) => id)).toEqual([PERSON]);
});

test("who is known from one document alone is told apart by it; whom a document names beside its own patient is none to choose", async () => {
  const letter = (id: string, title: string): object => ({
    resourceType: "Composition",
    id,
    subject: { reference: `Patient/${id}.1` },
    title,
    date: "2026-01-02",
  });
  const { search } = house((request) =>
    request.type === "Composition"
      ? [letter(ONE, "Letter"), letter(OTHER, "Report")]
      : has(request, "link")
        ? []
        : [patient(`${ONE}.1`), patient(`${OTHER}.1`), patient(`${OTHER}.7`, { name: [{ text: "Her mother" }] })],
  );
  const found = await choosePatients(ASKED, "", { search });
  expect(found.map(({ id, document }) => [id, document?.title, document?.date])).toEqual([
    [`${ONE}.1`, "Letter", "2026-01-02"],
    [`${OTHER}.1`, "Report", "2026-01-02"],
  ]);
});

test("an id by which a person was called before is none to choose", async () => {
  const old = patient(`p-${"0b".repeat(20)}`, { link: [{ type: "replaced-by", other: { reference: `Patient/${PERSON}` } }] });
  expect(
    (
      await choosePatients(
        ASKED,
        "",
        house(({ type }) => (type === "Patient" ? [old, person] : [])),
      )
    ).map(({ id }) => id),
  ).toEqual([PERSON]);
});
