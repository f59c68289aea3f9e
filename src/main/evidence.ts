/** The log's own time: who stamps it, and what is collected about their certificates. A part of the composition root. */
import { randomUUID } from "node:crypto";
import type { Config } from "../config.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import type { DepositGate } from "../pipeline/gate.ts";
import type { OpenEvidenceTools } from "../cli/log-tools.ts";
import { AppError } from "../core/errors.ts";
import type { StatusCollecting } from "../pipeline/evidence/collect-status.ts";
import { EvidenceBook, type KnownEvidence } from "../pipeline/evidence/evidence-book.ts";
import type { BesideRecord } from "./kept-record.ts";
import type { LogStamping } from "../pipeline/evidence/stamp-log.ts";
import type { Ledger } from "../pipeline/log/ledger.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import { readTimeAuthorities } from "./setting-files.ts";

/** Milliseconds that an authority may take: nobody waits for it. */
export const EVIDENCE_PATIENCE = 20_000;

export interface EvidenceNeeds {
  readonly keys: Pick<Keys, "sealCertificates">;
  readonly store: RecordStore;
  readonly ledger: Pick<Ledger, "append" | "checkpoint">;
  readonly gate: Pick<DepositGate, "admitUnsealed">;
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
  hash?: "sha512",
): Promise<LogStamping | undefined> {
  if (config.timeAuthority === undefined) return undefined;
  const { openTimeAuthority } = await import("../adapters/tsa/time-authority.ts");
  const authorities = await readTimeAuthorities(config);
  const { url, policy } = config.timeAuthority;
  const stamp = openTimeAuthority({ url, policy, anchors: authorities, onFault, hash, limits: { time: EVIDENCE_PATIENCE, rest: 0 } });
  return { ledger, gate, book, stamp, authorities, newId: () => randomUUID() };
}

/** Collects what tells of certificates, of those whom REVOCATION_HOSTS and REVOCATION_DIR name alone; nothing where they name nobody. */
async function openCollecting(
  { revocation: { hosts, folder } }: Config,
  using: Omit<StatusCollecting, "source">,
  onFault: (error: unknown, what: string) => void,
): Promise<(evidence: KnownEvidence) => Promise<void>> {
  if (hosts.size === 0 && folder === undefined) return () => Promise.resolve();
  const { openRevocationSource, REVOCATION_LIMITS } = await import("../adapters/revocation/revocation-source.ts");
  const { watchFolder } = await import("../adapters/revocation/revocation-folder.ts");
  const { collectStatus } = await import("../pipeline/evidence/collect-status.ts");
  const told = (where: string, reason: string): void => onFault(undefined, `nothing about revocation was had of ${where}: ${reason}`);
  const held = folder === undefined ? undefined : watchFolder(folder, REVOCATION_LIMITS, told);
  const source = openRevocationSource({ held, hosts, onFault: told });
  let done = -1;
  return async (evidence) => {
    if (evidence.number > done && (await collectStatus(evidence, { ...using, source }))) done = evidence.number;
  };
}

function notStamped([reason]: readonly string[]): AppError {
  return new AppError("unavailable", reason === undefined ? "the log has no entry yet" : `the authority gave no time-stamp: ${reason}`);
}

/** What `chartulary evidence` works with, beside a service that may run. AppError `invalid`. */
export function openEvidenceTools(config: Config, record: BesideRecord, definitions: Definitions): OpenEvidenceTools {
  const { keys, store, ledger, gate } = record;
  const book = new EvidenceBook(store);
  /** Asked by that hash. */
  const stampingBy = async (reasons: string[], hash?: "sha512"): Promise<LogStamping> => {
    const stamping = await openLogStamping(config, { ledger, gate, book }, (reason) => reasons.push(reason), hash);
    if (stamping === undefined) throw new AppError("invalid", "TSA_URL names no time-stamp authority to ask");
    return stamping;
  };
  const renew = async (): Promise<{ readonly made: KnownEvidence; readonly faults: string[] }> => {
    const reasons: string[] = [];
    const stamping = await stampingBy(reasons);
    const { stampLog } = await import("../pipeline/evidence/stamp-log.ts");
    const made = await stampLog(stamping);
    if (made === undefined) throw notStamped(reasons);
    const collect = await openCollecting(config, { ...stamping, keys }, (_, what) => reasons.push(what));
    await collect(made);
    return { made, faults: reasons };
  };
  return {
    list: () => book.all(),
    renew,
    renewals: () => book.anew.renewals(),
    renewByHash: async ({ onRun }) => {
      // What proved until now must stand in the tree, its newest time-stamp too.
      const { faults } = await renew();
      const reasons: string[] = [];
      const stamping = await stampingBy(reasons, "sha512");
      const { hashAnew } = await import("../pipeline/evidence/hash-anew.ts");
      const made = await hashAnew({
        ...stamping,
        book: book.anew,
        store,
        documentKeys: record.keptKeys,
        definitions,
        onRun,
        onFault: (reason) => faults.push(reason),
      });
      if (made === undefined) throw notStamped(reasons);
      return { made, faults };
    },
    close: async () => {
      await ledger.close();
      await store.close();
    },
  };
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
    collect: await openCollecting(config, { ...stamping, keys: needs.keys }, onFault),
    onFault: (error) => onFault(error, "the log's evidence could not be looked after, and is later"),
  });
  keeper.start();
  return { evidence: book, close: () => keeper.close() };
}
