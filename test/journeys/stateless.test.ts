/** `chartulary serve --only NAME` on the real program: each service does its one thing with the answers of the whole, has no other route, and writes nothing. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startIssuer, tokenOf } from "../http/access/issuer.ts";
import { removeFolder, runCommand, startProgram, temporaryFolder, type Program } from "./program.ts";

const DOCUMENT = readFileSync(fileURLToPath(new URL("../../fixtures/documents/valid/patient-summary.json", import.meta.url)));
const JSON_TYPE = { "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
const folder = temporaryFolder();
const programs = new Map<string, Program>();

/** Where such a service would write, if it did. */
const places = (name: string): string => join(folder, name);
const start = async (name: string, env: Readonly<Record<string, string>> = {}): Promise<Program> => {
  mkdirSync(places(name));
  const program = await startProgram({ dataFolder: join(places(name), "data"), args: ["--only", name], env });
  programs.set(name, program);
  return program;
};
const post = (url: string, body: Uint8Array | string, headers: Record<string, string> = JSON_TYPE): Promise<Response> =>
  fetch(url, { method: "POST", body: body as BodyInit, headers });
const sendForm = (url: string, files: Readonly<Record<string, Uint8Array>>, accept = "text/html"): Promise<Response> => {
  const form = new FormData();
  for (const [name, bytes] of Object.entries(files)) form.set(name, new Blob([bytes as BlobPart]), `${name}.json`);
  return fetch(url, { method: "POST", body: form, headers: { Origin: new URL(url).origin, Accept: accept } });
};
const told = async ({ url }: Program): Promise<string[]> =>
  Object.keys(((await (await fetch(`${url}/openapi.json`)).json()) as { readonly paths: object }).paths);

let whole: Program;
beforeAll(async () => {
  whole = await startProgram({ dataFolder: join(folder, "whole") });
});
afterAll(async () => {
  await Promise.all([whole, ...programs.values()].map((program) => program.end("SIGTERM")));
  removeFolder(folder);
});

test("validate: $validate and the page say of a document what the repository says, and not that it was deposited", async () => {
  const program = await start("validate");
  const asked = await post(`${program.url}/fhir/Bundle/$validate`, DOCUMENT);
  const outcome = await asked.text();
  expect([asked.status, outcome.includes("its content would be accepted"), outcome.includes('"severity":"error"')]).toEqual([200, true, false]);
  const broken = await post(`${program.url}/fhir/$validate`, '{"resourceType":"Patient","gender":"none"}');
  expect(await broken.text()).toBe(await (await post(`${whole.url}/fhir/$validate`, '{"resourceType":"Patient","gender":"none"}')).text());
  expect((await post(`${program.url}/fhir/Bundle/x/$validate`, DOCUMENT)).status).toBe(404);
  expect(await (await fetch(`${program.url}/check`)).text()).toContain('action="/check"');
  const page = await (await sendForm(`${program.url}/check`, { document: DOCUMENT })).text();
  expect([page.includes('class="verdict good"'), page.includes('action="/documents"')]).toEqual([true, false]);
  expect((await fetch(`${program.url}/`, { redirect: "manual" })).headers.get("Location")).toBe("/check");
  expect(await told(program)).toEqual(expect.arrayContaining(["/fhir/{type}/$validate", "/check", "/healthz", "/openapi.json"]));
});

test("render: the page and the PDF of a document that is sent, and why there is none", async () => {
  const program = await start("render");
  const page = await post(`${program.url}/render`, DOCUMENT, { ...JSON_TYPE, Accept: "text/html", "Accept-Language": "de" });
  const text = await page.text();
  expect([page.status, text.includes('lang="de"'), /<link rel="stylesheet"/.test(text)]).toEqual([200, true, false]);
  const pdf = await post(`${program.url}/render?paper=letter`, DOCUMENT, { ...JSON_TYPE, Accept: "application/pdf" });
  const bytes = Buffer.from(await pdf.arrayBuffer());
  expect([pdf.status, pdf.headers.get("Content-Type"), bytes.subarray(0, 5).toString()]).toEqual([200, "application/pdf", "%PDF-"]);
  const refused = await post(`${program.url}/render`, '{"resourceType":"Bundle","type":"document"}', { ...JSON_TYPE, Accept: "application/pdf" });
  expect([refused.status, refused.headers.get("Content-Type")]).toEqual([422, "application/fhir+json; charset=utf-8"]);
  expect((await post(`${program.url}/render`, DOCUMENT, { "Content-Type": "application/octet-stream" })).status).toBe(415);
  const large = Buffer.concat([DOCUMENT, Buffer.alloc(600_000, 0x20)]);
  expect((await post(`${program.url}/render`, large, { ...JSON_TYPE, Accept: "text/html" })).status).toBe(200);
});

