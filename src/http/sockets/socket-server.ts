/** Websockets (RFC 6455) at `/fhir/$subscriptions`: who may open one, and how much one may hold. What is said on it stands in events/socket-talk.ts. */
import { randomUUID } from "node:crypto";
import { STATUS_CODES, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Request } from "express";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import type { Caller } from "../../core/asked.ts";
import { isKnown } from "../../core/asked.ts";
import { AppError, ERROR_KINDS } from "../../core/errors.ts";
import { networkOf } from "../../core/networks.ts";
import { SOCKET_PATH } from "../../events/socket-path.ts";
import { SocketTalk, type SocketLine, type SocketNeeds } from "../../events/socket-talk.ts";
import { RefusedProof } from "../../security/authentication/refusals.ts";
import { sessionCookie } from "../access/cookies.ts";
import { credentialsOf } from "../access/credentials.ts";
import { clientAddressOf } from "../access/proxies.ts";
import { basePathOf } from "../addresses.ts";
import type { Allowances } from "../bounds/allowances.ts";
import { hostFault, isOwnOrigin } from "../bounds/guards.ts";
import { RateLimiter } from "../bounds/rate-limit.ts";
import type { Served } from "../served.ts";
import { SocketHub } from "./socket-hub.ts";
import type { Sockets } from "./sockets.ts";

export interface SocketLimits {
  /** Sockets in all, and from one network; those that one network may ask for a second, five seconds' worth at once: what proves who opens one is checked at some cost. */
  readonly most: number;
  readonly ofOne: number;
  readonly asked: number;
  /** Bytes of a message to us, and messages a minute. */
  readonly message: number;
  readonly messages: number;
  /** Milliseconds: until it is bound, between two pings, until the other end has read what was sent, and in all. */
  readonly binding: number;
  readonly ping: number;
  readonly reading: number;
  readonly longest: number;
}

export const SOCKET_LIMITS: SocketLimits = {
  ...{ most: 2_000, ofOne: 100, asked: 20, message: 1_024, messages: 60 },
  ...{ binding: 30_000, ping: 30_000, reading: 30_000, longest: 86_400_000 },
};

export interface SocketServerNeeds extends Pick<Served, "baseUrl" | "isOpen" | "door"> {
  readonly talking: SocketNeeds;
  readonly limits?: SocketLimits;
  /** How often somebody may ask to open one; by default as often as they come. */
  readonly allowances?: Allowances;
  /** Told what fails here. */
  onFault(error: unknown): void;
}

/** RFC 6455 section 7.4.1. */
const [GOING_AWAY, POLICY] = [1001, 1008];
/** Of a reason, which ends a frame of 125 bytes. */
const LONGEST_REASON = 120;

export class SocketServer implements Sockets {
  readonly hub: SocketHub;
  readonly #needs: SocketServerNeeds;
  readonly #limits: SocketLimits;
  readonly #sockets: WebSocketServer;
  readonly #ofNetwork = new Map<string, number>();
  readonly #asked: RateLimiter;
  #open = 0;
  #isClosed = false;

  constructor(needs: SocketServerNeeds) {
    this.#needs = needs;
    this.#limits = needs.limits ?? SOCKET_LIMITS;
    this.#asked = new RateLimiter(this.#limits.asked);
    this.hub = new SocketHub(needs.talking.rows, (error) => needs.onFault(error));
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: this.#limits.message, perMessageDeflate: false, clientTracking: true });
  }

