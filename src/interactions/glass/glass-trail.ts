import type { Asked } from "../../core/asked.ts";
import type { NewTrailEvent } from "../../core/formats/audit-trail.ts";
import { BREAK_GLASS, type BrokenGlass, type GlassReason } from "../../security/glass/broken-glass.ts";
import { actorOf } from "../../security/trail/notes.ts";

/** From where somebody asks, for the audit. */
export type Whence = NonNullable<NewTrailEvent["from"]>;

/** What the audit trail keeps of glass that somebody breaks. */
export function startedEvent({ id, from, until, about, reason, text }: BrokenGlass, asked: Asked, whence: Whence): NewTrailEvent {
  return {
    ...{ at: from, kind: "emergency", action: "E", outcome: 0, who: actorOf(asked.caller), from: whence },
    ...{ patient: about, purpose: BREAK_GLASS, text: `glass ${id}, until ${until}: ${reason}: ${text}; request ${asked.requestId}` },
  };
}

/** The same of glass that they wanted to break, and of whom they were told that nothing lies behind it. */
export function missedEvent(
  { named, reason, text }: { readonly named: string; readonly reason: GlassReason; readonly text: string },
  asked: Asked,
  whence: Whence,
): NewTrailEvent {
  return {
    ...{ at: new Date().toISOString(), kind: "emergency", action: "E", outcome: 4, who: actorOf(asked.caller), from: whence },
    ...{ reason: `nothing lies behind glass of ${named}`, purpose: BREAK_GLASS, text: `${reason}: ${text}; request ${asked.requestId}` },
  };
}

/** `never`: what was told of it stands, and it opened nothing. */
type GlassEnd = { readonly at: string; readonly by: NonNullable<BrokenGlass["ended"]>["by"] | "never" };

const ENDS: Readonly<Record<GlassEnd["by"], string>> = {
  person: "the person ended it",
  time: "its time was over",
  never: "it was not opened: the same person opened others in the meantime",
};

/** The same of glass that is whole again. */
export function stoppedEvent({ id, person, about }: BrokenGlass, { at, by }: GlassEnd, whence?: Whence): NewTrailEvent {
  const { issuer, subject, name, roles, organisations } = person;
  return {
    ...{ at, kind: "emergency-over", action: "E", outcome: 0 },
    who: { kind: "person", ...{ issuer, subject, name, roles, organisations } },
    ...(whence && { from: whence }),
    ...{ patient: about, purpose: BREAK_GLASS, text: `glass ${id}: ${ENDS[by]}` },
  };
}
