import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { documentMaker } from "../documents.ts";
import { count, outcomeOf, postHead, pour, stranger, type Tally } from "./strangers.ts";
import type { Target } from "./target.ts";

/** What is there before the attacks. */
export interface Prepared {
  /** Id of a document of about 19 MB. */
  readonly large: string;
}

export interface Attack {
  readonly name: string;
  run(target: Target, prepared: Prepared): Promise<Tally>;
}

const MB = 1_000_000;

export const ATTACKS: readonly Attack[] = [
  {
    name: "90 uploads of 40 MB, held open before their end",
    run: async (target) => {
      const body = Buffer.alloc(40 * MB, 0x20);
      const strangers = Array.from({ length: 90 }, () => stranger(target, postHead(target, body.length)));
      await Promise.all(strangers.map(({ socket }) => pour(socket, body.subarray(0, body.length - 1))));
      return outcomeOf(strangers, 5_000);
    },
  },
  {
    name: "60 bodies of 48 KB gzip that inflate to 50 MB",
    run: async (target) => {
      const body = gzipSync(Buffer.alloc(50 * MB - 1, 0x20));
      const strangers = Array.from({ length: 60 }, () => stranger(target, postHead(target, body.length, ["Content-Encoding: gzip"])));
      for (const { socket } of strangers) socket.write(body);
      return outcomeOf(strangers, 90_000);
    },
  },
  {
    name: "200 bodies at one byte a second",
    run: async (target) => {
      const strangers = Array.from({ length: 200 }, () => stranger(target, postHead(target, 100_000)));
      const trickle = setInterval(() => {
        for (const { socket } of strangers) if (!socket.destroyed) socket.write(" ");
      }, 1_000);
      return outcomeOf(strangers, 20_000).finally(() => clearInterval(trickle));
    },
  },
  {
    name: "40 readers of a document of 19 MB that read nothing",
    run: (target, { large }) => {
      const head = `GET /fhir/Binary/${large} HTTP/1.1\r\nHost: ${target.host}\r\n\r\n`;
      return outcomeOf(
        Array.from({ length: 40 }, () => stranger(target, head, { isDeaf: true })),
        25_000,
      );
    },
  },
  {
    name: "3,000 connections that say nothing",
    run: (target) =>
      outcomeOf(
        Array.from({ length: 3_000 }, () => stranger(target, "")),
        10_000,
      ),
  },
  { name: "40 GETs of a document of 19 MB", run: (target, { large }) => readMany(target, `/fhir/Bundle/${large}`, {}) },
  { name: "40 GETs of its original", run: (target, { large }) => readMany(target, `/fhir/Binary/${large}`, {}) },
  { name: "40 GETs of its receipt", run: (target, { large }) => readMany(target, `/documents/${large}/receipt`, {}) },
  {
    name: "40 GETs of it, of whoever has it (304)",
    run: (target, { large }) => readMany(target, `/fhir/Bundle/${large}`, { "If-None-Match": 'W/"1"' }),
  },
  {
    name: "8 depositors of 1 MB on kept-alive connections",
    run: async (target) => {
      const make = documentMaker(MB);
      const agent = new Agent({ keepAlive: true, maxSockets: 8 });
      const tally: Tally = new Map();
      const until = performance.now() + 15_000;
      const depositor = async (): Promise<void> => {
        while (performance.now() < until) count(tally, await send(target, { method: "POST", path: "/fhir/Bundle", agent, body: make() }));
      };
      await Promise.all(Array.from({ length: 8 }, depositor));
      agent.destroy();
      return tally;
    },
  },
];

async function readMany(target: Target, path: string, headers: Readonly<Record<string, string>>): Promise<Tally> {
  const tally: Tally = new Map();
  await Promise.all(Array.from({ length: 40 }, async () => count(tally, await send(target, { path, headers }))));
  // So that health is looked at also when all is over at once.
  await sleep(500);
  return tally;
}

interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  readonly body?: Uint8Array;
}

function send({ host, port }: Target, { method = "GET", path, headers = {}, agent, body }: Sent): Promise<string> {
  return new Promise((resolve) => {
    const type = body ? { "Content-Type": "application/fhir+json", "Content-Length": String(body.length) } : {};
    const sent = request({ host, port, method, path, headers: { ...headers, ...type }, agent: agent ?? false }, (answer) => {
      answer.resume().once("end", () => resolve(String(answer.statusCode)));
    });
    sent.once("error", () => resolve("none"));
    sent.end(body);
  });
}
