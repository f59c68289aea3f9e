import type { IncomingMessage } from "node:http";
import { AppError } from "../../core/errors.ts";
import type { HttpLimits } from "../bounds/limits.ts";
import { LOOK, StallClock } from "./stall-clock.ts";

export interface WatchOptions {
  readonly limits: HttpLimits;
  /** The service stops. */
  readonly stopping: AbortSignal;
  /** Called when the body is too slow, or the service cannot wait for it. */
  fail(error: AppError): void;
}

/** Watches a body arrive, as the bytes on the wire: one that stands still, or trickles, holds a place that others need. Gives what ends the watch. */
export function watchArrival(request: IncomingMessage, { limits, stopping, fail }: WatchOptions): () => void {
  const begun = performance.now();
  const clock = new StallClock();
  let received = 0;
  let stoppedAt: number | undefined;
  const onData = (chunk: Buffer): void => {
    received += chunk.length;
    clock.progress();
  };
  const look = (): void => {
    // When all of it is here, or we do not read on (inflating and writing take their time), the sender is not to blame.
    const silence = clock.silence(request.isPaused() || request.complete);
    const age = performance.now() - begun;
    if (stopping.aborted) stoppedAt ??= age;
    const isLate = stoppedAt !== undefined && (silence > limits.stoppingStall || age - stoppedAt > limits.stoppingBody);
    if (isLate) fail(new AppError("unavailable", "The service is stopping and could not wait for the rest of this request; try again in a moment."));
    else if (silence > limits.bodyStall) fail(tooSlow(`No byte of the body came for ${limits.bodyStall / 1000} seconds.`));
    else if (age > limits.body) fail(tooSlow(`The body did not come within ${limits.body / 1000} seconds.`));
    else if (received < ((age - limits.bodyGrace) / 1000) * limits.bodyRate && silence > 0)
      fail(tooSlow(`The body came at less than ${limits.bodyRate} bytes a second.`));
  };
  const timer = setInterval(look, Math.min(LOOK, limits.bodyStall / 2, limits.stoppingStall / 2));
  request.on("data", onData);
  return () => {
    clearInterval(timer);
    request.off("data", onData);
  };
}

function tooSlow(message: string): AppError {
  return new AppError("too-slow", message);
}
