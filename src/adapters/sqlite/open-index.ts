import { stat } from "node:fs/promises";
import type { VerdictCache } from "../../pipeline/render/narrative/verdict-cache.ts";
import type { IndexPort } from "../../search/index-port.ts";
import type { ResourceSearch } from "../../search/resource-index.ts";
import { Database, DEFAULT_PATIENCE } from "./database.ts";
import { IndexFile } from "./index-file.ts";
import { INDEX_SCHEMA_VERSION } from "./index-schema.ts";
import { SqliteIndex } from "./index-store.ts";
import { textAt } from "./rows.ts";
import { SqliteVerdictCache } from "./verdict-cache.ts";

/** By whom the index in this file was made, and how; undefined when there is none that can be read, or it is of another version and is made anew when it is opened. Changes nothing. */
export async function indexTagIn(file: string): Promise<string | undefined> {
  if (!(await stat(file).catch(() => undefined))) return undefined;
  const database = new Database(file, { synchronous: "NORMAL", patience: DEFAULT_PATIENCE });
  try {
    return await database.ask(() => {
      const [version, made] = [database.get("PRAGMA user_version"), database.get("SELECT tag FROM made_by")];
      return made !== undefined && version?.["user_version"] === INDEX_SCHEMA_VERSION ? textAt(made, "tag") : undefined;
    });
  } catch {
    return undefined;
  } finally {
    database.close();
  }
}

/** The way to the index for questions that may take so many milliseconds of a processor: whoever opens it has the file open himself. AppErrors as of `openIndex`. */
export async function openLane(
  file: string,
  { tag, patience = DEFAULT_PATIENCE, longest }: { readonly tag: string; readonly patience?: number; readonly longest: number },
): Promise<{ readonly index: ResourceSearch & { readonly cost: number }; close(): Promise<void> }> {
  const index = new SqliteIndex(await IndexFile.open(file, { tag, patience }), longest);
  return { index, close: () => index.close() };
}

/** What the index's file gives. */
export interface OpenedIndex {
  readonly index: IndexPort;
  readonly verdicts: VerdictCache;
  close(): Promise<void>;
}

/**
 * Opens the file of what is derived, and makes it when there is none. Readable by its owner alone: it holds patient data. It belongs to no backup.
 *
 * @param tag by which version of the indexer and under which settings it is made; an index that was made otherwise is emptied
 * @throws AppError `unsupported` for a file of another program; `unavailable`
 */
export async function openIndex(
  file: string,
  { tag, patience = DEFAULT_PATIENCE }: { readonly tag: string; readonly patience?: number },
): Promise<OpenedIndex> {
  const opened = await IndexFile.open(file, { tag, patience });
  const index = new SqliteIndex(opened);
  // On a connection of its own that does not wait: a lost verdict is found again.
  const database = new Database(file, { synchronous: "NORMAL", patience: 0 });
  return {
    index,
    verdicts: new SqliteVerdictCache(database),
    close: async () => {
      database.close();
      await index.close();
    },
  };
}
