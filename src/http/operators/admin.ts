import { AppError } from "../../core/errors.ts";
import { moduleBeside, Thread } from "../../core/threads/thread.ts";
import type { AdminOptions, AdminState, FromAdmin, ToAdmin } from "./admin-worker.ts";

/** Who has figures for Prometheus. */
export interface FiguresTeller {
  text(): Promise<string>;
  readonly contentType: string;
}

/** What the listener for operators is told about the service. */
export interface AdminServiceOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Whether the service takes work, and what an operator may want to know beside it. Asked every two seconds. */
  state(): Promise<AdminState>;
  /** Asked for `/metrics`. */
  readonly figures?: FiguresTeller | undefined;
}

/** How often the main loop shows that it turns, and how often it tells its state, in milliseconds. */
const BEAT = 100;
const TELL = 2_000;

/** The listener for operators. */
export interface AdminService {
  /** The address that it listens on. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Health on a listener of its own, in a thread of its own: it answers at once, whatever the main loop does, and says whether that still turns.
 *
 * @throws AppError `unavailable` when it cannot listen.
 */
export async function openAdmin({ host, port, state, figures }: AdminServiceOptions): Promise<AdminService> {
  const beat = new BigInt64Array(new SharedArrayBuffer(8));
  const tick = (): void => void Atomics.store(beat, 0, process.hrtime.bigint());
  tick();
  const options: AdminOptions = { host, port, beat, figuresType: figures?.contentType };
  const started = Promise.withResolvers<string>();
  // Nothing that goes wrong there later may end the service.
  const thread = new Thread<ToAdmin, FromAdmin>({
    module: moduleBeside(import.meta.url, "./admin-worker"),
    data: options,
    limits: { maxOldGenerationSizeMb: 64 },
    hear: ({ url, wants, fault = "unknown reason" }) => {
      if (wants !== undefined) void tellFigures(wants);
      else if (url !== undefined) started.resolve(url);
      else started.reject(new AppError("unavailable", `ADMIN_PORT ${port} of ${host} can't be listened on (${fault}).`));
    },
    over: ({ cause }) => started.reject(new AppError("unavailable", "The listener of ADMIN_PORT did not start.", { cause })),
  });
  const tellFigures = async (id: number): Promise<void> => {
    // A look that fails is one without figures: whoever asks sees that they are missing.
    const text = await figures?.text().catch(() => undefined);
    thread.say({ kind: "figures", id, text });
  };
  thread.hold();
  const url = await started.promise.catch(async (fault: unknown) => {
    await thread.end();
    throw fault;
  });
  thread.release();
  const beating = setInterval(tick, BEAT).unref();
  const tell = async (): Promise<void> => thread.say({ kind: "state", state: await state() });
  await tell();
  const telling = setInterval(() => void tell().catch(() => undefined), TELL).unref();
  return {
    url,
    close: async () => {
      clearInterval(beating);
      clearInterval(telling);
      await thread.end();
    },
  };
}
