/** Where PDFs are kept for who asks again. A part of the composition root. */
import { join } from "node:path";
import type { Config } from "../config.ts";
import type { RenditionShelf } from "../pipeline/store/rendition-shelf.ts";

/** Bytes of the disk that stay free: as for bodies that arrive (docs/limits.md). */
export const RENDITIONS_LEAVE = 268_435_456;

/** Undefined where none are kept. `onFault`: told of a disk that fails, by the system's word. */
export async function openRenditions(
  { dataFolder, maxRenditionBytes }: Config,
  onFault: (code: string) => void,
): Promise<RenditionShelf | undefined> {
  if (maxRenditionBytes === 0) return undefined;
  const { openRenditionFiles } = await import("../adapters/renditions/rendition-files.ts");
  return openRenditionFiles({ folder: join(dataFolder, "renditions"), most: maxRenditionBytes, leaves: RENDITIONS_LEAVE, onFault });
}
