/** What somebody may know by now of resources that they were told of before: rights, consents and labels change, and documents are erased. */
import type { Asked } from "../core/asked.ts";
import { erasuresOf } from "../pipeline/erasures.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { Access } from "../security/access.ts";
import { isGone, type Deciding } from "./deciding.ts";
import type { PlacedResource } from "./persons.ts";
import type { Scopes } from "./scopes.ts";

/** `known`: it may be told and read; `gone`: its document was erased; `withheld`: nothing of it may be told. */
export type Standing = "known" | "gone" | "withheld";

/** A resource, or all that is told of a document: by its id alone, whatever scopes cover. */
export type ToldBefore = PlacedResource | Pick<PlacedResource, "documentId">;

export interface StandingNeeds {
  readonly store: Pick<RecordStore, "claimed">;
  readonly access: Access;
  readonly deciding: Pick<Deciding, "mayKnow">;
  readonly scopes: Pick<Scopes, "covered">;
}

/** Of each of them, in their order. */
export async function standingOf(
  asked: Asked,
  wanted: readonly ToldBefore[],
  { store, access, deciding, scopes }: StandingNeeds,
): Promise<Standing[]> {
  const grant = await access.grantOf(asked);
  const ids = [...new Set(wanted.map(({ documentId }) => documentId))];
  const erased = await erasuresOf(ids, store);
  const living = ids.filter((id) => !erased.has(id));
  const may = living.length === 0 ? new Map<string, boolean>() : await deciding.mayKnow(grant, "read", living, isGone);
  const permitted = wanted.filter(({ documentId }) => may.get(documentId) === true);
  const placed = permitted.filter((one) => "path" in one);
  const covered = new Set<ToldBefore>([...permitted.filter((one) => !("path" in one)), ...(await scopes.covered(grant, placed, ["r", "s"]))]);
  return wanted.map((one) => (erased.has(one.documentId) ? "gone" : covered.has(one) ? "known" : "withheld"));
}
