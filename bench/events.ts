/**
 * Subscriptions under deposits over HTTP, each service in a process of its own: 1,000 subscriptions with criteria that differ, of which each deposit matches five. What deposits cost with them and without, in turns; when an event has
 * its number, and when its receiver has it; and what a document costs by how many subscriptions there are.
 */
import { createServer, Agent, request, type Server } from "node:http";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { besides } from "./events-beside.ts";
import { documentMaker } from "./documents.ts";
import { post, startService } from "./load.ts";
import { measure, spread } from "./measure.ts";
import { processorTime } from "./processor-time.ts";
import { telling, type Report } from "./report.ts";

const SUBSCRIPTIONS = Number(process.env["EVENTS_SUBSCRIPTIONS"] ?? 1_000);
const DEPOSITS = Number(process.env["EVENTS_DEPOSITS"] ?? 1_000);
const BYTES = 5_000;
const WIDTH = 8;
const ROUNDS = 2;
const WARM_UP = 150;
const LONGEST = 60_000;
/** How long notifications may take that are still under way. */
const PATIENCE = 20_000;
const SYSTEM = "urn:oid:2.16.756.5.32.99";
/** What five different subscriptions ask about the patient of one group of documents. */
const CRITERIA = (patient: string): readonly string[] => [
  `Patient?identifier=${SYSTEM}|${patient}`,
  `Patient?identifier=${SYSTEM}|${patient}&gender=female`,
  `Patient?identifier=${SYSTEM}|${patient}&name=brandt`,
  `Patient?identifier=${patient}`,
  `Patient?identifier=${SYSTEM}|${patient}&birthdate=lt1960`,
];
const MATCHES = CRITERIA("").length;
const GROUPS = Math.max(1, Math.floor(SUBSCRIPTIONS / MATCHES));

export async function run(): Promise<Report> {
  const tell = telling("events");
  const beside = await besides(tell);
  const received = new Map<string, number[]>();
  const receiver = await listen(received);
  const folders = await Promise.all(["with", "without"].map((name) => mkdtemp(join(tmpdir(), `chartulary-events-${name}-`))));
  const [folder = "", plainFolder = ""] = folders;
  const settings = { CALLBACK_ALLOW: "127.0.0.1" };
  const [service, plain] = [await startService(folder, settings), await startService(plainFolder, settings)];
  const agent = new Agent({ keepAlive: true });
  try {
    tell(`${SUBSCRIPTIONS} subscriptions are made`);
    const { port: hook } = receiver.address() as AddressInfo;
    for (let group = 0; group < GROUPS; group++)
      for (const [kind, criteria] of CRITERIA(patientOf(group)).entries())
        await subscribe(service.port, agent, criteria, `http://127.0.0.1:${hook}/${group}/${kind}`);
    const make = documentMaker(BYTES);
    const document = (number: number): Uint8Array =>
      Buffer.from(
        Buffer.from(make())
          .toString("utf8")
          .replace(/J-[0-9a-f]{8}/, patientOf(number % GROUPS)),
      );
    const sent = new Map<string, number[]>();
    let count = 0;
    const round = async (which: { readonly port: number; readonly pid: number }, deposits: number): Promise<Round> => {
      const before = processorTime([which.pid]) ?? 0;
      const done = await measure(
        async () => {
          const number = count++;
          if (which === service) append(sent, String(number % GROUPS), performance.now());
          await post(which.port, agent, document(number));
        },
        { count: deposits, width: WIDTH, longest: LONGEST },
      );
      if (which === service) await settled(folder, [...sent.values()].reduce((sum, times) => sum + times.length, 0) * MATCHES);
      return { ...done, processor: ((processorTime([which.pid]) ?? 0) - before) / done.count };
    };
    for (const which of [plain, service]) await round(which, WARM_UP);
    const rounds: { readonly plain: Round; readonly service: Round }[] = [];
    for (let number = 0; number < ROUNDS; number++) {
      tell(`round ${number + 1} of ${ROUNDS}: ${DEPOSITS} deposits without subscriptions, and with them`);
      rounds.push({ plain: await round(plain, DEPOSITS), service: await round(service, DEPOSITS) });
    }
    const delaysUnderLoad = await delaysOf(sent, received);
    tell("one after the other, until each has its number and its receiver");
    const numbered: number[] = [];
    for (let number = 0; number < 100; number++) {
      const [at, events] = [performance.now(), eventsIn(folder)];
      append(sent, String(count % GROUPS), at);
      await post(service.port, agent, document(count++));
      while (eventsIn(folder) < events + MATCHES && performance.now() - at < PATIENCE) await sleep(2);
      numbered.push(performance.now() - at);
    }
    const delays = await delaysOf(sent, received);
    const events = eventsIn(folder);
    const [plainly, subscribed] = [rounds.map((one) => one.plain), rounds.map((one) => one.service)];
    const figures = {
      subscriptions: GROUPS * MATCHES,
      events,
      notifications: delaysUnderLoad.length + delays.length,
      without_perSecond: Math.max(...plainly.map(({ perSecond }) => perSecond)),
      with_perSecond: Math.max(...subscribed.map(({ perSecond }) => perSecond)),
      without_processorMs: Math.min(...plainly.map(({ processor }) => processor)),
      with_processorMs: Math.min(...subscribed.map(({ processor }) => processor)),
      number_p50_Ms: spread(numbered).median,
      number_p99_Ms: spread(numbered).p99,
      notification_p50_Ms: spread(delays).median,
      notification_p99_Ms: spread(delays).p99,
      underLoad_notification_p50_Ms: spread(delaysUnderLoad).median,
      underLoad_notification_p99_Ms: spread(delaysUnderLoad).p99,
      ...beside,
    };
    return {
      tables: [
        {
          title: `Deposits of 5 KB, ${GROUPS * MATCHES} subscriptions of which each matches ${MATCHES}`,
          columns: ["what", "value"],
          rows: Object.entries(figures),
        },
      ],
      figures,
    };
  } finally {
    agent.destroy();
    await Promise.all([service.stop(), plain.stop()]);
    receiver.closeAllConnections();
    receiver.close();
    await Promise.all(folders.map((one) => rm(one, { recursive: true, force: true })));
  }
}

