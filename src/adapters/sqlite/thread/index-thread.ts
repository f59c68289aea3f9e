import { AppError } from "../../../core/errors.ts";
import { errorOf } from "../../../core/threads/failure.ts";
import { standInFor, type CalledThread, type Caller } from "../../../core/threads/calls.ts";
import type { VerdictCache } from "../../../pipeline/render/narrative/verdict-cache.ts";
import type { IndexBeside, IndexPort } from "../../../search/index-port.ts";
import type { ResourceSearch, SearchLane } from "../../../search/resource-index.ts";
import type { OpenedIndex } from "../open-index.ts";
import type { IndexOpening, LaneAnswer } from "./protocol.ts";
import { opening, sqliteThread } from "./sqlite-thread.ts";

const PART = ["position", "advance", "named", "claiming", "sharingComposition", "document", "depth", "deepen"] as const;
const RESOURCES = ["find", "among", "estimate", "targets", "referrers", "resources", "numbersOf", "bounds", "texts"] as const;
const WHOLE = [...PART, "newest", "search", "documents", "related", ...RESOURCES, "clear"] as const;

/**
 * As `openIndex`, in a thread of its own, and one for each of its lanes, which starts when it is first asked. One that ends by itself is started anew with the next question: nothing in it is lost for
 * good.
 */
export async function openIndexThread(file: string, options: IndexOpening, module?: URL): Promise<OpenedIndex> {
  const opened = new OpenedThread(file, options, module);
  await opened.start();
  const lanes: OpenedThread[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(lanes.map((lane) => lane.close()));
    await opened.close();
  };
  const index: IndexPort = {
    lane: (longest) => {
      const thread = new OpenedThread(file, { ...options, longest }, module);
      lanes.push(thread);
      return laneIn(thread);
    },
    ...standInFor<Pick<IndexPort, (typeof WHOLE)[number]>>(opened, "answers", WHOLE),
    beside: async () => besideIn(opened, (await opened.call("besides", "begin", [])) as string),
    close,
  };
  const verdicts = standInFor<{ get(digest: string): Promise<string | undefined>; put(digest: string, value: string): Promise<void> }>(
    opened,
    "verdicts",
    ["get", "put"],
  );
  return { index, verdicts: quiet(verdicts), close };
}

/** One question at a time is asked of it, so that there is one that was over last. */
function laneIn(thread: OpenedThread): SearchLane {
  let cost: number | undefined;
  const asking: Caller = {
    call: async (_, method, given) => {
      cost = undefined;
      const answer = (await thread.call("lane", "ask", [method, given])) as LaneAnswer;
      ({ cost } = answer);
      if ("failure" in answer) throw errorOf(answer.failure);
      return answer.value;
    },
  };
  return { index: standInFor<ResourceSearch>(asking, "lane", RESOURCES), width: 1, cost: () => cost };
}

function besideIn(opened: OpenedThread, name: string): IndexBeside {
  return {
    ...standInFor<Pick<IndexBeside, (typeof PART)[number] | "takeOver">>(opened, name, [...PART, "takeOver"]),
    abandon: async () => {
      await opened.call("besides", "abandon", [name]);
    },
  };
}

/** A cache never throws: what can't be asked is not known. */
function quiet(verdicts: { get(digest: string): Promise<string | undefined>; put(digest: string, value: string): Promise<void> }): VerdictCache {
  return {
    get: (digest) => verdicts.get(digest).catch(() => undefined),
    put: (digest, value) => void verdicts.put(digest, value).catch(() => undefined),
  };
}

class OpenedThread implements Caller {
  readonly #file: string;
  readonly #options: IndexOpening;
  readonly #module: URL | undefined;
  #thread: CalledThread | undefined;
  #starting: Promise<CalledThread> | undefined;
  #isClosed = false;

  constructor(file: string, options: IndexOpening, module: URL | undefined) {
    this.#module = module;
    this.#file = file;
    this.#options = options;
  }

  call(on: string, method: string, given: readonly unknown[]): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(closed());
    return this.#thread ? this.#thread.call(on, method, given) : this.start().then((thread) => thread.call(on, method, given));
  }

  start(): Promise<CalledThread> {
    this.#starting ??= this.#open().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#starting?.catch(() => undefined);
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.call("closing", "close", []).catch(() => undefined);
    await thread?.end();
  }

  async #open(): Promise<CalledThread> {
    const thread = sqliteThread((end) => {
      this.#thread = undefined;
      return end === undefined ? closed() : new AppError("unavailable", "the thread of the index ended", { cause: end.cause });
    }, this.#module);
    await opening(thread, "index", this.#file, this.#options);
    this.#thread = thread;
    return thread;
  }
}

function closed(): AppError {
  return new AppError("unavailable", "the index is closed");
}
