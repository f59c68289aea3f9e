import { setTimeout } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { createApp } from "./app.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { Served } from "./served.ts";
import { closeServer, listen } from "./server.ts";

/** What a running service needs to be told. */
export interface ServiceOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: Logger;
  /** What is served at the address that the service listens on. */
  serveAt(localUrl: string): Served;
  /** Called once, before the service is announced. */
  prepare(served: Served): Promise<unknown>;
  /** Told the address to open, once the service takes requests. */
  announce(url: string): void;
  /** Resolves when the service is to stop. */
  readonly toldToStop: Promise<string>;
}

/** How long what was accepted may take to be answered once the service is to stop, and then connections to close, in milliseconds. */
const GRACE = 25_000;
const CLOSING = 2_000;

/** How long requests are still answered, with 503, when nothing is left to finish: what is on its way on connections kept alive would else be cut off unread. */
const LINGER = 500;

/** Listens, serves, and stops when it is told: what was accepted is finished, the rest refused. Gives the exit code: 0, or 1 when something was cut off. */
export async function runService({ config, version, log, serveAt, prepare, announce, toldToStop }: ServiceOptions): Promise<number> {
  const lifecycle = new Lifecycle();
  const startedAt = new Date();
  let served: Served | undefined;
  const { server, localUrl } = await listen(config, (url) => {
    served = serveAt(url);
    return createApp({ served, version, log, lifecycle, startedAt, maxDocumentBytes: config.maxDocumentBytes });
  });
  try {
    if (served) await prepare(served);
    log.info({ host: config.host, version, isOpen: served?.isOpen }, "listening");
    announce(config.baseUrl ?? localUrl);
    const signal = await toldToStop;
    log.info({ signal }, "stopping");
    const isFinished = await lifecycle.stop(GRACE);
    if (!isFinished) log.warn("some requests were not answered in time");
    await setTimeout(LINGER);
    return isFinished ? 0 : 1;
  } finally {
    await closeServer(server, CLOSING);
    log.info("stopped");
  }
}
