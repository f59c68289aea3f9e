/** Holding, releasing and erasing for the command line, beside a service that may run. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { erasuresFile } from "../adapters/keys/erasures-file.ts";
import type { DueDocument, DueTold, OpenCustody, OpenRetention } from "../cli/command.ts";
import type { Config } from "../config.ts";
import { AppError } from "../core/errors.ts";
import { eraseDocument, holdDocument, releaseDocument, type CustodyContext } from "../pipeline/custody.ts";
import { honourErasures } from "../pipeline/erasures.ts";
import type { RetentionPolicy } from "../pipeline/retention.ts";
import type { IndexPort } from "../search/index-port.ts";
import { describing as describingBy, Indexer, type IndexSource } from "../search/indexer.ts";
import { indexTag } from "../search/describe-document.ts";
import { indexSource } from "./derived.ts";
import { describerOf, type IndexKnowledge } from "./describer.ts";
import type { BesideRecord } from "./kept-record.ts";
import { confirmDue, dueDocuments } from "./retention.ts";

/** How long the index may take to come up to the log, in milliseconds. */
const PATIENCE = 60_000;

export function openCustody(config: Config, record: BesideRecord, by: IndexKnowledge): OpenCustody {
  const using = contextOf(config, record);
  return {
    hold: (order) => holdDocument(order, using),
    release: (order) => releaseDocument(order, using),
    erase: async (order) => {
      const result = await eraseDocument(order, using);
      const index = await withIndex(config, record, by, ({ isComplete }) => Promise.resolve(isComplete));
      return { ...result, isUnlisted: index === "none" || index === true };
    },
    close: () => closeBeside(record),
  };
}

/** What is due by the policy, and its erasure. AppError `unavailable` when the index can't be brought up to the log, or was made under other settings. */
export function openRetention(
  config: Config,
  record: BesideRecord,
  { by, policy, told }: { readonly by: IndexKnowledge; readonly policy: RetentionPolicy; readonly told: DueTold },
): OpenRetention {
  const { store } = record;
  const using = contextOf(config, record);
  const now = new Date();
  const source = sourceOf(record, by);
  const describing = describerOf(config, record.keys, by, openedFrom(record));
  return {
    due: async function* () {
      // Collected first: what is erased meanwhile leaves the index that is walked.
      const due = await withIndex(config, record, by, async ({ index, isComplete }) => {
        if (!isComplete) return "behind";
        const found: DueDocument[] = [];
        for await (const document of dueDocuments(index, { policy, now, store, told })) found.push(document);
        return found;
      });
      if (typeof due === "string")
        throw new AppError(
          "unavailable",
          "the index is not there, is behind the log, or was made under other settings (PATIENT_SYSTEMS): run `chartulary rebuild`",
        );
      yield* due;
    },
    erase: async (id, { by, rule }) => {
      const entry = await store.entry(id);
      const described = entry && (await describingBy(source, { ...describing, onFault: refuse }).describe(entry));
      if (described === undefined) throw new AppError("damaged", `document ${id} cannot be opened`);
      confirmDue(described, { policy, now });
      await eraseDocument({ documentId: id, by, reason: "retention", text: `policy ${policy.version}, rule ${rule}` }, using);
    },
    close: async () => {
      await withIndex(config, record, by, () => Promise.resolve(undefined));
      await closeBeside(record);
    },
  };
}

function refuse(error: unknown): never {
  throw error;
}

function contextOf(config: Config, { store, ledger, gate, keptKeys }: BesideRecord): CustodyContext {
  return { ...{ store, ledger, gate }, documentKeys: keptKeys, erasures: erasuresFile(config.erasuresFile), newId: () => randomUUID() };
}

function sourceOf(record: BesideRecord, by: IndexKnowledge): IndexSource {
  const { store, documentKeys } = openedFrom(record);
  return indexSource(store, documentKeys, by.knowledge.definitions);
}

/** What is kept, as it may be opened. */
function openedFrom({ store, keptKeys }: BesideRecord): Pick<CustodyContext, "documentKeys"> & Pick<BesideRecord, "store"> {
  return { store, documentKeys: honourErasures(keptKeys, store) };
}

/**
 * Brings the index up to the log and does something with it. `none`: there is no index. `other`: it was made under other settings, and would be emptied by being opened
 * under ours: it is left alone.
 */
async function withIndex<Result>(
  config: Config,
  record: BesideRecord,
  by: IndexKnowledge,
  work: (opened: { readonly index: IndexPort; readonly isComplete: boolean }) => Promise<Result>,
): Promise<Result | "none" | "other"> {
  const tag = await record.engine.heldIndexTag();
  if (tag === undefined) return "none";
  if (tag !== indexTag(config.patientSystems, config.hasFullText)) return "other";
  const openedIndex = await record.engine.openIndex();
  let isSound = true;
  const onFault = (): void => void (isSound = false);
  const indexer = new Indexer(openedIndex.index, {
    source: sourceOf(record, by),
    ...describerOf(config, record.keys, by, openedFrom(record)),
    onFault,
  });
  try {
    const missing = await indexer.reach(undefined, PATIENCE);
    return await work({ index: openedIndex.index, isComplete: missing === 0 && isSound });
  } finally {
    await indexer.close();
    await openedIndex.close();
  }
}

async function closeBeside({ ledger, store }: BesideRecord): Promise<void> {
  await ledger.close();
  await store.close();
}
