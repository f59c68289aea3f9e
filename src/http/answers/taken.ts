import type { Response } from "express";

/** Whether what was written left within a time. */
export function taken(response: Response, milliseconds: number, gone: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds);
    const end = (isTaken: boolean): void => {
      clearTimeout(timer);
      resolve(isTaken);
    };
    response.once("drain", () => end(true));
    gone.addEventListener("abort", () => end(false), { once: true });
  });
}
