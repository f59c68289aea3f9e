/** Requests that are sent by several at once, and again, while services are killed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "./service.ts";

export interface AnsweredRequest {
  readonly status: number;
  readonly text: string;
}

export interface SendingWhileKilled {
  /** Starts all services; gives them. */
  start(): Promise<readonly Service[]>;
  /** A request that no other is like. */
  make(): string;
  /** To the service at a place, of which there may be fewer; undefined when no answer came. */
  send(at: number, body: string): Promise<AnsweredRequest | undefined>;
  /** Told of each answer with 200. */
  onTaken(body: string, text: string): void;
}

/** Requests that are sent between two kills, and kills. */
const EACH = 8;
const KILLS = 3;

/** Each is sent twice, to one service and to the next; all are killed when some were answered, and not started again at the end. Gives what was sent. */
export async function sentWhileKilled({ start, make, send, onTaken }: SendingWhileKilled): Promise<string[]> {
  const sent: string[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const services = await start();
    const own = Array.from({ length: EACH }, make);
    sent.push(...own);
    let acknowledged = 0;
    const all = own.flatMap((body, at) =>
      [at, at + 1].map(async (to) => {
        const answer = await send(to, body);
        if (answer?.status !== 200) return;
        acknowledged++;
        onTaken(body, answer.text);
      }),
    );
    while (acknowledged < EACH) await sleep(5);
    await Promise.all(services.map((one) => one.kill()));
    await Promise.all(all);
  }
  return sent;
}

/** Takes down the first answer to each, and holds every other against it. */
export class FirstAnswers {
  readonly #texts = new Map<string, string>();

  /** @throws when it differs from the first */
  hold(body: string, text: string): void {
    const first = this.#texts.get(body) ?? text;
    this.#texts.set(body, first);
    if (first !== text) throw new Error(`answered otherwise than before:\n${first}\n${text}`);
  }
}
