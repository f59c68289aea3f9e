/** The real program as a child process: exit codes, what goes to which stream, and how the service starts and stops. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { documentJson } from "../journeys/documents.ts";
import { idOf, startProgram, submit, until } from "../journeys/program.ts";

const ENTRY = fileURLToPath(new URL("../../bin/chartulary.js", import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-program-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const run = (args: readonly string[], env: Record<string, string> = {}): { code: number | null; stdout: string; stderr: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ENTRY, ...args], {
    cwd: folder,
    encoding: "utf8",
    input: documentJson(),
    env: { ...process.env, NODE_OPTIONS: "", MONGODB_URL: "", DATA_DIR: join(folder, "data"), ...env },
  });
  return { code: status, stdout, stderr };
};

describe("a service that may not or can't start says why in one sentence, and ends with 2", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ["open to others", { HOST: "0.0.0.0", PORT: "0" }, /HOST is 0\.0\.0\.0.*ACCESS=embedded/],
    ["open in production", { NODE_ENV: "production", PORT: "0" }, /NODE_ENV is production.*ACCESS=oidc/],
    ["with faults in its settings, all at once", { PORT: "http", LOG_LEVEL: "loud" }, /PORT .*\n.*LOG_LEVEL /],
    ["with an address of MongoDB that is none", { MONGODB_URL: "postgres://user:secret@127.0.0.1" }, /^(?!.*secret).*MONGODB_URL must be a mongodb:/],
    ["with a MongoDB that does not answer", { MONGODB_URL: "mongodb://127.0.0.1:1/x?replicaSet=rs0" }, /cannot be reached \(MONGODB_URL\)/],
    ["with a trust file that is none", { TRUST_FILE: ENTRY, PORT: "0" }, /TRUST_FILE .*no certificate/],
    ["with a trust file that is not there", { TRUST_FILE: "/nonexistent" }, /TRUST_FILE .*could not be read/],
  ])("%s", (_what, env, reason) => {
    const { code, stdout, stderr } = run(["serve", "--no-samples"], env);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("on a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const port = String((other.address() as AddressInfo).port);
    const { code, stderr } = run(["serve", "--no-samples"], { PORT: port });
    expect([code, stderr]).toEqual([2, expect.stringContaining(`Port ${port} of 127.0.0.1 is taken`)]);
    other.close();
  });
});

describe("keys", () => {
  test("are shown, without secrets, and rotated", () => {
    expect(run(["keys"], { DATA_DIR: join(folder, "nothing") }).code).toBe(2);
    run(["serve", "--no-samples"], { TRUST_FILE: "/nonexistent" }); // makes the keys, then stops
    const shown = run(["keys"]);
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringMatching(/^log\n {2}origin +\S+\n[^]*seal \(current\)/)]);
    const rotated = JSON.parse(run(["keys", "rotate", "--json"]).stdout) as { number: number; from: string };
    expect(rotated).toMatchObject({ number: 2, isNew: true });
    const { seals } = JSON.parse(run(["keys", "--json"]).stdout) as { seals: object[] };
    expect(seals).toMatchObject([
      { isCurrent: false, from: rotated.from },
      { isCurrent: true, until: rotated.from },
    ]);
    expect(JSON.stringify(rotated)).not.toContain("PRIVATE");
  });
});

describe("render", () => {
  test("makes one file that needs nothing beside it, and says that it proves nothing", () => {
    const { code, stdout, stderr } = run(["render", "-", "--to", "html"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const words of ["Brandt", "Potassium 2.00 mmol/l, recovering.", "not deposited"])
      expect(stdout.toLowerCase()).toContain(words.toLowerCase());
    expect(stdout).not.toMatch(/<link |<script|src="(?!data:)/);
  });

  test("refuses what is no valid document, and says why", () => {
    const file = join(folder, "patient.json");
    writeFileSync(file, '{"resourceType":"Patient"}');
    const { code, stdout, stderr } = run(["render", file, "--to", "html"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("a Bundle of type document, not a Patient");
  });

  test("could not be done without a place to write to", () => {
    expect(run(["render", "-", "--to", "html", "-o", join(folder, "no/such/folder.html")])).toMatchObject({ code: 2, stdout: "" });
  });
});

test("compiled code is kept in CACHE_DIR, where nobody else may write, and is no condition", () => {
  const at = (...names: string[]): string => join(folder, ...names);
  const compiled = (name: string): string[] => (existsSync(at(name, "compiled")) ? readdirSync(at(name, "compiled")) : []);
  const help = (name: string): string => run(["--help"], { CACHE_DIR: at(name), NODE_COMPILE_CACHE: "" }).stdout;
  const said = help("fresh");
  expect(said).toMatch(/^Chartulary /);
  expect(compiled("fresh")).toHaveLength(1);
  expect(statSync(at("fresh", "compiled")).mode & 0o77).toBe(0);
  expect(help("fresh")).toBe(said);
  // Others may write there, or it is no folder at all.
  mkdirSync(at("open"));
  chmodSync(at("open"), 0o777);
  writeFileSync(at("file"), "");
  for (const name of ["open", "file"]) expect([help(name), compiled(name)]).toEqual([said, []]);
});

test("a reader that goes away ends the output quietly", async () => {
  for (let n = 0; n < 40; n += 1) writeFileSync(join(folder, `many-${n}.json`), documentJson());
  const child = spawn(process.execPath, [ENTRY, "validate", "--json", folder], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.once("close", resolve));
  // On a slow machine it tells how far it has come, before it notices that nobody reads.
  expect([code, stderr.replace(/^\d+ files? done, now .*\n/gm, "")]).toEqual([0, ""]);
});

describe("a running service", () => {
  test("takes documents by submit, proves them by verify, and finishes what it was sent before it stops", async () => {
    const program = await startProgram();
    const file = join(folder, "letter.json");
    writeFileSync(file, documentJson());
    const first = run(["submit", "--json", "--url", program.url, file, "-"]);
    expect(first.code).toBe(0);
    expect(
      first.stdout
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { status: number }).status),
    ).toEqual([201, 201]);
    expect(run(["submit", "--url", `${program.url}/fhir/`, file]).stdout).toContain("was deposited before");
    writeFileSync(join(folder, "bad.json"), "{");
    expect(run(["submit", "--url", program.url, join(folder, "bad.json")])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("can't be read"),
    });

    const id = (JSON.parse(first.stdout.split("\n")[0] as string) as { location: string }).location.split("/").at(-3) ?? "";
    for (const [path, name] of [
      [`/documents/${id}/receipt`, "receipt.json"],
      ["/trust.json", "trust.json"],
    ] as const) {
      writeFileSync(join(folder, name), await (await fetch(program.url + path)).text());
    }
    const proof = ["--receipt", join(folder, "receipt.json"), "--trust", join(folder, "trust.json")];
    expect(run(["verify", ...proof, file]).code).toBe(0);
    expect(run(["verify", file]).code).toBe(2);
    expect(run(["verify", ...proof, "-"]).code).toBe(1); // another document
    expect(run(["verify", ...proof, join(folder, "none.json")]).code).toBe(2);

    // A deposit whose body is still on its way when the service is told to stop.
    const body = Buffer.from(documentJson());
    const socket = connect(Number(new URL(program.url).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.write(
      `POST /fhir/Bundle HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await until(() => Promise.resolve(answer.startsWith("HTTP/1.1 100 ")));
    // It never stands still, however long the machine takes for the others: a body that does is given up.
    let sent = 0;
    const trickle = setInterval(() => socket.write(body.subarray(sent, ++sent)), 50);
    const ended = program.end("SIGTERM");
    await until(async () => (await submit(program.url, documentJson(), "application/fhir+json")).status === 503);
    clearInterval(trickle);
    socket.write(body.subarray(sent));
    expect(await ended).toBe(0);
    expect(answer).toMatch(/\r\n\r\nHTTP\/1\.1 201 /);

    const again = await startProgram({ dataFolder: program.dataFolder });
    const repeated = await submit(again.url, body, "application/fhir+json");
    expect([repeated.status, answer.includes(idOf(repeated))]).toEqual([200, true]);
    expect(await again.end("SIGTERM")).toBe(0);
    rmSync(program.dataFolder, { recursive: true, force: true });
    expect(run(["submit", "--url", again.url, file]).code).toBe(2);
  });
});

test("two services over one data folder are safe: one log, and of twins exactly one is created", async () => {
  const one = await startProgram();
  const other = await startProgram({ dataFolder: one.dataFolder });
  const twin = documentJson();
  const answers = await Promise.all(
    [...Array.from({ length: 30 }, () => documentJson()), twin, twin].map((sent, n) =>
      submit((n % 2 === 0 ? one : other).url, sent, "application/fhir+json"),
    ),
  );
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array<number>(31).fill(201)]);
  expect(new Set(answers.slice(-2).map(idOf)).size).toBe(1);
  expect((await (await fetch(`${one.url}/log/checkpoint`)).text()).split("\n")[1]).toBe("31");
  for (const answer of answers.slice(0, 4)) {
    const report = (await (await fetch(`${other.url}/documents/${idOf(answer)}/verify`, { headers: { accept: "application/json" } })).json()) as {
      isVerified: boolean;
    };
    expect(report.isVerified).toBe(true);
  }
  expect(await Promise.all([one.end("SIGTERM"), other.end("SIGTERM")])).toEqual([0, 0]);
  rmSync(one.dataFolder, { recursive: true, force: true });
});
