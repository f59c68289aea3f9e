/** Where receivers stand: kept in memory while a process serves them, and saved behind what they take, so that one notification does not cost a wait for the disk. */
import { AppError } from "../core/errors.ts";
import type { Delivery, EventRows } from "./event-rows.ts";
import type { HeldSubscription } from "./subscription.ts";

/** A receiver that this process serves. */
export interface Course {
  subscription: HeldSubscription;
  row: Delivery;
  /** Events that there are, as far as it is known. */
  count: number;
  /** When something was sent last, in milliseconds since 1970. */
  lastSent: number;
  isBusy: boolean;
  isUnsaved: boolean;
  /** How often one after the other we failed here ourselves, and until when it is left alone for that, in milliseconds since 1970. */
  faults: number;
  restsUntil: number;
}

type Rows = Pick<EventRows, "begin" | "delivery" | "replaceAll">;

/** So long a position may wait for others to be saved with it, in milliseconds: what was taken since is sent again after a crash. */
const SAVED_AFTER = 100;

export class Courses {
  readonly #rows: Rows;
  readonly #onFault: (error: unknown) => void;
  readonly #byId = new Map<string, Course>();
  #saving: NodeJS.Timeout | undefined;
  #saved: Promise<void> = Promise.resolve();

  constructor(rows: Rows, onFault: (error: unknown) => void) {
    this.#rows = rows;
    this.#onFault = onFault;
  }

  get(id: string): Course | undefined {
    return this.#byId.get(id);
  }

  all(): Iterable<Course> {
    return this.#byId.values();
  }

  /** One that is served already, as its subscription stands. */
  known(subscription: HeldSubscription): Course | undefined {
    const known = this.#byId.get(subscription.id);
    if (known) known.subscription = subscription;
    return known;
  }

  /** The course of a subscription that is not served yet; begins one that nobody has served. */
  async open(subscription: HeldSubscription): Promise<Course> {
    const { id, version } = subscription;
    let row = await this.#rows.delivery(id);
    if (!row) {
      await this.#rows.begin({ subscription: id, delivered: 0, version, failures: 0, notBefore: 0 });
      row = await this.#rows.delivery(id);
    }
    if (!row) throw new AppError("internal", `the course of Subscription/${id} was begun, and is not there`);
    const course: Course = {
      subscription,
      row,
      count: row.delivered,
      lastSent: row.lastSuccess ?? Date.now(),
      isBusy: false,
      isUnsaved: false,
      faults: 0,
      restsUntil: 0,
    };
    this.#byId.set(id, course);
    return course;
  }

  /** Forgets one that is served elsewhere, or by nobody any more. */
  async leave(id: string): Promise<void> {
    const course = this.#byId.get(id);
    this.#byId.delete(id);
    if (course?.isUnsaved === true) await this.save(course);
  }

  /** Keeps how it stands now, soon. */
  keep(course: Course, row: Omit<Delivery, "revision">): void {
    course.row = { ...row, revision: course.row.revision };
    course.isUnsaved = true;
    this.#saving ??= setTimeout(() => void this.saveAll(), SAVED_AFTER);
  }

  /** Saves some now, together, behind what is being saved. Where another process moved one, too, the one that is further counts: both had it taken. */
  save(...courses: readonly Course[]): Promise<void> {
    this.#saved = this.#saved.then(() => this.#save(courses));
    return this.#saved;
  }

  async saveAll(): Promise<void> {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    const unsaved = [...this.#byId.values()].filter(({ isUnsaved }) => isUnsaved);
    if (unsaved.length > 0) await this.save(...unsaved);
  }

  /** Saves what is not saved, once. */
  async close(): Promise<void> {
    await this.saveAll();
    clearTimeout(this.#saving);
  }

  async #save(courses: readonly Course[]): Promise<void> {
    const saved = courses.flatMap((course) => (course.isUnsaved ? [{ course, row: course.row }] : []));
    if (saved.length === 0) return;
    for (const { course } of saved) course.isUnsaved = false;
    try {
      const late = await this.#rows.replaceAll(saved.map(({ row }) => row));
      for (const { course, row } of saved) {
        if (late.has(row.subscription)) await this.#mend(course);
        else course.row = { ...course.row, revision: row.revision + 1 };
      }
    } catch (error) {
      this.#onFault(error);
      for (const { course } of saved) this.keep(course, course.row);
    }
  }

  async #mend(course: Course): Promise<void> {
    const other = await this.#rows.delivery(course.row.subscription);
    if (!other) return;
    const isFurther = course.row.delivered > other.delivered;
    course.row = isFurther ? { ...course.row, revision: other.revision } : other;
    if (isFurther) this.keep(course, course.row);
  }
}
