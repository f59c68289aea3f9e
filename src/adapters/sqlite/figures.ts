import { stat } from "node:fs/promises";
import type { EngineFigures, IndexFigures } from "../../pipeline/store/figures.ts";
import { endOf } from "../../search/resource-number.ts";
import { Database, DEFAULT_PATIENCE } from "./database.ts";
import { currentGeneration } from "./index-generations.ts";
import { tablesOf } from "./index-schema.ts";
import { resourceTablesOf } from "./resource-schema.ts";
import { integerAt } from "./rows.ts";

/** Documents of which the resources are counted, to tell about how many there are of all. */
const SAMPLE = 200;

export async function figuresOf(recordFile: string, indexFile: string): Promise<EngineFigures> {
  const files = [
    ["record", recordFile],
    ["record's write-ahead log", `${recordFile}-wal`],
    ["index", indexFile],
    ["index's write-ahead log", `${indexFile}-wal`],
  ] as const;
  const bytes = await Promise.all(files.map(async ([what, file]) => ({ what, bytes: (await stat(file).catch(() => undefined))?.size ?? 0 })));
  return { bytes, index: (await stat(indexFile).catch(() => undefined)) && (await indexFigures(indexFile)) };
}

/** Undefined for a file that is no index of ours. */
async function indexFigures(file: string): Promise<IndexFigures | undefined> {
  const database = new Database(file, { synchronous: "NORMAL", patience: DEFAULT_PATIENCE });
  try {
    return await database.ask(() => {
      const generation = currentGeneration(database);
      const row = database.get("SELECT size, depth FROM generations WHERE number = ?", generation) ?? {};
      const [size, depth] = [integerAt(row, "size"), integerAt(row, "depth")];
      const { documents } = tablesOf(generation);
      const { resources } = resourceTablesOf(generation);
      // Counted along the smallest of its indexes.
      const count = integerAt(database.get(`SELECT count(*) AS n FROM ${documents}`) ?? {}, "n");
      const places = [...new Set(Array.from({ length: SAMPLE }, (_, at) => Math.floor((at * depth) / SAMPLE)))];
      const own = `SELECT count(*) AS n FROM ${resources} WHERE number >= ? AND number < ?`;
      const sampled = places.reduce((sum, place) => sum + integerAt(database.get(own, endOf(place), endOf(place + 1)) ?? {}, "n"), 0);
      return { size, depth, documents: count, resources: depth === 0 ? 0 : Math.round((sampled * depth) / places.length) };
    });
  } catch {
    return undefined;
  } finally {
    database.close();
  }
}
