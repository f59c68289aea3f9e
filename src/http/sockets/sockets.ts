/** Who serves websockets, as the service has it. */
import type { IncomingMessage, Server } from "node:http";

export interface Sockets {
  /** @param onOpen told of connections that are sockets from now on */
  serve(server: Server, onOpen: (request: IncomingMessage) => void): void;
  /** Ends all sockets, and opens none any more. */
  close(): void;
}
