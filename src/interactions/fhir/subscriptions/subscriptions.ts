/**
 * Subscriptions as resources: made, read, searched, changed and deleted by their owner, and seen by those who look after the service. What is not supported is refused by its element
 * (events/read-subscription.ts). docs/design/subscriptions.md.
 */
import { callerName, isKnown, type Asked, type Caller } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import { canonicalJson } from "../../../core/fhir/canonical.ts";
import { treeOf } from "../../../core/fhir/tree/tree.ts";
import { recovered } from "../../../events/back-off.ts";
import type { EventRows } from "../../../events/event-rows.ts";
import { readSubscription, needsHandshake, type ReadSubscription, type SubscriptionReading } from "../../../events/read-subscription.ts";
import { shownSubscription } from "../../../events/shown-subscription.ts";
import type { AskedSubscription, NewSubscription, SubscriptionRecords, SubscriptionVersion } from "../../../events/subscription-records.ts";
import type { HeldSubscription, SubscriptionStatus } from "../../../events/subscription.ts";
import { ANYTHING, every } from "../../../search/query/criterion.ts";
import { parseQuery } from "../../../search/query/parse-query.ts";
import { requireRight, requireScope, type Access } from "../../../security/access.ts";
import type { Knowledge } from "../../../core/fhir/r4/knowledge.ts";
import { notHere, receiveKept, requireVersion, type KeptOutcome, type KeptResources, type Receiving } from "../kept/kept-resources.ts";
import { findAmong, type Searchable } from "../search-definitions.ts";

export interface SubscriptionNeeds extends Pick<Receiving, "depositing"> {
  readonly access: Access;
  readonly subscriptionRecords: Pick<SubscriptionRecords, "all" | "changes" | "find" | "versions" | "enter" | "remove">;
  readonly knowledge: Knowledge;
  readonly fhirBase: string;
  readonly subscriptionReading: Omit<SubscriptionReading, "now" | "base">;
  readonly eventRows: Pick<EventRows, "counts" | "events" | "delivery" | "replace">;
  /** How many entries the log has. */
  logSize(): Promise<number>;
}

export interface SubscriptionInteractions extends KeptResources {
  readonly type: "Subscription";
  /** Those that the caller may read, as they stand now. */
  own(asked: Asked): Promise<readonly HeldSubscription[]>;
  /** One of them. AppErrors `not-found`, `gone` */
  held(asked: Asked, id: string): Promise<HeldSubscription>;
}

const LARGEST = 20_000;
/** Each is held against documents as they come, and told to somebody. */
export const MOST_OF_ONE_OWNER = 1_000;
/** Others may set something meanwhile, in this process or another: then it is counted anew, so many times. */
const ATTEMPTS = 40;
/** All of them are read whenever one is: whoever changes one for ever is to make another. */
export const MOST_VERSIONS = 500;
const TYPE = "Subscription";

/** Whether somebody is the one who made it: the same person or system, by the same client. */
export function isOwner(caller: Caller, owner: Caller): boolean {
  if (!isKnown(caller) || !isKnown(owner)) return caller.kind === owner.kind && caller.kind === "unauthenticated";
  return caller.kind === owner.kind && caller.issuer === owner.issuer && caller.subject === owner.subject && caller.client === owner.client;
}

