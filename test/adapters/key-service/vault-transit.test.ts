/** What is believed of a Vault, and what is not: a faithful stand-in, and others that are slow, endless or false. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { vaultTransit, type VaultOptions } from "../../../src/adapters/key-service/vault-transit.ts";
import type { KeyWrapper } from "../../../src/core/crypto/keys.ts";
import { ROLE, VaultStandIn } from "./vault-stand-in.ts";

const TEXT = "dGhpcyBpcyBhIHNlY3JldCBvZiAzMiBieXRlcyEhISE=\n";
const folder = mkdtempSync(join(tmpdir(), "vault-"));
const at = (name: string): string => join(folder, name);
const open: VaultStandIn[] = [];
let vault: VaultStandIn;
let url: string;

function wrapperAt(address = url, more: Partial<VaultOptions> = {}): KeyWrapper {
  return vaultTransit({
    address: { url: address, tokenFile: at("token") },
    transitKey: "transit/chartulary",
    // Long enough for a busy machine; what never answers in full is given less.
    limits: { time: 30_000, pauses: [10], rest: 0 },
    ...more,
  });
}

const withRole = { address: { url: "" }, role: { mount: "approle", id: ROLE.id, secretFile: at("secret-id") } };

/** What it fails with, and that nothing secret is in it, however it is looked at. */
async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause as Error,
  );
  const all = inspect(error, { depth: Infinity, showHidden: true });
  for (const secret of ["s.token", ROLE.secret, TEXT.trim(), Buffer.from(TEXT).toString("base64")]) expect(all).not.toContain(secret);
  return error?.message ?? "";
}

