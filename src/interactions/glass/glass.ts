/** Breaking the glass: who may, how it is asked for, and who is shown what was broken (docs/design/break-glass.md). */
import { randomUUID } from "node:crypto";
import { isKnown, type Asked, type Caller, type KnownCaller } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { NewTrailEvent } from "../../core/formats/audit-trail.ts";
import { uuidIn } from "../../core/formats/fields.ts";
import { everyOf, someOf, type Predicate } from "../../search/predicate.ts";
import { requireRight, requireTrail, type Access } from "../../security/access.ts";
import { documentsOf } from "../../security/consent/consent-book.ts";
import type { ConsentPatient } from "../../security/consent/consenting-persons.ts";
import {
  GLASS_REASONS,
  isOf,
  isOpenAt,
  LONGEST_REASON,
  SHORTEST_REASON,
  type BrokenGlass,
  type GlassReason,
} from "../../security/glass/broken-glass.ts";
import { mayBreakGlass } from "../../security/glass/through-glass.ts";
import { GLASS_MINUTES, type AccessPolicy } from "../../security/policy/access-policy.ts";
import { hasRight } from "../../security/policy/permitted.ts";
import type { GlassRecords } from "./glass-records.ts";
import { missedEvent, startedEvent, stoppedEvent, type Whence } from "./glass-trail.ts";

/** Whom somebody means: by an identifier of a system that is unique to a person, or by a document of theirs. */
export type NamedPatient = { readonly system: string; readonly value: string } | { readonly documentId: string };

/** A patient who was found by that; `about` as of `BrokenGlass`. */
export interface PatientBehind {
  readonly patient: ConsentPatient;
  readonly about: string;
}

/** What a person fills in, as it came. */
export interface GlassForm {
  readonly system: string;
  readonly value: string;
  /** A document's id, or an address with one. */
  readonly document: string;
  readonly reason: string;
  readonly text: string;
}

/** Why glass was not broken, in a word that the page has a sentence for. */
export type GlassFault = "who" | "reason" | "text" | "nothing" | "many";

/** What somebody wants to break it for. */
interface Wanted {
  readonly named: NamedPatient;
  readonly reason: GlassReason;
  readonly text: string;
}

export interface GlassNeeds {
  readonly policy: AccessPolicy;
  readonly records: GlassRecords;
  /** Written down when it resolves. */
  record(events: readonly NewTrailEvent[]): Promise<void>;
  /** Undefined when nobody is known by it. */
  patientBehind(named: NamedPatient): Promise<PatientBehind | undefined>;
  /** Whether there is a document within a predicate. */
  isAny(documents: Predicate): Promise<boolean>;
  /** Identifier systems that are unique to a person. */
  readonly systems: ReadonlySet<string>;
}

/** What is known of a caller before each of their requests. */
export interface GlassState {
  readonly mayBreak: boolean;
  readonly open: readonly BrokenGlass[];
}

export interface GlassInteractions {
  /** Asked of each request of a person's session. */
  stateOf(caller: KnownCaller): Promise<GlassState>;
  /** What the form offers. AppError `forbidden`. */
  offered(asked: Asked): Promise<{ readonly systems: readonly string[]; readonly minutes: number }>;
  /** Breaks it, or says what is missing. AppError `forbidden`. */
  breakIt(asked: Asked, form: GlassForm, whence: Whence): Promise<BrokenGlass | GlassFault>;
  /** Ends what the caller broke. AppErrors `forbidden`, `not-found`. */
  end(asked: Asked, id: string, whence: Whence): Promise<void>;
  /** All that was ever broken, the newest first, for whoever reads who saw what. AppError `forbidden`. */
  list(asked: Asked): Promise<readonly BrokenGlass[]>;
  /** Notes what ended by time, so that the trail tells of it. */
  closeOver(): Promise<void>;
}

/** So much glass of one person is open at once. */
const MOST_OPEN = 10;
/** So often it is decided anew when something was changed meanwhile. */
const ATTEMPTS = 40;

