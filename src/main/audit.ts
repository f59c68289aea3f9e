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
import { honourErasures } from "../pipeline/erasures.ts";
import { contradiction } from "../pipeline/log/watermark.ts";
import { errorOf } from "../core/threads/failure.ts";
import type { DocumentKeys } from "../pipeline/store/document-keys.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import { IndexAudit } from "../search/index-audit.ts";
import { Indexer } from "../search/indexer.ts";
import { indexTag, type Summarised } from "../search/describe-document.ts";
import type { AuditAnswer, AuditQuestion } from "./audit-worker.ts";
import type { KeptRecord } from "./kept-record.ts";
import { indexSource } from "./derived.ts";
import { describerOf, type IndexKnowledge } from "./describer.ts";

/** Milliseconds that a thread may take to start, that one batch may take of a processor, and how many times as long by the clock; megabytes of heap of a thread. */
const START = 60_000;
const BATCH_TIME = 600_000;
const PATIENCE = 4;
const BATCH_MEMORY = 3_000;
const IDLE = 60_000;
/** Differences of the index that are told. */
const MOST = 1_000;

export interface AuditHere {
  /** What the index is made with, to hold it against. */
  readonly by: IndexKnowledge;
  /** What runs in its threads. */
  readonly module: URL;
  /** Checkpoints that the log must have gone on from. */
  readonly against: readonly string[];
  /** Documents before this place were opened before. Without it none was. */
  readonly openFrom?: number;
  /** Whether the mark is of what is audited. Default true. */
  readonly isMarked?: boolean;
  readonly told: AuditTold;
}

/** What is audited. */
export interface AuditedRecord extends Pick<KeptRecord, "keys" | "store"> {
  /** As they are kept, whatever the log says of erasures. */
  readonly keptKeys: DocumentKeys;
  readonly engine: Pick<KeptRecord["engine"], "openIndex" | "heldIndexTag" | "openInventory">;
}

export async function auditHere(
  config: Config,
  { keys, store, keptKeys, engine }: AuditedRecord,
  { by, module, against, openFrom = 0, isMarked = true, told }: AuditHere,
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
  // An index that is compared only in part would differ in the rest.
  const index = openFrom > 0 ? undefined : await openIndexAudit(config, { keys, store, keptKeys, engine }, by);
  try {
    const seals = keys.sealCertificates.map(({ certificate }) => certificate.raw);
    let turn = 0;
    const vkeys = [keys.log, ...keys.pastLogs].map(({ vkey }) => vkey);
    const ask = async (asked: Pick<AuditQuestion, "documents" | "notes">): Promise<Exclude<AuditAnswer, { readonly failure: unknown }>> => {
      const thread = threads[turn++ % threads.length];
      const outcome = await thread?.ask({ ...asked, seals, vkeys, systems: config.patientSystems, isIndexed: index !== undefined }, BATCH_TIME);
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
        ...(index && {
          onEntries: (entries, documents) => index.audit.take(entries, (id) => documents.get(id)?.description as Summarised | undefined),
        }),
      },
    );
    const { findings, ...facts } = report;
    if (isMarked) await auditMark(config, { keys, store, findings });
    const isIndexAudited = index !== undefined && (await tellDifferences(index, findings));
    return { ...facts, findings: findings.kept, count: findings.count, isIndexAudited };
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

interface OpenIndexAudit {
  readonly audit: IndexAudit;
  readonly indexer: Indexer;
  close(): Promise<void>;
}

/** Undefined when there is no index, or it was made under other settings: opened under ours, it would be emptied. */
async function openIndexAudit(
  config: Config,
  { keys, store, keptKeys, engine }: AuditedRecord,
  by: IndexKnowledge,
): Promise<OpenIndexAudit | undefined> {
  if ((await engine.heldIndexTag()) !== indexTag(config.patientSystems, config.hasFullText)) return undefined;
  const openedIndex = await engine.openIndex();
  const options = {
    source: indexSource(store, honourErasures(keptKeys, store), by.knowledge.definitions),
    describe: describerOf(config, keys, by).describe,
    onFault: () => undefined,
  };
  const audit = await IndexAudit.begin(openedIndex.index, options);
  const indexer = new Indexer(openedIndex.index, options);
  const close = async (): Promise<void> => {
    await indexer.close();
    await audit?.close().catch(() => undefined);
    await openedIndex.close();
  };
  if (audit) return { audit, indexer, close };
  await close();
  return undefined;
}

/** Of documents that are damaged themselves, the index is not held to account. */
async function tellDifferences({ audit, indexer }: OpenIndexAudit, findings: Findings): Promise<boolean> {
  const differences = await audit.finish(indexer, MOST);
  for (const { what, kind, id, index } of differences ?? []) {
    if (id !== "" && findings.has(id)) continue;
    const words = { changed: "is not what the document says", removed: "is not there", added: "is of nothing that the record holds" }[kind];
    const text =
      what === "mark"
        ? "the index says that it was made from another record"
        : `the index: the ${what} of ${id === "" ? "no document" : `document ${id}`} (entry ${index}) ${what === "row" ? words : words.replace("is", "are")}; \`chartulary rebuild\` makes it anew`;
    findings.add({ kind, what: "index", ...(id !== "" && { id }), index, text });
  }
  return differences !== undefined;
}
