/** Every data folder that an earlier version left behind opens: each document is read in every form and proved, and the log goes on. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { cpSync, readdirSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { familyOf, fixture } from "./support/fixtures.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, PROJECT_ROOT, startService, temporaryFolder, type Service } from "./support/service.ts";

const FOLDERS = join(PROJECT_ROOT, "fixtures", "data-folders");
const versions = readdirSync(FOLDERS).filter((name) => statSync(join(FOLDERS, name)).isDirectory());

test("there is a data folder to open", () => expect(versions).toContain("0.1.0"));

describe.each(versions)("the data folder of %s", (version) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let service: Service;
  let trust: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    cpSync(join(FOLDERS, version), join(folder.path, "data"), { recursive: true });
    cpSync(join(FOLDERS, version), join(folder.path, "looked-at"), { recursive: true });
    service = await startService({ dataFolder: join(folder.path, "data") });
    trust = join(folder.path, "trust.json");
    await writeFile(trust, (await get(`${service.url}/trust.json`, "*/*")).bytes);
  });

  afterAll(async () => {
    await service.stop();
    await folder.remove();
  });

  test("is looked at without being changed", async () => {
    const file = join(folder.path, "looked-at", "chartulary.db");
    const before = readFileSync(file);
    const look = (command: string) => chartulary([command, ...(command === "doctor" ? ["--quick"] : [])], { DATA_DIR: dirname(file), PORT: "0" });
    for (const command of ["audit", "stats", "doctor"]) {
      const { code, output, errors } = await look(command);
      expect([command, code, /brings it forward when it starts/.test(output + errors)]).toEqual([
        command,
        command === "doctor" ? expect.any(Number) : 2,
        true,
      ]);
      if (command === "doctor") expect(output).toMatch(/NOTICE {2}database: the database has schema \d/);
    }
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test("is ready, and its log has every sample", async () => {
    expect((await get(`${service.url}/readyz`, "*/*")).status).toBe(200);
    expect(await documentIds(service.url)).toHaveLength(16);
  });

  test("gives each document as JSON, XML, page, original and receipt, and proves it", async () => {
    for (const id of await documentIds(service.url)) {
      const json = await get(`${service.url}/fhir/Bundle/${id}`, "application/fhir+json");
      const xml = await get(`${service.url}/fhir/Bundle/${id}`, "application/fhir+xml");
      const page = await get(`${service.url}/documents/${id}`, "text/html");
      const original = await get(`${service.url}/fhir/Binary/${id}`, "*/*");
      const receipt = await get(`${service.url}/documents/${id}/receipt`, "*/*");
      expect([json, xml, page, original, receipt].map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect(JSON.parse(json.text)).toMatchObject({ resourceType: "Bundle", id });
      expect([xml.text.includes(`<id value="${id}"/>`), page.text.includes(id)]).toEqual([true, true]);
      for (const [name, { bytes }] of Object.entries({ original, json, receipt })) await writeFile(join(folder.path, `${id}.${name}`), bytes);
      const proof = ["--receipt", join(folder.path, `${id}.receipt`), "--trust", trust];
      const verified = await Promise.all(["original", "json"].map((name) => chartulary(["verify", join(folder.path, `${id}.${name}`), ...proof])));
      // 0, or 2 where the sender's own signer is not in the trust file; never 1.
      for (const { code, output } of verified)
        expect([code === 1, / FAIL|^FAIL/m.test(output), /log \S+ signed/.test(output)]).toEqual([false, false, true]);
    }
  });

  test("takes the next document and finds the old ones", async () => {
    const size = await logSize(service.url);
    const { text } = fixture("prescription-without-narrative.json");
    const own = /"value": "(urn:uuid:[0-9a-f-]+)"/.exec(text)?.[1] ?? "";
    const answer = await submit(service.url, text.replace(own, `urn:uuid:${randomUUID()}`), "application/fhir+json");
    expect(answer.status).toBe(201);
    expect((await get(`${service.url}/fhir/Bundle/${idOf(answer)}`, "application/fhir+json")).status).toBe(200);
    expect(await logSize(service.url)).toBe(size + 1);
    expect((await submit(service.url, text, "application/fhir+json")).status).toBe(200);
    expect((await get(`${service.url}/?q=${encodeURIComponent(familyOf(text))}`, "text/html")).text).toMatch(/\/documents\/[0-9a-f-]{36}/);
  });
});

async function logSize(url: string): Promise<number> {
  return Number((await get(`${url}/log/checkpoint`, "*/*")).text.split("\n")[1]);
}

/** The ids in the leaves of the log's first entries, as a stranger reads its tiles (c2sp.org/tlog-tiles). */
async function documentIds(url: string): Promise<string[]> {
  const { bytes } = await get(`${url}/log/tile/entries/000.p/${await logSize(url)}`, "*/*");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ids: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint16(at);
    const leaf = JSON.parse(new TextDecoder().decode(bytes.subarray(at + 2, at + 2 + length))) as { kind: string; id?: string };
    if (leaf.kind === "deposit" && leaf.id !== undefined) ids.push(leaf.id);
    at += 2 + length;
  }
  return ids;
}
