/** The log of a service's process: lines on standard error, and what ends it. A part of the composition root. */
import type { Logger } from "pino";
import type { Config } from "../config.ts";

export interface ProcessLog {
  readonly log: Logger;
  /** Lines that were lost so far. */
  lost(): number;
  /** Writes what is left; what nobody takes would keep the process from its end. */
  end(): Promise<void>;
}

/** How long the last log lines may take, in milliseconds. */
const LAST_LINES = 500;

/** Opens it, tells settings that do nothing any more, and has what nobody caught written down before the process ends. */
export async function openProcessLog(config: Pick<Config, "logLevel" | "ended">): Promise<ProcessLog> {
  const { pino } = await import("pino");
  const { LogDestination, standardError } = await import("../http/operators/log-destination.ts");
  const { describe } = await import("../http/answers/errors.ts");
  const lines = new LogDestination(standardError(process.stderr));
  const log = pino({ level: config.logLevel }, lines);
  const onFault = (error: unknown): void => {
    log.fatal(describe(error), "the process ends");
    lines.flushNow();
    process.exit(1);
  };
  for (const text of config.ended) log.warn(text);
  process.on("uncaughtException", onFault).on("unhandledRejection", onFault);
  return {
    log,
    lost: () => lines.lost,
    end: async () => {
      if (!(await lines.flush(LAST_LINES))) setImmediate(() => process.exit());
    },
  };
}
