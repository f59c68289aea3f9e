/** The smallest FollowerPositions: in memory. */
import type { FollowerPosition, FollowerPositions } from "../../src/followers/position-port.ts";

export class MemoryPositions implements FollowerPositions {
  readonly #known = new Map<string, FollowerPosition>();

  read(name: string): Promise<FollowerPosition | undefined> {
    return Promise.resolve(this.#known.get(name));
  }

  begin(name: string, position: number): Promise<void> {
    if (!this.#known.has(name)) this.#known.set(name, { position });
    return Promise.resolve();
  }

  lease(name: string, holder: string, { now, until }: { readonly now: number; readonly until: number }): Promise<boolean> {
    return this.#change(name, holder, now, (known) => ({ ...known, holder, leasedUntil: until }));
  }

  move(name: string, holder: string, { from, to, now }: { readonly from: number; readonly to: number; readonly now: number }): Promise<boolean> {
    return this.#change(name, holder, now, (known) => (known.position === from ? { ...known, position: to } : undefined));
  }

  release(name: string, holder: string): Promise<void> {
    const known = this.#known.get(name);
    if (known?.holder === holder) this.#known.set(name, { position: known.position });
    return Promise.resolve();
  }

  #change(name: string, holder: string, now: number, change: (known: FollowerPosition) => FollowerPosition | undefined): Promise<boolean> {
    const known = this.#known.get(name);
    const isFree = known !== undefined && (known.holder === undefined || known.holder === holder || (known.leasedUntil ?? 0) <= now);
    const changed = known && isFree ? change(known) : undefined;
    if (changed) this.#known.set(name, changed);
    return Promise.resolve(changed !== undefined);
  }
}
