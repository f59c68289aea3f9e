/** What strangers do: raw connections, so that every byte and every pause is theirs. */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "./target.ts";

/** How often each status came; `none`: the connection ended without an answer, `held`: it was still open when the attack ended. */
export type Tally = Map<string, number>;

export function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

interface Stranger {
  readonly socket: Socket;
  /** The status of the first answer, or why there is none. */
  readonly answered: Promise<string>;
}

/** A connection that says `head`; its answer is read as far as the status, unless `isDeaf`. */
export function stranger(target: Target, head: string, { isDeaf = false } = {}): Stranger {
  const socket = connect({ host: target.host, port: target.port });
  const answered = new Promise<string>((resolve) => {
    let text = "";
    socket.on("error", () => resolve("none")).on("close", () => resolve("none"));
    if (isDeaf) return void socket.pause();
    socket.on("data", (data) => {
      if (text.length < 12) text += data.toString("latin1");
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      if (status !== undefined && status !== "100") resolve(status);
    });
  });
  socket.write(head);
  return { socket, answered };
}

export function postHead(target: Target, length: number, headers: readonly string[] = []): string {
  const lines = [
    `POST /fhir/Bundle HTTP/1.1`,
    `Host: ${target.host}`,
    "Content-Type: application/fhir+json",
    `Content-Length: ${length}`,
    ...headers,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Sends bytes as fast as they are taken; false when the other side closed first. */
export async function pour(socket: Socket, bytes: Uint8Array): Promise<boolean> {
  for (let at = 0; at < bytes.length; at += 65_536) {
    if (socket.destroyed || socket.writableEnded) return false;
    if (!socket.write(bytes.subarray(at, at + 65_536)))
      await new Promise<void>((resolve) => {
        const go = (): void => {
          socket.off("drain", go).off("close", go);
          resolve();
        };
        socket.once("drain", go).once("close", go);
      });
  }
  return !socket.destroyed;
}

/** How long a connection that was cut may take to say so, in milliseconds. */
const LEARNING = 2_000;

/** Waits for answers at most so long, then ends all connections; tells what came. */
export async function outcomeOf(strangers: readonly Stranger[], milliseconds: number): Promise<Tally> {
  const tally: Tally = new Map();
  const late = sleep(milliseconds, "held").then(async (held) => {
    // Whoever did not read learns only now whether the other side has closed.
    for (const { socket } of strangers) socket.resume();
    await sleep(LEARNING);
    return held;
  });
  await Promise.all(strangers.map(async ({ answered }) => count(tally, await Promise.race([answered, late]))));
  for (const { socket } of strangers) socket.destroy();
  return tally;
}
