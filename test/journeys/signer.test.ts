/**
 * A seal key that never leaves its token: SoftHSM (Debian: softhsm2) behind `chartulary signer`, asked by the service over mutual TLS. The npm package that speaks PKCS #11 is compiled at its installation, and so no
 * dependency of ours: `npm install --prefix /tmp/p11 pkcs11js`, and `PKCS11JS=/tmp/p11/node_modules/pkcs11js`.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generateKeyPairSync } from "node:crypto";
import { afterAll, expect, test } from "@jest/globals";
import { issueCertificate } from "../../src/adapters/keys/issue-certificate.ts";
import { pemOf } from "../../src/core/crypto/certificate.ts";
import { documentJson } from "./documents.ts";
import { until } from "./program.ts";
import { freePort } from "./support/free-port.ts";
import { PROJECT_ROOT, startService } from "./support/service.ts";

const LIBRARY = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"].find((path) => existsSync(path));
const PACKAGE = process.env["PKCS11JS"];
const lacking = [
  ...(LIBRARY === undefined || spawnSync("softhsm2-util", ["--version"]).error ? ["SoftHSM (apt-get install softhsm2)"] : []),
  ...(PACKAGE === undefined ? ["the package pkcs11js (PKCS11JS)"] : []),
];
const folder = mkdtempSync(join(tmpdir(), "signer-"));
const at = (name: string): string => join(folder, name);
const HSM = { stdio: "pipe", env: { ...process.env, SOFTHSM2_CONF: at("softhsm2.conf") } } as const;
const PROGRAM = join(PROJECT_ROOT, "bin", "chartulary.js");
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
const PERIOD = { validFrom: new Date("2026-01-01T00:00:00Z"), validTo: new Date("2046-01-01T00:00:00Z") };
const KINDS = [
  ["ES256", () => generateKeyPairSync("ec", { namedCurve: "P-256" })],
  ["ES384", () => generateKeyPairSync("ec", { namedCurve: "P-384" })],
  ["PS256", () => generateKeyPairSync("rsa", { modulusLength: 2048 })],
] as const;

/** A token with a key of each kind, certified by the authority. */
function makeToken(): void {
  writeFileSync(at("softhsm2.conf"), `directories.tokendir = ${folder}\n`);
  execFileSync("softhsm2-util", ["--init-token", "--free", "--label", "seals", "--so-pin", "1234", "--pin", "5678"], HSM);
  writeFileSync(at("pin"), "5678\n");
  for (const [number, [label, pair]] of KINDS.entries()) {
    const { privateKey, publicKey } = pair();
    writeFileSync(at("key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
    const place = ["--token", "seals", "--pin", "5678", "--label", label, "--id", `0${number + 1}`];
    execFileSync("softhsm2-util", ["--import", at("key.pem"), ...place], HSM);
    rmSync(at("key.pem"));
    const names = { subject: `Seal ${label}`, issuer: "The authority", issuerKey: authority.privateKey };
    const root = issueCertificate({ ...PERIOD, ...names, subject: "The authority", publicKey: authority.publicKey, isAuthority: true });
    writeFileSync(at(`${label}.pem`), pemOf(issueCertificate({ ...PERIOD, ...names, publicKey, isAuthority: false })) + pemOf(root));
  }
  const keys = KINDS.map(([label]) => ({ name: label.toLowerCase(), label, certificate: `${label}.pem` }));
  writeFileSync(at("signer.json"), JSON.stringify({ library: LIBRARY, token: "seals", pinFile: "pin", keys }));
}

/** Certificates for both ends of TLS, as OpenSSL makes them. */
function makeTls(): void {
  const openssl = (...options: readonly string[]): void => void execFileSync("openssl", options, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=TLS", "-days", "30");
  for (const [name, more] of [
    ["server", "subjectAltName=IP:127.0.0.1"],
    ["client", "extendedKeyUsage=clientAuth"],
  ] as const) {
    openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    writeFileSync(at("more.cnf"), more);
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      "ca.crt",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-out",
      `${name}.crt`,
      "-days",
      "30",
      "-extfile",
      "more.cnf",
    );
  }
}

/** At the same port each time: it is the address by which the service knows it. */
async function startSigner(port: number): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const tls = ["--tls-cert", at("server.crt"), "--tls-key", at("server.key"), "--client-ca", at("ca.crt")];
  const options = ["signer", at("signer.json"), "--package", PACKAGE ?? "", ...tls, "--port", String(port)];
  const child = spawn(process.execPath, [PROGRAM, ...options], { ...HSM, stdio: ["ignore", "pipe", "inherit"] });
  started.push(child);
  const url = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      const [, address] = /open at +(\S+)/.exec(text) ?? [];
      if (address !== undefined) resolve(address);
    });
    child.once("exit", (code) => reject(new Error(`the signer ended with ${code ?? "a signal"}`)));
  });
  return { url, child };
}

