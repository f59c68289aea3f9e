/** A receiver is told of every document, in order and without a gap, though the service is killed in the middle of it and the receiver sleeps: at least once. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { fixture } from "./support/fixtures.ts";
import { submit } from "./support/requests.ts";
import { startService, temporaryFolder, type Service } from "./support/service.ts";

const template = fixture("prescription-without-narrative.json").text;
const ownIdentifier = /"value": "(urn:uuid:[0-9a-f-]+)"/.exec(template)?.[1] ?? "";
const EXTENSION = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport";
const DOCUMENTS = 24;

interface Parameters {
  readonly parameter: readonly { readonly name: string; readonly part?: readonly { readonly name: string; readonly valueString?: string }[] }[];
}

/** A receiver that takes what it is sent, unless it sleeps. */
class Receiver {
  readonly told: number[] = [];
  isAsleep = false;
  #server: Server | undefined;

  async open(): Promise<string> {
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        if (!this.isAsleep) this.told.push(...numbersIn(body));
        response.writeHead(this.isAsleep ? 503 : 200).end();
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/told`;
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
}

function numbersIn(body: string): number[] {
  const { entry } = JSON.parse(body) as { readonly entry: readonly [{ readonly resource: Parameters }] };
  const events = entry[0].resource.parameter.filter(({ name }) => name === "notification-event");
  return events.map(({ part = [] }) => Number(part.find(({ name }) => name === "event-number")?.valueString));
}

const subscription = (url: string, endpoint: string): object => ({
  ...{ resourceType: "Subscription", status: "requested", reason: "a journey" },
  meta: { profile: [`${EXTENSION}-subscription`] },
  criteria: `${url}/fhir/SubscriptionTopic/document-deposited`,
  channel: {
    ...{ type: "rest-hook", endpoint, payload: "application/fhir+json" },
    extension: [{ url: `${EXTENSION}-max-count`, valuePositiveInt: 3 }],
    _payload: { extension: [{ url: `${EXTENSION}-payload-content`, valueCode: "id-only" }] },
  },
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Each number from the first on, the first time that it was told, in order: nothing may come before what stands before it. */
function firsts(told: readonly number[]): number[] {
  return [...new Set(told)];
}

interface Place {
  start(): Promise<Service>;
}

function journey(opened: () => Place): void {
  const receiver = new Receiver();
  afterAll(() => receiver.close());

  test("kills in the middle, a receiver that sleeps: every number, in order, at least once", async () => {
    const endpoint = await receiver.open();
    let service = await opened().start();
    const { status, headers } = await fetch(`${service.url}/fhir/Subscription`, {
      ...{ method: "POST", headers: { "content-type": "application/fhir+json" } },
      body: JSON.stringify(subscription(service.url, endpoint)),
    });
    expect(status).toBe(201);
    const path = new URL(headers.get("location") ?? "").pathname.replace(/\/_history\/.*/, "");
    await until(async () => ((await (await fetch(service.url + path)).json()) as { readonly status: string }).status === "active");
    let deposited = 0;
    const depositUpTo = async (count: number): Promise<void> => {
      for (; deposited < count; deposited++) {
        const answer = await submit(service.url, template.replace(ownIdentifier, `urn:uuid:${randomUUID()}`), "application/fhir+json");
        expect(answer.status).toBe(201);
      }
    };
    for (const kill of [1, 2]) {
      await depositUpTo(kill * 8);
      // In the middle: some were told, and some perhaps not.
      await until(() => receiver.told.length >= kill * 3);
      await service.kill();
      service = await opened().start();
    }
    receiver.isAsleep = true;
    await depositUpTo(DOCUMENTS);
    await service.kill();
    receiver.isAsleep = false;
    service = await opened().start();
    await until(() => new Set(receiver.told).size === DOCUMENTS);
    expect(firsts(receiver.told)).toEqual(Array.from({ length: DOCUMENTS }, (_, n) => n + 1));
    expect(await service.stop()).toBe(0);
  });
}

describe("on SQLite", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const started: Service[] = [];
  beforeAll(async () => void (folder = await temporaryFolder()));
  afterAll(async () => {
    await Promise.all(started.map((one) => one.stop()));
    await folder.remove();
  });
  journey(() => ({
    start: async () => {
      const one = await startService({ dataFolder: folder.path, environment: { CALLBACK_ALLOW: "127.0.0.1" } });
      started.push(one);
      return one;
    },
  }));
});

describeOnMongo("on MongoDB", (server) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let environment: Readonly<Record<string, string>> = {};
  const started: Service[] = [];
  beforeAll(async () => {
    folder = await temporaryFolder();
    const url = newDatabase(server);
    await initialise(url, undefined);
    environment = { KEYS_DIR: join(folder.path, "keys"), MONGODB_URL: url, CALLBACK_ALLOW: "127.0.0.1" };
  });
  afterAll(async () => {
    await Promise.all(started.map((one) => one.stop()));
    await folder.remove();
  });
  journey(() => ({
    start: async () => {
      const one = await startService({ dataFolder: join(folder.path, "data"), environment });
      started.push(one);
      return one;
    },
  }));
});
