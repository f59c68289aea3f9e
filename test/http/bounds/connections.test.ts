import { afterEach, describe, expect, test } from "@jest/globals";
import { Agent, get, type RequestListener } from "node:http";
import { connect, type Socket } from "node:net";
import type { Connections } from "../../../src/http/bounds/connections.ts";
import { listen } from "../../../src/http/server.ts";
import { until } from "../../journeys/program.ts";

let connections: Connections;
let port: number;
let isClosed: boolean;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  if (!isClosed) await connections.close(100);
});

async function open(maxConnections: number, listener: RequestListener): Promise<void> {
  isClosed = false;
  const opened = await listen({ host: "127.0.0.1", port: 0, maxConnections }, () => listener);
  connections = opened.connections;
  port = Number(new URL(opened.localUrl).port);
}

/** A connection, once it is open; `ended` resolves when the other side has ended it, with how. */
async function caller(localAddress = "127.0.0.1"): Promise<{ readonly socket: Socket; readonly ended: Promise<string>; ask(): Promise<string> }> {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  sockets.push(socket);
  const ended = new Promise<string>((resolve) => {
    socket.once("end", () => resolve("ended")).once("error", () => resolve("reset"));
  });
  await new Promise((resolve) => socket.once("connect", resolve));
  const ask = (): Promise<string> => {
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return new Promise((resolve) => socket.once("data", (data) => resolve(String(data))));
  };
  return { socket, ended, ask };
}

const size = (count: number): Promise<void> => until(() => connections.size === count, 5);

describe("connections", () => {
  test("beyond the most let the one go that was idle longest; whoever is answered stays", async () => {
    const { promise: goOn, resolve: release } = Promise.withResolvers<undefined>();
    await open(3, (request, response) => void (request.url === "/slow" ? goOn.then(() => response.end("slow")) : response.end("quick")));
    const busy = await caller();
    busy.socket.write("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const slow = new Promise<string>((resolve) => busy.socket.once("data", (data) => resolve(String(data))));
    await size(1);
    const first = await caller();
    await first.ask();
    const second = await caller();
    await second.ask();
    await first.ask();
    const third = await caller();
    expect(await third.ask()).toContain("quick");
    expect(await second.ended).toMatch(/ended|reset/);
    expect(await first.ask()).toContain("quick");
    release(undefined);
    expect(await slow).toContain("slow");
  });

  test("that all are being answered leave no room: a new one is refused", async () => {
    let asked = 0;
    await open(2, () => (asked += 1));
    for (const at of [1, 2]) {
      const { socket } = await caller();
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      // Until its request has been read it counts as idle.
      await until(() => asked === at, 5);
    }
    const before = connections.size;
    const { ended } = await caller();
    expect([await ended, before, connections.size]).toEqual([expect.stringMatching(/ended|reset/), 2, 2]);
  });

  test.each([
    ["whose bodies do not come to their end", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1"],
    ["who do not take their answers", "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ])("of somebody %s give way to others, and to nobody behind the same address", async (_who, request) => {
    const large = Buffer.alloc(30_000_000);
    let asked = 0;
    await open(3, ({ url, method }, response) => {
      asked += 1;
      if (url === "/large") response.write(large);
      else if (method === "GET") response.end("quick");
    });
    const slow = await Promise.all([1, 2, 3].map(() => caller("127.0.0.2")));
    for (const { socket } of slow) socket.pause().write(request);
    await until(() => asked === 3, 5);
    expect(await (await caller("127.0.0.2")).ended).toMatch(/ended|reset/);
    const other = await caller();
    expect(await other.ask()).toContain("quick");
    expect(connections.size).toBe(3);
    expect(await (await caller()).ask()).toContain("quick");
  });

  test("are closed in good order: answers say so, idle ones are ended and not reset", async () => {
    await open(10, (_request, response) => void response.end("x"));
    const agent = new Agent({ keepAlive: true });
    const idle = await caller();
    await idle.ask();
    connections.closeAfterAnswers();
    const header = await new Promise<string | undefined>((resolve, reject) => {
      get({ port, host: "127.0.0.1", agent }, (answer) => {
        answer.resume();
        resolve(answer.headers.connection);
      }).once("error", reject);
    });
    expect(header).toBe("close");
    await connections.settle(20, 1_000);
    isClosed = true;
    const closed = connections.close(5_000);
    expect(await idle.ended).toBe("ended");
    idle.socket.destroy();
    await closed;
    agent.destroy();
  });
});