  /** @param onOpen told of connections that are sockets from now on */
  serve(server: Server, onOpen: (request: IncomingMessage) => void): void {
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on("error", () => socket.destroy());
      this.#admit(request, socket).then(
        (caller) =>
          this.#sockets.handleUpgrade(request, socket, head, (opened) => {
            onOpen(request);
            this.#opened(opened, request, caller);
          }),
        (error: unknown) => refuse(socket, error),
      );
    });
  }

  /** Ends all sockets: their clients go elsewhere. */
  close(): void {
    this.#isClosed = true;
    for (const socket of this.#sockets.clients) socket.close(GOING_AWAY, "the service is stopping");
    setTimeout(() => this.#sockets.clients.forEach((socket) => socket.terminate()), 500).unref();
    this.#sockets.close();
  }

  /** Who opens it. AppErrors; whoever proves nothing may bring a token when it is open. */
  async #admit(request: IncomingMessage, socket: Duplex): Promise<Caller> {
    const { baseUrl, isOpen, door, allowances } = this.#needs;
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const base = basePathOf(baseUrl);
    const plain = base !== "" && path.startsWith(`${base}/`) ? path.slice(base.length) : path;
    if (plain !== SOCKET_PATH || request.method !== "GET") throw new AppError("not-found", "There is no websocket at this address.");
    const fault = hostFault(request, baseUrl);
    if (fault) throw fault;
    const { origin } = request.headers;
    // A page elsewhere must not open one with a session of ours, nor from inside a network.
    if (origin !== undefined && !isOwnOrigin(origin, request as Request, new URL(baseUrl).origin) && !door.corsOrigins.has(origin))
      throw new AppError("forbidden", "Pages of that origin may not open a websocket here (CORS_ORIGINS).");
    if (this.#isClosed) throw new AppError("unavailable", "The service is stopping; try again in a moment.");
    // Before anything is waited for: of many that come at once each is counted.
    this.#takePlace(request, socket);
    if (!isOpen) return this.#proveFirst(request);
    allowances?.stranger(clientAddressOf(request, door.proxies));
    return { kind: "unauthenticated" };
  }

  /** For as long as the connection is open. AppErrors `unavailable`, `too-many-requests` */
  #takePlace(request: IncomingMessage, socket: Duplex): void {
    const network = networkOf(clientAddressOf(request, this.#needs.door.proxies));
    const own = this.#ofNetwork.get(network) ?? 0;
    if (this.#open >= this.#limits.most) throw new AppError("unavailable", "There are too many websockets; try again in a moment.");
    if (this.#asked.ask(network) > 0 || own >= this.#limits.ofOne)
      throw new AppError("too-many-requests", "There are too many websockets from this address.");
    this.#open++;
    this.#ofNetwork.set(network, own + 1);
    socket.once("close", () => {
      this.#open--;
      const left = (this.#ofNetwork.get(network) ?? 1) - 1;
      if (left > 0) this.#ofNetwork.set(network, left);
      else this.#ofNetwork.delete(network);
    });
  }

  /** As of every request: so often from one address, and who is not let in is written down. */
  async #proveFirst(request: IncomingMessage): Promise<Caller> {
    const { door, allowances } = this.#needs;
    const address = clientAddressOf(request, door.proxies);
    const prove = async (): Promise<{ readonly caller: Caller }> => ({ caller: await this.#prove(request) });
    try {
      const { caller } = allowances ? await allowances.admit(address, this.#credentialsOf(request), prove) : await prove();
      allowances?.count(caller);
      return caller;
    } catch (error) {
      if (error instanceof RefusedProof) {
        const { reason, detail } = error;
        const refused = { requestId: randomUUID(), address, method: "GET", path: SOCKET_PATH, reason };
        await door.onRefused({ ...refused, ...(detail !== undefined && { detail }) });
      }
      throw error;
    }
  }

  #credentialsOf(request: IncomingMessage): ReturnType<typeof credentialsOf> {
    const { door, baseUrl } = this.#needs;
    return credentialsOf(request as Request, { proxies: door.proxies, cookie: sessionCookie(baseUrl) });
  }

  async #prove(request: IncomingMessage): Promise<Caller> {
    const { door, baseUrl } = this.#needs;
    const { by, caller } = await door.authenticator.prove(this.#credentialsOf(request));
    // A cookie goes along with what other pages open; that our own did, the browser says.
    const isOurs = request.headers.origin !== undefined && isOwnOrigin(request.headers.origin, request as Request, new URL(baseUrl).origin);
    return by === "session" && !isOurs ? { kind: "anonymous" } : caller;
  }

  #opened(socket: WebSocket, request: IncomingMessage, caller: Caller): void {
    const { binding, ping, longest, messages } = this.#limits;
    const talk = new SocketTalk(this.#needs.talking, caller, lineOf(socket, this.#limits));
    this.hub.add(talk);
    let [isAlive, heard] = [true, 0];
    const unbound = setTimeout(() => talk.isBound || end(socket, "nothing was bound"), binding);
    const tooOld = setTimeout(() => end(socket, "it was open for a day: come back"), longest);
    const pinging = setInterval(() => {
      heard = 0;
      if (!isAlive) return socket.terminate();
      isAlive = false;
      socket.ping();
      void this.#holds(request, caller).then((holds) => holds || end(socket, "who opened it may not any more"));
    }, ping);
    socket.on("pong", () => (isAlive = true));
    socket.on("error", () => socket.terminate());
    socket.on("message", (data: RawData, isBinary: boolean) => {
      if (isBinary || ++heard > messages) return end(socket, isBinary ? "only text is understood" : "it says too much");
      void talk.hear((data as Buffer).toString("utf8"));
    });
    socket.once("close", () => {
      clearTimeout(unbound);
      clearTimeout(tooOld);
      clearInterval(pinging);
      this.hub.remove(talk);
    });
  }

  /** Whether what was proved when it was opened still holds; an issuer that does not answer ends nothing. */
  async #holds(request: IncomingMessage, caller: Caller): Promise<boolean> {
    if (!isKnown(caller)) return true;
    return this.#prove(request).then(isKnown, (error: unknown) => !(error instanceof RefusedProof));
  }
}

function lineOf(socket: WebSocket, { reading }: SocketLimits): SocketLine {
  return {
    send: (text) => within(reading, (done) => socket.send(text, (error) => done(error ?? undefined))),
    confirm: () =>
      within(reading, (done) => {
        socket.once("pong", () => done(undefined)).once("close", () => done(new Error("it is closed")));
        socket.ping();
      }),
    end: (reason) => end(socket, reason),
  };
}

/** Whoever takes nothing is cut off: what waits for them would else be held for ever. */
function within(milliseconds: number, work: (done: (error: Error | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("it takes nothing")), milliseconds);
    work((error) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    });
  });
}

function end(socket: WebSocket, reason: string): void {
  socket.close(POLICY, Buffer.from(reason, "utf8").subarray(0, LONGEST_REASON).toString("utf8"));
  setTimeout(() => socket.terminate(), 5_000).unref();
}

/** Before it is a socket it is a request: answered, and closed. */
function refuse(socket: Duplex, error: unknown): void {
  const status = error instanceof AppError ? ERROR_KINDS[error.code].status : error instanceof RefusedProof ? 401 : 500;
  const text = error instanceof AppError && ERROR_KINDS[error.code].isPublic ? error.message : (STATUS_CODES[status] ?? "");
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`, "Content-Type: text/plain; charset=utf-8", "Connection: close"];
  // Node ends what was never a socket with the other end alone, which may never do so.
  socket.once("finish", () => socket.destroy());
  setTimeout(() => socket.destroy(), 5_000).unref();
  socket.end(`${[...head, `Content-Length: ${Buffer.byteLength(text)}`].join("\r\n")}\r\n\r\n${text}`);
}
