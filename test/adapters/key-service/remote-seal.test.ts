import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { p256 } from "@noble/curves/nist.js";
import { KeyService } from "../../../src/adapters/key-service/key-service.ts";
import { remoteChain, remoteSeal } from "../../../src/adapters/key-service/remote-seal.ts";
import { selfSignedCertificate } from "../../../src/adapters/keys/issue-certificate.ts";
import { parseSeal } from "../../../src/adapters/keys/key-files.ts";
import { holdingIn, sealText } from "../../../src/adapters/keys/seal-elsewhere.ts";
import { sealSigner } from "../../../src/adapters/keys/seal-signer.ts";
import { isSameCertificate, pemOf } from "../../../src/core/crypto/certificate.ts";
import type { SealSigner } from "../../../src/core/crypto/keys.ts";
import { signerServer, type ServedKey } from "../../../src/http/operators/signer-server.ts";
import { checkSeal, makeSeal } from "../../../src/core/signatures/seal.ts";
import { probeSeal } from "../../../src/pipeline/sign/probe.ts";

const CONTENT = new TextEncoder().encode('{"resourceType":"Bundle"}');
const AT = new Date("2026-03-14T08:31:00Z");
/** Longer than any machine takes for what is asked within it. */
const REST = 600_000;
const folder = mkdtempSync(join(tmpdir(), "remote-seal-"));
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const certificate = selfSignedCertificate(privateKey, "A seal", new Date("2026-01-01"), new Date("2036-01-01"));
const known = [{ certificate, isCurrent: true }];
const secretOf = (key: typeof privateKey): Uint8Array => Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");

let signing: ServedKey["sign"];
let asked = 0;
let server: Server;
const open: Server[] = [];

async function listen(one: Server, port = 0): Promise<string> {
  open.push(one);
  await new Promise<void>((done) => one.listen(port, "127.0.0.1", done));
  return `http://127.0.0.1:${(one.address() as AddressInfo).port}`;
}

async function close(one: Server): Promise<void> {
  one.closeAllConnections();
  await new Promise((done) => one.close(done));
}

function honest(): Server {
  const key: ServedKey = {
    algorithm: "ES256",
    chain: pemOf(certificate),
    sign: (bytes) => {
      asked += 1;
      return signing(bytes);
    },
  };
  return signerServer({ keys: new Map([["one", key]]), token: "secret", tls: undefined, onFault: () => undefined });
}

function serviceAt(url: string, limits: object = {}): KeyService {
  return new KeyService({
    address: { url, tokenFile: join(folder, "token") },
    name: "the service",
    headersOf: (token) => ({ Authorization: `Bearer ${token ?? ""}` }),
    limits: { time: 30_000, pauses: [10], rest: REST, ...limits },
  });
}

function sealBy(service: KeyService): SealSigner {
  const file = parseSeal(sealText([certificate], { kind: "service", name: "one" }));
  const deedOf: Parameters<typeof sealSigner>[2] = {
    deedOf: (place, own, algorithm) => remoteSeal(service, place.kind === "service" ? place.name : "", own, algorithm),
  };
  return sealSigner([file], "keys", deedOf);
}

beforeEach(() => {
  asked = 0;
  writeFileSync(join(folder, "token"), "secret\n");
  // eslint-disable-next-line @typescript-eslint/require-await -- async, as a token is
  signing = async (digest) => p256.sign(digest, secretOf(privateKey), { prehash: false, lowS: false });
});
afterEach(async () => {
  for (const one of open.splice(0)) if (one.listening) await close(one);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a seal by a service is one like any other", async () => {
  const service = serviceAt(await listen(honest()));
  const seal = await makeSeal(CONTENT, sealBy(service), AT);
  expect(await checkSeal(seal, CONTENT, known)).toMatchObject({ block: "valid", content: "valid", certificate: "valid" });
  const [served] = await remoteChain(service, "one");
  expect(served && isSameCertificate(served, certificate)).toBe(true);
});

test("a token is taken anew from its file, and one that is not the right one is told at once", async () => {
  const service = serviceAt(await listen(honest()), { rest: 0 });
  writeFileSync(join(folder, "token"), "another");
  await expect(makeSeal(CONTENT, sealBy(service), AT)).rejects.toThrow(/^the service answers with 401: it does not take our token/);
  writeFileSync(join(folder, "token"), "secret");
  await makeSeal(CONTENT, sealBy(service), AT);
  expect(asked).toBe(1);
  await expect(remoteChain(service, "two")).rejects.toThrow(/404: it has no such key/);
});

