/** The index's part of the audit. A part of the composition root. */
import type { IndexAudited as Told } from "../cli/command.ts";
import type { Config } from "../config.ts";
import { AppError } from "../core/errors.ts";
import { FEED_KIND } from "../core/formats/identity-feed.ts";
import { honourErasures } from "../pipeline/erasures.ts";
import type { AuditOptions } from "../pipeline/audit/audit-record.ts";
import type { Findings } from "../pipeline/audit/finding.ts";
import { indexTag } from "../search/describe-document.ts";
import { namedWhole, type UnnamedWhole } from "../search/describe-whole.ts";
import { IndexAudit } from "../search/index-audit.ts";
import type { IndexDifference, MadeDocument } from "../search/index-inventory.ts";
import type { IndexerOptions } from "../search/indexer.ts";
import type { LogEntry } from "../pipeline/store/record-store.ts";
import { describerOf, type IndexKnowledge } from "./describer.ts";
import { personIds } from "../search/person-ids.ts";
import type { AuditedRecord } from "./kept-record.ts";

/** Differences of the index that are told. */
const MOST = 1_000;

export interface OpenIndexAudit {
  readonly take: NonNullable<AuditOptions["onEntries"]>;
  /** Tells what differs; of documents that are damaged themselves, the index is not held to account. */
  finish(findings: Findings): Promise<Told>;
  close(): Promise<void>;
}

/**
 * Undefined when there is no index, or it was made under other settings, or by another version.
 * @param by for messages of identity feeds; without it no index is held against anything
 */
export async function openIndexAudit(
  config: Config,
  { keys, store, keptKeys, engine }: AuditedRecord,
  areResourcesCompared: boolean,
  by: (() => IndexKnowledge) | undefined,
): Promise<OpenIndexAudit | undefined> {
  const { patientSystems, hasFullText } = config;
  if ((await engine.heldIndexTag()) !== indexTag(patientSystems, hasFullText) || by === undefined) return undefined;
  const inventory = await engine.openIndexInventory();
  const documentKeys = honourErasures(keptKeys, store);
  const audit = new IndexAudit({
    ...{ inventory, areResourcesCompared, most: MOST },
    source: {
      size: async () => (await store.checkpoint())?.size ?? 0,
      entries: (from, count) => store.entries(from, count),
      isReadable: async (id) => (await documentKeys.read(id)) !== undefined,
    },
  });
  const idOf = personIds(keys, patientSystems);
  let describeFeed: IndexerOptions["describeFeed"] | undefined;
  /** What a message of an identity feed makes; undefined when it joins nothing, or can't be read, which is told of elsewhere. */
  const madeOf = async (entry: LogEntry): Promise<MadeDocument | undefined> => {
    describeFeed ??= describerOf(config, keys, by(), { store, documentKeys }).describeFeed;
    try {
      const { header, ...summarised } = await describeFeed(entry);
      return { ...summarised, ...(areResourcesCompared && { resources: { header, rest: [] } }) };
    } catch (error) {
      if (!(error instanceof AppError) || error.code === "unavailable") throw error;
      return undefined;
    }
  };
  // An index that can't be read is told of, and keeps nothing else from being audited.
  let broken: AppError | undefined;
  const unlessBroken = async (work: () => Promise<void>): Promise<void> => {
    if (broken !== undefined) return;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof AppError) || error.code === "unavailable") throw error;
      broken = error;
    }
  };
  return {
    take: (entries, to, documents) =>
      unlessBroken(async () => {
        const made = new Map<string, MadeDocument>();
        // A thread of the audit describes them so.
        for (const { id, description } of documents.values()) if (description) made.set(id, await namedWhole(description as UnnamedWhole, idOf));
        for (const entry of entries) {
          const one = entry.kind === FEED_KIND ? await madeOf(entry) : undefined;
          if (one) made.set(entry.id, one);
        }
        await audit.take(entries, to, (id) => made.get(id));
      }),
    finish: async (findings) => {
      let compared = { documents: 0, resources: 0 };
      await unlessBroken(async () => {
        const { differences, ...audited } = await audit.finish();
        compared = audited;
        for (const one of differences) if (one.id === "" || !findings.has(one.id)) findings.add(findingOf(one));
      });
      if (broken !== undefined) findings.add({ kind: "changed", what: "index", text: `the index cannot be read (${broken.message}); ${REMEDY}` });
      return { ...compared, areResourcesCompared };
    },
    close: () => inventory.close(),
  };
}

const WORDS = { changed: "is not what the document says", removed: "is not there", added: "is of nothing that the record holds" };
const REMEDY = "`chartulary rebuild` makes it anew";

/** A difference as it is told. */
export function findingOf({ what, kind, id, index }: IndexDifference): Parameters<Findings["add"]>[0] {
  const finding = { kind, what: "index", ...(id !== "" && { id }), index } as const;
  if (what === "mark") return { ...finding, text: `the index says that it was made from another record; ${REMEDY}` };
  if (what === "position") return { ...finding, text: `the index says that it has come to where the log is not; ${REMEDY}` };
  const words = what === "row" ? WORDS[kind] : WORDS[kind].replace("is", "are");
  return { ...finding, text: `the index: the ${what} of ${id === "" ? "no document" : `document ${id}`} (entry ${index}) ${words}; ${REMEDY}` };
}
