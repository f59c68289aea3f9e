/** A service with a package and a terminology server: what only the server can tell decides about a deposit, here and in threads; what it does not say holds nobody up; and it learns codes alone. */
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TerminologyStandIn, type Parameter } from "../adapters/callbacks/terminology-stand-in.ts";
import { madePackage } from "../core/fhir/packages/made-archive.ts";
import { documentJson } from "./documents.ts";
import { idOf, removeFolder, startProgram, submit, temporaryFolder, type Program } from "./program.ts";

const LOINC = "http://loinc.org";
const SET = "http://example.org/ValueSet/chemistry";
const PROFILE = "http://example.org/StructureDefinition/chemistry";
const RESOURCES = [
  {
    ...{ resourceType: "StructureDefinition", url: PROFILE, version: "1.0.0", name: "Chemistry", title: "Chemistry result", status: "active" },
    ...{ fhirVersion: "4.0.1", kind: "resource", abstract: false, type: "Observation", derivation: "constraint" },
    baseDefinition: "http://hl7.org/fhir/StructureDefinition/Observation",
    differential: {
      element: [
        { id: "Observation", path: "Observation" },
        { id: "Observation.code", path: "Observation.code", binding: { strength: "required", valueSet: SET } },
      ],
    },
  },
  {
    ...{ resourceType: "ValueSet", url: SET, version: "1.0.0", status: "active" },
    compose: { include: [{ system: LOINC, filter: [{ property: "CLASS", op: "=", value: "CHEM" }] }] },
  },
];

const server = new TerminologyStandIn({ systems: { [LOINC]: { "2823-3": "Potassium" } }, valueSets: { [SET]: [`${LOINC}|2823-3`] } });
const [dataFolder, packages] = [temporaryFolder(), temporaryFolder()];
let program: Program;

beforeAll(async () => {
  await server.open();
  const about = { fhirVersions: ["4.0.1"], dependencies: { "hl7.fhir.r4.core": "4.0.1" } };
  writeFileSync(join(packages, "example.chemistry-1.0.0.tgz"), await madePackage("example.chemistry", "1.0.0", RESOURCES, about));
  // How busy this machine is must not matter, but where waiting is tested.
  const env = { PACKAGES_DIR: packages, TERMINOLOGY_URL: server.base, TERMINOLOGY_TIMEOUT_SECONDS: "20" };
  program = await startProgram({ dataFolder, env });
});
beforeEach(() => void (server.asked.length = 0));
afterAll(async () => {
  await program.end("SIGTERM");
  server.close();
  removeFolder(dataFolder);
  removeFolder(packages);
});

/** Large ones are judged in threads, which ask the main one. */
const LARGE = "Potassium was watched. ".repeat(20_000);

async function deposited(code: string, words?: string): Promise<{ readonly status: number; readonly text: string; readonly id?: string }> {
  const document = documentJson(words === undefined ? {} : { words })
    .replace('"resourceType": "Observation",', `"resourceType": "Observation", "meta": { "profile": ["${PROFILE}"] },`)
    .replace('"code": "2823-3"', `"code": "${code}"`);
  const answer = await submit(program.url, document, "application/fhir+json");
  return { status: answer.status, text: await answer.text(), ...(answer.status === 201 && { id: idOf(answer) }) };
}

const proofOf = async (id = ""): Promise<string> => {
  const page = await (await fetch(`${program.url}/documents/${id}`, { headers: { Accept: "text/html" } })).text();
  return (page.split('id="proof"')[1] ?? "").replace(/<[^>]+>/g, "").replace(/\s+/g, " ");
};

test.each([
  ["here", undefined],
  ["in a thread", LARGE],
])("what it calls a member is taken, and what it does not is refused: %s", async (_where, words) => {
  const taken = await deposited("2823-3", words);
  expect([taken.status, taken.text.includes("profile-code")]).toEqual([201, false]);
  expect(await proofOf(taken.id)).toContain(`Held against definitions: example.chemistry#1.0.0 Chemistry result: holds to it${PROFILE}|1.0.0`);
  const refused = await deposited("2951-2", words);
  expect(refused.status).toBe(422);
  expect(refused.text).toContain("profile-code");
  expect(refused.text).not.toContain("profile-code-unknown");
});

test("it learnt codes of the value set that was asked about, each once, and nothing of anybody", async () => {
  server.asked.length = 0;
  await deposited("718-7");
  await deposited("718-7", LARGE);
  expect(server.questions.map(({ url }) => url)).toEqual(["/fhir/ValueSet/$validate-code"]);
  const { parameter } = JSON.parse(server.questions[0]?.body ?? "{}") as { readonly parameter: readonly Parameter[] };
  expect(parameter).toEqual([
    { name: "url", valueUri: SET },
    { name: "valueSetVersion", valueString: "1.0.0" },
    { name: "code", valueCode: "718-7" },
    { name: "system", valueUri: LOINC },
  ]);
});

test("a service whose server says nothing takes documents all the same, and says that nobody could tell", async () => {
  await program.end("SIGTERM");
  server.instead = () => undefined;
  const env = { PACKAGES_DIR: packages, TERMINOLOGY_URL: server.base, TERMINOLOGY_TIMEOUT_SECONDS: "0.2" };
  program = await startProgram({ dataFolder, env });
  const taken = await deposited("2951-2");
  expect(taken.status).toBe(201);
  expect(await proofOf(taken.id)).toContain(`Chemistry result: nothing breaks it; of some codes nobody could tell${PROFILE}|1.0.0`);
  expect(program.output()).toMatch(/terminology server \(TERMINOLOGY_URL\) is not asked/);
});
