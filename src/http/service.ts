import type { Express } from "express";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { openAdmin, type AdminService, type FiguresTeller } from "./operators/admin.ts";
import type { AppFacts } from "./front.ts";
import { ByteBudget } from "./bodies/byte-budget.ts";
import type { Connections } from "./bounds/connections.ts";
import { strangeness, unreadiness } from "./operators/health-routes.ts";
import { describe } from "./answers/errors.ts";
import { Intake } from "./bodies/intake.ts";
import { Lifecycle } from "./operators/lifecycle.ts";
import { InsideRequests } from "./jobs/inside-requests.ts";
import { requestWorker } from "./jobs/request-worker.ts";
import { HTTP_LIMITS } from "./bounds/limits.ts";
import type { RequestWatch } from "./operators/request-watch.ts";
import type { Served } from "./served.ts";
import { listen } from "./server.ts";
import { NO_SPOOL, SpoolFolder } from "./bodies/spool.ts";

/** What of anything that is served its operators are told. */
export type Running = Pick<Served, "gate" | "door" | "searchLag" | "turns" | "pdfCounts" | "isOpen"> & Partial<Pick<Served, "sockets" | "jobs">>;

/** What a running service needs to be told. */
export interface ServiceOptions<Kind extends Running = Served> {
  readonly config: Config;
  readonly version: string;
  readonly log: Logger;
  /** Log lines that were lost so far. */
  lostLogLines(): number;
  /** What is served at the address that the service listens on. */
  serveAt(localUrl: string): Kind;
  createApp(options: AppFacts & { readonly served: Kind }): Express;
  /** Where large bodies wait while they arrive; undefined: in memory, and nothing is written. */
  readonly spoolFolder: string | undefined;
  /** Who looks on while requests are answered. */
  readonly watch?: RequestWatch | undefined;
  /** Figures for Prometheus, told at ADMIN_PORT. */
  readonly figures?: FiguresTeller | undefined;
  /** Called once, before the service is announced. */
  prepare(served: Kind): Promise<unknown>;
  /** Told the address to open, once the service takes requests. */
  announce(url: string): void;
  /** Resolves when the service is to stop. */
  readonly toldToStop: Promise<string>;
}

/** How long what was accepted may take to be answered once the service is to stop, and then connections to close, in milliseconds. */
const GRACE = 25_000;
const CLOSING = 1_000;

/**
 * How long requests are still answered, with 503, when nothing is left to finish: until none has come for `QUIET`, at most `LINGER`. What was sent before the stop was told is on its
 * way on connections kept alive, and would else be reset.
 */
const QUIET = 500;
const LINGER = 2_000;

/** Listens, serves, and stops when it is told: what was accepted is finished, the rest refused. Gives the exit code: 0, or 1 when something was cut off. */
export async function runService<Kind extends Running>(options: ServiceOptions<Kind>): Promise<number> {
  const { config, version, log, serveAt, prepare, announce, toldToStop, watch } = options;
  const lifecycle = new Lifecycle();
  const startedAt = new Date();
  const { spoolFolder } = options;
  const intake = new Intake({
    memory: new ByteBudget(config.maxInFlightBytes),
    disk: new ByteBudget(config.maxSpoolBytes),
    ...(spoolFolder === undefined
      ? { spool: NO_SPOOL, limits: { ...HTTP_LIMITS, spoolAbove: Number.MAX_SAFE_INTEGER } }
      : { spool: await SpoolFolder.open(spoolFolder, HTTP_LIMITS.spoolLeaves), limits: HTTP_LIMITS }),
  });
  let served: Kind | undefined;
  let inside: InsideRequests | undefined;
  const { connections, server, localUrl } = await listen(
    {
      ...config,
      isNamed: config.access !== "open",
      tls: config.proof.tls,
      onTlsFault: (error) => log.error(describe(error), "TLS goes on as it was: its new files can't be used"),
    },
    (url) => {
      served = serveAt(url);
      const { maxDocumentBytes, maxInFlightBytes: maxAnswerBytes, rateLimit } = config;
      const app = options.createApp({ served, version, log, lifecycle, startedAt, maxDocumentBytes, maxAnswerBytes, intake, rateLimit, watch });
      inside = new InsideRequests(app);
      // From the first request on somebody does them.
      served.jobs?.start([requestWorker(inside)]);
      return app;
    },
  );
  let admin: AdminService | undefined;
  try {
    if (served) {
      served.sockets?.serve(server, (request) => connections.upgraded(request));
      admin = await openAdminFor(options, { served, lifecycle, connections, intake });
      await prepare(served);
    }
    log.info({ host: config.host, version, isOpen: served?.isOpen }, "listening");
    announce(config.baseUrl ?? localUrl);
    const signal = await toldToStop;
    log.info({ signal }, "stopping");
    intake.stop();
    connections.closeAfterAnswers();
    served?.sockets?.close();
    await served?.jobs?.stop();
    const isFinished = await lifecycle.stop(GRACE);
    if (!isFinished) log.warn("some requests were not answered in time");
    await connections.settle(QUIET, LINGER);
    return isFinished ? 0 : 1;
  } finally {
    await connections.close(CLOSING);
    inside?.close();
    await admin?.close();
    log.info("stopped");
  }
}

interface Parts {
  readonly served: Running;
  readonly lifecycle: Lifecycle;
  readonly connections: Connections;
  readonly intake: Intake;
}

async function openAdminFor(
  { config, log, lostLogLines, figures }: Pick<ServiceOptions, "config" | "log" | "lostLogLines" | "figures">,
  { served, lifecycle, connections, intake }: Parts,
): Promise<AdminService | undefined> {
  if (!config.admin) return undefined;
  const admin = await openAdmin({
    ...{ ...config.admin, figures },
    state: async () => {
      const reason = (await unreadiness(served.gate, lifecycle)) ?? strangeness(await served.door.issuers());
      return {
        ...{ isReady: reason === undefined, reason, isStopping: lifecycle.isStopping },
        lostLogLines: lostLogLines(),
        searchLag: await served.searchLag(),
        connections: connections.size,
        uploads: intake.arriving,
        bytesInWork: served.turns.held,
        pdfs: served.pdfCounts.told,
      };
    },
  });
  log.info({ host: config.admin.host, port: config.admin.port }, "health is told at ADMIN_PORT");
  return admin;
}
