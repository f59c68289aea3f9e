/** What is answered later (R4 async.html), as the client waits for it. */
import type { Bundle, FhirResource } from "fhir/r4.js";
import { pauseAsTold, type Sending } from "./client-requests.ts";

export interface Waiting {
  readonly sending: Pick<Sending, "firstWait" | "longestWait">;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((text: string) => void) | undefined;
  /** Asks how it stands. */
  ask(): Promise<Response>;
  /** Has it ended, with whatever it made. */
  end(): Promise<unknown>;
}

/** Asks until it has come to its end, as seldom as the answers say; what nobody waits for any more is ended there too. */
export async function waitedFor({ ask, end, sending, signal, onProgress }: Waiting): Promise<Response> {
  try {
    for (;;) {
      const response = await ask();
      if (response.status !== 202) return response;
      await response.body?.cancel();
      const progress = response.headers.get("X-Progress");
      if (progress !== null) onProgress?.(progress);
      await pauseAsTold(response, sending.firstWait, sending, signal);
    }
  } catch (error) {
    // Nobody else knows its address.
    if (signal?.aborted === true) await end().catch(() => undefined);
    throw error;
  }
}

/** What a single request would have been answered with: the one entry of a batch-response (R5 async-bundle.html). Undefined for what is none. */
export function answerIn(bundle: Bundle<FhirResource>): { readonly status: number; readonly resource: FhirResource | undefined } | undefined {
  const [entry, second] = bundle.type === "batch-response" ? (bundle.entry ?? []) : [];
  const status = Number.parseInt(entry?.response?.status ?? "", 10);
  return second || Number.isNaN(status) ? undefined : { status, resource: entry?.resource };
}
