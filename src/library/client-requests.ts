/** How the client sends: again after what passes, never to another origin with a token, and streams taken apart by lines. */
import { waitTold } from "../core/retry-after.ts";

/** What requests are sent by. */
export interface Sending {
  readonly origin: string;
  fetch(url: string, init: RequestInit): Promise<Response>;
  token(): Promise<string | undefined>;
  /** How often at most. */
  readonly attempts: number;
  /** Milliseconds: the first wait where nobody says how long, and the longest of any. */
  readonly firstWait: number;
  readonly longestWait: number;
}

/** Milliseconds: a timer that is set to more goes off at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What passes: a service that is busy, slow, restarted, or behind a proxy that lost it. */
export const PASSES: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/** Whether `fetch` could not connect, or the connection broke: a TypeError, which may be of another realm. */
export function isBroken(error: unknown): boolean {
  return (error as Partial<Error> | undefined)?.name === "TypeError";
}

/** A request. `isSafe`: false for what must not be done twice. `isPublic`: it needs no token, with which a browser would not let it through to another origin. */
export type Sent = RequestInit & { readonly isSafe?: boolean; readonly isPublic?: boolean };

/**
 * Sends until there is an answer that does not pass by itself; what is not safe is sent once. What is sent is led nowhere else: of a POST `fetch` would make a GET on the way, or hand
 * the document to another origin.
 */
export async function send(sending: Sending, url: string, init: Sent): Promise<Response> {
  const { isSafe = true, isPublic = false, signal, ...given } = init;
  const plain: RequestInit = { ...given, redirect: (given.method ?? "GET") === "GET" ? "follow" : "manual" };
  const headers = new Headers(plain.headers);
  const token = !isPublic && new URL(url).origin === sending.origin ? await sending.token() : undefined;
  if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
  for (let attempt = 1; ; attempt++) {
    const isLast = !isSafe || attempt >= sending.attempts;
    let response: Response | undefined;
    try {
      response = await sending.fetch(url, { ...plain, headers, ...(signal && { signal }) });
    } catch (error) {
      // What ended by the caller's own will is not sent again.
      if (isLast || signal?.aborted === true) throw error;
    }
    if (response && (isLast || !PASSES.has(response.status))) return response;
    await response?.body?.cancel();
    await pauseAsTold(response, backOff(sending, attempt), sending, signal ?? undefined);
  }
}

/** Waits as long as an answer wants, or as said where it does not say. */
export function pauseAsTold(
  response: Pick<Response, "headers"> | undefined,
  otherwise: number,
  { longestWait }: Pick<Sending, "longestWait">,
  signal: AbortSignal | undefined,
): Promise<void> {
  return pause(waitTold(response?.headers.get("Retry-After") ?? null) ?? otherwise, longestWait, signal);
}

/** Twice as long each time, and by chance less, so that many clients do not come back together. */
function backOff({ firstWait }: Sending, attempt: number): number {
  return firstWait * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
}

/** Waits; an abort ends it by its own reason. */
export function pause(milliseconds: number, longest: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", over);
        resolve();
      },
      Math.min(milliseconds, longest, LONGEST_TIMER),
    );
    signal?.addEventListener("abort", over, { once: true });
  });
}

/** The lines of a body as they arrive, whichever end of line they have. */
export async function* linesOf(response: Response): AsyncGenerator<string, void, undefined> {
  if (!response.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  // Of a line that is not over yet: put together once, for a document may come in a thousand pieces.
  let left: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (done ? decoder.decode() : decoder.decode(value, { stream: true })).split("\n");
      const last = lines.pop() ?? "";
      for (const line of lines) {
        yield (left.join("") + line).replace(/\r$/, "");
        left = [];
      }
      left.push(last);
      if (!done) continue;
      yield left.join("").replace(/\r$/, "");
      return;
    }
  } finally {
    // Whoever stops before the end wants no more of it.
    await reader.cancel().catch(() => undefined);
  }
}

/** A Server-Sent Event: its data, or an id alone, which says where one is though nothing came. */
export interface ServerSent {
  readonly id: string | undefined;
  readonly data: string | undefined;
}

/** Server-Sent Events (HTML standard, section 9.2). */
export async function* eventsOf(response: Response): AsyncGenerator<ServerSent, void, undefined> {
  let [id, data]: [string | undefined, string[]] = [undefined, []];
  for await (const line of linesOf(response)) {
    const [, name, value = ""] = /^(id|data)(?:: ?([^]*))?$/.exec(line) ?? [];
    if (name === "id") id = value;
    else if (name === "data") data.push(value);
    else if (line === "") {
      if (id !== undefined || data.length > 0) yield { id, data: data.length > 0 ? data.join("\n") : undefined };
      [id, data] = [undefined, []];
    }
  }
}

/** Parameters as the query of an address, with its question mark. */
export function queryOf(parameters: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) for (const one of [value ?? []].flat()) query.append(name, String(one));
  return query.size === 0 ? "" : `?${query.toString()}`;
}
