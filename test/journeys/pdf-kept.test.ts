/** PDFs that the real program keeps: the same to the last byte for who asks again, also after it was killed, and for nobody from whom the document is gone. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { documentJson } from "./documents.ts";
import { freePort } from "./support/free-port.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
const identifier = `urn:uuid:${randomUUID()}`;
const original = documentJson({ identifier });
let id = "";

/** At the address that it had before: a PDF names it. */
let port: string;
const start = (): Promise<Service> => startService({ dataFolder: join(folder.path, "data"), environment: { PORT: port } });
const renditions = (): string => join(folder.path, "data", "renditions");

beforeAll(async () => {
  folder = await temporaryFolder();
  port = String(await freePort());
  service = await start();
  id = idOf(await submit(service.url, original, "application/fhir+json"));
});

afterAll(async () => {
  await service.stop();
  await folder.remove();
});

async function pdf(): Promise<Buffer> {
  const { status, bytes } = await get(`${service.url}/documents/${id}.pdf`, "application/pdf");
  expect(status).toBe(200);
  return Buffer.from(bytes);
}

/** What is kept, once there is so much of it: it is kept after the answer. */
async function kept(count: number): Promise<string[]> {
  for (;;) {
    const names = await readdir(renditions()).catch(() => []);
    if (names.length >= count && names.every((name) => /^[0-9a-f]{64}$/.test(name))) return names;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("a PDF that is kept", () => {
  let first: Buffer;

  test("is given again with the very signature, also by a program that was killed and started anew", async () => {
    first = await pdf();
    await kept(1);
    expect((await pdf()).equals(first)).toBe(true);
    await service.kill();
    service = await start();
    expect((await pdf()).equals(first)).toBe(true);
  });

  test("cannot be read where it lies", async () => {
    const [name = ""] = await kept(1);
    const lies = (await readFile(join(renditions(), name))).toString("latin1");
    expect(lies.length).toBeGreaterThan(first.length);
    expect(lies).not.toMatch(/%PDF|endobj|Brandt|document\.json/);
  });

  test("is made anew when it was altered, and when another document replaces its own", async () => {
    const [name = ""] = await kept(1);
    const file = join(renditions(), name);
    const lies = await readFile(file);
    lies[5_000] = (lies[5_000] ?? 0) ^ 1;
    await writeFile(file, lies);
    const again = await pdf();
    expect([again.equals(first), again.length]).toEqual([false, first.length]);
    await kept(1);
    expect((await pdf()).equals(again)).toBe(true);
    await submit(service.url, documentJson({ replaces: identifier }), "application/fhir+json");
    const superseded = await pdf();
    expect(superseded.length).not.toBe(first.length);
    await kept(2);
    expect((await pdf()).equals(superseded)).toBe(true);
  });

  test("is proven as any other", async () => {
    const file = join(folder.path, "kept.pdf");
    const trust = join(folder.path, "trust.json");
    await writeFile(file, await pdf());
    await writeFile(trust, (await get(`${service.url}/trust.json`, "*/*")).bytes);
    expect(await chartulary(["verify", file, "--trust", trust])).toMatchObject({ code: 0, output: expect.stringContaining("\nproven:") });
  });
});
