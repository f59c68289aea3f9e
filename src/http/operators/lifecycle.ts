import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import { AppError } from "../../core/errors.ts";

/** Answered to the end, so that whoever watches sees the service stop. */
const HEALTH = new Set(["/healthz", "/readyz"]);

/** How long the body of a refused request is read and thrown away, in milliseconds. */
const THROWING_AWAY = 1_000;

/** Where a service stands between its start and its end, and how many requests it is answering. */
export class Lifecycle {
  #isStopping = false;
  #running = 0;
  #onIdle: (() => void) | undefined;

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Requests that are being answered now. */
  get running(): number {
    return this.#running;
  }

  /** Counts requests, and refuses new ones once the service is stopping (503), but for the question whether it is alive. */
  admit(): RequestHandler {
    return (request, response, next) => {
      if (this.#isStopping && !HEALTH.has(request.path)) {
        response.setHeader("Connection", "close");
        const refuse = (): void => next(new AppError("unavailable", "The service is stopping; try again in a moment."));
        // Whoever closes a connection while bytes come in resets it, and the refusal is lost with it.
        return void thrownAway(request).then(refuse);
      }
      this.#running += 1;
      response.once("close", () => {
        this.#running -= 1;
        if (this.#running === 0) this.#onIdle?.();
      });
      next();
    };
  }

  /** Refuses what comes from now on, and waits until what was accepted is answered, at most `milliseconds`. True: all of it was. */
  async stop(milliseconds: number): Promise<boolean> {
    this.#isStopping = true;
    if (this.#running === 0) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), milliseconds);
    this.#onIdle = () => resolve(true);
    return promise.finally(() => clearTimeout(timer));
  }
}

/** Resolves when the rest of a body has come, or will not soon. */
function thrownAway(request: IncomingMessage): Promise<void> {
  const hasMore = !request.complete && request.headers.expect === undefined;
  if (!hasMore) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, THROWING_AWAY);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    request.once("end", end).once("close", end).resume();
  });
}
