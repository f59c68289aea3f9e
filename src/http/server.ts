import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { AppError } from "../core/errors.ts";
import { Connections } from "./bounds/connections.ts";
import { HTTP_LIMITS, type HttpLimits } from "./bounds/limits.ts";
import { readTls, watchTls, type TlsPaths } from "./tls-files.ts";

/** A server that listens. */
export interface Listening {
  readonly connections: Connections;
  readonly server: Server;
  /** The address that a browser on this machine opens, without a slash at the end. */
  readonly localUrl: string;
}

/** Where to listen, and for whom. */
export interface ListenOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly maxConnections: number;
  readonly limits?: HttpLimits;
  /** Whether a loopback address is told as `localhost`: passkeys are bound to a name. */
  readonly isNamed?: boolean;
  /** Where TLS ends here; undefined: it ends elsewhere, or nowhere. */
  readonly tls?: TlsPaths | undefined;
  /** Told of files of TLS that were changed to what can't be used. */
  onTlsFault?(error: unknown): void;
}

/** How often the runtime looks for requests whose headers are late, in milliseconds: seldom would be as good as never. */
const LOOK_FOR_LATE = 1_000;

/** Connections that the operating system holds until we accept them. */
const BACKLOG = 1_024;

/** Listens; `makeApp` is told the address. AppError `unavailable` when it cannot. */
export async function listen(
  { host, port, maxConnections, limits = HTTP_LIMITS, isNamed = false, tls, onTlsFault = () => undefined }: ListenOptions,
  makeApp: (localUrl: string) => RequestListener,
): Promise<Listening> {
  const settings = {
    headersTimeout: limits.headers,
    // Of a body its reader says in words that it is too slow; this is for what nobody reads.
    requestTimeout: limits.body + limits.discard,
    keepAliveTimeout: limits.keepAlive,
    connectionsCheckingInterval: LOOK_FOR_LATE,
    maxHeaderSize: 32_768,
  };
  const server = tls ? secureServer(tls, { ...settings, handshakeTimeout: limits.headers }, onTlsFault) : createServer(settings);
  const connections = new Connections(server, maxConnections);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(new AppError("unavailable", whyNot(cause, host, port), { cause })));
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  });
  const localUrl = urlOf(server.address() as AddressInfo, { scheme: tls ? "https" : "http", isNamed });
  const app = makeApp(localUrl);
  // The body's reader sends 100 Continue itself, when nothing in the headers stands against the request.
  const answer: RequestListener = (request, response) => {
    connections.began(request, response);
    app(request, response);
  };
  server.on("request", answer).on("checkContinue", answer);
  return { connections, server, localUrl };
}

/** A client is asked for its certificate where the operator says whose are taken; whoever has none may come in otherwise, so that nobody is refused in the handshake. */
function secureServer(paths: TlsPaths, settings: object, onFault: (error: unknown) => void): Server {
  const fixed = { minVersion: "TLSv1.2", requestCert: paths.clientCa !== undefined, rejectUnauthorized: false } as const;
  const content = readTls(paths);
  const server = createTlsServer({ ...settings, ...fixed, ...content });
  const end = watchTls(paths, content, { onChange: (content) => server.setSecureContext({ ...fixed, ...content }), onFault });
  server.once("close", end);
  return server;
}

function urlOf(
  { address, port, family }: AddressInfo,
  { scheme, isNamed }: { readonly scheme: "http" | "https"; readonly isNamed: boolean },
): string {
  if (isNamed && (["::", "0.0.0.0", "::1"].includes(address) || address.startsWith("127."))) return `${scheme}://localhost:${port}`;
  if (address === "::" || address === "0.0.0.0") return `${scheme}://127.0.0.1:${port}`;
  return `${scheme}://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

function whyNot({ code }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === "EADDRINUSE") return `Port ${port} of ${host} is taken: stop what listens there, or choose another with PORT (0 picks a free one).`;
  if (code === "EACCES") return `Port ${port} may not be listened on by this user: choose one above 1023 with PORT.`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return `HOST ${host} is no address of this machine.`;
  return `Could not listen on ${host}:${port} (${code ?? "unknown reason"}).`;
}