test("verify: what the repository deposited is proven by its receipt and the operator's trust file, and anything else is not", async () => {
  const deposit = await post(`${whole.url}/fhir/Bundle`, DOCUMENT);
  const id = deposit.headers.get("Location")?.split("/").at(-3) ?? "";
  const trust = Buffer.from(await (await fetch(`${whole.url}/trust.json`)).arrayBuffer());
  const receipt = Buffer.from(await (await fetch(`${whole.url}/documents/${id}/receipt`)).arrayBuffer());
  writeFileSync(join(folder, "trust.json"), trust);
  const program = await start("verify", { TRUST_FILE: join(folder, "trust.json") });
  const verdict = async (files: Readonly<Record<string, Uint8Array>>): Promise<unknown> =>
    ((await (await sendForm(`${program.url}/verify`, files, "application/json")).json()) as { readonly verdict: unknown }).verdict;
  expect(await verdict({ document: DOCUMENT, receipt })).toBe("proven");
  expect(await verdict({ document: DOCUMENT, receipt, trust })).toBe("proven");
  expect(await verdict({ document: DOCUMENT })).toBe("incomplete");
  const altered = Buffer.from(DOCUMENT.toString("utf8").replace(/"family": ?"[^"]/, (begin) => `${begin}x`));
  expect(await verdict({ document: altered, receipt })).toBe("false");
  // As it is written: a parser would lose digits, and nothing would be proven any more.
  const parameters = `{"resourceType":"Parameters","parameter":[{"name":"document","resource":${DOCUMENT.toString("utf8")}},{"name":"receipt","valueBase64Binary":"${receipt.toString("base64")}"}]}`;
  const asked = await post(`${program.url}/fhir/$verify`, parameters);
  expect(await asked.json()).toMatchObject({ parameter: expect.arrayContaining([{ name: "verdict", valueCode: "proven" }]) });
  expect(await (await fetch(`${program.url}/verify`)).text()).toContain('action="/verify"');
});

test("each tells what it has and has nothing else, is ready, and writes nothing where the repository would", async () => {
  for (const [name, { url }] of programs) {
    const statement = (await (await fetch(`${url}/fhir/metadata`)).json()) as {
      readonly rest: readonly { readonly interaction?: unknown; readonly documentation: string }[];
    };
    expect([name, statement.rest[0]?.interaction]).toEqual([name, undefined]);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: "ready" });
    for (const path of ["/fhir/Patient", "/fhir/Bundle/x", "/documents/x", "/trust.json", "/log/checkpoint", "/fhir/_history", "/audit"])
      expect([name, path, (await fetch(`${url}${path}`)).status]).toEqual([name, path, 404]);
    expect([name, (await post(`${url}/fhir/Bundle`, DOCUMENT)).status]).toEqual([name, 404]);
    expect([name, readdirSync(places(name), { recursive: true })]).toEqual([name, []]);
  }
  expect(programs.size).toBe(3);
});

test("by the word of an issuer: a token lets in, and nobody is led to a place where nobody signs in", async () => {
  const issuer = await startIssuer();
  const env = { ACCESS: "oidc", OIDC_ISSUER: String(issuer.issuer.url) };
  const asks = {
    validate: (url: string, headers: Record<string, string>) => post(`${url}/fhir/$validate`, DOCUMENT, { ...JSON_TYPE, ...headers }),
    render: (url: string, headers: Record<string, string>) => post(`${url}/render`, DOCUMENT, { ...JSON_TYPE, Accept: "text/html", ...headers }),
    verify: (url: string, headers: Record<string, string>) =>
      post(`${url}/fhir/$verify`, `{"resourceType":"Parameters","parameter":[{"name":"document","resource":${DOCUMENT.toString("utf8")}}]}`, { ...JSON_TYPE, ...headers }),
  }; // prettier-ignore
  for (const [name, ask] of Object.entries(asks)) {
    const program = await startProgram({ dataFolder: join(folder, `oidc-${name}`), args: ["--only", name], env });
    const { url } = program;
    const bearer = async (aud: string): Promise<Record<string, string>> => ({ Authorization: `Bearer ${await tokenOf(issuer, { aud })}` });
    const statuses = [{}, await bearer("https://another.example/fhir"), await bearer(`${url}/fhir`)].map(
      async (headers) => (await ask(url, headers)).status,
    );
    expect([name, await Promise.all(statuses)]).toEqual([name, [401, 401, 200]]);
    for (const path of ["/healthz", "/readyz", "/fhir/metadata", "/openapi.json"])
      expect([name, path, (await fetch(`${url}${path}`)).status]).toEqual([name, path, 200]);
    const page = await fetch(`${url}/`, {
      redirect: "manual",
      headers: { Accept: "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" },
    });
    expect([name, page.status, page.headers.get("Location"), page.headers.get("WWW-Authenticate")]).toEqual([name, 401, null, "Bearer"]);
    expect(await page.text()).toContain("Nobody signs in here");
    await program.end("SIGTERM");
  }
  await issuer.stop();
});

test("what cannot be kept is refused at the start: accounts, and a service that there is not", () => {
  const env = { DATA_DIR: join(folder, "none"), PORT: "0", ACCESS: "embedded" };
  const embedded = runCommand(["serve", "--only", "verify"], undefined, env);
  expect([embedded.code, embedded.stderr]).toEqual([2, expect.stringContaining("ACCESS is embedded, and with --only nothing is kept")]);
  expect(runCommand(["serve", "--only", "store"], undefined, env).stderr).toContain("--only must be one of validate, render, verify");
});
