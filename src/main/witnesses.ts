/** The log's witnesses, as this installation has them. A part of the composition root. */
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import type { TlogPolicy } from "../core/formats/tlog-policy.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import type { Ledger } from "../pipeline/log/ledger.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { WitnessState } from "../pipeline/witness/witnessing.ts";
import type { Witnessed } from "../pipeline/witness/witnessed.ts";
import type { Engine } from "./engine.ts";
import { readWitnessPolicy } from "./setting-files.ts";

/** Milliseconds that a start waits for what witnesses have seen; who is away is asked while the service runs. */
const PATIENCE = 5_000;
/** A checkpoint that did not change is cosigned again after so many milliseconds: its time stays of the day. */
const REFRESH = 6 * 3_600_000;
/** A cosigned checkpoint is served for so many rounds. */
const SERVED_FOR = 3;
/** All their lines are under one note, which may have a hundred, two of them ours. */
const MOST_WITNESSES = 64;

export interface WitnessingNeeds {
  readonly keys: Pick<Keys, "log" | "pastLogs">;
  readonly store: RecordStore;
  readonly engine: Pick<Engine, "openCosigned">;
  readonly positions: FollowerPositions;
  readonly ledger: Pick<Ledger, "stop">;
  onFault(error: unknown, what: string): void;
}

/** What others work with. */
export interface ServedWitnesses {
  readonly witnesses?: TlogPolicy;
  readonly witnessed?: Witnessed;
  /** Milliseconds. */
  readonly witnessedFor?: number;
}

export interface OpenWitnessing {
  readonly served: ServedWitnesses;
  /** What witnesses say of the log and do not prove; undefined: nothing. */
  claim(): string | undefined;
  /** What is known of each. */
  states(): readonly WitnessState[];
  /** Before the store. */
  close(): Promise<void>;
}

const NO_WITNESSES: OpenWitnessing = { served: {}, claim: () => undefined, states: () => [], close: () => Promise.resolve() };

/** Begins to ask the witnesses of WITNESS_POLICY, and stops the log when one has seen another. AppError `invalid`. */
export async function openWitnessing(config: Config, { keys, store, engine, positions, ledger, onFault }: WitnessingNeeds): Promise<OpenWitnessing> {
  const policy = await readWitnessPolicy(config);
  if (policy === undefined || config.witnesses === undefined) return NO_WITNESSES;
  if (policy.witnesses.length > MOST_WITNESSES)
    throw new AppError("invalid", `WITNESS_POLICY names ${policy.witnesses.length} witnesses: ${MOST_WITNESSES} at most are asked`);
  const { callWitness } = await import("../adapters/witness/call-witness.ts");
  const { timeLine } = await import("../interactions/log/read-log.ts");
  const { Turn } = await import("../followers/turn.ts");
  const { Witnessing } = await import("../pipeline/witness/witnessing.ts");
  const { witnessedBy } = await import("../pipeline/witness/witnessed.ts");
  const { interval } = config.witnesses;
  const cosigned = await engine.openCosigned();
  const ended = new AbortController();
  const witnessing = new Witnessing({
    ...{ store, cosigned, interval, refresh: REFRESH, log: keys.log, pastLogs: keys.pastLogs },
    witnesses: policy.witnesses.flatMap((one) => (one.url === undefined ? [] : [callWitness(one, one.url, ended.signal)])),
    turn: new Turn(positions, "witnesses"),
    timeLine: (note) => timeLine(keys, note, Date.now()),
    onContradiction: (reason) => {
      ledger.stop(reason);
      onFault(new AppError("damaged", reason), "no document is taken: a witness has seen another log");
    },
    onFault: (name, reason) =>
      reason === undefined
        ? onFault(undefined, `the witness ${name} cosigns again`)
        : onFault(new AppError("unavailable", reason), `the witness ${name} does not cosign, and is asked again later`),
    onUnproving: (name) =>
      onFault(undefined, `the witness ${name} shows no checkpoint that it cosigned: it could say that this machine was set back, and not prove it`),
  });
  await witnessing.start(PATIENCE);
  return {
    served: { witnesses: policy, witnessed: witnessedBy(policy, keys.log, cosigned), witnessedFor: SERVED_FOR * interval },
    claim: () => witnessing.claim,
    states: () => witnessing.witnesses,
    close: async () => {
      ended.abort();
      await witnessing.close();
      await cosigned.close();
    },
  };
}
