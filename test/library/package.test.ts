/** What other programs import (`exports` of package.json), from the package as it is packed, by a program in JavaScript and one in TypeScript: they get what the command line says. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { localeFor } from "../../src/pipeline/render/locale-for.ts";
import { documentJson } from "../journeys/documents.ts";
import { removeFolder, startProgram, type Program } from "../journeys/program.ts";
import { CACHE_FOLDER, PROJECT_ROOT, chartulary } from "../journeys/support/service.ts";
import { idOf, receiptsOf, sampleDocument, seal, temporaryKeys, trustText } from "../pipeline/sign/deposited.ts";

const root = mkdtempSync(join(tmpdir(), "chartulary-package-"));
const consumer = join(root, "consumer");
const VALID = join(PROJECT_ROOT, "fixtures/documents/valid/discharge-summary-long.json");
const NOT_VALID = join(PROJECT_ROOT, "fixtures/documents/broken", readdirSync(join(PROJECT_ROOT, "fixtures/documents/broken")).filter((name) => name.endsWith(".json"))[0] ?? ""); // prettier-ignore

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[], cwd: string): Ended {
  return spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", HOME: root, CACHE_DIR: CACHE_FOLDER },
    maxBuffer: 1 << 26,
  });
}

/** What the program in JavaScript prints, as JSON. */
function ask(script: string): unknown {
  const { status, stdout, stderr } = run(process.execPath, ["--input-type=module", "--eval", script], consumer);
  expect([status, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  // As npm packs it, but for where it was built: `files` of package.json says what is in it.
  const packing = join(root, "packing");
  mkdirSync(packing);
  const { files } = JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8")) as { readonly files: readonly string[] };
  for (const name of ["package.json", ...files.filter((name) => !["dist", "sbom.cdx.json"].includes(name))])
    cpSync(join(PROJECT_ROOT, name), join(packing, name), { recursive: true });
  // Types are checked by `npm run check`, and by the compiler in `.ci/run`.
  const built = run(process.execPath, [join(PROJECT_ROOT, "scripts/build.ts"), join(packing, "dist"), "--unchecked"], PROJECT_ROOT);
  expect([built.status, built.stderr]).toEqual([0, expect.not.stringContaining("rror")]);
  const packed = run("npm", ["pack", "--ignore-scripts", "--offline", "--silent", "--pack-destination", root], packing);
  expect(packed.status).toBe(0);
  mkdirSync(join(consumer, "node_modules"), { recursive: true });
  expect(run("tar", ["-xzf", join(root, packed.stdout.trim()), "-C", join(consumer, "node_modules")], root).status).toBe(0);
  cpSync(join(consumer, "node_modules/package"), join(consumer, "node_modules/chartulary"), { recursive: true });
  rmSync(join(consumer, "node_modules/package"), { recursive: true });
  // What it depends on is found above, as npm hoists it.
  symlinkSync(join(PROJECT_ROOT, "node_modules"), join(root, "node_modules"), "dir");
  const keys = await temporaryKeys();
  const text = sampleDocument("urn:uuid:1");
  const [receipt = ""] = await receiptsOf([await seal(text, idOf(0), keys)], keys);
  for (const [name, content] of Object.entries({ document: text, receipt, trust: trustText(keys), altered: text.replace("Discharge", "Dischargé") }))
    writeFileSync(join(consumer, name), content);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const READ = `import { readFileSync } from "node:fs"; const read = (name) => readFileSync(name); const print = (value) => console.log(JSON.stringify(value));`;

describe("from the package, a program in JavaScript", () => {
  test("validates as the command line does, by each policy", async () => {
    const line = async (file: string, policy: string): Promise<unknown> => {
      const { valid, outcome } = JSON.parse((await chartulary(["validate", "--json", "--policy", policy, file])).output) as {
        valid: boolean;
        outcome: object;
      };
      return { valid, outcome };
    };
    for (const policy of ["strict", "form"]) {
      const given = ask(`${READ} import { openValidator } from "chartulary/validate";
        const { validate } = await openValidator({ policy: ${JSON.stringify(policy)} });
        print(await Promise.all(${JSON.stringify([VALID, NOT_VALID])}.map(async (file) => { const { valid, outcome } = await validate(read(file)); return { valid, outcome }; })));`);
      expect(given).toEqual([await line(VALID, policy), await line(NOT_VALID, policy)]);
    }
  });

  test("is told where something is wrong, and of text, of nothing and of a policy that is none too", () => {
    const given = ask(`${READ} import { validate } from "chartulary/validate";
      const fault = await validate("{}", { policy: "nowhere.json" }).catch(({ code }) => code);
      print([await validate('{"resourceType": "Patient",\\n "birthDate": "yesterday"}'), (await validate("")).valid, fault]);`);
    expect(given).toEqual([
      {
        valid: false,
        issues: expect.arrayContaining([expect.objectContaining({ severity: "error", expression: "Patient.birthDate", line: 2 })]),
        outcome: expect.objectContaining({ resourceType: "OperationOutcome" }),
      },
      false,
      "not-found",
    ]);
  });

  test("verifies as the command line does", async () => {
    const line = async (...args: readonly string[]): Promise<unknown> => {
      const { output } = await chartulary(["verify", "--json", ...args.map((one) => (one.startsWith("--") ? one : join(consumer, one)))]);
      const { verdict, signatures, checks } = JSON.parse(output) as Record<string, unknown>;
      return { verdict, signatures, checks };
    };
    const given = ask(`${READ} import { verify } from "chartulary/verify";
      const [document, altered, receipt, trust] = ["document", "altered", "receipt", "trust"].map(read);
      print([await verify({ document, receipt, trust }), await verify({ document: altered, receipt, trust }), await verify({ document: document.toString(), receipt: receipt.toString() })]);`) as readonly {
      readonly verdict: string;
    }[];
    expect(given.map(({ verdict }) => verdict)).toEqual(["proven", "false", "not-confirmed"]);
    const proof = ["--receipt", "receipt", "--trust", "trust"];
    expect(given).toEqual([await line(...proof, "document"), await line(...proof, "altered"), await line("--receipt", "receipt", "document")]);
  });

  test("renders as the command line does, in the reader's language, and ends by itself", async () => {
    const given = ask(`${READ} import { openRenderer, render } from "chartulary/render";
      const renderer = await openRenderer();
      const [plain, german] = [await renderer.render(read(${JSON.stringify(VALID)})), await renderer.render(read(${JSON.stringify(VALID)}), { locale: "de" })];
      await renderer.close();
      const { pdf } = await render(read(${JSON.stringify(VALID)}), { pdf: true, paper: "letter" });
      print([plain, german.html, Buffer.from(pdf).toString("latin1").match(/^%PDF-|\\/MediaBox \\[0 0 612/g), await render("{}")]);`) as readonly [
      Record<string, unknown>,
      string,
      string[],
      Record<string, unknown>,
    ];
    const [plain, german, pdf, nothing] = given;
    expect(plain).toMatchObject({ valid: true, title: expect.any(String), language: expect.any(String) });
    expect(plain["html"]).toBe((await chartulary(["render", VALID, "--to", "html"])).output);
    expect(german).toContain(`>${localeFor(["de"]).word("proof")}</h2>`);
    expect(new Set(pdf)).toEqual(new Set(["%PDF-", "/MediaBox [0 0 612"]));
    expect(nothing).toMatchObject({ valid: false, issues: [expect.objectContaining({ severity: expect.stringMatching(/fatal|error/) })] });
  });

  test("gets nothing else of the package", () => {
    const { status, stderr } = run(process.execPath, ["--input-type=module", "--eval", 'import "chartulary/dist/main.js";'], consumer);
    expect([status, stderr]).toEqual([1, expect.stringContaining("ERR_PACKAGE_PATH_NOT_EXPORTED")]);
  });
});

describe("from the package, a program in TypeScript", () => {
  const PROGRAM = `
import { validate, type Validation } from "chartulary/validate";
import { verify, type Verdict, type Verification } from "chartulary/verify";
import { render } from "chartulary/render";

const found: Validation = await validate(new Uint8Array(), { policy: "form" });
const rules: readonly string[] = found.issues.map(({ rule }) => rule);
const report: Verification = await verify({ document: "{}", now: new Date(0) });
const verdict: Verdict = report.verdict;
const shown = await render("{}", { locale: "de", paper: "a4" });
const text: string = shown.valid ? shown.html : shown.issues.map((issue) => issue.text).join();
export const all = [rules, verdict, text];

// @ts-expect-error there is no such policy setting
await validate("{}", { policies: ["form"] });
// @ts-expect-error a document is what is verified
await verify({ receipt: "{}" });
// @ts-expect-error what is not valid has no page
const page: string = shown.html;
// @ts-expect-error a verdict is one of four words
const other: "true" = report.verdict;
`;

  test("compiles against its types, which need nothing else, and runs", () => {
    writeFileSync(join(consumer, "program.ts"), PROGRAM.replace(/\n\/\/ @ts-expect-error[^]*$/, "\nconsole.log(JSON.stringify(all));\n"));
    writeFileSync(join(consumer, "typed.ts"), PROGRAM);
    writeFileSync(join(consumer, "package.json"), '{ "type": "module" }');
    const compilerOptions = { strict: true, exactOptionalPropertyTypes: true, module: "nodenext", target: "es2022", lib: ["es2022"], types: [], noEmit: true, skipLibCheck: false }; // prettier-ignore
    writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["typed.ts"] }));
    const compiled = run(process.execPath, [fileURLToPath(import.meta.resolve("typescript/bin/tsc")), "-p", "."], consumer);
    expect([compiled.stdout, compiled.status]).toEqual(["", 0]);
    const ran = run(process.execPath, ["--disable-warning=ExperimentalWarning", "program.ts"], consumer);
    expect([ran.status, ran.stderr]).toEqual([0, ""]);
    expect(JSON.parse(ran.stdout)).toEqual([expect.any(Array), "incomplete", expect.any(String)]);
  });
});