export function glassInteractions(using: GlassNeeds & { readonly access: Access }): GlassInteractions {
  const { policy, records, access } = using;
  const minutes = policy.breakGlass?.minutes ?? GLASS_MINUTES;
  const openOf = async (caller: KnownCaller): Promise<BrokenGlass[]> => ofPerson(await records.unended(), caller);
  const stateOf: GlassInteractions["stateOf"] = async (caller) => {
    const mayBreak = mayBreakGlass(caller) && hasRight(policy, { caller, purpose: undefined, ownPatient: undefined }, "break-glass");
    return { mayBreak, open: mayBreak ? await openOf(caller) : [] };
  };
  const breakFor = async (person: KnownCaller, { named, reason, text }: Wanted, asked: Asked, whence: Whence): Promise<BrokenGlass | GlassFault> => {
    const name = "documentId" in named ? named.documentId : named.value;
    const found = await behindGlass(named, asked, using);
    if (!found) {
      await using.record([missedEvent({ named: "documentId" in named ? name : `${named.system}|${name}`, reason, text }, asked, whence)]);
      return "nothing";
    }
    const now = new Date();
    const { issuer, subject, name: called, roles, organisations } = person;
    const glass: BrokenGlass = {
      ...{ id: randomUUID(), ...found, person: { issuer, subject, name: called, roles, organisations }, named: name, reason, text },
      ...("documentId" in named && { byDocument: true }),
      ...{ from: now.toISOString(), until: new Date(now.getTime() + minutes * 60_000).toISOString() },
    };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { changes, unended } = await records.standing();
      const open = ofPerson(unended, person);
      // Sent twice, it is broken once.
      const same = open.find((one) => one.about === found.about && one.reason === reason && one.text === text);
      if (same || open.length >= MOST_OPEN) {
        if (attempt > 0) await using.record([stoppedEvent(glass, { at: new Date().toISOString(), by: "never" }, whence)]);
        return same ?? "many";
      }
      // Told before it opens anything.
      if (attempt === 0) await using.record([startedEvent(glass, asked, whence)]);
      // Another instance may have been quicker, with glass of the same person.
      if (await records.enter(glass, asked, changes)) return glass;
    }
    throw new AppError("unavailable", "Others were quicker too often; try again.");
  };
  /** What each person is breaking now. */
  const breaking = new Map<string, Promise<unknown>>();
  /** One person's after each other, so that each knows what was broken a moment ago; nobody waits for another. */
  const inTurn = async <T>({ issuer, subject }: KnownCaller, work: () => Promise<T>): Promise<T> => {
    const name = JSON.stringify([issuer, subject]);
    const done = (breaking.get(name) ?? Promise.resolve()).catch(() => undefined).then(work);
    breaking.set(name, done);
    try {
      return await done;
    } finally {
      if (breaking.get(name) === done) breaking.delete(name);
    }
  };
  return {
    stateOf,
    offered: async (asked) => {
      await requirePerson(access, asked);
      return { systems: [...using.systems], minutes };
    },
    breakIt: async (asked, form, whence) => {
      const person = await requirePerson(access, asked);
      const named = namedIn(form, using.systems);
      const reason = GLASS_REASONS.find((one) => one === form.reason);
      const text = form.text.trim();
      if (!named) return "who";
      if (!reason) return "reason";
      if (text.length < SHORTEST_REASON || text.length > LONGEST_REASON) return "text";
      return inTurn(person, () => breakFor(person, { named, reason, text }, asked, whence));
    },
    end: async (asked, id, whence) => {
      const { caller } = asked;
      const glass = isKnown(caller) ? (await openOf(caller)).find((one) => one.id === id) : undefined;
      if (!glass) throw new AppError("not-found", "There is no glass of yours that is broken by this name.");
      const ended = { at: new Date().toISOString(), by: "person" } as const;
      if (await records.end(id, ended, asked)) await using.record([stoppedEvent(glass, ended, whence)]);
    },
    list: async (asked) => {
      await requireTrail(access, asked);
      return records.all();
    },
    closeOver: async () => {
      const now = new Date();
      const over = (await records.unended()).filter((glass) => !isOpenAt(glass, now));
      for (const glass of over) {
        const ended = { at: glass.until, by: "time" } as const;
        const asked: Asked = { caller: PROGRAM, channel: "program", requestId: "break-glass" };
        // Of several instances one notes it.
        if (await records.end(glass.id, ended, asked)) await using.record([stoppedEvent(glass, ended)]);
      }
    },
  };
}

/** What of it is one person's, and open now. */
function ofPerson(unended: readonly BrokenGlass[], caller: KnownCaller): BrokenGlass[] {
  const now = new Date();
  return unended.filter((glass) => isOf(glass, caller) && isOpenAt(glass, now));
}

const PROGRAM: Caller = { kind: "program", name: "break-glass" };

/** AppError `forbidden` for whoever may not, and for an app, whatever its person may. */
async function requirePerson(access: Access, asked: Asked): Promise<KnownCaller> {
  await requireRight(access, asked, "break-glass");
  const { caller } = asked;
  if (!isKnown(caller) || !mayBreakGlass(caller)) throw new AppError("forbidden", "Only a person who signed in here can break the glass.");
  return caller;
}

function namedIn({ system, value, document }: GlassForm, systems: GlassNeeds["systems"]): NamedPatient | undefined {
  const documentId = uuidIn(document);
  const identifier = value.trim();
  if (identifier !== "") return systems.has(system) ? { system, value: identifier } : undefined;
  return documentId === undefined ? undefined : { documentId };
}

/**
 * The patient, if the caller would be given anything of them. Else the answer is that of a patient whom nobody knows: who is known here, and of what nobody may be told even in an emergency, is not to be learnt by
 * trying.
 */
async function behindGlass(
  named: NamedPatient,
  asked: Asked,
  { access, patientBehind, isAny }: Pick<GlassNeeds, "patientBehind" | "isAny"> & { readonly access: Access },
): Promise<PatientBehind | undefined> {
  const [found, grant] = [await patientBehind(named), await access.grantOf(asked)];
  if (!found) return undefined;
  const given = someOf([grant.permitted, grant.behindGlass()]);
  return (await isAny(everyOf(documentsOf(found.patient), given))) ? found : undefined;
}
