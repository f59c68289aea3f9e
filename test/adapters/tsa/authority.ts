/** A time-stamp authority on this machine, which is OpenSSL's: `openssl ts -reply` behind a small HTTP server. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { integer, sequence } from "../../../src/core/der/write-der.ts";

/** False where there is no OpenSSL to make one with. */
export const HAS_OPENSSL = spawnSync("openssl", ["version"]).error === undefined;

export interface AuthorityOptions {
  /** Arguments of `openssl genpkey`. */
  readonly key?: readonly string[];
  /** The extensions of its certificate. OpenSSL stamps with none but the right ones: with others, the same words are signed by its general means (`openssl cms`). */
  readonly extensions?: string;
  /** Changes an answer before it is sent, or sends another itself. */
  readonly answer?: (made: Buffer, response: ServerResponse, asked: Buffer) => Buffer | undefined;
  readonly digest?: string;
  /** More extensions of the certificate that it stamps with, a line each. */
  readonly issued?: string;
  /** For how long its certificate is good. */
  readonly days?: number;
  /** Arguments for general means, which then sign with a certificate of these extensions, whichever they are. */
  readonly signing?: readonly string[];
  /** How the signer's certificate is named: `sha1` is RFC 2634's, others RFC 5035's. */
  readonly named?: "sha1" | "sha256" | "sha384";
}

export interface Authority {
  readonly url: string;
  /** PEM of the authority that issued its certificate. */
  readonly issuer: string;
  readonly folder: string;
  /** How often it was asked. */
  asked(): number;
  close(): Promise<void>;
}

/** What RFC 3161 section 2.3 asks for. */
export const CRITICAL = "extendedKeyUsage=critical,timeStamping";
export const RSA = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
export const P384 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
export const POLICY = "1.3.6.1.4.1.99999.1";

export async function openAuthority({
  key = P384,
  extensions = CRITICAL,
  digest = "sha256",
  days = 365,
  issued = "",
  named = "sha256",
  answer = (made) => made,
  signing = [],
}: AuthorityOptions = {}): Promise<Authority> {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-tsa-"));
  const at = (name: string): string => join(folder, name);
  const run = (...words: string[]): void => {
    const { status, stderr } = spawnSync("openssl", words, { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`openssl ${words.join(" ")}: ${stderr}`);
  };
  const certify = (name: string, text: string): void => {
    writeFileSync(at("extensions"), text);
    run("req", "-new", "-key", "tsa.key", "-subj", "/O=Office of time/CN=Clock 1", "-out", "tsa.csr");
    run("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", String(days), "-extfile", "extensions", "-out", name); // prettier-ignore
  };
  const resigned = (reply: Buffer): Buffer => {
    writeFileSync(at("reply"), reply);
    run("ts", "-reply", "-in", "reply", "-token_out", "-out", "token");
    run("cms", "-verify", "-noverify", "-inform", "DER", "-in", "token", "-out", "info");
    run("cms", "-sign", "-binary", "-nodetach", "-cades", "-econtent_type", "id-smime-ct-TSTInfo", "-signer", "other.pem", "-inkey", "tsa.key", "-in", "info", "-outform", "DER", "-out", "token", ...signing); // prettier-ignore
    return Buffer.from(sequence(sequence(integer(0)), readFileSync(at("token"))));
  };
  writeFileSync(at("serial"), "01\n");
  const fields = { dir: folder, serial: at("serial"), signer_cert: at("tsa.pem"), certs: at("ca.pem"), signer_key: at("tsa.key") };
  const rules = {
    signer_digest: digest,
    default_policy: POLICY,
    digests: "sha256, sha384, sha512",
    accuracy: "secs:1, millisecs:500",
    ess_cert_id_alg: named,
  };
  const lines = Object.entries({ ...fields, ...rules }).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(at("tsa.conf"), ["[tsa]", "default_tsa = here", "[here]", ...lines, "ess_cert_id_chain = no", ""].join("\n"));
  run(
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "3650",
    "-subj",
    "/CN=Root of time",
  );
  run("genpkey", ...key, "-out", "tsa.key");
  certify("tsa.pem", `${CRITICAL}\nkeyUsage=critical,digitalSignature\n${issued}\n`);
  certify("other.pem", extensions);
  let count = 0;
  const server = createServer((request, response) => {
    void bodyOf(request).then((asked) => {
      count += 1;
      writeFileSync(at("query"), asked);
      const made = spawnSync("openssl", ["ts", "-reply", "-config", "tsa.conf", "-queryfile", "query", "-out", "reply"], { cwd: folder });
      const reply = made.status === 0 ? readFileSync(at("reply")) : Buffer.alloc(0);
      const bytes = answer(extensions === CRITICAL && signing.length === 0 ? reply : resigned(reply), response, asked);
      if (bytes) response.setHeader("Content-Type", "application/timestamp-reply").end(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`,
    issuer: readFileSync(at("ca.pem"), "utf8"),
    folder,
    asked: () => count,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