export function subscriptionInteractions(using: SubscriptionNeeds): SubscriptionInteractions {
  const { access, subscriptionRecords: records, depositing, knowledge, fhirBase, subscriptionReading } = using;
  const { definitions, terminology } = knowledge;
  const { parameters } = subscriptionReading;
  const { among } = findAmong(knowledge, parameters);
  const reading = (): SubscriptionReading => ({ ...subscriptionReading, base: fhirBase, now: new Date() });
  const parsed = (given: readonly (readonly [string, string])[], handling: "strict" | "lenient"): ReturnType<typeof parseQuery> =>
    parseQuery(TYPE, given, handling, { definitions, terminology, parameters, base: fhirBase, now: new Date() });
  const searchable = new WeakMap<HeldSubscription, Searchable>();
  const searchableOf = (held: HeldSubscription): Searchable => {
    const known = searchable.get(held) ?? { type: TYPE, id: held.id, resource: held.shown, rows: new Map(), receivedAt: held.at };
    searchable.set(held, known);
    return known;
  };
  /** Of those given, the ones that the caller owns or looks after, and that scopes leave. */
  const visible = async (asked: Asked, rights: readonly ("r" | "s" | "u" | "d")[], all: readonly HeldSubscription[]): Promise<HeldSubscription[]> => {
    const grant = await access.grantOf(asked);
    const scoped = grant.scoped(TYPE, rights);
    // Whoever looks after the service ends what its owner does not, and changes nothing of it.
    const seesAll = grant.may("oversee") && !rights.includes("u");
    return all.filter((held) => {
      if (!seesAll && !isOwner(asked.caller, held.owner)) return false;
      if (scoped.kind === "all") return true;
      return scoped.parts.some(
        ({ query }) => query === undefined || among([searchableOf(held)], parsed([...new URLSearchParams(query)], "strict")).length > 0,
      );
    });
  };
  /** Every version of one that the caller may have; which of them is asked about is the last that is not a deletion. AppError `not-found` */
  const versionsOf = async (
    asked: Asked,
    id: string,
    right: "r" | "u" | "d",
  ): Promise<{ readonly all: readonly SubscriptionVersion[]; readonly last: HeldSubscription; readonly isDeleted: boolean }> => {
    const all = await records.versions(id);
    const last = all.findLast(({ held }) => held !== undefined)?.held;
    if (!last || (await visible(asked, [right], [last])).length === 0) throw notHere(TYPE, id);
    return { all, last, isDeleted: all.at(-1)?.held === undefined };
  };
  const received = async (
    sent: Parameters<typeof receiveKept>[0],
    id: string | undefined,
  ): Promise<KeptOutcome & { readonly read?: Extract<ReadSubscription, { readonly kind: "read" }> }> => {
    const { resource, ...outcome } = await receiveKept(sent, { type: TYPE, id, largest: LARGEST }, { depositing, definitions });
    if (!resource) return outcome;
    const read = readSubscription(resource, reading());
    return read.kind === "refused" ? { ...outcome, kind: "invalid", issues: [...outcome.issues, ...read.issues] } : { ...outcome, read };
  };

  let last: Promise<unknown> = Promise.resolve();
  /** Enters one of an owner who has not too many: one after the other here, and nowhere upon what does not stand any more. AppError `too-costly`, `unavailable` */
  const enterOneMore = (entered: NewSubscription, asked: Asked): Promise<HeldSubscription> => {
    const enter = async (attempt = 1): Promise<HeldSubscription> => {
      const changes = await records.changes();
      const mine = (await records.all()).filter(({ owner }) => isOwner(asked.caller, owner));
      if (mine.length >= MOST_OF_ONE_OWNER)
        throw new AppError("too-costly", `You have ${mine.length} subscriptions, which is the most: delete one of them.`);
      try {
        return await records.enter({ id: depositing.newId(), expected: "absent", changes, ...entered }, asked);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "conflict") throw error;
        if (attempt >= ATTEMPTS) throw new AppError("unavailable", "Others were quicker too often: try again.", { cause: error });
        return enter(attempt + 1);
      }
    };
    const entering = last.then(() => enter());
    last = entering.catch(() => undefined);
    return entering;
  };

  return {
    type: TYPE,
    documented: [
      {
        code: "create",
        documentation:
          "R4's own form (criteria is a search upon what stands in documents) and topics of the R5 Subscriptions Backport 1.1.0, by rest-hook, websocket and message. What is not supported is refused with its element. channel.header is kept encrypted and never shown.",
      },
      {
        code: "update",
        documentation:
          "By its owner: a new version, which also begins anew after an error (status requested). channel.header that is left out stays as it was while the endpoint does. No id is given by a client.",
      },
      { code: "delete", documentation: "By its owner, or whoever looks after the service. Its versions and its events stay." },
    ],
    create: async (asked, sent) => {
      await requireRight(access, asked, "subscribe");
      await requireScope(access, asked, TYPE, ["c"]);
      const { read, ...outcome } = await received(sent, undefined);
      if (!read) return outcome;
      if (read.status === "active") throw statusRefused();
      const entered = { ...read.asked, ...ownedBy(asked), status: begun(read.asked, read.status), from: await using.logSize() };
      const held = await enterOneMore(entered, asked);
      const { id, version, at } = note(asked, held);
      return { ...outcome, id, version, at };
    },
    update: async (asked, id, { expected, ...sent }) => {
      await requireRight(access, asked, "subscribe");
      await requireScope(access, asked, TYPE, ["u"]);
      const { last, isDeleted } = await versionsOf(asked, id, "u");
      if (isDeleted) throw deleted(id);
      const { read, ...outcome } = await received(sent, id);
      if (!read) return outcome;
      const wanted = withHeadersOf(last, read.asked);
      const isSame = isTheSame(wanted, last) && isAskedAlike(asked, last);
      // Whoever sends it again, because no answer came, has what was wanted.
      const status = isSame && last.status === "active" && read.status !== "off" ? "active" : begun(wanted, read.status);
      if (isSame && status === last.status) {
        note(asked, last);
        return { ...outcome, kind: "repeated", id, version: last.version, at: last.at };
      }
      requireVersion(TYPE, id, last, expected);
      if (last.version >= MOST_VERSIONS)
        throw new AppError("too-costly", `Subscription/${id} has ${last.version} versions, which is the most: delete it, and make another.`);
      const entered = { ...wanted, ...ownedBy(asked), status, from: last.from };
      const { version, at } = note(asked, await records.enter({ id, expected: last.version, ...entered }, asked));
      return { ...outcome, kind: "repeated", id, version, at };
    },
    remove: async (asked, id, expected) => {
      await requireScope(access, asked, TYPE, ["d"]);
      const { last, isDeleted } = await versionsOf(asked, id, "d");
      // Deleted is what was wanted.
      note(asked, last);
      if (isDeleted) return;
      requireVersion(TYPE, id, last, expected);
      await records.remove(id, last.version, asked);
      // Nobody waits for its receiver any more: whoever looks for what is wrong is not told of it for ever.
      const row = await using.eventRows.delivery(id);
      if (row?.failingSince !== undefined) await using.eventRows.replace(recovered(row), row.revision);
    },
    versions: async (asked, id) => {
      await requireScope(access, asked, TYPE, ["r"]);
      const { all, last } = await versionsOf(asked, id, "r");
      note(asked, last);
      return all.map(({ version, at, held }) => ({ version, at, ...(held && { resource: held.shown }) }));
    },
    find: async (asked, { parameters: given, handling, compartment, isAlone, also = ANYTHING }) => {
      if (isAlone) await requireScope(access, asked, TYPE, ["s"]);
      // They are in nobody's compartment (R4 compartmentdefinition).
      if (compartment) return [];
      const query = parsed(given, handling);
      const mine = await visible(asked, ["s"], await records.all());
      const types = query.types.map(({ type, criterion }) => ({ type, criterion: every([criterion, also]) }));
      const found = among(mine.map(searchableOf), { ...query, types });
      const shown = new Set(found.map(({ id }) => id));
      for (const one of mine) if (shown.has(one.id)) note(asked, one);
      return found;
    },
    own: async (asked) => {
      await requireScope(access, asked, TYPE, ["r"]);
      return visible(asked, ["r"], await records.all());
    },
    held: async (asked, id) => {
      await requireScope(access, asked, TYPE, ["r"]);
      const living = await records.find(id);
      if (living && (await visible(asked, ["r"], [living])).length > 0) return living;
      const { last, isDeleted } = await versionsOf(asked, id, "r");
      if (isDeleted) throw deleted(id);
      return last;
    },
  };
}

