/** The real program under what strangers, broken log readers and an impatient operator do to it. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, openSync, readdirSync, statSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { documentJson } from "./documents.ts";
import { removeFolder, temporaryFolder, until } from "./program.ts";
import { PROJECT_ROOT } from "./support/service.ts";

interface Running {
  readonly port: number;
  readonly exited: Promise<number | null>;
  stop(): Promise<number | null>;
  /** Begins to read its log. */
  readLog(): () => string;
}

const running: { kill(signal: "SIGKILL"): unknown }[] = [];
let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  removeFolder(folder);
});

async function start(standardError: "pipe" | number, environment: Record<string, string> = {}): Promise<Running> {
  const child = spawn(process.execPath, [`${PROJECT_ROOT}/bin/chartulary.js`, "serve", "--no-samples"], {
    env: {
      ...process.env,
      NODE_OPTIONS: "",
      MONGODB_URL: "",
      HOST: "127.0.0.1",
      PORT: "0",
      DATA_DIR: folder,
      LOG_LEVEL: "info",
      XML_SEALS: "0",
      ...environment,
    },
    stdio: ["ignore", "pipe", standardError],
  });
  running.push(child);
  child.stderr?.pause();
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const found = /127\.0\.0\.1:(\d+)/.exec(text)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    void exited.then((code) => reject(new Error(`ended with ${code ?? "a signal"}`)));
  });
  return {
    port,
    exited,
    stop: () => {
      child.kill("SIGTERM");
      return exited;
    },
    readLog: () => {
      let text = "";
      child.stderr
        ?.setEncoding("utf8")
        .on("data", (more: string) => (text += more))
        .resume();
      return () => text;
    },
  };
}

interface Sent {
  readonly path?: string;
  readonly body?: string;
  readonly agent?: Agent;
}

/** The status of an answer; else how the connection failed. */
function send(port: number, { path = "/healthz", body, agent }: Sent = {}): Promise<number | string> {
  return new Promise((resolve) => {
    const method = body === undefined ? "GET" : "POST";
    const sent = request(
      { host: "127.0.0.1", port, path, method, agent: agent ?? false, headers: { "Content-Type": "application/fhir+json" } },
      (answer) => {
        answer.resume().once("end", () => resolve(answer.statusCode ?? 0));
        answer.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
      },
    );
    sent.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
    sent.end(body);
  });
}

/** More lines of the log than any pipe and our own buffer hold. */
async function askOften(port: number, times: number): Promise<Set<number | string>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const answers = new Set<number | string>();
  for (let at = 0; at < times; at += 100)
    for (const answer of await Promise.all(Array.from({ length: 100 }, () => send(port, { agent })))) answers.add(answer);
  agent.destroy();
  return answers;
}

describe("a log", () => {
  test("that nobody reads stops no request, and does not keep the program from its end; what was lost is told when it is read again", async () => {
    const service = await start("pipe");
    expect(await askOften(service.port, 9_000)).toEqual(new Set([200]));
    const log = service.readLog();
    await until(async () => {
      await send(service.port);
      return /"lost":[1-9]\d*,"msg":"log lines were lost/.test(log());
    });
    // Whole lines, all of them.
    for (const line of log().split("\n").slice(0, -1)) expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(await service.stop()).toBe(0);
  });

  test("that is never read does not keep the program from its end", async () => {
    const service = await start("pipe");
    await askOften(service.port, 2_000);
    expect(await service.stop()).toBe(0);
  });

  (existsSync("/dev/full") ? test : test.skip)("on a full disk kills nobody", async () => {
    const service = await start(openSync("/dev/full", "w"));
    expect(await askOften(service.port, 500)).toEqual(new Set([200]));
    expect(await send(service.port, { path: "/fhir/Bundle", body: documentJson() })).toBe(201);
    expect(await service.stop()).toBe(0);
  });
});

describe("a stop", () => {
  test("resets nothing that was sent before it was told, on connections kept alive or new", async () => {
    const service = await start("pipe");
    service.readLog();
    const agent = new Agent({ keepAlive: true, maxSockets: 30 });
    let stoppedAt = Infinity;
    const answers: { readonly answer: number | string; readonly sentAt: number }[] = [];
    const client = async (at: number): Promise<void> => {
      for (;;) {
        const sentAt = performance.now();
        const answer = await send(service.port, at % 3 === 0 ? { path: "/fhir/Bundle", body: documentJson(), agent } : at % 3 === 1 ? { agent } : {});
        answers.push({ answer, sentAt });
        if (typeof answer === "string" && sentAt > stoppedAt) return;
      }
    };
    const clients = Array.from({ length: 30 }, (_, at) => client(at));
    await until(() => Promise.resolve(answers.length > 300));
    const stopped = service.stop();
    stoppedAt = performance.now();
    await Promise.all(clients);
    expect(await stopped).toBe(0);
    const before = answers.filter(({ sentAt }) => sentAt <= stoppedAt).map(({ answer }) => answer);
    expect([...new Set(before)].filter((answer) => ![200, 201, 503].includes(Number(answer)))).toEqual([]);
    expect(answers.some(({ answer }) => answer === 503)).toBe(true);
    agent.destroy();
  });

  test("waits for no upload that stands still: it is told 503", async () => {
    const service = await start("pipe");
    service.readLog();
    const socket = connect(service.port, "127.0.0.1");
    const answer = new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))));
    socket.write(`POST /fhir/Bundle HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: 1000\r\n\r\n{`);
    await until(async () => (await send(service.port)) === 200);
    const begun = performance.now();
    const code = service.stop();
    expect(await answer).toMatch(/^HTTP\/1\.1 503 [^]*Connection: close/);
    expect(await code).toBe(0);
    // The grace for what comes along is 25 s.
    expect(performance.now() - begun).toBeLessThan(15_000);
    socket.destroy();
  });
});

test("a body that arrives leaves nothing readable in the data folder, also when the program is killed", async () => {
  const service = await start("pipe");
  service.readLog();
  const mark = randomUUID();
  const socket = connect(service.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(`POST /fhir/Bundle HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: 5000000\r\n\r\n`);
  await new Promise<void>((resolve) => void socket.write(mark.repeat(100_000), () => resolve()));
  await until(async () => (await send(service.port)) === 200);
  for (const child of running.splice(0)) child.kill("SIGKILL");
  await service.exited;
  // Killed between making a file and taking its name away, the program leaves the name; nothing was written by then, and the next start deletes it.
  for (const name of readdirSync(`${folder}/spool`)) expect(statSync(`${folder}/spool/${name}`).size).toBe(0);
  await start("pipe");
  expect(readdirSync(`${folder}/spool`)).toEqual([]);
  socket.destroy();
});
