/** What is called that somebody else named: looked at before it is connected to. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createServer, type Server } from "node:http";
import { BlockList, type AddressInfo } from "node:net";
import { boundedFetch } from "../../../src/security/issuers/bounded-fetch.ts";
import { isPublicNetwork } from "../../../src/security/issuers/reach.ts";

let server: Server;
let port: number;
let connections = 0;
beforeAll(async () => {
  server = createServer((_request, response) => response.end("{}")).on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test.each([
  ["127.0.0.1", false],
  ["10.1.2.3", false],
  ["169.254.169.254", false],
  ["::1", false],
  ["::ffff:10.0.0.1", false],
  ["64:ff9b::a00:1", false],
  ["::ffff:0:7f00:1", false],
  ["3fff::1", false],
  ["5f00::1", false],
  ["fd00::1", false],
  ["localhost", false],
  ["8.8.8.8", true],
  ["2606:4700::1111", true],
])("%s is of the public network: %s", (address, expected) => expect(isPublicNetwork(address)).toBe(expected));

describe("a private address", () => {
  test.each(["127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "localhost"])("is not even connected to: %s", async (host) => {
    connections = 0;
    await expect(boundedFetch("issuer.example")(`http://${host}:${port}/keys`)).rejects.toMatchObject({ code: "unavailable" });
    expect(connections).toBe(0);
  });

  test("is called where the operator named it, by its host, another host or a range", async () => {
    const range = new BlockList();
    range.addSubnet("127.0.0.0", 8);
    const none = new BlockList();
    for (const asking of [
      boundedFetch("127.0.0.1"),
      boundedFetch("issuer.example", { hosts: new Set(["127.0.0.1"]), addresses: none }),
      boundedFetch("issuer.example", { hosts: new Set(), addresses: range }),
    ])
      expect(await (await asking(`http://127.0.0.1:${port}/keys`, { method: "POST", body: "a=b" })).json()).toEqual({});
  });
});
