import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { networkOf } from "../../core/networks.ts";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

/** Turns of the event loop after which everything that had arrived has been read. */
const SETTLING_TURNS = 5;

/**
 * The connections of a server, so many at most. When there is no room for a new one, an idle one gives way: of the network that has most of them, the one that was quiet
 * longest. When none is idle, one gives way whose request does not come to its end, or whose answer is not taken, of a network that has more of them than the new one's: whoever
 * sends a thousand bodies byte by byte keeps nobody else out. Only then is the new one refused.
 */
export class Connections {
  readonly #server: Server;
  readonly #most: number;
  /** In order of their last answer. */
  readonly #idle = new Set<Socket>();
  /** In order of their beginning. */
  readonly #answering = new Map<ServerResponse, IncomingMessage>();
  readonly #all = new Set<Socket>();
  #isClosing = false;
  #lastRequest = performance.now();

  constructor(server: Server, most: number) {
    this.#server = server;
    this.#most = most;
    server.on("connection", (socket: Socket) => this.#open(socket));
    server.on("secureConnection", (socket: TLSSocket) => this.#secured(socket));
  }

  /** Connections that are open now. */
  get size(): number {
    return this.#all.size;
  }

  /** To be told of each request, before it is answered. */
  began(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.#lastRequest = performance.now();
    this.#idle.delete(socket);
    this.#answering.set(response, request);
    if (this.#isClosing) response.shouldKeepAlive = false;
    response.once("close", () => {
      this.#answering.delete(response);
      if (this.#all.has(socket)) this.#idle.add(socket);
    });
  }

  /** A connection is a websocket from now on: it is in use for as long as it is open. */
  upgraded(socket: Duplex): void {
    if (socket instanceof Socket) this.#idle.delete(socket);
  }

  /** From now on every answer is its connection's last, also those under way. New connections are still taken, so that what was sent is answered. */
  closeAfterAnswers(): void {
    this.#isClosing = true;
    for (const response of this.#answering.keys()) if (!response.headersSent) response.shouldKeepAlive = false;
  }

  /** Waits until no request has come for `quiet` milliseconds, at most `longest`; what had arrived by then has been read. */
  async settle(quiet: number, longest: number): Promise<void> {
    const begun = performance.now();
    this.#lastRequest = Math.max(this.#lastRequest, begun);
    while (performance.now() - this.#lastRequest < quiet && performance.now() - begun < longest) {
      await sleep(20);
      // A timer comes before what waits to be read: a busy loop would else take arrived requests for silence.
      for (let turn = 0; turn < SETTLING_TURNS; turn++) await nextTurn();
    }
  }

  /** Stops listening. Idle connections are ended in good order, others get `milliseconds` for their answers. */
  async close(milliseconds: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // An end that the client can read; to destroy the socket would reset it.
    for (const socket of this.#idle) socket.end();
    const timer = setTimeout(() => {
      for (const socket of this.#all) socket.destroy();
    }, milliseconds);
    await closed;
    clearTimeout(timer);
  }

  #open(socket: Socket): void {
    if (this.#all.size >= this.#most && !this.#makeRoom(socket)) return void socket.destroy();
    this.#add(socket);
  }

  #add(socket: Socket): void {
    this.#all.add(socket);
    this.#idle.add(socket);
    socket.once("close", () => this.#forget(socket));
  }

  #forget(socket: Socket): void {
    this.#all.delete(socket);
    this.#idle.delete(socket);
  }

  /** Within a connection that is counted TLS was agreed upon: requests name its own socket, so that one stands for both. */
  #secured(socket: TLSSocket): void {
    for (const raw of this.#all) if (raw.remotePort === socket.remotePort && raw.remoteAddress === socket.remoteAddress) this.#forget(raw);
    this.#add(socket);
  }

  #makeRoom(coming: Socket): boolean {
    const counts = new Map<string, number>();
    for (const socket of this.#all) counts.set(networkAt(socket), (counts.get(networkAt(socket)) ?? 0) + 1);
    const waitedFor = [...this.#answering].filter(([response, { complete }]) => !complete || response.writableNeedDrain);
    const own = (counts.get(networkAt(coming)) ?? 0) + 1;
    const chosen =
      ofTheMost(this.#idle, counts, 0) ??
      ofTheMost(
        waitedFor.map(([, { socket }]) => socket),
        counts,
        own,
      );
    if (!chosen) return false;
    this.#forget(chosen);
    chosen.destroy();
    return true;
  }
}

/** The first socket of the network that has most, and more than `least`. */
function ofTheMost(sockets: Iterable<Socket>, counts: ReadonlyMap<string, number>, least: number): Socket | undefined {
  let chosen: Socket | undefined;
  let most = least;
  for (const socket of sockets) {
    const count = counts.get(networkAt(socket)) ?? 0;
    if (count <= most) continue;
    most = count;
    chosen = socket;
  }
  return chosen;
}

function networkAt({ remoteAddress = "" }: Socket): string {
  return networkOf(remoteAddress);
}