interface Round {
  readonly perSecond: number;
  /** Milliseconds of processors for one deposit, with all that follows from it. */
  readonly processor: number;
}

function patientOf(group: number): string {
  return `J-${String(group).padStart(8, "0")}`;
}

function append(lists: Map<string, number[]>, key: string, value: number): void {
  lists.set(key, [...(lists.get(key) ?? []), value]);
}

/** Notes when what arrives at which path. */
async function listen(received: Map<string, number[]>): Promise<Server> {
  const server = createServer((asked, answer) => {
    append(received, asked.url ?? "", performance.now());
    asked.resume().once("end", () => answer.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function subscribe(port: number, agent: Agent, criteria: string, endpoint: string): Promise<void> {
  const resource = { resourceType: "Subscription", status: "requested", reason: "bench", criteria, channel: { type: "rest-hook", endpoint } };
  const body = JSON.stringify(resource);
  const headers = { "Content-Type": "application/fhir+json", "Content-Length": Buffer.byteLength(body) };
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const asked = request({ port, method: "POST", path: "/fhir/Subscription", agent, headers }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode));
    });
    asked.once("error", reject).end(body);
  });
  if (status !== 201) throw new Error(`a subscription was answered with ${status ?? 0}`);
}

/** How many events have their numbers. */
function eventsIn(folder: string): number {
  const database = new DatabaseSync(join(folder, "events.db"), { readOnly: true });
  try {
    return Number(database.prepare("SELECT count(*) AS count FROM events").get()?.["count"]);
  } finally {
    database.close();
  }
}

async function settled(folder: string, events: number): Promise<void> {
  for (const begun = performance.now(); eventsIn(folder) < events && performance.now() - begun < PATIENCE;) await sleep(20);
}

/** From when a deposit was sent until each of its receivers had been called, when all have been; and forgets them. */
async function delaysOf(sent: Map<string, number[]>, received: Map<string, number[]>): Promise<number[]> {
  const sum = (lists: ReadonlyMap<string, readonly number[]>): number => [...lists.values()].reduce((all, times) => all + times.length, 0);
  for (const begun = performance.now(); sum(received) < sum(sent) * MATCHES && performance.now() - begun < PATIENCE;) await sleep(50);
  const delays = [...received].flatMap(([path, times]) => {
    const begun = sent.get(path.split("/")[1] ?? "") ?? [];
    return times.map((time, at) => time - (begun[at] ?? time));
  });
  sent.clear();
  received.clear();
  return delays;
}