beforeEach(async () => {
  vault = new VaultStandIn();
  open.push(vault);
  url = await vault.open();
  writeFileSync(at("token"), "s.token\n");
  writeFileSync(at("secret-id"), `${ROLE.secret}\n`);
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("what it wraps it unwraps, by whichever version of whichever key wrapped it, and is asked as its API says", async () => {
  const wrapper = wrapperAt(url, { namespace: "team/part" });
  const first = await wrapper.wrap(TEXT);
  vault.rotate("transit/chartulary");
  vault.rotate("transit-other/deep/key");
  const later = await wrapper.wrap(TEXT);
  expect([first, later]).toEqual([expect.stringMatching(/^vault:v1:/), expect.stringMatching(/^vault:v2:/)]);
  const other = wrapperAt(url, { transitKey: "transit-other/deep/key" });
  const elsewhere = await other.wrap(TEXT);
  for (const [wrapped, by] of [[first, wrapper.by], [later, wrapper.by], [elsewhere, other.by]] as const)
    expect(await wrapper.unwrap(wrapped, by ?? "")).toBe(TEXT); // prettier-ignore
  expect(vault.asked[0]).toMatchObject({
    path: "/v1/transit/encrypt/chartulary",
    headers: { "x-vault-token": "s.token", "x-vault-namespace": "team/part", "x-vault-request": "true" },
    body: { plaintext: Buffer.from(TEXT).toString("base64") },
  });
});

test("a role is let in by its secret, and asks again when its token was withdrawn", async () => {
  const wrapper = wrapperAt(url, { ...withRole, address: { url } });
  const wrapped = await wrapper.wrap(TEXT);
  expect(await wrapper.unwrap(wrapped, "vault transit/chartulary")).toBe(TEXT);
  expect(vault.asked.map(({ path }) => path).filter((path) => path.includes("login"))).toHaveLength(1);
  vault.tokens.clear();
  expect(await failure(wrapper.unwrap(wrapped, "vault transit/chartulary"))).toMatch(/403.*does not take our token/);
  expect(await wrapper.unwrap(wrapped, "vault transit/chartulary")).toBe(TEXT);
  writeFileSync(at("secret-id"), "another\n");
  vault.tokens.clear();
  await failure(wrapper.unwrap(wrapped, "vault transit/chartulary"));
  expect(await failure(wrapper.unwrap(wrapped, "vault transit/chartulary"))).toBe(
    "Vault (VAULT_URL) answers with 400: it does not know our role by that secret (VAULT_ROLE_ID, VAULT_SECRET_ID_FILE)",
  );
  rmSync(at("secret-id"));
  expect(await failure(wrapper.wrap(TEXT))).toMatch(/VAULT_SECRET_ID_FILE cannot be read/);
});

describe("refused in words for whoever operates it, without its own words and without a secret", () => {
  const answer =
    (status: number, text: string, headers: Readonly<Record<string, string>> = {}) =>
    (_: unknown, response: ServerResponse): boolean => {
      response.writeHead(status, headers).end(text);
      return true;
    };
  const wrapped = (text: string) => JSON.stringify({ data: { plaintext: text, ciphertext: text } });

  test.each<[string, VaultStandIn["instead"], RegExp]>([
    ["sealed", answer(503, '{"errors":["Vault is sealed"]}'), /answers with 503: it is sealed, or away$/],
    ["a standby that redirects", answer(307, "", { Location: "http://127.0.0.1:1/v1/transit/decrypt/chartulary" }), /answers with 307: it sends us elsewhere, where our token does not go/],
    ["words of its own that hold a token", answer(400, '{"errors":["bad token s.token"]}'), /answers with 400: it did not wrap that/],
    ["no answer", () => true, /did not answer within 400 ms/],
    ["an answer that has no end", (_, response) => { const more = setInterval(() => response.write("x".repeat(500_000)), 1); response.on("close", () => clearInterval(more)); return true; }, /answers with more than belongs there|did not answer within/],
    ["an answer that trickles", (_, response) => { const more = setInterval(() => response.write(" "), 20); response.on("close", () => clearInterval(more)); return true; }, /did not answer within 400 ms/],
    ["an answer that breaks off", (_, response) => { response.writeHead(200, { "Content-Length": "100" }).write("{"); setTimeout(() => response.destroy(), 20); return true; }, /cannot be reached \(ECONNRESET\)/],
    ["no JSON", answer(200, "<html>"), /nothing unwrapped/],
    ["JSON that is no object", answer(200, "null"), /nothing unwrapped/],
    ["no data", answer(200, '{"data":null}'), /nothing unwrapped/],
    ["a number", answer(200, '{"data":{"plaintext":7}}'), /nothing unwrapped/],
    ["no base64", answer(200, wrapped("***")), /nothing unwrapped/],
  ])("%s", async (_, instead, words) => {
    const isEndless = words.source.includes("within");
    const wrapper = wrapperAt(url, isEndless ? { limits: { time: 400, pauses: [10], rest: 0 } } : {});
    vault.instead = instead;
    const begun = performance.now();
    expect(await failure(wrapper.unwrap("vault:v1:AAAA", "vault transit/chartulary"))).toMatch(words);
    expect(performance.now() - begun).toBeLessThan(25_000);
  }); // prettier-ignore

  test("what it wraps is no ciphertext of its kind", async () => {
    for (const text of ["", "vault:v1:", "vault:v1:AA\nby vault sys/x", "plain", "vault:vx:AAAA"]) {
      vault.instead = answer(200, wrapped(text));
      expect(await failure(wrapperAt().wrap(TEXT))).toMatch(/nothing wrapped/);
    }
  });

  test("a wrong token, a ciphertext that was altered, a key that it does not know, and a version that it gave up", async () => {
    const wrapper = wrapperAt();
    const good = await wrapper.wrap(TEXT);
    const altered = `${good.slice(0, -6)}${good.endsWith("AAAAA=") ? "BBBBB=" : "AAAAA="}`;
    expect(await failure(wrapper.unwrap(altered, "vault transit/chartulary"))).toMatch(/400: it did not wrap that by this key/);
    expect(await failure(wrapper.unwrap(good, "vault transit/unknown"))).toMatch(/403/);
    expect(await failure(wrapper.unwrap(good, "vault kv/chartulary"))).toMatch(/404: it has no transit engine there/);
    for (const by of ["vault ../sys/seal", "vault transit/../../sys/seal", "vault transit/x?y=1", "vault a", "pkcs12 x", ""])
      expect(await failure(wrapper.unwrap(good, by))).toMatch(/unknown here/);
    vault.rotate("transit/chartulary");
    vault.giveUp("transit/chartulary", 2);
    expect(await failure(wrapper.unwrap(good, "vault transit/chartulary"))).toMatch(/does not unwrap by that version of it any more/);
    writeFileSync(at("token"), "another\n");
    expect(await failure(wrapper.wrap(TEXT))).toMatch(/403: it does not take our token/);
    writeFileSync(at("token"), "s.token\u0001with a control character");
    expect(await failure(wrapper.wrap(TEXT))).toMatch(/cannot be reached \(ERR_INVALID_CHAR\)/);
    rmSync(at("token"));
    expect(await failure(wrapper.wrap(TEXT))).toMatch(/token cannot be read \(ENOENT\)/);
  });

  test("one file that it refuses is refused by itself: the others are asked for at once, and what is away is left alone as before", async () => {
    const wrapper = wrapperAt(url, { limits: { time: 30_000, pauses: [10], rest: 60_000 } });
    const good = await wrapper.wrap(TEXT);
    const altered = `${good.slice(0, -6)}${good.endsWith("AAAAA=") ? "BBBBB=" : "AAAAA="}`;
    expect(await failure(wrapper.unwrap(altered, "vault transit/chartulary"))).toMatch(/answers with 400/);
    expect(await wrapper.unwrap(good, "vault transit/chartulary")).toBe(TEXT);
    vault.instead = answer(503, "");
    expect(await failure(wrapper.unwrap(good, "vault transit/chartulary"))).toMatch(/503/);
    const { length } = vault.asked;
    expect(await failure(wrapper.unwrap(altered, "vault transit/chartulary"))).toMatch(/503/);
    expect(vault.asked).toHaveLength(length);
  });

  test("a certificate that nobody vouches for, or of another name", async () => {
    const openssl = (name: string, subject: string): void =>
      void execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", at(`${name}.key`), "-out", at(`${name}.crt`), "-subj", "/CN=vault", "-days", "2", "-addext", `subjectAltName=${subject}`], { stdio: "pipe" }); // prettier-ignore
    openssl("right", "IP:127.0.0.1");
    openssl("other", "DNS:vault.example.org");
    for (const [name, authority, words] of [
      ["right", "right", undefined],
      ["right", "other", /cannot be reached \((?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)\)/],
      ["other", "other", /cannot be reached \(ERR_TLS_CERT_ALTNAME_INVALID\)/],
    ] as const) {
      const secure = new VaultStandIn({ cert: readFileSync(at(`${name}.crt`), "utf8"), key: readFileSync(at(`${name}.key`), "utf8") });
      open.push(secure);
      const wrapper = wrapperAt("", { address: { url: await secure.open(), tokenFile: at("token"), authorityFile: at(`${authority}.crt`) } });
      if (words === undefined) expect(await wrapper.unwrap(await wrapper.wrap(TEXT), wrapper.by ?? "")).toBe(TEXT);
      else expect(await failure(wrapper.wrap(TEXT))).toMatch(words);
    }
  });
});
