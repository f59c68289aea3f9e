/**
 * Four processes deposit on one database while they are killed at random, the server is killed, and its connections are cut, delayed and swallowed. Senders do what senders
 * do: they try again, with whichever process answers. Whatever was acknowledged is there once, and the whole log is in order. CHAOS_SECONDS=120 makes it longer.
 */
import { afterAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openTcpProxy, type TcpProxy } from "../../bench/tcp-proxy.ts";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { openMongo } from "../../src/adapters/mongo/open.ts";
import type { LogName } from "../../src/core/crypto/keys.ts";
import { describeOnMongo, newDatabase, ownServer } from "../adapters/mongo/server.ts";
import { audit } from "../contracts/audit.ts";
import { until } from "./program.ts";
import { fixture } from "./support/fixtures.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const SECONDS = Number(process.env["CHAOS_SECONDS"] ?? 12);
const PROCESSES = 4;
const SENDERS = 8;
const JSON_TYPE = "application/fhir+json";
const template = fixture("prescription-without-narrative.json").text;
const ownIdentifier = /"value": "(urn:uuid:[0-9a-f-]+)"/.exec(template)?.[1] ?? "";

describeOnMongo("chaos", () => {
  const undo: (() => unknown)[] = [];
  afterAll(async () => {
    for (const one of undo.reverse()) await one();
  });

  test("whatever was acknowledged is there once, in a log that is whole", async () => {
    const folder = await temporaryFolder();
    undo.push(() => folder.remove());
    const server = ownServer(join(folder.path, "server"));
    undo.push(() => server.stop("--wipe"));
    const direct = newDatabase(server.url);
    await initialise(direct, undefined);
    const proxy = await openTcpProxy(Number(new URL(direct).port));
    undo.push(() => proxy.close());
    // Directly: the server names its own address, by which the driver would pass the proxy.
    const url = `mongodb://127.0.0.1:${proxy.port}${new URL(direct).pathname}?directConnection=true&socketTimeoutMS=2000&serverSelectionTimeoutMS=2000`;
    const keys = join(folder.path, "keys");
    const start = (number: number): Promise<Service> =>
      startService({ dataFolder: join(folder.path, `data-${number}`), environment: { MONGODB_URL: url, KEYS_DIR: keys } });
    // The first one makes the keys.
    const services = [await start(0), ...(await Promise.all(Array.from({ length: PROCESSES - 1 }, (_, at) => start(at + 1))))];
    undo.push(() => Promise.all(services.map((one) => one.kill())));

    const acknowledged = new Map<string, Set<string>>();
    const state = { isOver: false };
    const senders = Array.from({ length: SENDERS }, (_, at) => send(at, services, acknowledged, state));
    const deeds = await wreak({ server, proxy, services, restart: start });
    state.isOver = true;
    await Promise.all(senders);
    // Whoever lost its connection finds the server again by itself, in its own time.
    for (const one of services) await until(async () => (await get(`${one.url}/readyz`, "*/*")).status === 200);

    expect(deeds.length).toBeGreaterThan(SECONDS / 4);
    expect(acknowledged.size).toBeGreaterThan(SENDERS);
    expect([...acknowledged].filter(([, ids]) => ids.size !== 1)).toEqual([]);
    const log = JSON.parse((await chartulary(["keys", "--json"], { KEYS_DIR: keys, DATA_DIR: folder.path })).output) as { readonly log: LogName };
    const room = await openMongo(direct);
    const there = (await audit(room.store, log.log)).map(({ id }) => id);
    // Nothing twice: each identifier has one entry, whether its sender heard of the first answer or not.
    expect(there.sort()).toEqual([...acknowledged.values()].flatMap((ids) => [...ids]).sort());
    await room.store.close();
    for (const [identifier, ids] of acknowledged)
      for (const id of ids) {
        const { status, text } = await get(`${services[0]?.url ?? ""}/fhir/Bundle/${id}`, JSON_TYPE);
        expect([status, text.includes(identifier)]).toEqual([200, true]);
      }
    for (const one of services) expect(one.log()).not.toContain('"level":60');
  }, 600_000);
});

/** Deposits one document after the other, each until it is acknowledged, by whichever process answers. The last one is finished after it is over. */
async function send(
  at: number,
  services: readonly Service[],
  acknowledged: Map<string, Set<string>>,
  state: { readonly isOver: boolean },
): Promise<void> {
  while (!state.isOver) {
    const identifier = `urn:uuid:${randomUUID()}`;
    const text = template.replace(ownIdentifier, identifier);
    const ids = new Set<string>();
    for (let attempt = at; ids.size === 0; attempt++) {
      const answer = await submit(services[attempt % services.length]?.url ?? "", text, JSON_TYPE).catch(() => undefined);
      if (answer?.status === 201 || answer?.status === 200) ids.add(idOf(answer));
      else if (answer && answer.status !== 503) throw new Error(`a deposit was answered with ${answer.status}: ${answer.text}`);
      else await sleep(100);
    }
    // Sent once more, to another: the answer is the same.
    if (Math.random() < 0.2) {
      const again = await submit(services[(at + 1) % services.length]?.url ?? "", text, JSON_TYPE).catch(() => undefined);
      if (again?.status === 200 || again?.status === 201) ids.add(idOf(again));
    }
    acknowledged.set(identifier, ids);
  }
}

/** What goes wrong, one thing after another, until the time is over; all is well again then. Gives what was done. */
async function wreak(world: {
  readonly server: ReturnType<typeof ownServer>;
  readonly proxy: TcpProxy;
  readonly services: Service[];
  readonly restart: (number: number) => Promise<Service>;
}): Promise<string[]> {
  const { server, proxy, services, restart } = world;
  const deeds: Readonly<Record<string, () => Promise<void>>> = {
    "kill a process": async () => {
      const number = Math.floor(Math.random() * services.length);
      await services[number]?.kill();
      // It may find the server away; then whoever watches over it starts it again.
      for (let fresh: Service | undefined; !fresh;) {
        fresh = await restart(number).catch(() => undefined);
        if (fresh) services[number] = fresh;
      }
    },
    "kill the server": async () => {
      server.stop("--kill");
      await sleep(200);
      server.start();
    },
    cut: () => Promise.resolve(proxy.cut()),
    delay: async () => {
      proxy.delay(20 + Math.random() * 200);
      await sleep(800);
      proxy.delay(0);
    },
    swallow: async () => {
      proxy.swallow(true);
      await sleep(Math.random() * 1_500);
      proxy.cut();
      proxy.swallow(false);
    },
  };
  const done: string[] = [];
  const names = Object.keys(deeds);
  for (const end = performance.now() + SECONDS * 1_000; performance.now() < end || done.length < names.length;) {
    // Each kind once, then as it comes.
    const name = names[done.length < names.length ? done.length : Math.floor(Math.random() * names.length)] ?? "";
    await deeds[name]?.();
    done.push(name);
    await sleep(Math.random() * 400);
  }
  return done;
}
