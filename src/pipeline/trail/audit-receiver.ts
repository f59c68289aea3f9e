/**
 * An audit record repository elsewhere that takes AuditEvents (IHE ITI-20, RESTful ATNA, "FHIR feed" interactions).
 *
 * AppError `unavailable`, without a word of what was sent, when nobody answered in time or nothing is known of what was taken.
 */
export interface AuditReceiver {
  /** Sends one event by itself; gives the HTTP status. */
  one(event: object): Promise<number>;
  /** Sends several as one batch Bundle, in this order; gives the HTTP status, and that of each where the answer tells it of all of them. */
  several(events: readonly object[]): Promise<{ readonly status: number; readonly each?: readonly number[] }>;
  /** Gives up what is being sent, and sends nothing more. */
  close(): void;
}
