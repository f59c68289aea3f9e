/** What of the disks is free, as checks of several things ask. */
import { stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Free bytes below which the service takes no documents. */
export const LEAST_FREE = 64 * 1024 * 1024;

/** A folder that is there: it, or one that it lies in. */
export async function nearest(path: string): Promise<string> {
  return (await stat(path).catch(() => undefined)) || dirname(path) === path ? path : nearest(dirname(path));
}
