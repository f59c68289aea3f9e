/** Broken glass as it is kept: each a setting (pipeline/settings.ts), so that breaking and ending it are entries of the log, and count for the very next request wherever that comes in. */
import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { SettingOrder, Settings } from "../../pipeline/settings.ts";
import { formatGlass, readGlass, type BrokenGlass } from "../../security/glass/broken-glass.ts";

const KIND = "break-glass";

export type GlassSettings = Pick<Settings, "get" | "list" | "put" | "changes">;

/** What was read, as of so many changes. */
interface Made {
  readonly changes: number;
  readonly all: readonly BrokenGlass[];
  readonly unended: readonly BrokenGlass[];
}

export class GlassRecords {
  readonly #settings: GlassSettings;
  #made: Made | undefined;

  constructor(settings: GlassSettings) {
    this.#settings = settings;
  }

  /** All that was ever broken, the newest first, as it stands now. */
  async all(): Promise<readonly BrokenGlass[]> {
    return (await this.#look()).all;
  }

  /** Those of which nobody noted an end: few, however much was broken in all those years. Whether its time is over is asked of each. */
  async unended(): Promise<readonly BrokenGlass[]> {
    return (await this.#look()).unended;
  }

  /** The same, with the number of changes as of which they stand. */
  standing(): Promise<Pick<Made, "changes" | "unended">> {
    return this.#look();
  }

  async #look(): Promise<Made> {
    const changes = await this.#settings.changes();
    if (this.#made?.changes === changes) return this.#made;
    const read = (await this.#settings.list(KIND)).map(({ name, value }) => readGlass(name, value));
    const all = read.sort((one, other) => (one.from < other.from ? 1 : -1));
    return (this.#made = { changes, all, unended: all.filter(({ ended }) => !ended) });
  }

  /**
   * Enters one. Durable, and known to everybody who asks from then on, when it resolves. AppErrors of `Settings.put`.
   * @param changes as of which it was decided
   * @returns false when something was changed since, by whatever instance: it is to be decided anew
   */
  async enter(glass: BrokenGlass, asked: Asked, changes: number): Promise<boolean> {
    return this.#isPut({ kind: KIND, name: glass.id, value: formatGlass(glass), expected: "absent", changes, asked });
  }

  /**
   * Notes how one ended.
   * @returns false when that was noted already
   */
  async end(id: string, ended: NonNullable<BrokenGlass["ended"]>, asked: Asked): Promise<boolean> {
    const set = await this.#settings.get(KIND, id);
    const glass = set && readGlass(id, set.value);
    if (!set || !glass || glass.ended) return false;
    return this.#isPut({ kind: KIND, name: id, value: formatGlass({ ...glass, ended }), expected: set.version, asked });
  }

  async #isPut(order: SettingOrder): Promise<boolean> {
    try {
      await this.#settings.put(order);
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === "conflict") return false;
      throw error;
    }
  }
}
