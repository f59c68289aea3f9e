/** The process is killed in the middle of a stream of deposits, again and again: whatever was acknowledged is there afterwards, and proved. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fixture } from "./support/fixtures.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const KILLS = 3;
const STREAMS = 4;
const ENOUGH = 12;
const template = fixture("prescription-without-narrative.json").text;
const ownIdentifier = /"value": "(urn:uuid:[0-9a-f-]+)"/.exec(template)?.[1] ?? "";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
const started: Service[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(async () => {
  for (const one of started) await one.stop();
  await folder.remove();
});

async function start(): Promise<Service> {
  const one = await startService({ dataFolder: folder.path });
  started.push(one);
  return one;
}

/** Deposits until the service is gone; adds what was acknowledged. */
async function stream(url: string, acknowledged: Map<string, string>, sent: Set<string>): Promise<void> {
  for (;;) {
    const identifier = `urn:uuid:${randomUUID()}`;
    sent.add(identifier);
    const answer = await submit(url, template.replace(ownIdentifier, identifier), "application/fhir+json").catch(() => undefined);
    if (answer?.status !== 201) return;
    acknowledged.set(identifier, idOf(answer));
  }
}

test("every acknowledged document survives, and a retry of the others ends the doubt", async () => {
  const acknowledged = new Map<string, string>();
  const sent = new Set<string>();
  for (let kill = 1; kill <= KILLS; kill++) {
    service = await start();
    const streams = Array.from({ length: STREAMS }, () => stream(service.url, acknowledged, sent));
    while (acknowledged.size < kill * ENOUGH) await new Promise((resolve) => setTimeout(resolve, 5));
    await service.kill();
    await Promise.all(streams);
  }
  service = await start();
  for (const [identifier, id] of acknowledged) {
    const { status, text } = await get(`${service.url}/fhir/Bundle/${id}`, "application/fhir+json");
    expect([status, text.includes(identifier)]).toEqual([200, true]);
  }
  // Sent and not acknowledged: stored or not, a retry says where it is.
  for (const identifier of sent) {
    const answer = await submit(service.url, template.replace(ownIdentifier, identifier), "application/fhir+json");
    expect(acknowledged.has(identifier) ? [200] : [200, 201]).toContain(answer.status);
    if (acknowledged.has(identifier)) expect(idOf(answer)).toBe(acknowledged.get(identifier));
  }
  const [, size] = (await get(`${service.url}/log/checkpoint`, "*/*")).text.split("\n");
  expect(Number(size)).toBe(sent.size);
  const trust = join(folder.path, "trust.json");
  await writeFile(trust, (await get(`${service.url}/trust.json`, "*/*")).bytes);
  const ids = [...acknowledged.values()];
  for (const id of [ids[0], ids[ids.length - 1]]) {
    const document = join(folder.path, `${id ?? ""}.json`);
    const receipt = join(folder.path, `${id ?? ""}.receipt`);
    await writeFile(document, (await get(`${service.url}/fhir/Binary/${id ?? ""}`, "*/*")).bytes);
    await writeFile(receipt, (await get(`${service.url}/documents/${id ?? ""}/receipt`, "*/*")).bytes);
    expect((await chartulary(["verify", document, "--receipt", receipt, "--trust", trust])).code).toBe(0);
  }
});

test("a stop lets what was accepted finish, then ends with 0", async () => {
  const bodies = Array.from({ length: 6 }, () => template.replace(ownIdentifier, `urn:uuid:${randomUUID()}`));
  const answers = bodies.map((body) => submit(service.url, body, "application/fhir+json").catch(() => undefined));
  await Promise.race(answers);
  const code = await service.stop();
  const statuses = (await Promise.all(answers)).map((answer) => answer?.status);
  expect(code).toBe(0);
  for (const status of statuses) expect([201, 503, undefined]).toContain(status);
  expect(statuses).toContain(201);
});

test("what comes while it stops is refused with 503, also on connections that it kept open", async () => {
  const stopping = await start();
  const statuses: (number | undefined)[] = [];
  const deposit = async (): Promise<number | undefined> => {
    const body = template.replace(ownIdentifier, `urn:uuid:${randomUUID()}`);
    return submit(stopping.url, body, "application/fhir+json").then(
      ({ status }) => status,
      () => undefined,
    );
  };
  expect(await deposit()).toBe(201);
  const code = stopping.stop();
  for (let status = await deposit(); status !== undefined; status = await deposit()) statuses.push(status);
  expect(await code).toBe(0);
  expect(statuses).toContain(503);
  expect([...new Set(statuses)].every((status) => status === 201 || status === 503)).toBe(true);
});
