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

type Rows = Pick<EventRows, "begin" | "delivery" | "replace">;

/** So long a position may wait for others to be saved with it, in milliseconds: what was taken since is sent again after a crash. */
const SAVED_AFTER = 100;

export class Courses {
  readonly #rows: Rows;
  readonly #onFault: (error: unknown) => void;
  readonly #byId = new Map<string, Course>();
  #saving: NodeJS.Timeout | undefined;

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

  /** The course of a subscription as it stands; begins one that nobody has served. */
  async open(subscription: HeldSubscription): Promise<Course> {
    const known = this.#byId.get(subscription.id);
    if (known) {
      known.subscription = subscription;
      return known;
    }
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

  /** Saves one now. Where another process moved it, too, the one that is further counts: both had it taken. */
  async save(course: Course): Promise<void> {
    course.isUnsaved = false;
    const { row } = course;
    try {
      if (await this.#rows.replace(row, row.revision)) course.row = { ...course.row, revision: row.revision + 1 };
      else {
        const other = await this.#rows.delivery(row.subscription);
        if (!other) return;
        const isFurther = course.row.delivered > other.delivered;
        course.row = isFurther ? { ...course.row, revision: other.revision } : other;
        if (isFurther) this.keep(course, course.row);
      }
    } catch (error) {
      this.#onFault(error);
      this.keep(course, course.row);
    }
  }

  async saveAll(): Promise<void> {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    await Promise.all([...this.#byId.values()].filter(({ isUnsaved }) => isUnsaved).map((course) => this.save(course)));
  }

  /** Saves what is not saved, once. */
  async close(): Promise<void> {
    await this.saveAll();
    clearTimeout(this.#saving);
  }
}
