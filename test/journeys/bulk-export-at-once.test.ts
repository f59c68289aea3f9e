/** Several exports at once, by two instances upon one MongoDB, one of which is killed in the middle; and what was exported, taken over by a repository on the other engine. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { join } from "node:path";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { digestOf } from "../../src/core/crypto/digest.ts";
import { canonicalDocument } from "../../src/core/fhir/canonical.ts";
import { STORED_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../../src/core/fhir/reading/read-resource.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { R4 } from "../r4.ts";
import { documentJson } from "./documents.ts";
import { until } from "./program.ts";
import { startService, temporaryFolder, type Service } from "./support/service.ts";

const FHIR = { "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
const DOCUMENTS = 60;
const EXPORTS = 4;

interface Manifest {
  readonly output: readonly { readonly url: string }[];
  readonly error: readonly unknown[];
  readonly extension: { readonly inputs?: readonly { readonly deposited: number; readonly repeated: number; readonly refused: number }[] };
}

/** Begins what is answered later; gives where it is told how it stands. */
async function begun({ url }: Service, path: string, body?: string): Promise<string> {
  const headers = { Prefer: "respond-async", ...(body === undefined ? FHIR : { "Content-Type": "application/fhir+ndjson" }) };
  const answer = await fetch(`${url}${path}`, { headers, ...(body !== undefined && { method: "POST", body }) });
  expect(answer.status).toBe(202);
  return new URL(answer.headers.get("content-location") ?? "").pathname;
}

async function manifestAt({ url }: Service, path: string): Promise<Manifest> {
  let answer: Response | undefined;
  await until(async () => {
    answer = await fetch(`${url}${path}`);
    return ![202, 429].includes(answer.status);
  }, 1_000);
  expect(answer?.status).toBe(200);
  return (await answer?.json()) as Manifest;
}

async function linesOf({ url }: Service, { output }: Manifest): Promise<string[]> {
  const files = await Promise.all(output.map(async (file) => (await fetch(`${url}${new URL(file.url).pathname}`)).text()));
  return files.flatMap((text) => text.split("\n").filter((line) => line !== ""));
}

/** By which the log knows a document again, wherever it lies. */
function canonicalDigest(line: string): string {
  const { resource } = readResource(new TextEncoder().encode(line), "application/fhir+json", STORED_READ_LIMITS, R4.definitions);
  if (!resource) throw new Error("a line is no resource");
  return digestOf(new TextEncoder().encode(canonicalDocument(resource)));
}

describeOnMongo("two instances", (server) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let services: readonly [Service, Service];
  beforeAll(async () => {
    folder = await temporaryFolder();
    const MONGODB_URL = newDatabase(server);
    await initialise(MONGODB_URL, undefined);
    const start = (name: string): Promise<Service> =>
      startService({ dataFolder: join(folder.path, name), environment: { MONGODB_URL, KEYS_DIR: join(folder.path, "keys") } });
    services = [await start("one"), await start("other")];
    for (let number = 0; number < DOCUMENTS; number++) {
      const url = services[number % 2]?.url ?? "";
      const body = documentJson({ title: `Letter ${number}` });
      expect((await fetch(`${url}/fhir/Bundle`, { method: "POST", headers: FHIR, body })).status).toBe(201);
    }
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await folder.remove();
  });

  test("export at once, and what they give has each document once, whoever is killed; another repository takes it as the same documents", async () => {
    const [one, other] = services;
    const paths = await Promise.all(
      Array.from({ length: EXPORTS }, (_, number) => begun(number % 2 === 0 ? one : other, "/fhir/$export?_type=Bundle")),
    );
    await one.kill();
    const sets: string[][] = [];
    for (const path of paths) {
      const manifest = await manifestAt(other, path);
      expect(manifest.error).toEqual([]);
      sets.push(await linesOf(other, manifest));
    }
    const idsOf = (lines: readonly string[]): string[] => lines.map((line) => (JSON.parse(line) as { readonly id: string }).id).sort();
    const [first = []] = sets;
    expect(new Set(idsOf(first)).size).toBe(DOCUMENTS);
    for (const lines of sets) expect(idsOf(lines)).toEqual(idsOf(first));

    const second = await startService({ dataFolder: join(folder.path, "second") });
    try {
      const taken = await manifestAt(second, await begun(second, "/fhir/$import", first.join("\n")));
      expect(taken.extension.inputs).toEqual([expect.objectContaining({ deposited: DOCUMENTS, repeated: 0, refused: 0 })]);
      const again = await manifestAt(second, await begun(second, "/fhir/$import", sets[1]?.join("\n")));
      expect(again.extension.inputs).toEqual([expect.objectContaining({ deposited: 0, repeated: DOCUMENTS, refused: 0 })]);
      const there = await linesOf(second, await manifestAt(second, await begun(second, "/fhir/$export?_type=Bundle")));
      expect(there.map(canonicalDigest).sort()).toEqual(first.map(canonicalDigest).sort());
    } finally {
      await second.stop();
    }
  });
});
