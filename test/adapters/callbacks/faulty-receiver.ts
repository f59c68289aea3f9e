/** A receiver of notifications that has every fault that receivers have: by the path that is called. */
import { generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { issueCertificate } from "../../../src/adapters/keys/issue-certificate.ts";
import { pemOf } from "../../../src/core/crypto/certificate.ts";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface FaultyReceiver {
  readonly port: number;
  readonly url: string;
  readonly received: Received[];
  /** Connections that were made, and bytes that were written to them. */
  readonly connections: () => number;
  readonly written: () => number;
  close(): Promise<void>;
}

/** `isTls`: with a certificate that nobody vouches for. */
export async function openFaultyReceiver({ isTls = false } = {}): Promise<FaultyReceiver> {
  const received: Received[] = [];
  let connections = 0;
  let written = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const pieces: Buffer[] = [];
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    const { method = "", url = "", headers } = request;
    received.push({ method, path: url, headers, body: Buffer.concat(pieces).toString("utf8") });
    const status = /^\/status\/(\d{3})/.exec(url)?.[1];
    if (status !== undefined) return void response.writeHead(Number(status), { "Retry-After": "7" }).end("no");
    if (url.startsWith("/silent")) return;
    if (url.startsWith("/reset")) return void request.socket.destroy();
    if (url.startsWith("/redirect")) return void response.writeHead(307, { Location: "http://127.0.0.1:1/elsewhere" }).end();
    if (url.startsWith("/no-http")) return void request.socket.end("220 mail.example.org ESMTP\r\n");
    if (url.startsWith("/long-head")) return void response.writeHead(200, { "X-Long": "a".repeat(100_000) }).end();
    if (url.startsWith("/drip")) {
      response.writeHead(200);
      const timer = setInterval(() => response.write("."), 50);
      return void response.once("close", () => clearInterval(timer));
    }
    if (url.startsWith("/gigabyte")) {
      const ended = new AbortController();
      response.once("close", () => ended.abort());
      const piece = Buffer.alloc(65_536, 97);
      for (let sent = 0; sent < 1e9 && !response.destroyed; sent += piece.length) {
        written += piece.length;
        if (!response.write(piece)) await once(response, "drain", { signal: ended.signal });
      }
      return void response.end();
    }
    response.end("taken");
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => void answer(request, response).catch(() => response.destroy());
  const server = isTls ? createTlsServer(selfSigned(), listener) : createServer(listener);
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ port, received, connections: () => connections, written: () => written, url: `http${isTls ? "s" : ""}://localhost:${port}` },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const names = { subject: "localhost", issuer: "localhost", publicKey, issuerKey: privateKey };
  const made = issueCertificate({ ...names, validFrom: new Date("2020-01-01"), validTo: new Date("2099-01-01"), isAuthority: false });
  return { key: String(privateKey.export({ type: "pkcs8", format: "pem" })), cert: pemOf(made) };
}
