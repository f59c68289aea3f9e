/** The port by which whatever somebody else named is called: receivers of notifications, and where answers to messages go (docs/design/events.md, *Who is called*). */

/** One call. */
export interface Callback {
  /** Absolute. */
  readonly url: string;
  /** `OPTIONS`: nothing is sent, and nothing happens by it (RFC 9110 section 9.2.1); it shows who is there. */
  readonly method: "POST" | "PUT" | "OPTIONS";
  /** By name; several values of one name stand in one list. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Absent: an empty body. */
  readonly body?: Uint8Array;
  /** Milliseconds that it may take from the first step to the answer's head. */
  readonly time: number;
}

/** What came of it: only a status from 200 to 299 is a success. Nobody is followed elsewhere. */
export type CallbackOutcome =
  | { readonly isTaken: true; readonly status: number }
  | {
      readonly isTaken: false;
      /** In words for whoever named the address; says nothing of what it resolves to. */
      readonly reason: string;
      readonly status?: number;
      /** Seconds after which the receiver wants to be tried again, as it said. */
      readonly retryAfter?: number;
    };

export interface Callbacks {
  /** Never fails: what went wrong is told in the outcome. */
  call(callback: Callback): Promise<CallbackOutcome>;
  /** Ends what is under way. */
  close(): void;
}
