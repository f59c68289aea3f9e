/** The terminology server that an operator names, and what a service has of it. A part of the composition root. */
import type { TerminologyServer } from "../adapters/callbacks/terminology-server.ts";
import type { Config } from "../config.ts";
import { HeardAnswers } from "../core/fhir/terminology/heard-answers.ts";
import type { HeldValueSets } from "../core/fhir/terminology/sent-value-set.ts";
import { guardedLookup } from "../security/issuers/reach.ts";
import type { Look } from "../telemetry/figures.ts";
import type { Hearing } from "../pipeline/validate/hearing.ts";

export interface TerminologyNeeds {
  readonly software: string;
  /** What the loaded definitions hold. */
  readonly valueSet: HeldValueSets;
  readonly isKnownSystem: (system: string) => boolean;
  /** Told why it is not asked for a time; without an error. */
  onFault(error: unknown, what: string): void;
}

export interface OpenedTerminology {
  /** Of the main thread. */
  readonly hearing: Hearing;
  readonly server: TerminologyServer;
  /** What is asked of it at each look. */
  readonly looks: readonly Look[];
  close(): void;
}

/** Undefined where no server is named: then nothing is asked of anybody. */
export async function openTerminology(
  { terminologyServer, proof }: { readonly terminologyServer: Config["terminologyServer"]; readonly proof: Pick<Config["proof"], "callbackAllow"> },
  { software, onFault, ...held }: TerminologyNeeds,
): Promise<OpenedTerminology | undefined> {
  if (!terminologyServer) return undefined;
  const { time, ...address } = terminologyServer;
  const url = new URL(address.base);
  const lookup = guardedLookup(url, url.hostname, proof.callbackAllow);
  const { openTerminologyServer } = await import("../adapters/callbacks/terminology-server.ts");
  const server = openTerminologyServer({
    ...{ ...held, address: { ...address, lookup, software }, limits: { time, call: 3 * time } },
    onRest: (reason, rest) =>
      onFault(undefined, `the terminology server (TERMINOLOGY_URL) is not asked for ${Math.ceil(rest / 1_000)} s, and codes stay unknown: ${reason}`),
  });
  const { tally } = server;
  return {
    server,
    hearing: { heard: new HeardAnswers(), ask: server.ask },
    looks: [
      {
        ...{ name: "chartulary_terminology_questions_total", label: "result", isCount: true },
        help: "Codes that TERMINOLOGY_URL was to tell of: what it said, what it said before (remembered), what did not leave (withheld), and what it did not say.",
        values: () => Promise.resolve({ ...tally }),
      },
      {
        name: "chartulary_terminology_resting",
        help: "1 while TERMINOLOGY_URL is left alone because it does not answer.",
        values: () => Promise.resolve({ value: server.isResting() ? 1 : 0 }),
      },
    ],
    close: () => server.close(),
  };
}
