/** The witness over HTTP, for anybody: its two addresses, and the bounds of what strangers may do. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type AddressInfo } from "node:net";
import type { Server } from "node:http";
import { AppError } from "../../../src/core/errors.ts";
import { witnessServer } from "../../../src/http/operators/witness-server.ts";
import type { WitnessReply } from "../../../src/pipeline/witness/witness.ts";

let server: Server;
let url: string;
let asked: string[];
let faults: unknown[];
const reply = (body: string): Promise<WitnessReply> => Promise.resolve({ status: 200, type: "text/plain; charset=utf-8", body });

async function open(limits: Parameters<typeof witnessServer>[1]["limits"] = {}): Promise<void> {
  asked = [];
  faults = [];
  const witness = {
    add: (body: string) => {
      asked.push(body);
      if (body === "break") return Promise.reject(new Error("broken"));
      return body === "full" ? Promise.reject(new AppError("unavailable", "the disk is full")) : reply("— line\n");
    },
    shown: (path: string) => reply(path),
  };
  server = witnessServer(witness, { limits, onFault: (error) => faults.push(error) });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
beforeEach(() => open());
afterEach(() => new Promise((resolve) => void (server.closeAllConnections(), server.close(resolve))));
const post = (body: string | Uint8Array, path = "/add-checkpoint"): Promise<Response> =>
  fetch(url + path, { method: "POST", body: body as BodyInit });

test("gives what the witness says, also below a prefix, and shows checkpoints by the hash of their origin", async () => {
  expect(await (await post("old 0\n\nx\n", "/prefix/add-checkpoint")).text()).toBe("— line\n");
  const path = `${"0af1".repeat(16)}/checkpoint`;
  const shown = await fetch(`${url}/${path}`);
  expect([shown.status, await shown.text(), shown.headers.get("cache-control")]).toEqual([200, path, "no-store"]);
  expect((await (await fetch(`${url}/${path}`, { method: "HEAD" })).text()).length).toBe(0);
});

test("knows nothing else, and refuses what is no text or too large before the witness is asked", async () => {
  for (const [path, method] of [
    ["/", "GET"],
    ["/add-checkpoint", "GET"],
    [`/${"g".repeat(64)}/checkpoint`, "GET"],
    [`/${"a".repeat(64)}/checkpoint`, "PUT"],
  ] as const)
    // prettier-ignore
    expect((await fetch(url + path, { method })).status).toBe(404);
  expect((await post(Uint8Array.of(0xff, 0xfe))).status).toBe(400);
  expect((await post("x".repeat(128_001))).status).toBe(413);
  expect(asked).toEqual([]);
  expect((await post("x".repeat(128_000))).status).toBe(200);
});

test("a fault is told to the operator, and nothing of it to strangers", async () => {
  const answer = await post("break");
  expect([answer.status, await answer.text(), faults.length]).toEqual([500, "The witness failed.\n", 1]);
  // A full disk is none of the request's faults.
  expect([(await post("full")).status, faults.length]).toEqual([503, 2]);
});

test("one address is answered so many at once, and then so many a second", async () => {
  await new Promise((resolve) => server.close(resolve));
  await open({ atOnce: 3, perSecond: 0.001 });
  const codes: number[] = [];
  for (let at = 0; at < 5; at++) codes.push((await post("x")).status);
  expect(codes).toEqual([200, 200, 200, 429, 429]);
  expect(asked).toHaveLength(3);
});

test("one address holds so many connections, and none of them for longer than a request may take", async () => {
  await new Promise((resolve) => server.close(resolve));
  await open({ connectionsOfOne: 3, time: 300 });
  const { port } = server.address() as AddressInfo;
  const ended = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const socket = connect(port, "127.0.0.1").on("error", () => undefined);
      let answer = "";
      socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
      socket.write("POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n");
      await new Promise((resolve) => socket.on("close", resolve));
      return answer.slice(0, 12);
    }),
  );
  // What is too much is ended without a word, what took too long with one.
  expect(ended.sort()).toEqual(["", "", ...Array<string>(3).fill("HTTP/1.1 408")]);
  // What they held is free again.
  expect((await post("x")).status).toBe(200);
});