describe("nothing is believed but the key's own signatures:", () => {
  const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  test.each<[string, ServedKey["sign"]]>([
    ["another key's", (digest) => Promise.resolve(p256.sign(digest, secretOf(other), { prehash: false }))],
    ["of something else", () => Promise.resolve(p256.sign(new Uint8Array(32), secretOf(privateKey), { prehash: false }))],
    ["in DER", (digest) => Promise.resolve(p256.sign(digest, secretOf(privateKey), { prehash: false, format: "der" }))],
    ["nothing", () => Promise.resolve(new Uint8Array())],
  ])("%s", async (_name, sign) => {
    signing = sign;
    const seal = sealBy(serviceAt(await listen(honest())));
    await expect(makeSeal(CONTENT, seal, AT)).rejects.toMatchObject({ code: "unavailable", message: expect.stringMatching(/not by the key one/) });
    expect(seal.fault?.()).toMatch(/not by the key/);
    expect(await probeSeal(seal, known, AT)).toMatch(/not by the key/);
  });

  test.each([
    ["{}", /no signature/],
    ['{"signature":5}', /no signature/],
    ["null", /no signature/],
    ["<html>", /no signature/],
    ["x".repeat(5_000_000), /more than belongs there/],
  ])("an answer that is none: %.12j", async (body, words) => {
    const seal = sealBy(serviceAt(await listen(createServer((_request, response) => response.end(body)))));
    await expect(makeSeal(CONTENT, seal, AT)).rejects.toThrow(words);
  });
});

test("one that is slow or fails is asked again, then left alone for a while, then tried by one", async () => {
  let [requests, isWell] = [0, false];
  server = createServer((request, response) => {
    requests += 1;
    if (isWell) return void honest().emit("request", request, response);
    if (requests % 2 === 0) response.writeHead(503).end();
  });
  // The first request gets no answer: it waits this long, and the second must be answered within it on a busy machine too.
  const service = serviceAt(await listen(server), { time: 3_000 });
  const seal = sealBy(service);
  await expect(makeSeal(CONTENT, seal, AT)).rejects.toThrow(/answers with 503/);
  expect(requests).toBe(2);
  // Nobody waits for what is known to be away.
  await Promise.all(Array.from({ length: 50 }, () => expect(makeSeal(CONTENT, seal, AT)).rejects.toThrow(/503/)));
  expect(requests).toBe(2);
  isWell = true;
  const now = performance.now() + REST;
  const clock = jest.spyOn(performance, "now").mockImplementation(() => now);
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => makeSeal(CONTENT, seal, AT)));
  clock.mockRestore();
  expect([requests, results.filter(({ status }) => status === "fulfilled").length]).toEqual([3, 1]);
  await makeSeal(CONTENT, seal, AT);
  expect(seal.fault?.()).toBeUndefined();
});

test("one that is not there is told so, and no token is sent where none can be read", async () => {
  const url = await listen((server = honest()));
  await close(server);
  await expect(makeSeal(CONTENT, sealBy(serviceAt(url)), AT)).rejects.toThrow("the service cannot be reached (ECONNREFUSED)");
  rmSync(join(folder, "token"));
  await expect(makeSeal(CONTENT, sealBy(serviceAt(url)), AT)).rejects.toThrow(/token cannot be read \(ENOENT\)/);
});

test("a server that would sign for anybody does not begin", () => {
  expect(() => signerServer({ keys: new Map(), token: undefined, tls: undefined, onFault: () => undefined })).toThrow(/for anybody/);
});

test("a seal's file says where its key is", () => {
  expect(holdingIn(sealText([certificate], { kind: "service", name: "seal-2026" }))).toEqual({ kind: "service", name: "seal-2026" });
  expect(holdingIn(sealText([certificate], { kind: "pkcs12", bytes: Uint8Array.of(1, 2, 3) }))).toEqual({
    kind: "pkcs12",
    bytes: Uint8Array.of(1, 2, 3),
  });
  expect(holdingIn(pemOf(certificate))).toBeUndefined();
  expect(() => sealSigner([parseSeal(pemOf(certificate))], "keys")).toThrow(/no private key/);
});
