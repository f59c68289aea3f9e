import { afterEach, describe, expect, test } from "@jest/globals";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House, type HouseOptions } from "../house.ts";
import { ask } from "../local-server.ts";

let house: House;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await house.close();
});

const open = async (options: HouseOptions): Promise<void> => void (house = await openHouse(options));

/** Sends the head of a deposit and some of its body; gives the answer's head, or what ended the connection. */
function begin(length: number, body: string | Uint8Array, headers = ""): { readonly socket: Socket; readonly answer: Promise<string> } {
  const socket = connect(house.port, "127.0.0.1");
  sockets.push(socket);
  socket.write(`POST /fhir/Bundle HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: ${length}\r\n${headers}\r\n`);
  socket.write(body);
  const answer = new Promise<string>((resolve) => {
    socket.once("data", (data) => resolve(String(data)));
    socket.once("close", () => resolve("closed"));
    socket.once("error", () => resolve("reset"));
  });
  return { socket, answer };
}

const arriving = async (count: number): Promise<void> => {
  while (house.intake.arriving !== count) await new Promise((resolve) => setTimeout(resolve, 5));
};
const deposit = (body: string, headers: Record<string, string> = {}) =>
  ask(house.port, { method: "POST", path: "/fhir/Bundle", body, headers: { "Content-Type": "application/fhir+json", ...headers } });

describe("when no more may be held", () => {
  test("in memory, a body is refused before it is read, and taken when there is room again", async () => {
    await open({ maxInFlightBytes: 100_000 });
    const { socket } = begin(99_000, "{");
    await arriving(1);
    const { answer } = begin(5_000, "", "Expect: 100-continue\r\n");
    expect(await answer).toMatch(/^HTTP\/1\.1 503 [^]*Retry-After: \d/);
    socket.destroy();
    await arriving(0);
    expect((await deposit(documentJson())).status).toBe(201);
  });

  test("on disk, large ones are refused and small ones are not", async () => {
    await open({ maxSpoolBytes: 1_000_000 });
    begin(900_000, "{");
    await arriving(1);
    expect(await begin(400_000, "").answer).toMatch(/^HTTP\/1\.1 503 [^]*Retry-After/);
    expect((await deposit(documentJson())).status).toBe(201);
  });

  test("inflated bytes count: what grows beyond it is refused while it inflates", async () => {
    await open({ maxDocumentBytes: 20_000_000, maxSpoolBytes: 3_000_000 });
    const bomb = gzipSync(Buffer.alloc(19_000_000, 0x20));
    expect(bomb.length).toBeLessThan(30_000);
    expect(await begin(bomb.length, bomb, "Content-Encoding: gzip\r\n").answer).toMatch(/^HTTP\/1\.1 503 [^]*Retry-After/);
    await arriving(0);
    expect((await deposit(documentJson())).status).toBe(201);
  });

  test("uploads at once are counted", async () => {
    await open({ limits: { uploads: 2 } });
    begin(10, "");
    begin(10, "");
    await arriving(2);
    expect((await deposit(documentJson())).status).toBe(503);
  });

  test("no refusal fills the log with stack traces", async () => {
    await open({ limits: { uploads: 0 } });
    expect((await deposit(documentJson())).status).toBe(503);
    expect(house.logged.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(["request"]);
  });
});

describe("a body", () => {
  test("of any kind is taken when it fits: in memory, on disk, of unknown length, zipped", async () => {
    await open({ limits: { spoolAbove: 2_000 } });
    const large = (): string => documentJson({ words: "good ".repeat(2_000) });
    expect((await deposit(documentJson({ words: "x" }))).status).toBe(201);
    expect((await deposit(large())).status).toBe(201);
    expect((await deposit(large(), { "Transfer-Encoding": "chunked" })).status).toBe(201);
    const zipped = await ask(house.port, {
      method: "POST",
      path: "/fhir/Bundle",
      body: gzipSync(large()),
      headers: { "Content-Type": "application/fhir+json", "Content-Encoding": "gzip" },
    });
    expect(zipped.status).toBe(201);
  });

  test("of which nothing comes is given up, and its connection ended", async () => {
    await open({ limits: { bodyStall: 100, discard: 100 } });
    const { socket, answer } = begin(1_000, "{");
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
    await new Promise((resolve) => socket.once("close", resolve));
    expect(house.intake.arriving).toBe(0);
  });

  test("that trickles is given up, though it never stands still", async () => {
    await open({ limits: { bodyGrace: 0, bodyStall: 60_000, bodyRate: 1_000_000 } });
    const { socket, answer } = begin(100_000, "{");
    const trickle = setInterval(() => socket.write(" "), 50);
    expect(await answer).toMatch(/^HTTP\/1\.1 408 [^]*bytes a second/);
    clearInterval(trickle);
  });

  test("that stands still when the service stops is cut soon, with 503", async () => {
    await open({ limits: { stoppingStall: 100 } });
    const { answer } = begin(1_000, "{");
    await arriving(1);
    house.intake.stop();
    expect(await answer).toMatch(/^HTTP\/1\.1 503 /);
  });
});

describe("work that takes too long", () => {
  test("is answered with 503, and does no harm when it ends after all", async () => {
    const { promise: goOn, resolve: release } = Promise.withResolvers<undefined>();
    await open({
      limits: { handler: 1_000 },
      change: (context) => ({
        ...context,
        ledger: { ...context.ledger, checkpoint: () => goOn.then(() => "late"), append: () => Promise.reject(new Error()) },
      }),
    });
    const answer = await ask(house.port, { path: "/log/checkpoint" });
    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "10"]);
    release(undefined);
    expect((await ask(house.port, { path: "/healthz" })).status).toBe(200);
    expect(house.logged.filter((line) => line.includes("request failed"))).toEqual([]);
  });
});
