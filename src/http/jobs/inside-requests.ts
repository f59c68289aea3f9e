import { createServer, request as ask, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { duplexPair } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AppError } from "../../core/errors.ts";
import { admitInsider, type Insider } from "../access/insiders.ts";

/** A request, as it came. */
export interface InsideRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: AsyncIterable<Uint8Array> | undefined;
}

/**
 * Asks the service's own routes, as anybody would, by a connection within this process: whatever holds for requests from outside holds for these, but that who asks is said by whoever made the connection. Nothing
 * listens anywhere for it.
 */
export class InsideRequests {
  readonly #server: Server;

  constructor(app: RequestListener) {
    // A job has its own time: whoever asked is never slow.
    this.#server = createServer({ requestTimeout: 0, headersTimeout: 0, connectionsCheckingInterval: 2 ** 31 - 1 }, app);
    this.#server.on("checkContinue", app);
  }

  /** The answer, whose body is read by whoever asked. AppError `unavailable` when none came. */
  async ask({ method, path, headers, body }: InsideRequest, insider: Insider, signal: AbortSignal): Promise<IncomingMessage> {
    const [ours, theirs] = duplexPair();
    admitInsider(theirs, insider);
    this.#server.emit("connection", theirs);
    const stop = (): void => {
      for (const side of [ours, theirs]) side.destroy();
    };
    signal.addEventListener("abort", stop, { once: true });
    const sent = ask({ method, path, headers: Object.fromEntries(headers), createConnection: () => ours });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      sent.once("response", resolve);
      sent.once("error", (cause) => reject(new AppError("unavailable", "the request was broken off", { cause })));
    });
    const [answer] = await Promise.all([answered, body ? pipeline(body, sent).catch(() => undefined) : sent.end()]);
    answer.once("close", () => {
      signal.removeEventListener("abort", stop);
      stop();
    });
    return answer;
  }

  close(): void {
    this.#server.close();
  }
}
