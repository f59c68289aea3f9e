/** Numbers of events are given once and without a gap, whatever engine keeps them: while several instances match at once, and while each of them fails and dies at any step. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../src/core/errors.ts";
import type { EventRows, SubscriptionEvent } from "../../src/events/event-rows.ts";
import type { DocumentSource } from "../../src/events/happened.ts";
import { MatchingFollower, type AboutDocument } from "../../src/events/matching-follower.ts";
import type { HeldSubscription } from "../../src/events/subscription.ts";
import type { FollowerPositions } from "../../src/followers/position-port.ts";
import type { LogEntry } from "../../src/pipeline/store/record-store.ts";
import type { IndexedResource } from "../../src/search/resource-index.ts";
import { until } from "../journeys/program.ts";
import { CONTEXT, search, subscription } from "../events/arrived.ts";
import { newDocument } from "./indexed.ts";
import { Random } from "./random.ts";

export interface EventsPlace {
  open(): Promise<{ readonly rows: EventRows; readonly positions: FollowerPositions }>;
  close(): Promise<void>;
}

const AT = "2026-03-14T12:00:00.000Z";
const CODES = ["a", "b", "c", "d", "e"];
const STRANGER = {
  kind: "person",
  issuer: "https://i.example",
  subject: "stranger",
  name: "Stranger",
  roles: [],
  organisations: [],
  clearance: [],
} as const;

const entryAt = (index: number, over: Partial<LogEntry> = {}): LogEntry => ({
  ...{ index, treeSize: index + 1, id: documentAt(index), kind: "deposit", receivedAt: AT, leaf: new Uint8Array(), contentBytes: 1 },
  ...over,
});

function documentAt(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
}

/** A log of documents with some Encounters, each of one class: a type that documents begin with, so that nothing else of them is asked for. */
class Log {
  readonly entries: LogEntry[] = [];
  readonly classes = new Map<string, readonly string[]>();
  readonly supersedes = new Map<string, string>();

  grow(random: Random, count: number): void {
    for (let at = 0; at < count; at++) {
      const index = this.entries.length;
      const earlier = this.entries.filter(({ kind }) => kind === "deposit");
      const other = earlier.length > 0 && random.chance(25) ? random.one(earlier).id : undefined;
      if (other !== undefined && random.chance(40)) this.entries.push(entryAt(index, { kind: "erasure", documentId: other }));
      else if (random.chance(10)) this.entries.push(entryAt(index, { kind: "setting" }));
      else {
        const entry = entryAt(index);
        this.entries.push(entry);
        this.classes.set(
          entry.id,
          random.many(random.below(4), () => random.one(CODES)),
        );
        if (other !== undefined) this.supersedes.set(entry.id, other);
      }
    }
  }

  get source(): DocumentSource {
    const resourcesOf = (id: string): IndexedResource[] => [
      { place: 2 ** 20 - 2, type: "DocumentReference", path: "", rows: [{ kind: "word", name: "status", value: "current", part: 0 }] },
      ...(this.classes.get(id) ?? []).map((value, at): IndexedResource => ({
        ...{ place: at + 1, type: "Encounter", path: String(at + 1) },
        rows: [{ kind: "word", name: "class", value, part: 0 }],
      })),
    ];
    return {
      described: ({ id, index }) => {
        const { summary } = newDocument({ from: index, summary: { id, status: index % 7 === 0 ? "entered-in-error" : "final" } });
        return Promise.resolve({ summary, header: resourcesOf(id) });
      },
      rest: () => Promise.resolve([]),
      entry: (id) => Promise.resolve(this.entries.find((entry) => entry.id === id)),
      relations: ({ id }) => {
        const target = this.supersedes.get(id);
        const targets = target === undefined ? [] : [newDocument({ from: 0, summary: { id: target } })];
        return Promise.resolve({ targets, isSuperseded: false });
      },
    };
  }
}

/** What each is to be told, worked out by itself. */
function expected(log: Log, one: HeldSubscription): string[] {
  return log.entries.flatMap(({ index, id, kind, documentId }) => {
    if (index < one.from || one.status === "off") return [];
    const { wanted } = one;
    const told = (what: string, focus: string): string => `${index} ${what} ${focus}`;
    if (kind === "erasure")
      return wanted.kind === "topic" && wanted.topic === "erased" && !isSecret(documentId ?? "", one)
        ? [told("erased", `DocumentReference/${documentId ?? ""}`)]
        : [];
    if (kind !== "deposit") return [];
    if (wanted.kind === "search" && isSecret(id, one)) return [];
    if (wanted.kind === "search")
      return (log.classes.get(id) ?? []).flatMap((code, at) =>
        wanted.query === `class=${code}` ? [told("deposited", `Encounter/${id}.${at + 1}`)] : [],
      );
    const target = log.supersedes.get(id);
    const happened =
      wanted.topic === "deposited" || (wanted.topic === "retracted" && index % 7 === 0) ? id : wanted.topic === "superseded" ? target : undefined;
    return happened === undefined || isSecret(happened, one) ? [] : [told(wanted.topic, `DocumentReference/${happened}`)];
  });
}

/** The stranger may know of every other document. */
function isSecret(id: string, { owner }: Pick<HeldSubscription, "owner">): boolean {
  return owner.kind === "person" && Number(id.slice(-1)) % 2 === 1;
}

const TOPICS = ["deposited", "superseded", "retracted", "erased"] as const;

