/** Requests that the service asks of itself, for whoever ordered them: known by their connection, which nobody else can have. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Caller } from "../../core/asked.ts";

/** For whom such a request is asked. */
export interface Insider {
  /** As they are by now. */
  readonly caller: Caller;
  readonly purpose?: string | undefined;
  /** From where the order came, and its request. */
  readonly address: string;
  readonly requestId: string;
}

/** By this the program marks its own connections: nothing that is sent can name it. */
const INSIDER = Symbol("insider");

/** Says for whom a connection is that was made in this process. */
export function admitInsider(connection: Duplex, insider: Insider): void {
  Object.defineProperty(connection, INSIDER, { value: insider });
}

/** For whom a request is asked by the service itself; undefined for every request that came from outside. */
export function insiderOf({ socket }: Pick<IncomingMessage, "socket">): Insider | undefined {
  return (socket as { readonly [INSIDER]?: Insider })[INSIDER];
}
