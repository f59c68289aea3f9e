/** A repository elsewhere may be a stranger's. */
import { afterEach, expect, test } from "@jest/globals";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { remoteAt } from "../../src/main/audit-url.ts";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function answering(respond: Parameters<typeof createServer>[1]): Promise<string> {
  const made = createServer(respond);
  server = made;
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

test("an answer without end is given up once it is more than any answer of ours, and not asked for again", async () => {
  let [asked, sent] = [0, 0];
  const url = await answering((_request, response) => {
    asked += 1;
    const piece = Buffer.alloc(1024 * 1024);
    const more = (): void => {
      while (!response.destroyed) {
        sent += piece.length;
        if (!response.write(piece)) return void response.once("drain", more);
      }
    };
    more();
  });
  await expect(remoteAt(url).get("/log/checkpoint")).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/more than belongs there/),
  });
  expect(asked).toBe(1);
  expect(sent).toBeLessThan(64 * 1024 * 1024);
});

test("an answer without content is an answer", async () => {
  const url = await answering((_request, response) => response.writeHead(204).end());
  expect(await remoteAt(url).get("/trust.json")).toEqual({ status: 204, bytes: new Uint8Array() });
});
