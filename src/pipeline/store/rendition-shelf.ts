/**
 * Where renditions of documents are kept that took long to make, encrypted by whoever keeps them. Everything on it can be made again, so that the shelf may drop anything at any time, keeps no more than it
 * has room for, and promises nothing:
 *
 * - What it gives under a name was kept under it, or was altered on the shelf: whoever asks finds that out (the encryption binds content and name).
 * - It never rejects. A shelf that cannot be read has nothing, and one that cannot be written keeps nothing.
 * - Something is there wholly or not at all, also for other processes of the same shelf, and after a crash.
 */
export interface RenditionShelf {
  /** @param name 64 lower-case hex digits */
  read(name: string): Promise<Uint8Array | undefined>;
  keep(name: string, bytes: Uint8Array): Promise<void>;
  /** Of what turned out to be altered. */
  drop(name: string): Promise<void>;
}
