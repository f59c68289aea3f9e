/** The thread that has a database open. Started by `sqlite-thread.ts` alone; it does nothing before it is told which database that is. */
import { answerCalls } from "../../../core/threads/answer-calls.ts";
import { failureOf } from "../../../core/threads/failure.ts";
import type { Commit } from "../../../pipeline/store/record-store.ts";
import type { IndexBeside } from "../../../search/index-port.ts";
import { openCosignedFile } from "../cosigned-file.ts";
import { openEventRows } from "../event-rows.ts";
import { openIndex, openLane } from "../open-index.ts";
import { openSqlite } from "../open.ts";
import { openJobRows } from "../job-rows.ts";
import { openSessionRows } from "../session-rows.ts";
import { openTrail, type TrailOpening } from "../trail/open-trail.ts";
import { BESIDE, sharedClock, tellWatch, type Committed, type IndexOpening, type LaneAnswer, type Opened, type RecordOpening } from "./protocol.ts";

const objects = new Map<string, object>();
let besides = 0;

objects.set("record", {
  /** Opens a record. */
  open: async (file: string, options: RecordOpening): Promise<Opened> => {
    let checked: number | undefined;
    const { store, wrappedKeys, positions } = await openSqlite(file, { ...options, onCheck: (milliseconds) => (checked = milliseconds) });
    objects.set("store", store);
    objects.set("keys", wrappedKeys);
    objects.set("positions", positions);
    objects.set("commits", {
      /** @param latest when the last attempt may begin, in milliseconds of the clock that all threads share */
      commit: async (commit: Commit, latest: number): Promise<Committed> => {
        const result = await store.commit(commit, performance.now() + latest - sharedClock());
        return { result, seen: store.seen };
      },
    });
    objects.set("watch", {
      /** Tells what stands against a commit to a thread that stands still until it knows. */
      tell: (into: SharedArrayBuffer): void => tellWatch(into, { fault: store.fault(), seen: store.seen }),
    });
    return { seen: store.seen, ...(checked !== undefined && { checked }) };
  },
});

objects.set("index", {
  /** Opens an index. */
  open: async (file: string, { longest, ...options }: IndexOpening): Promise<void> => {
    if (longest !== undefined) {
      const lane = await openLane(file, { ...options, longest });
      const asked = lane.index as unknown as Record<string, (...given: readonly unknown[]) => Promise<unknown>>;
      objects.set("lane", {
        /** Gives what a question found, or how it failed, and what it cost. */
        ask: async (method: string, given: readonly unknown[]): Promise<LaneAnswer> => {
          try {
            const value = await asked[method]?.(...given);
            return { value, cost: lane.index.cost };
          } catch (error) {
            return { failure: failureOf(error), cost: lane.index.cost };
          }
        },
      });
      objects.set("closing", { close: lane.close });
      return;
    }
    const { index, verdicts, close } = await openIndex(file, options);
    objects.set("answers", index);
    objects.set("verdicts", verdicts);
    objects.set("closing", { close });
    objects.set("besides", {
      /** Gives the name by which the index beside is called. */
      begin: async (): Promise<string> => {
        const name = `${BESIDE}${++besides}`;
        objects.set(name, await index.beside());
        return name;
      },
      abandon: async (name: string): Promise<void> => {
        const beside = objects.get(name) as IndexBeside | undefined;
        objects.delete(name);
        await beside?.abandon();
      },
    });
  },
});

objects.set("sessions", {
  /** Opens a file of sessions. */
  open: async (file: string, options: object): Promise<void> => void objects.set("session-rows", await openSessionRows(file, options)),
});

objects.set("events", {
  /** Opens a file of events of subscriptions. */
  open: async (file: string, options: object): Promise<void> => void objects.set("event-rows", await openEventRows(file, options)),
});

objects.set("jobs", {
  /** Opens a file of jobs. */
  open: async (file: string, options: object): Promise<void> => void objects.set("job-rows", await openJobRows(file, options)),
});

objects.set("cosigned", {
  /** Opens a file of cosigned checkpoints. */
  open: async (file: string, options: object): Promise<void> => void objects.set("cosigned-checkpoints", await openCosignedFile(file, options)),
});

objects.set("trail", {
  /** Opens an audit trail. */
  open: async (file: string, options: TrailOpening): Promise<void> => {
    objects.set("batches", await openTrail(file, options));
  },
});

answerCalls(objects);
