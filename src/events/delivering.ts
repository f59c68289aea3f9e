/**
 * Sends what subscriptions have: for each in order, one notification at a time, many subscriptions at once. At least once, and nothing left out: the position moves when a receiver took what was sent, and an event that waits has its
 * number already. Of several processes each serves the parts that it has leases upon (shards.ts).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { FollowerPositions } from "../followers/position-port.ts";
import type { Callbacks } from "./callbacks.ts";
import { Courses, type Course } from "./course.ts";
import { failed, isGivenUp, recovered, type Failure } from "./back-off.ts";
import { isDue, isOver, isServed, isSilent, orphansAmong, ownerOf } from "./due.ts";
import type { EventRows } from "./event-rows.ts";
import type { Preparing } from "./prepared.ts";
import { Shards } from "./shards.ts";
import { OWNER_GONE, type OwnerNow } from "./subscription.ts";
import type { SubscriptionRecords } from "./subscription-records.ts";
import { Telling, type DeliveringFigures } from "./telling.ts";

export interface DeliveringNeeds {
  readonly records: Pick<SubscriptionRecords, "all" | "find" | "setStatus">;
  readonly rows: Pick<EventRows, "counts" | "events" | "delivery" | "begin" | "replaceAll">;
  readonly positions: Pick<FollowerPositions, "begin" | "lease" | "release">;
  /** Of this process, unique among all. */
  readonly holder: string;
  readonly preparing: Preparing;
  readonly ownerNow: OwnerNow;
  readonly callbacks: Pick<Callbacks, "call">;
  /** Told what fails here, not what receivers do. */
  onFault(error: unknown): void;
  /** How often it looks for what other processes matched, in milliseconds. */
  readonly poll?: number;
}

const POLL = 500;
/** Receivers that are served at once, and of those some that did not take the last one: whoever waits for them holds up nobody else. */
const AT_ONCE = 64;
const FAILING_AT_ONCE = 16;
/** Of one owner: slow receivers of theirs hold up nobody else. */
const OF_ONE_OWNER = 32;
/** For so long what failed here is left alone, twice as long each time, in milliseconds: each entry of the log wakes us. */
const FIRST_REST = 500;
const LONGEST_REST = 60_000;
/** Events after which a receiver lets others go first. */
const TURN = 500;
/** How often leases are looked at, in milliseconds, and while there are any that nobody holds. */
const LEASES = 3_000;
const FREE_LEASES = 200;

export class Delivering {
  readonly #needs: DeliveringNeeds;
  readonly #courses: Courses;
  readonly #shards: Shards;
  readonly #stopped = new AbortController();
  readonly #ready = new Set<Course>();
  readonly #serving = new Set<Promise<void>>();
  readonly #telling: Telling;
  #wakeUp: () => void = () => undefined;
  #wakes = 0;
  #running: Promise<void> | undefined;
  #nextLeases = -Infinity;
  /** When all are looked at again, and of which it was said meanwhile that they have more. */
  #nextLook = -Infinity;
  #told = new Set<string>();
  #failing = 0;
  /** Receivers that are served now, by owner. */
  readonly #ofOwner = new Map<string, number>();

  constructor(needs: DeliveringNeeds) {
    this.#needs = needs;
    this.#courses = new Courses(needs.rows, (error) => needs.onFault(error));
    this.#shards = new Shards(needs.positions, needs.holder);
    const failed = (course: Course, failure: Failure): Promise<void> => this.#fail(course, failure);
    this.#telling = new Telling({ ...needs, courses: this.#courses, stopped: this.#stopped.signal, failed });
  }

