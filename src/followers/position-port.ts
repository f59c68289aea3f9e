/** How far a follower has come, and who does its work now. */
export interface FollowerPosition {
  /** The number of entries of the log that it is done with: all from the first on. */
  readonly position: number;
  /** Who holds its lease, and until when (milliseconds since 1970); absent when nobody does. A lease that has run out is nobody's. */
  readonly holder?: string;
  readonly leasedUntil?: number;
}

/**
 * Where followers keep how far they have come. Not derived: what a follower has done in the world (a notification that was sent) is known by its position alone.
 *
 * - A *lease* keeps two instances from doing the same at the same time, most of the time: clocks differ and processes stop for a while. It is no lock; nothing is
 *   wrong when two work at once, because the position moves by compare-and-swap and deeds are idempotent.
 * - `move` is a compare-and-swap upon the position. It may be lost in a crash: then the deeds since are done again.
 * - Failures are AppErrors: `unavailable` when trying again may help, else `internal`.
 */
export interface FollowerPositions {
  /** undefined: nobody of this name has been here. */
  read(name: string): Promise<FollowerPosition | undefined>;
  /** Makes the follower known at a position, unless it is known already. */
  begin(name: string, position: number): Promise<void>;
  /** Takes the lease, or holds it for longer. False when another holder's has not run out. */
  lease(name: string, holder: string, lease: { readonly now: number; readonly until: number }): Promise<boolean>;
  /** Moves the position. False when it is not `from` any more, or another holder's lease has not run out. */
  move(name: string, holder: string, step: { readonly from: number; readonly to: number; readonly now: number }): Promise<boolean>;
  /** Gives the lease back; nothing happens when it is another's. */
  release(name: string, holder: string): Promise<void>;
}
