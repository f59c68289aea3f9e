import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request, Agent } from "node:https";
import { connect as connectPlainly } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, TLSSocket } from "node:tls";
import { issueCertificate } from "../../src/adapters/keys/issue-certificate.ts";
import { pemOf } from "../../src/core/crypto/certificate.ts";
import { credentialsOf } from "../../src/http/access/credentials.ts";
import { listen, type Listening } from "../../src/http/server.ts";
import { readTls } from "../../src/http/tls-files.ts";

const [FROM, TO] = [new Date("2020-01-01"), new Date("2099-01-01")];
interface Pair {
  readonly key: KeyObject;
  readonly certificate: string;
  readonly pem: string;
}
function pairOf(subject: string, by?: Pair, { isAuthority = false, validTo = TO } = {}): Pair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = by === undefined ? subject : (new X509Certificate(by.certificate).subject.split("=")[1] ?? "");
  const made = issueCertificate({ subject, publicKey, issuer, issuerKey: by?.key ?? privateKey, validFrom: FROM, validTo, isAuthority });
  return { key: privateKey, certificate: pemOf(made), pem: String(privateKey.export({ type: "pkcs8", format: "pem" })) };
}

let folder: string;
let paths: { certificate: string; key: string; clientCa: string };
let listening: Listening;
let faults: unknown[];
const authority = pairOf("authority", undefined, { isAuthority: true });
const write = ({ certificate, pem }: Pair): void => {
  writeFileSync(paths.certificate, certificate);
  writeFileSync(paths.key, pem);
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-tls-"));
  paths = { certificate: join(folder, "c.pem"), key: join(folder, "k.pem"), clientCa: join(folder, "a.pem") };
  writeFileSync(paths.clientCa, authority.certificate);
  write(pairOf("first"));
  faults = [];
  listening = await listen(
    { host: "127.0.0.1", port: 0, maxConnections: 3, tls: paths, onTlsFault: (error) => faults.push(error) },
    () => (asked, response) => {
      const { certificate } = credentialsOf(asked as never, { proxies: undefined, cookie: "chartulary" });
      response.end(JSON.stringify(certificate ?? "none"));
    },
  );
});
afterEach(async () => {
  await listening.connections.close(100);
  rmSync(folder, { recursive: true });
});

const portOf = (): number => Number(new URL(listening.localUrl).port);
/** What a client is answered, and by whom. */
function ask(client?: Pair, agent: Agent | false = false): Promise<{ readonly body: unknown; readonly server: string }> {
  return new Promise((resolve, reject) => {
    const own = client && { cert: client.certificate, key: client.pem };
    const asked = request({ host: "127.0.0.1", port: portOf(), rejectUnauthorized: false, agent, ...own }, (answer) => {
      let text = "";
      const server = answer.socket instanceof TLSSocket ? answer.socket.getPeerCertificate().subject.CN : "no TLS";
      answer.on("data", (piece: Buffer) => (text += piece.toString())).on("end", () => resolve({ body: JSON.parse(text), server: String(server) }));
    });
    asked.on("error", reject).end();
  });
}

test("TLS ends here; whoever has a certificate of a named authority proves it, others come without", async () => {
  expect(listening.localUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(await ask()).toEqual({ body: "none", server: "first" });
  const sender = pairOf("sender", authority);
  const { fingerprint256 } = new X509Certificate(sender.certificate);
  const thumbprint = Buffer.from(fingerprint256.replaceAll(":", ""), "hex").toString("base64url");
  expect((await ask(sender)).body).toEqual({ thumbprint, isTrusted: true });
  expect((await ask(pairOf("stranger"))).body).toMatchObject({ isTrusted: false });
  expect((await ask(pairOf("old", authority, { validTo: new Date("2021-01-01") }))).body).toMatchObject({ isTrusted: false });
});

test("old protocols and plain http are not spoken", async () => {
  const old = connect({
    host: "127.0.0.1",
    port: portOf(),
    rejectUnauthorized: false,
    maxVersion: "TLSv1.1",
    minVersion: "TLSv1.1",
    ciphers: "DEFAULT@SECLEVEL=0",
  });
  expect(await new Promise((resolve) => old.once("error", () => resolve("refused")).once("secureConnect", () => resolve("taken")))).toBe("refused");
  const plain = connectPlainly(portOf(), "127.0.0.1");
  const answered = new Promise<string>((resolve) => {
    let text = "";
    plain
      .on("data", (data) => (text += String(data)))
      .on("close", () => resolve(text))
      .on("error", () => undefined);
  });
  plain.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect(await answered).not.toContain("200");
});

test("a renewed certificate is used without a restart; one that does not fit its key changes nothing", async () => {
  const second = pairOf("second");
  writeFileSync(paths.certificate, second.certificate);
  while (faults.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await ask()).server).toBe("first");
  writeFileSync(paths.key, second.pem);
  while ((await ask()).server === "first") await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await ask()).server).toBe("second");
});

test("a connection counts once, and an idle one gives way and is ended in good order", async () => {
  const agents = Array.from({ length: 3 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  for (const agent of agents) await ask(undefined, agent);
  expect(listening.connections.size).toBe(3);
  const [socket] = Object.values(agents[0]?.freeSockets ?? {}).flat();
  const ended = new Promise((resolve) => socket?.once("close", resolve));
  expect((await ask()).body).toBe("none");
  await ended;
  expect(listening.connections.size).toBeLessThanOrEqual(3);
  for (const agent of agents) agent.destroy();
});

test.each<[string, () => void, RegExp]>([
  ["a key of another", () => writeFileSync(paths.key, pairOf("other").pem), /the key that of the certificate/],
  ["no certificate", () => writeFileSync(paths.certificate, "x"), /must be PEM files/],
  ["no file", () => rmSync(paths.key), /TLS_KEY .* could not be read/],
])("%s is refused", (_what, spoil, words) => {
  spoil();
  expect(() => readTls(paths)).toThrow(words);
});
