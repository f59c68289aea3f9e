/**
 * HAPI FHIR's client (Java) against the real program, with the interceptor of docs/answered-later.md as it stands there. It runs where `HAPI_CLASSPATH` names the jars of `ca.uhn.hapi.fhir:hapi-fhir-client` and
 * `hapi-fhir-structures-r4` with all that they need (`mvn dependency:copy-dependencies`), and Java is there.
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { documentJson } from "./documents.ts";
import { removeFolder, startProgram, submit, temporaryFolder, type Program } from "./program.ts";

const CLASSPATH = process.env["HAPI_CLASSPATH"] ?? "";
const RECIPE = fileURLToPath(new URL("../../docs/answered-later.md", import.meta.url));
const ASKING = fileURLToPath(new URL("hapi/AskLater.java", import.meta.url));
const missing =
  CLASSPATH === "" ? "HAPI_CLASSPATH names no jars of HAPI" : spawnSync("javac", ["-version"]).status === 0 ? undefined : "there is no javac";

/** The one class of the recipe. */
function recipe(): string {
  const classes = [...readFileSync(RECIPE, "utf8").matchAll(/^```java\n(import [^]*?)^```$/gm)].map(([, code = ""]) => code);
  expect(classes).toHaveLength(1);
  return classes[0] ?? "";
}

(missing === undefined ? describe : describe.skip)(`HAPI's client${missing === undefined ? "" : `, left out: ${missing}`}`, () => {
  let program: Program;
  const said = new Map<string, string>();
  beforeAll(async () => {
    program = await startProgram();
    for (let count = 0; count < 2; count++) expect((await submit(program.url, documentJson(), "application/fhir+json")).status).toBe(201);
    const folder = temporaryFolder();
    writeFileSync(join(folder, "AnsweredLater.java"), recipe());
    const compiled = spawnSync("javac", ["-cp", CLASSPATH, "-d", folder, join(folder, "AnsweredLater.java"), ASKING], { encoding: "utf8" });
    expect([compiled.stderr, compiled.status]).toEqual(["", 0]);
    const { stdout, stderr } = spawnSync("java", ["-cp", CLASSPATH + delimiter + folder, "AskLater", `${program.url}/fhir`], {
      encoding: "utf8",
      timeout: 240_000,
    });
    removeFolder(folder);
    for (const line of stdout.trim().split("\n")) {
      const [name = "", what = ""] = line.split("\t");
      said.set(name, what);
    }
    if (said.size < 2) throw new Error(stderr.slice(-2_000));
  });
  afterAll(async () => {
    await program.end("SIGTERM");
    removeFolder(program.dataFolder);
  });

  test("begins what is answered later, and is told where; a search by itself takes the 202 for an answer", () => {
    expect(said.get("begin")).toMatch(/^202 http:\/\/[^ ]+\/fhir\/jobs\/[\w-]+$/);
    expect(said.get("search without it")).toMatch(/^throws .*expected "Bundle" but found "OperationOutcome"/);
  });

  test.each(["JSON", "XML"])("waits, with the interceptor, for searches, operations and batches, and is refused as at once, in %s", (form) => {
    expect(["search", "operation", "batch", "refused"].map((what) => said.get(`${form} ${what}`))).toEqual([
      "SEARCHSET 2 true",
      "true",
      "200 OK",
      "ERROR",
    ]);
  });
});
