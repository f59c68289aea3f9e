/**
 * A stand-in for HashiCorp Vault and OpenBao, as their API documentation has the transit engine (`encrypt`, `decrypt`, key versions), AppRole's `login`, tokens, policies by key and the answers to what they refuse.
 * It keeps what it was asked, and can be told to answer as none should. `VAULT_BINARY` of the journey runs the same against a real one.
 */
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

export const ROLE = { id: "6a1d33f2-role", secret: "d41d8cd9-secret-id" } as const;

export interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Readonly<Record<string, unknown>>;
}

interface TransitKey {
  readonly versions: Buffer[];
  least: number;
}

export class VaultStandIn {
  /** By mount and name. */
  readonly keys = new Map<string, TransitKey>();
  readonly tokens = new Set(["s.token"]);
  readonly asked: Asked[] = [];
  isSealed = false;
  /** Answers in its place; false: it does itself. */
  instead: (asked: Asked, response: ServerResponse) => boolean = () => false;
  readonly #server: Server;

  constructor(tls?: { readonly cert: string; readonly key: string }) {
    const answer = (request: IncomingMessage, response: ServerResponse): void => void this.#answer(request, response);
    this.#server = tls ? createSecureServer(tls, answer) : createServer(answer);
    this.rotate("transit/chartulary");
  }

  async open(port = 0): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(port, "127.0.0.1", done));
    return `${"setSecureContext" in this.#server ? "https" : "http"}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** Makes a key, or the next version of one. */
  rotate(key: string): void {
    const { versions, least } = this.keys.get(key) ?? { versions: [], least: 1 };
    this.keys.set(key, { versions: [...versions, randomBytes(32)], least });
  }

  /** Raises `min_decryption_version`. */
  giveUp(key: string, before: number): void {
    const known = this.keys.get(key);
    if (known) known.least = before;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await json(request).catch(() => ({}))) as Readonly<Record<string, unknown>>;
    const asked = { path: request.url ?? "", headers: request.headers, body };
    this.asked.push(asked);
    if (this.instead(asked, response)) return;
    const [status, value] = this.#answerOf(asked);
    response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" }).end(`${JSON.stringify(value)}\n`);
  }

  #answerOf({ path, headers, body }: Asked): [number, object] {
    const whole = (more: object): object => ({
      ...{ request_id: randomUUID(), lease_id: "", renewable: false, lease_duration: 0, data: null, wrap_info: null, warnings: null, auth: null },
      ...more,
    });
    const refused = (status: number, ...errors: readonly string[]): [number, object] => [status, { errors }];
    if (this.isSealed) return refused(503, "Vault is sealed");
    if (path === "/v1/auth/approle/login") {
      if (body["role_id"] !== ROLE.id || body["secret_id"] !== ROLE.secret) return refused(400, "invalid role or secret ID");
      const token = `s.${randomUUID()}`;
      this.tokens.add(token);
      return [200, whole({ auth: { client_token: token, accessor: randomUUID(), policies: ["default"], lease_duration: 1_200, renewable: true } })];
    }
    if (!this.tokens.has(String(headers["x-vault-token"]))) return refused(403, "permission denied");
    const [, mount, action, name] = /^\/v1\/(.+)\/(encrypt|decrypt)\/([^/]+)$/.exec(path) ?? [];
    if (!mount?.startsWith("transit")) return refused(404, "no handler for route. route entry not found.");
    const key = this.keys.get(`${mount}/${name ?? ""}`);
    if (key === undefined) return refused(403, "1 error occurred:\n\t* permission denied\n\n");
    return action === "encrypt" ? this.#encrypted(key, body) : this.#decrypted(key, body);
  }

  #encrypted(key: TransitKey, { plaintext }: Readonly<Record<string, unknown>>): [number, object] {
    const secret = key.versions.at(-1);
    if (typeof plaintext !== "string" || secret === undefined) return [400, { errors: ["missing plaintext to encrypt"] }];
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", secret, nonce);
    const bytes = Buffer.concat([nonce, cipher.update(Buffer.from(plaintext, "base64")), cipher.final(), cipher.getAuthTag()]);
    return [
      200,
      {
        request_id: randomUUID(),
        data: { ciphertext: `vault:v${key.versions.length}:${bytes.toString("base64")}`, key_version: key.versions.length },
      },
    ];
  }

  #decrypted({ versions, least }: TransitKey, { ciphertext }: Readonly<Record<string, unknown>>): [number, object] {
    const refused = (text: string): [number, object] => [400, { errors: [text] }];
    const [, version, encoded = ""] = /^vault:v([0-9]+):(.+)$/.exec(String(ciphertext)) ?? [];
    const secret = versions[Number(version) - 1];
    if (version === undefined) return refused("invalid ciphertext: no prefix");
    if (Number(version) < least) return refused("ciphertext or signature version is disallowed by policy (too old)");
    if (secret === undefined) return refused("invalid ciphertext: version is too new");
    const bytes = Buffer.from(encoded, "base64");
    const decipher = createDecipheriv("aes-256-gcm", secret, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(-16));
    try {
      const plaintext = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
      return [200, { request_id: randomUUID(), data: { plaintext: plaintext.toString("base64") } }];
    } catch {
      return refused("cipher: message authentication failed");
    }
  }
}
