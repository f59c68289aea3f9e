/** What the owner of a subscription may know of now. A part of the composition root. */
import type { Asked, Caller } from "../core/asked.ts";
import type { MatchingFollowerOptions } from "../events/matching-follower.ts";
import type { HeldSubscription, OwnerNow } from "../events/subscription.ts";
import { isGone, type Deciding } from "../reader/deciding.ts";
import { createScopes, type ScopesNeeds } from "../reader/scopes.ts";
import { isPersonId } from "../search/derived/person.ts";
import { isQueryFault } from "../search/query/query-fault.ts";
import { pathOf } from "../search/query/resource-id.ts";

/** Nothing is noted for the audit trail: nothing is shown to anybody. */
function askedByOwner(caller: Caller, { purpose }: HeldSubscription): Asked {
  return { caller, channel: "program", requestId: "matching", ...(purpose !== undefined && { purpose }) };
}

/** As a search of the owner's would find it: the document by his rights, and each resource by his scopes. Of an erased document nothing is left to decide by but whether he may know of everything. */
export function ownerKnows(using: ScopesNeeds & Pick<Deciding, "mayKnow"> & { readonly ownerNow: OwnerNow }): MatchingFollowerOptions["mayKnow"] {
  const scopes = createScopes(using);
  return async (subscription, { documentId, kind, foci }) => {
    const owner = await using.ownerNow(subscription.owner);
    if (!owner) return new Set();
    const grant = await using.access.grantOf(askedByOwner(owner, subscription));
    // Whoever may not subscribe any more is told nothing more.
    if (!grant.may("subscribe")) return new Set();
    if ((await using.mayKnow(grant, "find", [documentId], isGone)).get(documentId) !== true) return new Set();
    const parts = foci.flatMap((focus) => {
      const [type = "", id = ""] = focus.split("/");
      const place = isPersonId(id) ? { documentId, path: id } : pathOf(id);
      return place ? [{ focus, type, ...place }] : [];
    });
    // What was erased is in no index by which a scope could be answered.
    const covered =
      kind === "erased"
        ? parts.filter(({ type }) => grant.scoped(type, ["r", "s"]).kind === "all")
        : // A scope that narrows by what nobody understands leaves nothing, and holds up nobody else's events.
          await scopes.covered(grant, parts, ["r", "s"]).catch((error: unknown) => {
            if (isQueryFault(error)) return [];
            throw error;
          });
    return new Set(covered.map(({ focus }) => focus));
  };
}