function subscriptions(random: Random): HeldSubscription[] {
  const searches = CODES.map((code) => search(`Encounter?class=${code}`, { from: random.below(10) }));
  const topics = TOPICS.map((topic) => subscription({ kind: "topic", topic, filters: [] }));
  const strange = [...searches.slice(0, 2), ...topics].map((one) => ({ ...subscription(one.wanted, { from: one.from }), owner: STRANGER }));
  return [...searches, ...topics, ...strange, search("Encounter?class=a", { status: "off" })];
}

export function describeMatching(name: string, open: () => Promise<EventsPlace>): void {
  describe(`matching upon ${name}`, () => {
    let place: EventsPlace;
    beforeEach(async () => {
      place = await open();
    });
    afterEach(() => place.close());

    test.each([1, 2])("several instances that fail and die give each event one number, in order, without a gap (seed %i)", async (seed) => {
      const random = new Random(seed);
      const log = new Log();
      log.grow(random, 20);
      const all = subscriptions(random);
      let trouble = 0;
      /** Fails before or after what it does, as a process that dies does. */
      const failing = async <Result>(work: () => Promise<Result>, percent = 7): Promise<Result> => {
        const [before, after] = [random.chance(percent), random.chance(percent)];
        trouble += Number(before || after);
        if (before) throw new AppError("unavailable", "it died before");
        const result = await work();
        if (after) throw new AppError("unavailable", "it died after");
        return result;
      };
      const start = async (): Promise<MatchingFollower> => {
        const { rows, positions } = await place.open();
        const follower = new MatchingFollower({
          rows: { counts: (ids) => rows.counts(ids), append: (events) => failing(() => rows.append(events)) },
          positions: {
            read: (of) => positions.read(of),
            begin: (of, at) => positions.begin(of, at),
            release: (of, holder) => positions.release(of, holder),
            // Each believes that it is its turn, now and then: clocks differ, and processes stop for a while.
            lease: async (of, holder, lease) => (await positions.lease(of, holder, lease)) || random.chance(50),
            move: (of, holder, step) => failing(() => positions.move(of, holder, step)),
          },
          log: {
            size: () => Promise.resolve(log.entries.length),
            entries: (from, count) => Promise.resolve(log.entries.slice(from, from + Math.min(count, 7))),
          },
          subscriptions: { all: () => Promise.resolve(all), changes: () => Promise.resolve(1) },
          source: log.source,
          context: CONTEXT,
          mayKnow: (one, about) => failing(() => Promise.resolve(known(one, about)), 1),
          onEvents: () => undefined,
          onFault: () => undefined,
          poll: 5,
        });
        follower.start();
        return follower;
      };
      const running = await Promise.all([start(), start(), start()]);
      for (let round = 0; round < 4; round++) {
        log.grow(random, 10);
        for (const one of running) one.wake();
        await sleep(20);
        // One of them dies, and another begins.
        await running.shift()?.close();
        running.push(await start());
      }
      const { rows, positions } = await place.open();
      await until(async () => (await positions.read("matching"))?.position === log.entries.length, 10);
      await Promise.all(running.map((one) => one.close()));
      expect(trouble).toBeGreaterThan(3);
      for (const one of all) {
        const events = await rows.events(one.id, { from: 1, to: 1_000_000 });
        expect(events.map(({ number }) => number)).toEqual(events.map((_, at) => at + 1));
        expect([one.wanted, one.owner.kind, events.map(toldOf)]).toEqual([one.wanted, one.owner.kind, expected(log, one)]);
      }
    });

    test("one that begins late matches what was entered since each subscription was created, and what superseded a document is named to whoever may know", async () => {
      const random = new Random(9);
      const log = new Log();
      log.grow(random, 80);
      const all = subscriptions(random);
      const { rows, positions } = await place.open();
      const told = new Set<string>();
      const follower = new MatchingFollower({
        ...{ rows, positions, source: log.source, context: CONTEXT, poll: 5 },
        log: { size: () => Promise.resolve(log.entries.length), entries: (from, count) => Promise.resolve(log.entries.slice(from, from + count)) },
        subscriptions: { all: () => Promise.resolve(all), changes: () => Promise.resolve(1) },
        mayKnow: (one, about) => Promise.resolve(known(one, about)),
        onEvents: (ids) => ids.forEach((id) => told.add(id)),
        onFault: (error) => {
          throw error;
        },
      });
      follower.start();
      await until(async () => (await positions.read("matching"))?.position === log.entries.length, 10);
      await follower.close();
      for (const one of all) expect((await rows.events(one.id, { from: 1, to: 1_000 })).map(toldOf)).toEqual(expected(log, one));
      expect(told).toEqual(new Set(all.filter((one) => expected(log, one).length > 0).map(({ id }) => id)));
      const superseded = await Promise.all(
        all
          .filter(({ wanted }) => wanted.kind === "topic" && wanted.topic === "superseded")
          .map(async ({ id, owner }) =>
            (await rows.events(id, { from: 1, to: 1_000 })).map(({ position, focus }) => [focus.length, !isSecret(documentAt(position), { owner })]),
          ),
      );
      expect(superseded.flat().length).toBeGreaterThan(5);
      for (const [count, isKnown] of superseded.flat()) expect(count).toBe(isKnown === true ? 2 : 1);
    });
  });
}

function known({ owner }: HeldSubscription, { documentId, foci }: AboutDocument): ReadonlySet<string> {
  return new Set(isSecret(documentId, { owner }) ? [] : foci);
}

function toldOf({ position, kind, focus: [focus = ""] }: SubscriptionEvent): string {
  return `${position} ${kind} ${focus}`;
}
