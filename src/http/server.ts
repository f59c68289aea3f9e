import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError } from "../core/errors.ts";

/** A server that listens. */
export interface Listening {
  readonly server: Server;
  /** The address that a browser on this machine opens, without a slash at the end. */
  readonly localUrl: string;
}

/** How long a client may take to send its headers and its whole request, in milliseconds. */
const HEADERS_TIMEOUT = 20_000;
const REQUEST_TIMEOUT = 300_000;

/**
 * Listens on `host` and `port` (0: a free one); `makeApp` is told the address. AppError `unavailable` when it cannot.
 */
export async function listen(
  { host, port }: { readonly host: string; readonly port: number },
  makeApp: (localUrl: string) => RequestListener,
): Promise<Listening> {
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT, requestTimeout: REQUEST_TIMEOUT, maxHeaderSize: 32_768 });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(new AppError("unavailable", whyNot(cause, host, port), { cause })));
    server.listen(port, host, resolve);
  });
  const localUrl = urlOf(server.address() as AddressInfo);
  const app = makeApp(localUrl);
  // The body's reader sends 100 Continue itself, when nothing in the headers stands against the request.
  server.on("request", app).on("checkContinue", app);
  return { server, localUrl };
}

/** Closes the server: connections that answer something get `milliseconds` more. */
export function closeServer(server: Server, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), milliseconds);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function urlOf({ address, port, family }: AddressInfo): string {
  if (address === "::" || address === "0.0.0.0") return `http://127.0.0.1:${port}`;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

function whyNot({ code }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === "EADDRINUSE") return `Port ${port} of ${host} is taken: stop what listens there, or choose another with PORT (0 picks a free one).`;
  if (code === "EACCES") return `Port ${port} may not be listened on by this user: choose one above 1023 with PORT.`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return `HOST ${host} is no address of this machine.`;
  return `Could not listen on ${host}:${port} (${code ?? "unknown reason"}).`;
}
