/** One call over HTTP, within bounds, and nobody followed elsewhere: of all that this service calls by addresses that others named, or that operators did. */
import { request as requestPlain, type Agent, type IncomingMessage } from "node:http";
import { request as requestTls } from "node:https";
import type { LookupFunction } from "node:net";

export interface Call {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array;
  /** How the host's name is resolved, or refused. */
  readonly lookup: LookupFunction;
  /** Connections that are kept open; false: one for this call alone. */
  readonly agent: Agent | false;
  /** Our client certificate with its key, and the certificates that theirs must lead to. */
  readonly tls?: { readonly cert?: Buffer | undefined; readonly key?: Buffer | undefined; readonly ca?: Buffer | undefined };
  /** Milliseconds until there is a connection; no limit of its own by default. */
  readonly connectTime?: number;
  /** Ends the call. */
  readonly signal: AbortSignal;
}

/** The longest head of an answer, in bytes. */
const LARGEST_HEAD = 16_384;

/** The head of the answer; its body is to be read, or destroyed. What fails is an error of Node's, or of the signal or the lookup. */
export async function callOnce(call: Call): Promise<IncomingMessage> {
  const { url, method, headers, body, lookup, agent, tls, connectTime, signal } = call;
  const isTls = url.protocol === "https:";
  return new Promise((resolve, reject) => {
    const request = (isTls ? requestTls : requestPlain)(
      url,
      {
        ...{ method, lookup, agent, maxHeaderSize: LARGEST_HEAD, rejectUnauthorized: true },
        headers: { ...headers, "Content-Length": String(body.byteLength) },
        ...(tls?.cert && tls.key && { cert: tls.cert, key: tls.key }),
        ...(tls?.ca && { ca: tls.ca }),
      },
      resolve,
    );
    const end = (): void => void request.destroy(signal.reason as Error);
    if (signal.aborted) end();
    // Node's own way to be ended by a signal costs a fifth of a call more.
    signal.addEventListener("abort", end);
    request.once("close", () => signal.removeEventListener("abort", end));
    if (connectTime !== undefined)
      request.once("socket", (socket) => {
        if (!socket.connecting) return;
        const timer = setTimeout(() => request.destroy(Object.assign(new Error("no connection in time"), { code: "ETIMEDOUT" })), connectTime);
        const stop = (): void => clearTimeout(timer);
        socket.once(isTls ? "secureConnect" : "connect", stop).once("close", stop);
      });
    // A connection that was kept may have been closed at this very moment: nothing was said on it.
    request.once("error", (error: NodeJS.ErrnoException) => {
      if (!request.reusedSocket || error.code !== "ECONNRESET" || signal.aborted) return reject(error);
      callOnce({ ...call, agent: false }).then(resolve, reject);
    });
    // Without content it is one piece, written at once.
    if (body.byteLength > 0) request.end(body);
    else request.end();
  });
}
