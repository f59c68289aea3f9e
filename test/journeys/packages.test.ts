/** Documents are held against a package by their type, in the service and in its threads; what they were accepted under is told for ever, whatever the folder holds later. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { madePackage } from "../core/fhir/packages/made-archive.ts";
import { documentJson } from "./documents.ts";
import { idOf, removeFolder, runCommand, startProgram, submit, temporaryFolder, type Program } from "./program.ts";

const JSON_TYPE = "application/fhir+json";
const LETTER = "http://example.org/StructureDefinition/letter";

/** A letter says how confidential it is. */
const PROFILE = {
  ...{ resourceType: "StructureDefinition", url: LETTER, version: "1.0.1", name: "Letter", title: "A letter with a level of confidentiality" },
  ...{ type: "Composition", kind: "resource", derivation: "constraint", baseDefinition: "http://hl7.org/fhir/StructureDefinition/Composition" },
  differential: { element: [{ id: "Composition.confidentiality", path: "Composition.confidentiality", min: 1 }] },
};
const DOCUMENTS = [{ system: "http://loinc.org", code: "18842-5", profiles: [`${LETTER}|1.0`] }];

/** One that keeps to the profile. */
function letter(words = "Well."): string {
  return documentJson({ words }).replace('"status": "final",', '"status": "final", "confidentiality": "N",');
}

const folder = temporaryFolder();
const packages = join(folder, "packages");
const env = { PACKAGES_DIR: packages, CACHE_DIR: join(folder, "cache") };
let program: Program;
const ids: string[] = [];
const records: string[] = [];

async function textOf(path: string): Promise<string> {
  const answer = await fetch(`${program.url}${path}`, { headers: { accept: "*/*" } });
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.text();
}

beforeAll(async () => {
  mkdirSync(packages);
  const archive = join(folder, "letters.tgz");
  writeFileSync(archive, await madePackage("example.letters", "1.0.1", [PROFILE], { license: "CC0-1.0", fhirVersions: ["4.0.1"] }));
  writeFileSync(
    join(packages, "packages.json"),
    JSON.stringify({ format: "chartulary-packages/1", sets: [{ name: "Letters of 2026", from: "2026-01-01", packages: ["example.letters#1.0.1"], documents: DOCUMENTS }] }), // prettier-ignore
  );
  const added = runCommand(["packages", "add", archive], undefined, env);
  expect([added.code, added.stdout]).toEqual([0, expect.stringContaining("licence: CC0-1.0")]);
  expect(readdirSync(join(packages, ".compiled"))).toContainEqual(expect.stringMatching(/\.set$/));
  program = await startProgram({ dataFolder: join(folder, "data"), env });
});

afterAll(async () => {
  await program.end("SIGTERM");
  removeFolder(folder);
});

describe("documents are held against a package by their type", () => {
  test.each([
    ["a small one", "Well."],
    ["a large one, in a thread", "All is well. ".repeat(80_000)],
  ])("%s, and the record says under what it was accepted", async (_, words) => {
    const answer = await submit(program.url, letter(words), JSON_TYPE);
    expect(answer.status).toBe(201);
    const id = idOf(answer);
    const record = await textOf(`/documents/${id}/record`);
    expect(JSON.parse(record)).toMatchObject({
      profiles: {
        set: { name: "Letters of 2026", digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
        verdicts: [
          {
            profile: `${LETTER}|1.0`,
            version: "1.0.1",
            title: "A letter with a level of confidentiality",
            by: "document-type",
            result: "holds",
            count: 1,
          },
        ],
      },
    });
    ids.push(id);
    records.push(record);
  });

  test.each([
    ["a small one", "Well."],
    ["a large one, in a thread", "All is well. ".repeat(80_000)],
  ])("%s that breaks it is refused", async (_, words) => {
    const answer = await submit(program.url, documentJson({ words }), JSON_TYPE);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("confidentiality");
  });

  test("one of before the set began is held against nothing but R4", async () => {
    const answer = await submit(program.url, documentJson().replaceAll("2026-", "2025-"), JSON_TYPE);
    expect(answer.status).toBe(201);
    expect(JSON.parse(await textOf(`/documents/${idOf(answer)}/record`))).not.toHaveProperty("profiles.set");
  });

  test("the command line says the same, with the folder as an option or by the settings", () => {
    const without = documentJson();
    const { PACKAGES_DIR: _, ...cache } = env;
    expect(runCommand(["validate", "-"], without, cache).code).toBe(0);
    expect(runCommand(["validate", "--packages", packages, "-"], without, cache)).toMatchObject({ code: 1, stdout: expect.stringContaining(LETTER) });
    expect(runCommand(["validate", "-"], without, env).code).toBe(1);
    expect(runCommand(["validate", "-"], letter(), env).code).toBe(0);
  });
});

test("profiles of the set are offered where a file is looked at", async () => {
  expect(await textOf("/check")).toContain(`${LETTER}|1.0`);
});

test("what a document was accepted under is told when the packages are away, and its proof holds", async () => {
  await program.end("SIGTERM");
  rmSync(packages, { recursive: true });
  program = await startProgram({ dataFolder: join(folder, "data"), env: { CACHE_DIR: env.CACHE_DIR } });
  for (const [at, id] of ids.entries()) {
    expect(await textOf(`/documents/${id}/record`)).toBe(records[at]);
    const [file, receipt, trust] = ["document.json", "receipt.json", "trust.json"].map((name) => join(folder, name)) as [string, string, string];
    writeFileSync(file, await textOf(`/fhir/Bundle/${id}?_format=json`));
    writeFileSync(receipt, await textOf(`/documents/${id}/receipt`));
    writeFileSync(trust, await textOf("/trust.json"));
    expect(runCommand(["verify", file, "--receipt", receipt, "--trust", trust]).code).toBe(0);
  }
  const page = await textOf(`/documents/${ids[0] ?? ""}`);
  expect(page).toContain("Letters of 2026");
  expect(page).toContain("A letter with a level of confidentiality");
  // Without the packages the same is taken that was refused.
  const answer = await submit(program.url, documentJson(), JSON_TYPE);
  expect(answer.status).toBe(201);
});
