/** The sockets of this process: what each of them is bound to is told as it comes, whoever matched it. */
import type { EventRows } from "../../events/event-rows.ts";
import type { SocketTalk } from "../../events/socket-talk.ts";

/** How often it is looked for events of other processes, and whether subscriptions are still there, in milliseconds. */
const POLL = 500;

export class SocketHub {
  readonly #rows: Pick<EventRows, "counts">;
  readonly #onFault: (error: unknown) => void;
  readonly #talks = new Set<SocketTalk>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isWoken = false;

  constructor(rows: Pick<EventRows, "counts">, onFault: (error: unknown) => void) {
    this.#rows = rows;
    this.#onFault = onFault;
  }

  get size(): number {
    return this.#talks.size;
  }

  add(talk: SocketTalk): void {
    this.#talks.add(talk);
    this.#timer ??= setInterval(() => this.wake(), POLL).unref();
  }

  remove(talk: SocketTalk): void {
    this.#talks.delete(talk);
    if (this.#talks.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Says that there are events. Returns at once. */
  wake(): void {
    this.#isWoken = true;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  async #look(): Promise<void> {
    while (this.#isWoken) {
      this.#isWoken = false;
      const bound = [...this.#talks].filter(({ isBound }) => isBound);
      const ids = [...new Set(bound.flatMap((talk) => [...talk.bound]))];
      if (ids.length === 0) return;
      try {
        const counts = await this.#rows.counts(ids);
        for (const talk of bound) talk.tell(counts);
      } catch (error) {
        this.#onFault(error);
      }
    }
  }
}