const runs = lacking.length === 0 ? test : test.skip;
runs(`documents are sealed by keys in a token${lacking.length > 0 ? `: skipped, there is no ${lacking.join(", no ")}` : ""}`, async () => {
  makeToken();
  makeTls();
  const port = await freePort();
  let signer = await startSigner(port);
  const environment = {
    ...{ SIGNER_URL: signer.url, SIGNER_CA: at("ca.crt"), SIGNER_CERT: at("client.crt"), SIGNER_KEY: at("client.key") },
    KEYS_DIR: at("keys"),
  };
  const run = (...words: readonly string[]): string =>
    execFileSync(process.execPath, [PROGRAM, ...words], { env: { ...process.env, DATA_DIR: at("data"), ...environment }, encoding: "utf8" });
  await (await startService({ dataFolder: at("data"), environment })).stop();
  for (const [label] of KINDS) {
    const { from } = JSON.parse(run("keys", "rotate", "--signer", label.toLowerCase(), "--json")) as { from: string };
    await sleep(Math.max(0, Date.parse(from) - Date.now()));
    const service = await startService({ dataFolder: at("data"), environment });
    try {
      const send = (body: string): Promise<Response> =>
        fetch(`${service.url}/fhir/Bundle`, { method: "POST", body, headers: { "Content-Type": "application/fhir+json" } });
      const sent = documentJson();
      const created = await send(sent);
      expect(created.status).toBe(201);
      const id = created.headers.get("location")?.split("/").at(-3) ?? "";
      writeFileSync(at("document.json"), sent);
      for (const [name, path] of [
        ["receipt.json", `/documents/${id}/receipt`],
        ["trust.json", "/trust.json"],
      ] as const)
        writeFileSync(at(name), await (await fetch(`${service.url}${path}`)).text());
      expect(run("verify", at("document.json"), "--receipt", at("receipt.json"), "--trust", at("trust.json"))).toMatch(/proven/i);
      if (label !== "ES256") continue;
      // Killed: deposits are refused with the reason, what is here is read; back again, it goes on by itself.
      const ended = new Promise((resolve) => signer.child.once("exit", resolve));
      signer.child.kill("SIGKILL");
      await ended;
      const refused = await send(documentJson());
      expect([refused.status, await refused.text()]).toEqual([503, expect.stringMatching(/signing service \(SIGNER_URL\) cannot be reached/)]);
      const ready = await fetch(`${service.url}/readyz`);
      expect(ready.status).toBe(503);
      expect((await fetch(`${service.url}/documents/${id}`)).status).toBe(200);
      signer = await startSigner(port);
      await until(async () => (await fetch(`${service.url}/readyz`)).status === 200);
      expect((await send(documentJson())).status).toBe(201);
    } finally {
      await service.stop();
    }
  }
  const files = readdirSync(at("keys")).filter((name) => name.startsWith("seal-"));
  expect(files).toHaveLength(4);
  for (const name of files) expect(readFileSync(join(at("keys"), name), "utf8")).not.toContain("PRIVATE");
});
