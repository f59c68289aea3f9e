/** What a stranger may hold of the service, and for how long. Every number stands here and in docs/limits.md. Times are milliseconds. */
export interface HttpLimits {
  /** Until the headers of a request must have come. */
  readonly headers: number;
  /** A kept-alive connection without a request is closed after so long. Pooled clients keep theirs for up to a minute. */
  readonly keepAlive: number;
  /** A body must be there so long after its headers. */
  readonly body: number;
  /** A form of a few fields (`application/x-www-form-urlencoded`) must be there so long after its headers. */
  readonly form: number;
  /** No byte of a body for so long ends it, */
  readonly bodyStall: number;
  /** and so does, after `bodyGrace`, a rate below this on the whole; bytes a second as they are sent. */
  readonly bodyRate: number;
  readonly bodyGrace: number;
  /** What is refused or cut is still read and thrown away for so long, so that the answer reaches a client that is sending. */
  readonly discard: number;
  /** From a whole request to the beginning of its answer. */
  readonly handler: number;
  /** An answer of which the client takes nothing for so long is cut. Large answers are written in pieces of `piece` bytes. */
  readonly responseStall: number;
  readonly piece: number;
  /** A whole answer may take this long, and so much more for each byte that `responseRate` bytes a second take. */
  readonly response: number;
  readonly responseRate: number;
  /** Bodies that arrive at once. */
  readonly uploads: number;
  /** Proofs a second from one address that do not hold and are checked; five seconds' worth at once. */
  readonly failedProofs: number;
  /** Sign-ins that are begun at the embedded authorization server, a second from one address, of which each is kept until it is over; five seconds' worth at once. */
  readonly signIns: number;
  /** Larger bodies are spooled to disk, encrypted, while they arrive. */
  readonly spoolAbove: number;
  /** The spool leaves so much of its disk free. */
  readonly spoolLeaves: number;
  /** While the service stops: no byte for so long, or not whole after so long. */
  readonly stoppingStall: number;
  readonly stoppingBody: number;
}

export const HTTP_LIMITS: HttpLimits = {
  headers: 15_000,
  keepAlive: 65_000,
  body: 300_000,
  form: 15_000,
  bodyStall: 10_000,
  bodyRate: 8_192,
  bodyGrace: 10_000,
  discard: 5_000,
  handler: 120_000,
  responseStall: 20_000,
  piece: 65_536,
  response: 60_000,
  responseRate: 8_192,
  uploads: 512,
  failedProofs: 50,
  signIns: 10,
  spoolAbove: 262_144,
  spoolLeaves: 268_435_456,
  stoppingStall: 1_000,
  stoppingBody: 5_000,
};
