import type { ErasureList, ListedErasure } from "../../src/pipeline/custody.ts";

/** A list of erasures in memory. */
export class MemoryErasures implements ErasureList {
  readonly listed: ListedErasure[] = [];

  add(documentId: string, leaf: Uint8Array): Promise<void> {
    if (!this.listed.some((one) => one.documentId === documentId)) this.listed.push({ documentId, leaf });
    return Promise.resolve();
  }

  read(): Promise<readonly ListedErasure[]> {
    return Promise.resolve([...this.listed]);
  }
}
