/** The log's own time: who stamps it, and what is collected about their certificates. A part of the composition root. */
import { randomUUID } from "node:crypto";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import type { DepositGate } from "../pipeline/gate.ts";
import { EvidenceBook } from "../pipeline/evidence/evidence-book.ts";
import type { LogStamping } from "../pipeline/evidence/stamp-log.ts";
import type { Ledger } from "../pipeline/log/ledger.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import { readTimeAuthorities } from "./setting-files.ts";

/** Milliseconds that an authority may take: nobody waits for it. */
const PATIENCE = 20_000;

export interface EvidenceNeeds {
  readonly keys: Pick<Keys, "seal">;
  readonly store: RecordStore;
  readonly ledger: Pick<Ledger, "append" | "checkpoint">;
  readonly gate: Pick<DepositGate, "admit">;
}

export interface OpenEvidence {
  readonly evidence: EvidenceBook;
  close(): Promise<void>;
}

/** What makes time-stamps of the log; undefined where no authority is configured. AppError `invalid`. @param onFault told why there is none */
export async function openLogStamping(
  config: Config,
  { ledger, gate, book }: Pick<EvidenceNeeds, "ledger" | "gate"> & { readonly book: EvidenceBook },
  onFault: (reason: string) => void,
): Promise<LogStamping | undefined> {
  if (config.timeAuthority === undefined) return undefined;
  const { openTimeAuthority } = await import("../adapters/tsa/time-authority.ts");
  const authorities = await readTimeAuthorities(config);
  const { url, policy } = config.timeAuthority;
  const stamp = openTimeAuthority({ url, policy, anchors: authorities, onFault, limits: { time: PATIENCE, rest: 0 } });
  return { ledger, gate, book, stamp, authorities, newId: () => randomUUID() };
}

/** Opens what the log says of its time, and begins to have it stamped where somebody is configured to. AppError `invalid`. */
export async function openEvidence(
  config: Config,
  { positions, onFault, ...needs }: EvidenceNeeds & { readonly positions: FollowerPositions; onFault(error: unknown, what: string): void },
): Promise<OpenEvidence> {
  const { store } = needs;
  const book = new EvidenceBook(store);
  const told = (reason: string): void => onFault(undefined, `the log was not time-stamped, and is later: ${reason}`);
  const stamping = await openLogStamping(config, { ...needs, book }, told);
  if (stamping === undefined || config.evidenceInterval === undefined) return { evidence: book, close: () => Promise.resolve() };
  const { EvidenceKeeper } = await import("../pipeline/evidence/evidence-keeper.ts");
  const { stampLog } = await import("../pipeline/evidence/stamp-log.ts");
  const { Turn } = await import("../followers/turn.ts");
  const keeper = new EvidenceKeeper({
    ...{ store, book, interval: config.evidenceInterval },
    turn: new Turn(positions, "evidence"),
    stamp: () => stampLog(stamping),
    collect: () => Promise.resolve(),
    onFault: (error) => onFault(error, "the log's evidence could not be looked after, and is later"),
  });
  keeper.start();
  return { evidence: book, close: () => keeper.close() };
}
