/**
 * Both engines side by side on this machine: deposits over HTTP, validated and sealed, by eight clients, in SQLite, in MongoDB, through two instances on one MongoDB, and both with
 * 20 ms more between service and server. Then the audit of what was deposited, on SQLite. The server is MONGODB_URL's, or the one for tests, whose rates are not MongoDB's own (docs/design/mongo.md). STORE_SECONDS: how long each
 * is measured (10).
 */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initialise } from "../src/adapters/mongo/init.ts";
import { documentMaker } from "./documents.ts";
import { post, startService } from "./load.ts";
import { measure, type Measured } from "./measure.ts";
import { telling, type Report } from "./report.ts";
import { measureAudits } from "./store-audit.ts";
import { openTcpProxy } from "./tcp-proxy.ts";

const SIZES = [
  { name: "5 KB", bytes: 5_000 },
  { name: "120 KB", bytes: 120_000 },
];
const CLIENTS = 8;
const WARM_UP = 200;
const LATENCY = 20;
const READS = 500;
const LONGEST = Number(process.env["STORE_SECONDS"] ?? 10) * 1_000;
const tell = telling("store");
const SCRIPTS = join(import.meta.dirname, "../scripts");

/** Services that work on one store. */
interface StoreKind {
  readonly name: string;
  readonly figure: string;
  readonly instances: number;
  /** How many deposit at the same time, in all. */
  readonly clients: number;
  /** The settings of a store that nothing is in yet. */
  settings(): Promise<Readonly<Record<string, string>>>;
}

export async function run(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-store-"));
  const given = process.env["MONGODB_URL"]?.trim();
  const server = join(folder, "mongo");
  try {
    if (!given) tell("starting the MongoDB of the tests");
    const url = given ? given : execFileSync(join(SCRIPTS, "start-mongo"), ["--dir", server], { encoding: "utf8" }).trim().split("\n").at(-1);
    return await measureStores(folder, url ?? "");
  } finally {
    if (!given) execFileSync(join(SCRIPTS, "stop-mongo"), ["--dir", server, "--wipe"]);
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureStores(folder: string, url: string): Promise<Report> {
  const address = /^mongodb:\/\/(?:[^@/]*@)?127\.0\.0\.1:(\d+)/.exec(url)?.[1];
  const proxy = address === undefined ? undefined : await openTcpProxy(Number(address));
  // A request and its answer each wait for half of it.
  proxy?.delay(LATENCY / 2);
  const database = (): string => url.replace(/^(mongodb:\/\/[^/?]*)\/?[^?]*/, `$1/bench-${randomUUID()}`);
  const near = async (): Promise<Record<string, string>> => {
    const own = database();
    await initialise(own, undefined);
    return { MONGODB_URL: own };
  };
  const far = async (): Promise<Record<string, string>> => {
    const { MONGODB_URL = "" } = await near();
    // Directly: the server names its own address, by which the driver would pass the proxy.
    return { MONGODB_URL: MONGODB_URL.replace(`:${address ?? ""}/`, `:${proxy?.port ?? 0}/`).replace(/replicaSet=[^&]*/, "directConnection=true") };
  };
  const sets: StoreKind[] = [
    { name: "SQLite", figure: "sqlite", instances: 1, clients: CLIENTS, settings: () => Promise.resolve({}) },
    { name: "MongoDB", figure: "mongo", instances: 1, clients: CLIENTS, settings: near },
    { name: "MongoDB, two instances", figure: "mongo_two", instances: 2, clients: CLIENTS, settings: near },
    ...(proxy
      ? [
          { name: `MongoDB + ${LATENCY} ms`, figure: "mongo_far", instances: 1, clients: CLIENTS, settings: far },
          { name: `MongoDB + ${LATENCY} ms, two`, figure: "mongo_far_two", instances: 2, clients: CLIENTS, settings: far },
          // Who waits for a far server waits no less for two: only with more senders two can do more than one.
          {
            name: `MongoDB + ${LATENCY} ms, two, ${CLIENTS} clients each`,
            figure: "mongo_far_two_each",
            instances: 2,
            clients: 2 * CLIENTS,
            settings: far,
          },
        ]
      : []),
  ];
  const rows: (string | number)[][] = [];
  const figures: Record<string, number> = {};
  for (const { name: size, bytes } of SIZES)
    for (const { name, figure, instances, clients, settings } of sets) {
      tell(`deposits of ${size} in ${name}, up to ${LONGEST / 1000} s after ${WARM_UP * instances} to warm up, then reads`);
      const { deposits, reads } = await measureSet(join(folder, randomUUID()), { bytes, instances, clients, settings: await settings() });
      rows.push([size, name, deposits.count, deposits.perSecond, deposits.median, deposits.p99, reads.median, reads.p99]);
      Object.assign(figures, {
        [`${figure}_${bytes / 1000}k_perSecond`]: deposits.perSecond,
        [`${figure}_${bytes / 1000}k_p99_Ms`]: deposits.p99,
        [`${figure}_${bytes / 1000}k_read_p99_Ms`]: reads.p99,
      });
    }
  await proxy?.close();
  const audits = await measureAudits(folder, { longest: LONGEST, tell }, figures);
  return {
    tables: [
      {
        title: `Deposits over HTTP, ${CLIENTS} clients, and reads by id, one at a time`,
        columns: ["document", "store", "deposits", "per second", "p50 ms", "p99 ms", "read p50 ms", "p99 ms"],
        rows,
      },
      audits,
    ],
    figures,
  };
}

async function measureSet(
  folder: string,
  {
    bytes,
    instances,
    clients,
    settings,
  }: { readonly bytes: number; readonly settings: Readonly<Record<string, string>> } & Pick<StoreKind, "instances" | "clients">,
): Promise<{ readonly deposits: Measured; readonly reads: Measured }> {
  const start = (number: number): ReturnType<typeof startService> =>
    startService(join(folder, `data-${number}`), { ...settings, KEYS_DIR: join(folder, "keys") });
  // The first one makes the keys.
  const services = [await start(0)];
  while (services.length < instances) services.push(await start(services.length));
  const agent = new Agent({ keepAlive: true });
  try {
    const make = documentMaker(bytes);
    const portOf = (number: number): number => services[number % services.length]?.port ?? 0;
    await measure((number) => post(portOf(number), agent, make()), { count: WARM_UP * instances, width: clients, longest: LONGEST });
    const deposits = await measure((number) => post(portOf(number), agent, make()), { count: Infinity, width: clients, longest: LONGEST });
    const ids = await idsOf(portOf(0), agent);
    const read = (number: number): Promise<string> => ask(portOf(0), agent, `/fhir/Binary/${ids[number % ids.length] ?? ""}`);
    const reads = await measure((number) => read(number).then(() => undefined), { count: READS, width: 1, longest: LONGEST });
    return { deposits, reads };
  } finally {
    agent.destroy();
    await Promise.all(services.map(({ stop }) => stop()));
  }
}

/** Ids of some documents that were deposited. */
async function idsOf(port: number, agent: Agent): Promise<string[]> {
  const page = await ask(port, agent, "/");
  return [...new Set([...page.matchAll(/\/documents\/([0-9a-f-]{36})/g)].map(([, id]) => id ?? ""))];
}

function ask(port: number, agent: Agent, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, path, agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.once("end", () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`${path} was answered with ${response.statusCode ?? 0}`)),
      );
    }).once("error", reject);
  });
}
