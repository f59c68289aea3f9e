/** A signing service over HTTP (docs/formats.md, *Signing service*). It signs whatever somebody asks whom it lets in: so nobody is let in without a token or a certificate, and it says nothing else. */
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { boundedBytes } from "../../core/bounded-bytes.ts";
import { fromBase64, toBase64 } from "../../core/crypto/base64.ts";
import type { SealAlgorithm } from "../../core/crypto/keys.ts";
import { equalBytes, sha256 } from "../../core/crypto/digest.ts";
import { SEAL_METHODS } from "../../core/crypto/seal-algorithms.ts";
import { AppError, ERROR_KINDS } from "../../core/errors.ts";
import type { TlsContent } from "../tls-files.ts";

/** A key that is served. */
export interface ServedKey {
  readonly algorithm: SealAlgorithm;
  /** Its certificate, and those that lead to its root, in PEM. */
  readonly chain: string;
  /** Signs a digest, or, by Ed25519, a message. AppErrors */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface SignerServerOptions {
  readonly keys: ReadonlyMap<string, ServedKey>;
  /** Undefined: whoever has a certificate is let in. */
  readonly token: string | undefined;
  /** With `ca`, only who has a certificate of theirs is let in. */
  readonly tls: TlsContent | undefined;
  /** Told of what fails. */
  onFault(error: unknown): void;
}

/** Ed25519 is given messages whole: the input of the seal of the largest document, in base64. */
const LARGEST = 120_000_000;
const TIME = 30_000;
const CONNECTIONS = 200;

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export function signerServer({ keys, token, tls, onFault }: SignerServerOptions): Server {
  if (token === undefined && tls?.ca === undefined)
    throw new AppError("invalid", "it would sign for anybody: name a file of a token, or of the authorities of those who may ask");
  const bounds = { maxHeaderSize: 8_192, headersTimeout: TIME, requestTimeout: TIME };
  const answer = async (request: IncomingMessage): Promise<Reply> => {
    if (request.url === "/healthz") return told(200, { status: "ok" });
    if (token !== undefined && !isToken(request.headers.authorization, token)) return told(401, { error: "a token is needed that is known here" });
    const [, name = "", deed] = /^\/keys\/([A-Za-z0-9._~-]{1,100})(\/sign)?$/.exec(request.url ?? "") ?? [];
    const key = keys.get(name);
    if (key === undefined) return told(404, { error: "there is no such key" });
    if (deed === undefined)
      return request.method === "GET" ? { status: 200, type: "application/pem-certificate-chain", body: key.chain } : told(405, {});
    if (request.method !== "POST") return told(405, {});
    const asked = readRequest(await boundedBytes(request as AsyncIterable<Uint8Array>, LARGEST, "larger than what is sealed"), key);
    return typeof asked === "string" ? told(400, { error: asked }) : told(200, { signature: toBase64(await key.sign(asked)) });
  };
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request)
      .catch((error: unknown) => {
        onFault(error);
        const { status, isPublic } = ERROR_KINDS[error instanceof AppError ? error.code : "internal"];
        return told(status, { error: error instanceof AppError && isPublic ? error.message : "it failed" });
      })
      .then(({ status, type, body }) => response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store" }).end(body))
      .catch(onFault);
  };
  const server = tls
    ? createServer({ ...bounds, ...tls, ...(tls.ca && { requestCert: true, rejectUnauthorized: true }) }, handle)
    : createPlainServer(bounds, handle);
  server.maxConnections = CONNECTIONS;
  return server;
}

/** What is to be signed, or why nothing is. */
function readRequest(bytes: Uint8Array, { algorithm }: ServedKey): Uint8Array | string {
  let given: { readonly algorithm?: unknown; readonly digest?: unknown; readonly message?: unknown } | null;
  try {
    given = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as typeof given;
  } catch {
    return "the request is not JSON";
  }
  if (given?.algorithm !== algorithm) return `the key signs by ${algorithm}`;
  const { keyType, hash } = SEAL_METHODS[algorithm];
  const text = keyType === "ed25519" ? given.message : given.digest;
  const content = typeof text === "string" ? fromBase64(text) : undefined;
  if (keyType === "ed25519") return content ?? "message must be base64";
  return content?.length === Number(hash.slice(3)) / 8 ? content : `digest must be base64 of a ${hash} digest`;
}

/** In a time that does not tell how much of it is right. */
function isToken(header: string | undefined, token: string): boolean {
  const [, given = ""] = /^Bearer +(\S+)$/i.exec(header ?? "") ?? [];
  return equalBytes(sha256(Buffer.from(given)), sha256(Buffer.from(token)));
}

function told(status: number, content: object): Reply {
  return { status, type: "application/json", body: `${JSON.stringify(content)}\n` };
}
