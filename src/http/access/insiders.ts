/** Requests that the service asks of itself, for whoever ordered them: known by their connection, which nobody else can have. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Caller, Noted } from "../../core/asked.ts";

/** For whom such a request is asked. */
export interface Insider {
  /** As they are by now. */
  readonly caller: Caller;
  readonly purpose?: string | undefined;
  /** From where the order came, and its request. */
  readonly address: string;
  readonly requestId: string;
  /** Told of what is decided, besides the audit trail. */
  readonly noted: Noted;
}

const insiders = new WeakMap<object, Insider>();

/** Says for whom a connection is that was made in this process. */
export function admitInsider(connection: Duplex, insider: Insider): void {
  insiders.set(connection, insider);
}

/** For whom a request is asked by the service itself; undefined for every request that came from outside. */
export function insiderOf({ socket }: Pick<IncomingMessage, "socket">): Insider | undefined {
  return insiders.get(socket);
}
