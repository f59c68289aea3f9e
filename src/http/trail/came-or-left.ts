import { randomUUID } from "node:crypto";
import type { TrailEvent } from "../../core/formats/audit-trail.ts";
import { actorOf } from "../../security/trail/notes.ts";
import type { CameOrLeft } from "../access/door.ts";

/** What the audit trail keeps of somebody's session here: that it began by an issuer's word, or that the person ended it. */
export function sessionEvent({ what, caller, requestId, address }: CameOrLeft): TrailEvent {
  return {
    ...{ id: randomUUID(), at: new Date().toISOString(), kind: what, action: "E", outcome: 0, who: actorOf(caller) },
    ...(address !== "" && { from: { address } }),
    text: `by ${caller.issuer}; request ${requestId}`,
  };
}
