/** A seal key in PKCS #12, as OpenSSL makes it, begun while the service runs, by the real command line. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { retireSealKey } from "../../src/adapters/keys/seal-keys.ts";
import { documentJson } from "./documents.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
const at = (name: string): string => join(folder.path, name);
const environment = () => ({ SEAL_PASSWORD_FILE: at("password") });
const run = (...args: string[]) => chartulary(args, { DATA_DIR: at("data"), ...environment() });
const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder.path, stdio: "pipe" });

/** Deposits a document; the algorithm and the certificate of its seal, and what the command line says of it. */
async function sealed(): Promise<{ readonly alg: string; readonly certificate: string; readonly verdict: string }> {
  const body = documentJson();
  const answer = await submit(service.url, body, "application/fhir+json");
  expect([answer.status, answer.status === 201 ? "" : answer.text]).toEqual([201, ""]);
  writeFileSync(at("document.json"), body);
  const receipt = (await get(`${service.url}/documents/${idOf(answer)}/receipt`, "*/*")).text;
  writeFileSync(at("receipt.json"), receipt);
  const { seals } = JSON.parse(receipt) as { seals: [{ jws: string }] };
  const header = JSON.parse(Buffer.from(seals[0].jws.split(".")[0] ?? "", "base64url").toString()) as { alg: string; x5c: [string] };
  const { output } = await run("verify", at("document.json"), "--receipt", at("receipt.json"), "--trust", at("trust.json"), "--json");
  return { alg: header.alg, certificate: header.x5c[0], verdict: (JSON.parse(output) as { verdict: string }).verdict };
}

async function rotated(...more: string[]): Promise<void> {
  const { code, output, errors } = await run("keys", "rotate", ...more, "--json");
  expect([code, code === 0 ? "" : errors]).toEqual([0, ""]);
  const { from } = JSON.parse(output) as { from: string };
  await sleep(Math.max(0, Date.parse(from) - Date.now()) + 1_500);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  writeFileSync(at("password"), "a secret\n");
  openssl(
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-384",
    "-keyout",
    "key.pem",
    "-nodes",
    "-out",
    "seal.crt",
    "-subj",
    "/CN=The hospital",
    "-days",
    "900",
  );
  openssl("pkcs12", "-export", "-in", "seal.crt", "-inkey", "key.pem", "-out", "seal.p12", "-passout", "pass:a secret");
  service = await startService({ dataFolder: at("data"), environment: environment() });
  writeFileSync(at("trust.json"), (await get(`${service.url}/trust.json`, "*/*")).text);
});

afterAll(async () => {
  await service.stop();
  await folder.remove();
});

test("it seals from its time on without a restart, lies under its password, and is led to from the trust file of before; once it is retired its certificates are left", async () => {
  expect(await sealed()).toMatchObject({ alg: "ES256", verdict: "proven" });
  writeFileSync(at("password"), "another\n");
  const refused = await run("keys", "rotate", "--p12", at("seal.p12"));
  expect([refused.code, refused.errors]).toEqual([2, expect.stringMatching(/password/)]);
  expect(readdirSync(at("data/keys")).filter((name) => name.startsWith("seal-"))).toEqual(["seal-0001.pem"]);

  writeFileSync(at("password"), "a secret\n");
  await rotated("--p12", at("seal.p12"));
  const wanted = readFileSync(at("seal.crt"), "utf8").replace(/-----[^-]+-----|\s/g, "");
  expect(await sealed()).toEqual({ alg: "ES384", certificate: wanted, verdict: "proven" });
  const file = readFileSync(at("data/keys/seal-0002.pem"), "utf8");
  expect([file.includes("BEGIN PKCS12"), file.includes("PRIVATE KEY")]).toEqual([true, false]);

  // It is there after a restart too; a password that is wrong then is told, and nothing is taken.
  await service.stop();
  writeFileSync(at("password"), "another\n");
  service = await startService({ dataFolder: at("data"), environment: environment() });
  const turned = await submit(service.url, documentJson(), "application/fhir+json");
  expect([turned.status, turned.text]).toEqual([503, expect.stringMatching(/password/)]);
  writeFileSync(at("password"), "a secret\n");
  expect(await sealed()).toMatchObject({ alg: "ES384", verdict: "proven" });

  // What the next rotation does with it: the certificates stay.
  await retireSealKey(at("data/keys"), 2);
  expect(readFileSync(at("data/keys/seal-0002.pem"), "utf8")).toMatch(/^(?:-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\s+)+$/);
});