describe("from the package, the client", () => {
  const PROGRAM = `
import { openClient, ClientError, type Client, type Deposited } from "chartulary/client";
import type { Patient } from "fhir/r4.js";

const client: Client = openClient({ baseUrl: process.argv[2] ?? "", attempts: 2 });
const deposited: Deposited = await client.deposit(process.argv[3] ?? "");
const names: string[] = [];
for await (const found of client.search("Patient", { _count: 1 })) if (found.resourceType === "Patient") names.push(found.name?.[0]?.family ?? "");
const refused = await client.deposit("{}").catch((error: unknown) => (error instanceof ClientError ? error.status : undefined));
console.log(JSON.stringify([deposited.isNew, (await client.deposit(process.argv[3] ?? "")).isNew, names.length > 0, refused]));

export async function typed(): Promise<void> {
  const patient: Patient = await client.read("Patient", "one");
  // @ts-expect-error a Patient has no such element
  patient.title;
  // @ts-expect-error a type of R4 is read
  await client.read("Paper", "one");
  // @ts-expect-error the address is needed
  openClient({});
}
`;
  let program: Program;
  beforeAll(async () => {
    program = await startProgram();
  });
  afterAll(async () => {
    await program.end("SIGTERM");
    removeFolder(program.dataFolder);
  });

  test("compiles against its types and those of R4, and deposits and searches", () => {
    writeFileSync(join(consumer, "client.ts"), PROGRAM);
    const compilerOptions = { strict: true, exactOptionalPropertyTypes: true, module: "nodenext", target: "es2022", lib: ["es2022", "dom"], types: ["node"], noEmit: true }; // prettier-ignore
    writeFileSync(join(consumer, "tsconfig.client.json"), JSON.stringify({ compilerOptions, files: ["client.ts"] }));
    const compiled = run(process.execPath, [fileURLToPath(import.meta.resolve("typescript/bin/tsc")), "-p", "tsconfig.client.json"], consumer);
    expect([compiled.stdout, compiled.status]).toEqual(["", 0]);
    const ran = run(process.execPath, ["--disable-warning=ExperimentalWarning", "client.ts", program.url, documentJson({})], consumer);
    expect([ran.stderr, ran.stdout.trim()]).toEqual(["", "[true,false,true,422]"]);
  });

  test("needs nothing but itself in plain JavaScript, verifies with what verifies, takes an export and has a search answered later", () => {
    const given = ask(`${READ} import { openClient } from "chartulary/client"; import { verify } from "chartulary/verify";
      const client = openClient({ baseUrl: ${JSON.stringify(program.url)}, verify });
      const { id } = await client.deposit(read(${JSON.stringify(VALID)}));
      const trust = await (await fetch(${JSON.stringify(`${program.url}/trust.json`)})).text();
      const made = await client.export({ types: ["Binary"] });
      const lines = [];
      for await (const line of made.lines()) lines.push(JSON.parse(line));
      await made.remove();
      const found = await client.later("Composition?_count=1");
      print([(await client.verified(id, trust)).length, Buffer.from(lines.find((one) => one.id === id).data, "base64").length, found.type, found.entry.length]);`);
    const { length } = readFileSync(VALID);
    expect(given).toEqual([length, length, "searchset", 1]);
  });
});

test("the package has the verifier for browsers", () => {
  const script = readFileSync(join(consumer, "node_modules/chartulary/dist/browser/verifier.js"), "utf8");
  expect(script.length).toBeGreaterThan(500_000);
});