/** For the audit trail. */
function note(asked: Asked, held: HeldSubscription): HeldSubscription {
  asked.noted?.resource(`${TYPE}/${held.id}/_history/${held.version}`);
  return held;
}

function deleted(id: string): AppError {
  return new AppError("gone", `Subscription/${id} was deleted. Make another.`);
}

function statusRefused(): AppError {
  return new AppError(
    "invalid",
    "A subscription begins with the status requested or off: active is what we say of it (R4 subscription-definitions.html, status).",
  );
}

/** Its status when it begins, or begins anew. */
function begun(asked: AskedSubscription, wanted: SubscriptionStatus): SubscriptionStatus {
  if (wanted === "off") return "off";
  return needsHandshake(asked) ? "requested" : "active";
}

function ownedBy({ caller, purpose }: Asked): Pick<HeldSubscription, "owner" | "purpose"> {
  return { owner: caller, ...(purpose !== undefined && { purpose }) };
}

/** Headers are not shown: whoever sends back what they read would lose them. They go where they went, and nowhere else. */
function withHeadersOf({ channel: before }: HeldSubscription, asked: AskedSubscription): AskedSubscription {
  const { channel } = asked;
  if (channel.headers.length > 0 || channel.endpoint !== before.endpoint || channel.type !== before.type) return asked;
  return { ...asked, channel: { ...channel, headers: before.headers } };
}

/** Whether the same was proved, for the same purpose: by what was proved last it is decided what may be told. */
function isAskedAlike({ glass: _, ...asked }: Asked, { owner, purpose }: HeldSubscription): boolean {
  return callerName(asked) === callerName({ ...asked, caller: owner }) && asked.purpose === purpose;
}

function isTheSame({ resource, ...asked }: AskedSubscription, last: HeldSubscription): boolean {
  const shown = shownSubscription(resource, { ...last, error: last.shown.string("error") });
  const told = (one: Omit<AskedSubscription, "resource">): string => canonicalJson(treeOf({ headers: one.channel.headers }));
  return canonicalJson(shown) === canonicalJson(last.shown) && told(asked) === told(last);
}
