/** Archive time-stamps beside a signature (XAdES, CAdES, JAdES): over all that stood there when each was made, put together in a way of each form. */

/** One, of which nothing is checked. */
export interface ArchiveClaim {
  /** ContentInfo in DER or BER. */
  readonly token: Uint8Array;
  /** What it must be over; asked once, and only of a signature that is whole. In words, as a clause, why that is not known here. Never throws for what a sender wrote. */
  covered(): ArchiveCover | string;
}

export interface ArchiveCover {
  /** Each way in which it may be put together, as many as the form leaves open: the bytes that are hashed. */
  readonly over: readonly Uint8Array[];
  /** The tokens that it is over too, as they came. */
  readonly tokens: readonly Uint8Array[];
  /** What stands beside the signature and is not among that, as words behind *but for*. */
  readonly leavesOut?: string;
}
