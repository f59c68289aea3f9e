/** What of whole documents reaches a terminology server: systems, versions and codes of their codings, and nothing that says whose they are. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { lookup } from "node:dns";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { openTerminologyServer } from "../../../src/adapters/callbacks/terminology-server.ts";
import { HeardAnswers } from "../../../src/core/fhir/terminology/heard-answers.ts";
import { judgedByAsking } from "../../../src/pipeline/validate/hearing.ts";
import { TerminologyStandIn, type Parameter } from "./terminology-stand-in.ts";

const FOLDERS = ["../../../fixtures/documents/valid", "../../../../shared/cases/documents"].map((one) => path.resolve(import.meta.dirname, one));
const SET = "http://example.org/ValueSet/all";
const SYSTEMS = [
  ...["http://snomed.info/sct", "http://loinc.org", "http://www.whocc.no/atc", "http://hl7.org/fhir/sid/icd-10", "http://unitsofmeasure.org"],
  ...["http://terminology.hl7.org/CodeSystem/v2-0203", "http://terminology.hl7.org/CodeSystem/v3-ActCode", "urn:ietf:bcp:47"],
];

const server = new TerminologyStandIn({ systems: Object.fromEntries(SYSTEMS.map((system) => [system, {}])), valueSets: {} });

beforeAll(() => server.open());
afterAll(() => server.close());

interface Found {
  readonly codings: { readonly system: string; readonly version: string | undefined; readonly code: string }[];
  /** Every text of the document that is no system, version or code of a coding. */
  readonly others: Set<string>;
}

function lookedAt(document: object): Found {
  const found: Found = { codings: [], others: new Set() };
  look(document, found);
  return found;
}

function look(value: unknown, found: Found): void {
  if (typeof value === "string") found.others.add(value);
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) return value.forEach((one) => look(one, found));
  const { system, version, code, ...others } = value as Record<string, unknown>;
  const isCoding = typeof system === "string" && typeof code === "string" && !("resourceType" in value);
  if (isCoding) found.codings.push({ system, code, version: typeof version === "string" ? version : undefined });
  for (const one of Object.values(isCoding ? others : value)) look(one, found);
}

function documents(): object[] {
  return FOLDERS.flatMap((folder) => {
    let names: string[] = [];
    try {
      names = readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((one) =>
        one.isFile() && /(?<!^index)\.json$/.test(one.name) ? [path.join(one.parentPath, one.name)] : [],
      );
    } catch {
      process.stderr.write(`${folder} is not here: only what comes with the project is looked at\n`);
    }
    return names.map((name) => JSON.parse(readFileSync(name, "utf8")) as object);
  });
}

test("of no document anything leaves but systems, versions and codes of its codings, of systems that the server has", async () => {
  const heard = new HeardAnswers({ limits: { questions: 100_000, answers: 1_000_000 } });
  const opened = openTerminologyServer({
    address: { base: server.base, lookup, software: "chartulary/test" },
    valueSet: () => ({ url: SET, compose: { include: SYSTEMS.map((system) => ({ system })) } }),
    isKnownSystem: () => true,
    limits: { time: 120_000, call: 120_000, waiting: 1_000_000 },
    onRest: (reason) => {
      throw new Error(reason);
    },
  });
  const found: Found = { codings: [], others: new Set() };
  for (const document of documents()) {
    const { codings, others } = lookedAt(document);
    found.codings.push(...codings);
    others.forEach((one) => found.others.add(one));
    const texts = [...others];
    // Asked as judging does, about codes and about a value set; and about whatever else stands there, as if somebody had written it where a code belongs.
    const judge = (): unknown => [
      codings.map((coding) => [heard.membership(SET, coding), heard.code(coding)]),
      texts.map((code) =>
        ["http://snomed.info/sct", "http://loinc.org", "http://hospital.example/patients"].map((system) => heard.code({ system, code })),
      ),
    ];
    await judgedByAsking(judge, { heard, ask: opened.ask });
  }
  opened.close();
  expect(found.codings.length).toBeGreaterThan(100);
  expect(server.questions.length).toBeGreaterThan(50);

  const sent = new Set<string>();
  for (const { url, headers, body } of server.questions) {
    expect(url).toMatch(/^\/fhir\/(?:CodeSystem|ValueSet)\/\$(?:validate-code|lookup)$/);
    expect(Object.keys(headers).sort()).toEqual(["accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"]);
    for (const parameter of (JSON.parse(body) as { readonly parameter: readonly Parameter[] }).parameter) {
      const [name, value, ...more] = Object.values(parameter as object) as unknown[];
      expect(more).toEqual([]);
      expect(["url", "system", "systemVersion", "version", "code", "valueSet"]).toContain(name);
      if (name !== "valueSet") sent.add(String(value));
      else expect(Object.keys(value as object).sort()).toEqual(["compose", "resourceType", "status"]);
    }
  }
  const known = new Set([SET, ...found.codings.flatMap(({ system, version = "", code }) => [system, version, code])]);
  // Of what stands elsewhere, only a number that passes for such a code by its check digit too.
  expect([...sent].filter((value) => !known.has(value) && !/^\d{6,18}$|^\d{1,7}-\d$/.test(value))).toEqual([]);
  const isSystem = (value: string): boolean => SYSTEMS.includes(value) || value === SET || value.startsWith("http://snomed.info/sct/");
  expect([...sent].filter((value) => /^(?:https?:|urn:)/.test(value) && !isSystem(value))).toEqual([]);
  expect([...sent].filter((value) => /\s/.test(value) || value.length > 64)).toEqual([]);
});
