/** Terminology with three answers and a server behind it: what nothing that is held can tell is asked, by what is held, and nothing else is. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { lookup } from "node:dns";
import { openTerminologyServer } from "../../../src/adapters/callbacks/terminology-server.ts";
import { createTerms } from "../../../src/core/fhir/terminology/create-terms.ts";
import { HeardAnswers } from "../../../src/core/fhir/terminology/heard-answers.ts";
import { judgedByAsking } from "../../../src/pipeline/validate/hearing.ts";
import { conformanceOf } from "../../core/fhir/terminology/memory-conformance.ts";
import { TerminologyStandIn, type Parameter } from "./terminology-stand-in.ts";

const SCT = "http://snomed.info/sct";
const SET = "http://example.org/ValueSet/fevers";
const LOCAL = "http://example.org/CodeSystem/local";

const server = new TerminologyStandIn({ systems: { [SCT]: { "386661006": "Fever" } }, valueSets: { [SET]: [`${SCT}|386661006`] } });

beforeAll(() => server.open());
afterAll(() => server.close());

test("yes and no come from what is held where it can tell, else from the server, else nobody knows", async () => {
  const conformance = conformanceOf([
    { resourceType: "CodeSystem", url: LOCAL, version: "1", content: "complete", concept: [{ code: "a" }] },
    {
      ...{ resourceType: "ValueSet", url: SET, version: "3.1.0" },
      compose: { include: [{ system: SCT, filter: [{ property: "concept", op: "is-a", value: "386661006" }] }, { system: LOCAL }] },
    },
  ]);
  const heard = new HeardAnswers();
  const terms = createTerms({ conformance, heard });
  const opened = openTerminologyServer({
    address: { base: server.base, lookup, software: "chartulary/test" },
    valueSet: (canonical) => conformance.valueSet(canonical)?.resource,
    isKnownSystem: () => true,
    limits: { time: 60_000, call: 60_000 },
    onRest: (reason) => {
      throw new Error(reason);
    },
  });
  const codes = [
    { system: SCT, code: "386661006" },
    { system: SCT, code: "22298006" },
    { system: LOCAL, code: "a" },
    { system: LOCAL, code: "b" },
    { system: "http://example.org/CodeSystem/other", code: "x" },
  ];
  const judge = (): unknown[] => codes.map((coded) => terms.membership(SET, coded));
  const unknown = { membership: "unknown", unheld: [SCT] };
  expect(judge().slice(0, 2)).toEqual([unknown, unknown]);
  const yes = { membership: "member", unheld: [] };
  const no = { membership: "stranger", unheld: [] };
  expect(await judgedByAsking(judge, { heard, ask: opened.ask })).toEqual([yes, no, yes, no, no]);
  opened.close();
  const sent = server.questions.map(({ body }) => (JSON.parse(body) as { readonly parameter: readonly Parameter[] }).parameter);
  expect(sent.map((parameters) => parameters.map(({ name, ...value }) => `${name} ${String(Object.values(value)[0])}`))).toEqual([
    [`url ${SET}`, "valueSetVersion 3.1.0", "code 386661006", `system ${SCT}`],
    [`url ${SET}`, "valueSetVersion 3.1.0", "code 22298006", `system ${SCT}`],
  ]);
  expect(terms.code({ system: SCT, code: "386661006" }).membership).toBe("unknown");
});
