import { Worker } from "node:worker_threads";
import { AppError } from "../../core/errors.ts";
import type { AdminOptions, AdminState } from "./admin-worker.ts";

/** What the listener for operators is told about the service. */
export interface AdminServiceOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Whether the service takes work, and what an operator may want to know beside it. Asked every two seconds. */
  state(): Promise<AdminState>;
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
export async function openAdmin({ host, port, state }: AdminServiceOptions): Promise<AdminService> {
  const beat = new BigInt64Array(new SharedArrayBuffer(8));
  const tick = (): void => void Atomics.store(beat, 0, process.hrtime.bigint());
  tick();
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const options: AdminOptions = { host, port, beat };
  const worker = new Worker(new URL(`./admin-worker${extension}`, import.meta.url), {
    workerData: options,
    resourceLimits: { maxOldGenerationSizeMb: 64 },
  });
  const url = await new Promise<string>((resolve, reject) => {
    worker.once("message", (message: { readonly url?: string; readonly fault?: string }) => {
      if (message.url !== undefined) resolve(message.url);
      else reject(new AppError("unavailable", `ADMIN_PORT ${port} of ${host} can't be listened on (${message.fault ?? "unknown reason"}).`));
    });
    worker.once("error", (cause) => reject(new AppError("unavailable", "The listener of ADMIN_PORT did not start.", { cause })));
  }).catch(async (fault: unknown) => {
    await worker.terminate();
    throw fault;
  });
  // Nothing that goes wrong there may end the service.
  worker.on("error", () => undefined).unref();
  const beating = setInterval(tick, BEAT).unref();
  const tell = async (): Promise<void> => worker.postMessage(await state());
  await tell();
  const telling = setInterval(() => void tell().catch(() => undefined), TELL).unref();
  return {
    url,
    close: async () => {
      clearInterval(beating);
      clearInterval(telling);
      await worker.terminate();
    },
  };
}
