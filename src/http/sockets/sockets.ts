/** Who serves websockets, as the service has it. */
import type { Server } from "node:http";
import type { Duplex } from "node:stream";

export interface Sockets {
  /** @param onOpen told of connections that are sockets from now on */
  serve(server: Server, onOpen: (socket: Duplex) => void): void;
  /** Ends all sockets, and opens none any more. */
  close(): void;
}
