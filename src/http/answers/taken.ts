import type { Response } from "express";

/** Whether what was written left within a time. */
export function taken(response: Response, milliseconds: number, gone: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isTaken: boolean): void => {
      clearTimeout(timer);
      response.off("drain", drained);
      gone.removeEventListener("abort", aborted);
      resolve(isTaken);
    };
    const [drained, aborted] = [() => end(true), () => end(false)];
    const timer = setTimeout(aborted, milliseconds);
    response.once("drain", drained);
    gone.addEventListener("abort", aborted);
  });
}
