/**
 * A service of keys over HTTP: one that signs for us, or one that wraps keys. Whoever proves to be us by a token or a certificate may use a key and never gets it. What it does is checked by whoever asked for it; here it is
 * seen to that nobody waits long for one that is away.
 */
import { readFile } from "node:fs/promises";
import { Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent, request as secureRequest, type RequestOptions } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import { boundedBytes } from "../../core/bounded-bytes.ts";
import { AppError } from "../../core/errors.ts";

/** How it is reached, and how it knows us. Files are absolute paths, read anew when a connection is made or a question asked: what renews them need not tell us. */
export interface KeyServiceAddress {
  /** Without a slash at the end. */
  readonly url: string;
  readonly tokenFile?: string | undefined;
  /** Of our certificate, where it asks for one, */
  readonly certificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** and of the authorities that vouch for its own; undefined: those that the system knows. */
  readonly authorityFile?: string | undefined;
}

export interface KeyServiceLimits {
  /** Milliseconds from a question to its answer. */
  readonly time: number;
  /** Milliseconds between one attempt and the next: one attempt more than there are. */
  readonly pauses: readonly number[];
  /** Milliseconds after a failure of them all in which it is not asked again. */
  readonly rest: number;
}

export const KEY_SERVICE_LIMITS: KeyServiceLimits = { time: 3_000, pauses: [100, 500], rest: 5_000 };

export interface KeyServiceOptions {
  readonly address: KeyServiceAddress;
  /** How it is called in what we say of it: `the signing service (SIGNER_URL)`. Undefined: whoever tells it on names it. */
  readonly name?: string | undefined;
  /** What it knows us by, in headers. @param token of the address's file, where there is one. */
  readonly headersOf: (token: string | undefined) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** What an answer means that does nothing, as the end of a sentence that tells its status; empty: nothing more than that. */
  readonly reasonOf?: ((status: number) => string) | undefined;
  /** Whether an answer refuses what was sent alone: others may be asked for at once. */
  readonly isOfOne?: ((status: number) => boolean) | undefined;
  readonly limits?: Partial<KeyServiceLimits> | undefined;
}

export interface Answered {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** Of an answer. */
const LARGEST = 4_000_000;
const CONNECTIONS = 16;

export class KeyService {
  readonly #options: KeyServiceOptions;
  readonly #limits: KeyServiceLimits;
  #agent: Promise<Agent | PlainAgent> | undefined;
  /** What went wrong last, since when nothing went well. */
  #failed: { readonly text: string; readonly at: number } | undefined;
  #isTrying = false;

  constructor(options: KeyServiceOptions) {
    this.#options = options;
    this.#limits = { ...KEY_SERVICE_LIMITS, ...options.limits };
  }

  /** Why nothing can be done there now, in words; undefined when the last that was asked for was done. */
  fault(): string | undefined {
    return this.#failed?.text;
  }

  /**
   * Asks for something, again when it is not done at once, and has the answer checked: what `check` throws counts as a failure of the service. While it is known to be away nobody waits; one who comes after
   * a rest tries.
   *
   * @throws AppError `unavailable` in words that can be told to anybody.
   */
  async ask<T>(path: string, body: object | undefined, check: (answered: Answered) => T | Promise<T>): Promise<T> {
    const failed = this.#failed;
    if (failed !== undefined && (this.#isTrying || performance.now() - failed.at < this.#limits.rest)) throw new AppError("unavailable", failed.text);
    this.#isTrying = failed !== undefined;
    try {
      const done = await check(await this.#answer(path, body));
      this.#failed = undefined;
      return done;
    } catch (cause) {
      const words = cause instanceof AppError ? cause.message : "cannot be asked";
      const text = this.#options.name === undefined ? words : `${this.#options.name} ${words}`;
      // A service that refuses one thing in words of its own is there for the others.
      this.#failed = cause instanceof Refusal && cause.isOfOne ? undefined : { text, at: performance.now() };
      throw new AppError("unavailable", text, { cause });
    } finally {
      this.#isTrying = false;
    }
  }

  close(): void {
    void this.#agent?.then((agent) => agent.destroy()).catch(() => undefined);
  }

  async #answer(path: string, body: object | undefined): Promise<Answered> {
    for (const wait of [...this.#limits.pauses, undefined]) {
      try {
        const answered = await this.#once(path, body);
        if (answered.status === 200) return answered;
        const { reasonOf = reasonOfRefusal, isOfOne } = this.#options;
        const text = `answers with ${answered.status}${reasonOf(answered.status)}`;
        throw answered.status < 500 && answered.status !== 429
          ? new Refusal(text, isOfOne?.(answered.status) === true)
          : new AppError("unavailable", text);
      } catch (error) {
        // The next attempt connects anew, by what the files are then.
        this.close();
        this.#agent = undefined;
        if (wait === undefined || error instanceof Refusal) throw error;
        await pause(wait);
      }
    }
    throw new AppError("internal", "there is always a last attempt");
  }

  async #once(path: string, body: object | undefined): Promise<Answered> {
    const { address, headersOf } = this.#options;
    const known = await headersOf(address.tokenFile === undefined ? undefined : (await readText(address.tokenFile)).trim());
    const sent = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    this.#agent ??= openAgent(address);
    const signal = AbortSignal.timeout(this.#limits.time);
    const options: RequestOptions = {
      agent: await this.#agent,
      method: sent ? "POST" : "GET",
      headers: {
        ...known,
        ...(sent && { "Content-Type": "application/json", "Content-Length": String(sent.length) }),
      },
      signal,
    };
    try {
      return await exchange(`${address.url}${path}`, options, sent);
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError("unavailable", signal.aborted ? `did not answer within ${this.#limits.time} ms` : `cannot be reached${whyOf(cause)}`, {
        cause,
      });
    }
  }
}

/** What is not asked again: it would be answered alike. */
class Refusal extends AppError {
  readonly isOfOne: boolean;

  constructor(text: string, isOfOne: boolean) {
    super("unavailable", text);
    this.isOfOne = isOfOne;
  }
}

function reasonOfRefusal(status: number): string {
  if (status === 401 || status === 403) return ": it does not take our token or certificate, or does not let us use that key";
  return status === 404 ? ": it has no such key" : "";
}

/** What the system says, such as ECONNREFUSED or CERT_HAS_EXPIRED: nothing of it is secret. */
function whyOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? ` (${code})` : "";
}

async function openAgent({ url, certificateFile, keyFile, authorityFile }: KeyServiceAddress): Promise<Agent | PlainAgent> {
  const keeping = { keepAlive: true, maxSockets: CONNECTIONS };
  if (!url.startsWith("https:")) return new PlainAgent(keeping);
  const [cert, key, ca] = await Promise.all(
    [certificateFile, keyFile, authorityFile].map((file) => (file === undefined ? Promise.resolve(undefined) : readText(file))),
  );
  return new Agent({
    ...keeping,
    minVersion: "TLSv1.2",
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(ca !== undefined && { ca }),
  });
}

async function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw new AppError("unavailable", `cannot be asked: ${file} cannot be read${whyOf(cause)}`, { cause });
  });
}

function exchange(address: string, options: RequestOptions, sent: Buffer | undefined): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = (address.startsWith("https:") ? secureRequest : plainRequest)(address, options, (answer) => {
      boundedBytes(answer, LARGEST, "answers with more than belongs there")
        .then((bytes) => resolve({ status: answer.statusCode ?? 0, bytes }))
        .catch(reject);
    });
    asked.on("error", reject).end(sent);
  });
}
