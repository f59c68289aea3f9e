import type { ClientSession, Collection, Db } from "mongodb";
import type { IndexRow, Shelf } from "./index-rows.ts";
import type { ResourceRow } from "./resource-rows.ts";

/** Where a question is asked. */
export interface AskedResources {
  readonly db: Db;
  readonly documents: Collection<IndexRow>;
  readonly rows: Collection<ResourceRow>;
  readonly session: ClientSession;
  readonly shelf: Shelf;
}
