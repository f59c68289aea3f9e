import { afterEach, describe, expect, test } from "@jest/globals";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { remoteIssuer } from "../../../src/security/issuers/remote-issuer.ts";
import { until } from "../../journeys/program.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Published {
  readonly url: string;
  readonly asked: string[];
  keys: JWK[];
  metadata: Record<string, unknown>;
  answer?: (request: IncomingMessage, response: ServerResponse) => void;
  isSilent: boolean;
}

async function publish(path = ""): Promise<Published> {
  const server = createServer((request, response) => {
    published.asked.push(String(request.url));
    if (published.isSilent) return void request.socket.destroy();
    if (published.answer) return published.answer(request, response);
    if (request.url === `${path}/.well-known/openid-configuration`) response.end(JSON.stringify(published.metadata));
    else if (request.url === "/jwks") response.end(JSON.stringify({ keys: published.keys }));
    else response.writeHead(404).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const published: Published = {
    url: `${url}${path}`,
    asked: [],
    keys: [],
    metadata: { issuer: `${url}${path}`, jwks_uri: `${url}/jwks` },
    isSilent: false,
  };
  return published;
}

const keyNamed = async (kid: string): Promise<JWK> => ({ ...(await exportJWK((await generateKeyPair("ES256")).publicKey)), kid, alg: "ES256" });
const has = (issuer: ReturnType<typeof remoteIssuer>, kid: string): Promise<boolean> =>
  Promise.resolve(issuer.keyOf({ alg: "ES256", kid }, { payload: "", signature: "" })).then(
    () => true,
    () => false,
  );
const clock = { now: 1_000_000_000 };
const issuerAt = (url: string): ReturnType<typeof remoteIssuer> => remoteIssuer(url, { now: () => clock.now });
const asksForKeys = ({ asked }: Published): number => asked.filter((url) => url === "/jwks").length;

test("keys are fetched once for all who wait, and again when they are old", async () => {
  const published = await publish("/realms/care");
  published.keys = [await keyNamed("one")];
  const issuer = issuerAt(published.url);
  expect(await Promise.all([has(issuer, "one"), has(issuer, "one"), has(issuer, "one")])).toEqual([true, true, true]);
  expect(await issuer.state()).toEqual({ issuer: published.url, isKnown: true, silentSince: undefined });
  expect(published.asked).toEqual(["/realms/care/.well-known/openid-configuration", "/jwks"]);
  clock.now += 600_000;
  published.keys = [await keyNamed("two")];
  expect(await has(issuer, "one")).toBe(false);
});

test("a key that is new is fetched for whoever names it, and nonsense fetches nothing again and again", async () => {
  const published = await publish();
  published.keys = [await keyNamed("one")];
  const issuer = issuerAt(published.url);
  expect(await has(issuer, "one")).toBe(true);
  clock.now += 10_000;
  published.keys.push(await keyNamed("two"));
  expect(await has(issuer, "two")).toBe(true);
  expect(asksForKeys(published)).toBe(2);
  for (let at = 0; at < 20; at++) expect(await has(issuer, `nonsense ${at}`)).toBe(false);
  expect(asksForKeys(published)).toBe(2);
  clock.now += 10_000;
  expect(await has(issuer, "nonsense")).toBe(false);
  expect(asksForKeys(published)).toBe(3);
});

test("while an issuer is silent its last keys count, for a day", async () => {
  const published = await publish();
  published.keys = [await keyNamed("one")];
  const issuer = issuerAt(published.url);
  expect(await has(issuer, "one")).toBe(true);
  published.isSilent = true;
  clock.now += 700_000;
  expect(await has(issuer, "one")).toBe(true);
  expect(await issuer.state()).toMatchObject({ isKnown: true, silentSince: new Date(clock.now) });
  clock.now += 20_000;
  expect(await has(issuer, "one")).toBe(true);
  published.isSilent = false;
  clock.now += 20_000;
  await has(issuer, "one");
  // Nobody waited on it; the next finds it well again.
  await until(async () => (await issuer.state()).silentSince === undefined);
  expect(await has(issuer, "one")).toBe(true);
  published.isSilent = true;
  clock.now += 86_400_000;
  expect(await has(issuer, "one")).toBe(false);
  expect((await issuer.state()).isKnown).toBe(false);
});

test("secrets and private keys among the published are nobody's", async () => {
  const published = await publish();
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  published.keys = [
    { kty: "oct", k: "c2VjcmV0", kid: "secret", alg: "HS256" },
    { ...(await exportJWK(privateKey)), kid: "private", alg: "ES256" },
  ];
  const issuer = issuerAt(published.url);
  expect(await has(issuer, "private")).toBe(false);
  await expect(Promise.resolve(issuer.keyOf({ alg: "HS256", kid: "secret" }, { payload: "", signature: "" }))).rejects.toThrow();
});

describe("what is published is not believed when", () => {
  test.each<[string, (published: Published) => void]>([
    ["it is of another issuer", ({ metadata }) => void (metadata["issuer"] = "https://login.example.org")],
    ["it is of the same with a slash", ({ metadata, url }) => void (metadata["issuer"] = `${url}/`)],
    ["it names no keys", ({ metadata }) => void delete metadata["jwks_uri"]],
    ["it sends us to another host in the clear", ({ metadata }) => void (metadata["jwks_uri"] = "http://evil.example/jwks")],
    ["it sends people to a script", ({ metadata }) => void (metadata["authorization_endpoint"] = "javascript:alert(1)")],
    ["its keys are no list", (published) => void (published.keys = {} as JWK[])],
    [
      "it leads elsewhere",
      (published) => void (published.answer = (_request, response) => void response.writeHead(302, { Location: "/jwks" }).end()),
    ],
    ["it never ends", (published) => void (published.answer = (_request, response) => void response.end("x".repeat(300_000)))],
    ["it is no JSON", (published) => void (published.answer = (_request, response) => void response.end("<html>"))],
  ])("%s", async (_what, spoil) => {
    const published = await publish();
    published.keys = [await keyNamed("one")];
    spoil(published);
    const issuer = issuerAt(published.url);
    await expect(Promise.resolve(issuer.keyOf({ alg: "ES256", kid: "one" }, { payload: "", signature: "" }))).rejects.toMatchObject({
      code: "unavailable",
    });
    expect((await issuer.state()).isKnown).toBe(false);
  });
});
