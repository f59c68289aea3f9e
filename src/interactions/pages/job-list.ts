/** What the page about jobs asks: each sees their own, and whoever looks after the service all. */
import { isKnown, type Asked, type Caller } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { Jobs, ToldJob } from "../../jobs/job.ts";
import type { Access } from "../../security/access.ts";

/** As many as may be under way, and some that have ended. */
const MOST = 1_200;
/** Jobs on the page. */
const SHOWN = 100;

/** One as it is shown. */
export interface ListedJob extends Omit<ToldJob, "owner"> {
  /** As people know them. */
  readonly owner: string;
}

export interface JobList {
  /** Those under way first, each the newest first, of a page; and how many there are. */
  list(asked: Asked): Promise<{ readonly jobs: readonly ListedJob[]; readonly total: number }>;
  /** Ends one that is under way. AppErrors `not-found`, also for what is another's; `conflict`: it has ended */
  cancel(asked: Asked, name: string): Promise<void>;
}

export function jobList({ access, jobs }: { readonly access: Access; readonly jobs: Pick<Jobs, "list" | "cancel"> }): JobList {
  const seen = async (asked: Asked): Promise<readonly ToldJob[]> =>
    jobs.list(MOST, (await access.grantOf(asked)).may("oversee") ? undefined : asked.caller);
  return {
    list: async (asked) => {
      const all = await seen(asked);
      return { jobs: all.slice(0, SHOWN).map((one) => ({ ...one, owner: nameOf(one.owner) })), total: all.length };
    },
    cancel: async (asked, name) => {
      if (!(await seen(asked)).some((one) => one.name === name)) throw new AppError("not-found", "There is no such job.");
      if (!(await jobs.cancel(name))) throw new AppError("conflict", "It has ended already.");
    },
  };
}

function nameOf(owner: Caller): string {
  return isKnown(owner) || owner.kind === "program" ? owner.name : owner.kind;
}
