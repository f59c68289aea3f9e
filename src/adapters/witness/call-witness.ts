/** A witness over HTTP (c2sp.org/tlog-witness). Nothing of its answers is believed but signatures, so that whoever stands between can only keep them away. */
import { boundedBytes } from "../../core/bounded-bytes.ts";
import { AppError } from "../../core/errors.ts";
import type { KnownWitness } from "../../core/formats/tlog-policy.ts";
import { formatAddCheckpoint, monitoredPath, parseSize } from "../../core/formats/witness-messages.ts";
import type { WitnessPort } from "../../pipeline/witness/witness-port.ts";

/** Milliseconds from question to answer. */
const PATIENCE = 5_000;
/** Of an answer: some signatures of a post-quantum kind, or a checkpoint with them. */
const LARGEST = 256_000;

/** @param signal ends what is under way when the service stops */
export function callWitness({ name, verifier }: KnownWitness, url: string, signal?: AbortSignal): WitnessPort {
  return {
    name,
    verifier,
    add: async (request) => {
      const { status, text } = await ask(`${url}/add-checkpoint`, { method: "POST", body: formatAddCheckpoint(request) }, signal);
      if (status === 200) return { kind: "cosigned", lines: text };
      const size = status === 409 ? parseSize(text) : undefined;
      if (size !== undefined) return { kind: "conflict", size };
      // It may be able to answer later.
      if (status === 429 || status >= 500) throw new AppError("unavailable", `it answers with ${status}`);
      return { kind: "refused", status };
    },
    shown: async (origin) => {
      const { status, text } = await ask(`${url}/${monitoredPath(origin)}`, {}, signal);
      if (status === 200) return text;
      if (status === 429 || status >= 500) throw new AppError("unavailable", `it answers with ${status}`);
      return undefined;
    },
  };
}

async function ask(address: string, asked: RequestInit, ended: AbortSignal | undefined): Promise<{ readonly status: number; readonly text: string }> {
  const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE), ...(ended ? [ended] : [])]);
  try {
    const answer = await fetch(address, { ...asked, redirect: "error", signal });
    const bytes = await boundedBytes(
      (answer.body ?? []) as AsyncIterable<Uint8Array>,
      LARGEST,
      "its answer is larger than a checkpoint with cosignatures may be",
    );
    return { status: answer.status, text: new TextDecoder().decode(bytes) };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("unavailable", signal.aborted ? `it did not answer within ${PATIENCE} ms` : "it could not be reached", { cause: error });
  }
}