  get figures(): DeliveringFigures {
    return this.#telling.figures;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Says that there are new events, of these subscriptions where they are known, or that subscriptions were changed. Returns at once. */
  wake(subscriptions?: ReadonlySet<string>): void {
    this.#wakes++;
    if (subscriptions) for (const id of subscriptions) this.#told.add(id);
    else this.#nextLook = -Infinity;
    this.#wakeUp();
  }

  /** Lets end what is being sent, saves where receivers stand, and gives leases back. */
  async close(): Promise<void> {
    this.#stopped.abort();
    this.#wakeUp();
    await this.#running;
    await Promise.all(this.#serving);
    await this.#courses.close();
    await this.#shards.release();
  }

  async #run(): Promise<void> {
    const { onFault, poll = POLL } = this.#needs;
    while (!this.#stopped.signal.aborted) {
      const wakes = this.#wakes;
      const [told, isDueAll] = [[...this.#told], performance.now() >= this.#nextLook];
      this.#told.clear();
      if (isDueAll) this.#nextLook = performance.now() + poll;
      await (isDueAll ? this.#look() : this.#lookAt(told)).catch((error: unknown) => onFault(error));
      await this.#rest(poll, wakes);
    }
  }

  /** Waits for so long, or until it is woken after so many times. */
  async #rest(longest: number, wakes: number): Promise<void> {
    const awake = new AbortController();
    this.#wakeUp = () => awake.abort();
    if (this.#wakes > wakes || this.#stopped.signal.aborted) return;
    await sleep(longest, undefined, { ref: false, signal: awake.signal }).catch(() => undefined);
  }

  /** Finds whom there is something to tell. */
  async #look(): Promise<void> {
    const { records, rows } = this.#needs;
    const living = (await records.all()).filter(isServed);
    if (living.length > 0 && performance.now() > this.#nextLeases)
      this.#nextLeases = performance.now() + ((await this.#shards.look()) ? FREE_LEASES : LEASES);
    const ours = new Map(living.filter(({ id }) => this.#shards.isHeld(id)).map((one) => [one.id, one]));
    for (const { row, isBusy } of this.#courses.all()) if (!isBusy && !ours.has(row.subscription)) await this.#courses.leave(row.subscription);
    const counts = ours.size === 0 ? new Map<string, { readonly count: number }>() : await rows.counts([...ours.keys()]);
    const orphans = await orphansAmong([...ours.values()], this.#needs.ownerNow);
    for (const [id, subscription] of ours) {
      const course = this.#courses.known(subscription) ?? (await this.#courses.open(subscription));
      course.count = Math.max(course.count, counts.get(id)?.count ?? 0);
      if (!course.isBusy && (orphans.has(id) || isDue(course, Date.now()))) this.#ready.add(course);
    }
    this.#serveReady();
  }

  /** The same of a few, whatever else there is. Those that are not known here yet are found when all are looked at. */
  async #lookAt(ids: readonly string[]): Promise<void> {
    const ours = ids.flatMap((id) => (this.#shards.isHeld(id) ? (this.#courses.get(id) ?? []) : []));
    const counts = ours.length === 0 ? undefined : await this.#needs.rows.counts(ours.map(({ row }) => row.subscription));
    for (const course of ours) {
      course.count = Math.max(course.count, counts?.get(course.row.subscription)?.count ?? 0);
      if (!course.isBusy && isDue(course, Date.now())) this.#ready.add(course);
    }
    this.#serveReady();
  }

  #serveReady(): void {
    for (const course of this.#ready) {
      if (this.#serving.size >= AT_ONCE || this.#stopped.signal.aborted) return;
      const isFailing = course.row.failures > 0;
      const owner = ownerOf(course);
      const own = owner === undefined ? 0 : (this.#ofOwner.get(owner) ?? 0);
      if ((isFailing && this.#failing >= FAILING_AT_ONCE) || own >= OF_ONE_OWNER) continue;
      this.#ready.delete(course);
      course.isBusy = true;
      if (isFailing) this.#failing++;
      if (owner !== undefined) this.#ofOwner.set(owner, own + 1);
      const serving = this.#serve(course)
        // What failed here is no fault of the receiver: the next look finds it again.
        .then(() => {
          course.faults = 0;
          return isDue(course, Date.now()) && this.#courses.get(course.row.subscription) === course;
        })
        .catch((error: unknown) => {
          this.#needs.onFault(error);
          course.restsUntil = Date.now() + Math.min(FIRST_REST * 2 ** Math.min(course.faults++, 20), LONGEST_REST);
          return false;
        })
        .then((isDueAgain) => {
          course.isBusy = false;
          if (isFailing) this.#failing--;
          if (owner !== undefined) this.#left(owner);
          this.#serving.delete(serving);
          if (isDueAgain) this.#ready.add(course);
          this.#serveReady();
        });
      this.#serving.add(serving);
    }
  }

  #left(owner: string): void {
    const left = (this.#ofOwner.get(owner) ?? 1) - 1;
    if (left > 0) this.#ofOwner.set(owner, left);
    else this.#ofOwner.delete(owner);
  }

  async #serve(course: Course): Promise<void> {
    const { records } = this.#needs;
    const subscription = await records.find(course.row.subscription);
    if (!subscription || !isServed(subscription)) return this.#courses.leave(course.row.subscription);
    course.subscription = subscription;
    if (!(await this.#needs.ownerNow(subscription.owner))) return this.#orphan(course);
    if (isOver(subscription, Date.now())) return void (await records.setStatus(subscription, "off"));
    // Whoever changed it wants it tried anew, from where it stopped.
    if (course.row.version !== subscription.version) this.#courses.keep(course, { ...recovered(course.row), version: subscription.version });
    if (subscription.channel.type === "websocket" || course.row.notBefore > Date.now()) return;
    if (subscription.status === "requested") return this.#shakeHands(course);
    if (course.count > course.row.delivered) return this.#tellEvents(course);
    if (isSilent(course, Date.now())) await this.#telling.sign(course, "heartbeat");
  }

  async #shakeHands(course: Course): Promise<void> {
    const isTaken = await this.#telling.sign(course, "handshake");
    const active = isTaken ? await this.#needs.records.setStatus(course.subscription, "active") : undefined;
    if (!active) return;
    course.subscription = active;
    this.#courses.keep(course, { ...course.row, version: active.version });
    await this.#courses.save(course);
  }

  /** Until others wait for a turn. */
  async #tellEvents(course: Course): Promise<void> {
    const { id } = course.subscription;
    await this.#telling.events(course, (told) => {
      const isServedOn = told < TURN || this.#ready.size === 0;
      return isServedOn && !this.#stopped.signal.aborted && this.#shards.isHeld(id) && !isOver(course.subscription, Date.now());
    });
  }

  async #fail(course: Course, failure: Failure): Promise<void> {
    const isNew = course.subscription.status === "requested";
    this.#courses.keep(course, failed(course.row, failure));
    await this.#courses.save(course);
    if (isGivenUp(course.row, failure.now, isNew)) await this.#giveUp(course, isNew);
  }

  async #orphan(course: Course): Promise<void> {
    this.#courses.keep(course, failed(course.row, { now: Date.now(), reason: OWNER_GONE }));
    await this.#courses.save(course);
    await this.#needs.records.setStatus(course.subscription, "error", `${OWNER_GONE}.`);
  }

  async #giveUp(course: Course, isNew: boolean): Promise<void> {
    const { failures, lastFailure = "" } = course.row;
    const text = isNew ? "The handshake was not taken" : "Nothing was taken for three days";
    await this.#needs.records.setStatus(
      course.subscription,
      "error",
      `${text}: ${lastFailure} (attempts: ${failures}). Nothing is lost: change it, and it goes on.`,
    );
    this.wake();
  }
}
