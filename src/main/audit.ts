/** The audit of what this installation keeps, for the command line. A part of the composition root. */
import { availableParallelism } from "node:os";
import { watermarkFile } from "../adapters/keys/watermark-file.ts";
import type { AuditTold, Audited } from "../cli/command.ts";
import type { Config } from "../config.ts";
import { LimitedWorker } from "../core/threads/limited-worker.ts";
import { AppError } from "../core/errors.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { auditRecord } from "../pipeline/audit/audit-record.ts";
import type { Findings } from "../pipeline/audit/finding.ts";
import { followLogKeys } from "../pipeline/log/log-keys.ts";
import { contradiction } from "../pipeline/log/watermark.ts";
import { errorOf } from "../core/threads/failure.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { AuditAnswer, AuditQuestion } from "./audit-worker.ts";
import type { IndexKnowledge } from "./describer.ts";
import { openIndexAudit } from "./index-audit.ts";
import type { AuditedRecord } from "./kept-record.ts";

/** Milliseconds that a thread may take to start, that one batch may take of a processor, and how many times as long by the clock; megabytes of heap of a thread. */
const START = 60_000;
const BATCH_TIME = 600_000;
const PATIENCE = 4;
const BATCH_MEMORY = 3_000;
const IDLE = 60_000;

export interface AuditHere {
  /** What runs in its threads. */
  readonly module: URL;
  /** Checkpoints that the log must have gone on from. */
  readonly against: readonly string[];
  /** Whether every row of the index is worked out anew, also those of what stands in documents. Default false. */
  readonly isIndexWhole?: boolean;
  /** Documents before this place were opened before. Without it none was. */
  readonly openFrom?: number;
  /** Whether the mark is of what is audited. Default true. */
  readonly isMarked?: boolean;
  /** By what an index was made; without it none is held against the documents. */
  readonly by?: () => IndexKnowledge;
  readonly told: AuditTold;
}

export async function auditHere(
  config: Config,
  { keys, store, keptKeys, engine }: AuditedRecord,
  { module, against, isIndexWhole = false, openFrom = 0, isMarked = true, by, told }: AuditHere,
): Promise<Audited> {
  const threads = Array.from(
    { length: Math.max(1, availableParallelism()) },
    () =>
      new LimitedWorker<AuditQuestion, AuditAnswer>({
        module,
        limits: { maxOldGenerationSizeMb: BATCH_MEMORY },
        startLimit: START,
        patience: PATIENCE,
        idle: IDLE,
      }),
  );
  const inventory = engine.openInventory();
  const { patientSystems: systems, hasFullText } = config;
  // An index that is compared only in part would differ in the rest.
  const index = openFrom > 0 ? undefined : await openIndexAudit(config, { keys, store, keptKeys, engine }, isIndexWhole, by);
  const indexed = index === undefined ? "nothing" : isIndexWhole ? "all" : "documents";
  try {
    // That a key was ended says nothing against what the record has from before and after: it is what it was.
    const seals = keys.sealCertificates.map(({ certificate, until }) => ({ der: certificate.raw, until }));
    let turn = 0;
    // What is audited says which of the log's keys counts for which tree, as a copy of it does too.
    await followLogKeys({ keys, store });
    // Plain values: others do not go to threads.
    const logs = [keys.log, ...keys.pastLogs].map(({ origin, vkey, keys: each }) => ({ origin, vkey, keys: each }));
    const ask = async (asked: Pick<AuditQuestion, "documents" | "notes">): Promise<Exclude<AuditAnswer, { readonly failure: unknown }>> => {
      const thread = threads[turn++ % threads.length];
      const outcome = await thread?.ask({ ...asked, seals, logs, systems, hasFullText, indexed }, BATCH_TIME);
      if (outcome === undefined || "limit" in outcome)
        throw new AppError("unavailable", `a thread of the audit met its limit (${outcome?.limit ?? "closed"})`);
      if ("failure" in outcome.answer) throw errorOf(outcome.answer.failure);
      return outcome.answer;
    };
    const report = await auditRecord(
      {
        ...{ store, documentKeys: keptKeys, inventory, keys },
        examine: async (documents) => (await ask({ documents, notes: [] })).documents,
        examineNotes: async (notes) => (await ask({ documents: [], notes })).notes,
      },
      {
        ...{ against, openFrom },
        onProgress: told.onProgress,
        ...(index && { onEntries: index.take }),
      },
    );
    const { findings, ...facts } = report;
    if (isMarked) await auditMark(config, { keys, store, findings });
    const audited = await index?.finish(findings);
    return { ...facts, findings: findings.kept, count: findings.count, isIndexAudited: audited !== undefined, ...(audited && { index: audited }) };
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
    await index?.close();
    await inventory.close();
  }
}

/** The high-water mark must be of this log. */
async function auditMark(
  config: Config,
  { keys, store, findings }: { readonly keys: Keys; readonly store: RecordStore; readonly findings: Findings },
): Promise<void> {
  const tell = (text: string): void => findings.add({ kind: "changed", what: "log", text });
  try {
    const mark = await watermarkFile(config.watermarkFile).read();
    const size = (await store.checkpoint())?.size ?? 0;
    const fault = mark === undefined ? undefined : await contradiction(mark, { size, log: keys.log, pastLogs: keys.pastLogs }, store);
    if (fault !== undefined) tell(fault);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "damaged") throw error;
    tell(error.message);
  }
}
