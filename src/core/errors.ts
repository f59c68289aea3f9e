/**
 * Every failure that a caller may meet, as one class with a closed set of codes. What a code means to an HTTP client (status) and to a
 * FHIR client (OperationOutcome.issue.code, value set issue-type) stands in one table, so that no route decides it for itself.
 */
export type ErrorCode =
  | "malformed" // the bytes cannot be read as what they claim to be
  | "too-large"
  | "too-costly" // within the limits of size, but it took more time or memory than its size allows
  | "unsupported-media-type"
  | "invalid" // readable, but breaks rules: carries issues
  | "not-found"
  | "gone" // erased
  | "method-not-allowed"
  | "not-acceptable"
  | "conflict" // the identifier names another document already
  | "precondition-failed"
  | "misdirected" // a Host that is not ours
  | "unauthenticated" // who asks did not prove who it is, or what it proved does not hold
  | "forbidden"
  | "bad-query" // a search that nobody can read
  | "unsupported" // a parameter or feature that we do not have
  | "too-slow" // a request that stopped arriving, or arrives slower than it may
  | "too-many-requests" // from one address
  | "unavailable" // stopping, or a dependency is down: try again later
  | "damaged" // what is stored does not match what was committed
  | "internal";

interface ErrorKind {
  readonly status: number;
  /** http://hl7.org/fhir/issue-type */
  readonly issueCode: string;
  /** True when the message was written for the client; false: only a neutral sentence leaves the process. */
  readonly isPublic: boolean;
}

export const ERROR_KINDS: Readonly<Record<ErrorCode, ErrorKind>> = {
  malformed: { status: 400, issueCode: "structure", isPublic: true },
  "too-large": { status: 413, issueCode: "too-long", isPublic: true },
  "too-costly": { status: 422, issueCode: "too-costly", isPublic: true },
  "unsupported-media-type": { status: 415, issueCode: "not-supported", isPublic: true },
  invalid: { status: 422, issueCode: "invalid", isPublic: true },
  "not-found": { status: 404, issueCode: "not-found", isPublic: true },
  gone: { status: 410, issueCode: "deleted", isPublic: true },
  "method-not-allowed": { status: 405, issueCode: "not-supported", isPublic: true },
  "not-acceptable": { status: 406, issueCode: "not-supported", isPublic: true },
  conflict: { status: 409, issueCode: "conflict", isPublic: true },
  "precondition-failed": { status: 412, issueCode: "conflict", isPublic: true },
  misdirected: { status: 421, issueCode: "security", isPublic: true },
  unauthenticated: { status: 401, issueCode: "login", isPublic: true },
  forbidden: { status: 403, issueCode: "forbidden", isPublic: true },
  "bad-query": { status: 400, issueCode: "invalid", isPublic: true },
  unsupported: { status: 400, issueCode: "not-supported", isPublic: true },
  "too-slow": { status: 408, issueCode: "timeout", isPublic: true },
  "too-many-requests": { status: 429, issueCode: "throttled", isPublic: true },
  unavailable: { status: 503, issueCode: "transient", isPublic: true },
  damaged: { status: 500, issueCode: "exception", isPublic: true },
  internal: { status: 500, issueCode: "exception", isPublic: false },
};

/** A failure with a code of the table above. `message` tells the caller what to change; `cause` keeps what happened underneath. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  /** Seconds after which trying again may help, where that is known. */
  readonly retryAfter: number | undefined;
  /** What `WWW-Authenticate` says of a request that lacks proof or scope (RFC 9110 section 11.6.1, RFC 6750 section 3). */
  readonly challenge: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly retryAfter?: number; readonly challenge?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfter = options.retryAfter;
    this.challenge = options.challenge;
  }
}

/** Whether something failed because what is stored is not as it was written. */
export function isDamage(error: unknown): boolean {
  return error instanceof AppError && error.code === "damaged";
}

/** Reads what is stored: what cannot be read of it is `damaged`, and nothing that who asks could mend. @param what in words that a sentence begins with */
export function readStored<Read>(what: string, read: () => Read): Read {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== "malformed") throw cause;
    throw new AppError("damaged", `${what} cannot be read: ${cause.message}`, { cause });
  }
}
