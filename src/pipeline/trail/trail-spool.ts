/** Where events wait, on this machine, while the trail cannot be written. Durable when `keep` resolves. */
export interface TrailSpool {
  /** @param id a UUID: of the batch, by which it is recognised should it have been written after all */
  keep(id: string, bytes: Uint8Array): Promise<void>;
  /** The ids that wait, the oldest first. */
  waiting(): Promise<string[]>;
  /** Undefined when it does not wait any more. */
  read(id: string): Promise<Uint8Array | undefined>;
  drop(id: string): Promise<void>;
}
