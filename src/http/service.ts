import { setTimeout } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import type { InteractionContext } from "../interactions/context.ts";
import { depositSamples, type Sample } from "../interactions/deposit-samples.ts";
import { createApp } from "./app.ts";
import { Lifecycle } from "./lifecycle.ts";
import { closeServer, listen } from "./server.ts";

/** What a running service needs to be told. */
export interface ServiceOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: Logger;
  makeContext(localUrl: string): InteractionContext;
  /** Deposited when the store is empty. */
  readonly samples: readonly Sample[];
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
export async function runService({ config, version, log, makeContext, samples, announce, toldToStop }: ServiceOptions): Promise<number> {
  const lifecycle = new Lifecycle();
  const startedAt = new Date();
  let context: InteractionContext | undefined;
  const { server, localUrl } = await listen(config, (url) => {
    context = makeContext(url);
    return createApp({ context, version, log, lifecycle, startedAt, maxDocumentBytes: config.maxDocumentBytes });
  });
  try {
    if (context) await depositSamples(samples, context);
    log.info({ host: config.host, version, isOpen: context?.isOpen }, "listening");
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
