/**
 * A witness over HTTP (c2sp.org/tlog-witness): `POST /add-checkpoint`, and `GET /<origin hash>/checkpoint`. Anybody may ask, and nobody proves who they are: bodies, times, connections and requests are bounded, and what costs anything
 * (a signature, a write) is done only for checkpoints that a log we watch has signed.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { boundedBytes } from "../../core/bounded-bytes.ts";
import { AppError } from "../../core/errors.ts";
import type { Witness, WitnessReply } from "../../pipeline/witness/witness.ts";

export interface WitnessServerLimits {
  /** Of a request: 63 hashes, and a checkpoint with many signatures. */
  readonly bodyBytes: number;
  /** Requests a second of one address, and at once. */
  readonly perSecond: number;
  readonly atOnce: number;
  readonly connections: number;
  /** Of them, of one address. */
  readonly connectionsOfOne: number;
  /** Milliseconds for a whole request. */
  readonly time: number;
}

export const WITNESS_LIMITS: WitnessServerLimits = {
  bodyBytes: 128_000,
  perSecond: 20,
  atOnce: 200,
  connections: 500,
  connectionsOfOne: 100,
  time: 10_000,
};

const TOO_LARGE = "larger than a checkpoint with its proof may be";
/** Addresses that are remembered at once: whoever has more than these is one. */
const MOST_ADDRESSES = 10_000;
/** How often it is looked for requests that take too long, in milliseconds. */
const LOOK_FOR_LATE = 1_000;

type Reply = Omit<WitnessReply, "status"> & { readonly status: number };

/** @param onFault told of what must not happen */
export function witnessServer(
  witness: Pick<Witness, "add" | "shown">,
  { onFault, limits: given }: { onFault(error: unknown): void; readonly limits?: Partial<WitnessServerLimits> },
): Server {
  const limits = { ...WITNESS_LIMITS, ...given };
  const allowances = new Map<string, { left: number; at: number }>();
  const mayAsk = (address: string): boolean => {
    const now = performance.now();
    const known = allowances.get(address) ?? { left: limits.atOnce, at: now };
    if (allowances.size >= MOST_ADDRESSES && !allowances.has(address)) allowances.clear();
    const left = Math.min(limits.atOnce, known.left + ((now - known.at) / 1_000) * limits.perSecond);
    allowances.set(address, { left: Math.max(0, left - 1), at: now });
    return left >= 1;
  };
  const answer = async (request: IncomingMessage): Promise<Reply> => {
    if (!mayAsk(request.socket.remoteAddress ?? "")) return said(429, "Too many requests.");
    const { method = "", url = "" } = request;
    if (method === "POST" && url.endsWith("/add-checkpoint")) {
      const body = await boundedBytes(request as AsyncIterable<Uint8Array>, limits.bodyBytes, TOO_LARGE).catch((error: unknown) => {
        if (error instanceof AppError) return undefined;
        throw error;
      });
      if (body === undefined) return said(413, "The request is too large.");
      const text = decoded(body);
      return text === undefined ? said(400, "The request is not UTF-8 text.") : witness.add(text);
    }
    const [, path] = /\/([0-9a-f]{64}\/checkpoint)$/.exec(url) ?? [];
    if (path !== undefined && (method === "GET" || method === "HEAD")) return witness.shown(path);
    return said(404, "There is nothing here.");
  };
  const server = createServer(
    {
      maxHeaderSize: 8_192,
      headersTimeout: limits.time,
      requestTimeout: limits.time,
      keepAliveTimeout: 2 * limits.time,
      connectionsCheckingInterval: Math.min(LOOK_FOR_LATE, limits.time),
    },
    (request, response) => {
      answer(request).then(
        (reply) => write(request, response, reply),
        (error: unknown) => {
          if (!request.complete) return response.destroy();
          onFault(error);
          // Its disk may be full, or its state locked: it may be asked again.
          const isForNow = error instanceof AppError && error.code === "unavailable";
          write(request, response, said(isForNow ? 503 : 500, "The witness failed."));
        },
      );
    },
  );
  server.maxConnections = limits.connections;
  boundConnections(server, limits.connectionsOfOne);
  return server;
}

/** Ends what one address opens beyond so many connections: else one alone could hold all of them. */
function boundConnections(server: Server, most: number): void {
  const open = new Map<string, number>();
  server.on("connection", (socket) => {
    const address = socket.remoteAddress ?? "";
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
    if (count > most) socket.destroy();
  });
}

function write(request: IncomingMessage, response: ServerResponse, { status, type, body }: Reply): void {
  const bytes = Buffer.from(body, "utf8");
  // What was not read to its end is not read on.
  if (!request.complete) response.setHeader("Connection", "close");
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Length": bytes.length,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

function said(status: number, text: string): Reply {
  return { status, type: "text/plain; charset=utf-8", body: `${text}\n` };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
