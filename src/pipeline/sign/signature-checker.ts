/**
 * Checks senders' signatures for a service: what is small at once, what is large in a worker with limits of time and memory, and none of those twice. An overrun is a signature that was
 * not checked, with the limit's name; it never stops anything else.
 */
import { createHash } from "node:crypto";
import { answerHere, checksOfSignaturesWithin, type SignatureAnswerer, type SignatureQuestion } from "../../core/signatures/document-signature.ts";
import { NOTHING_CHECKED, type SignatureCheck } from "../../core/signatures/signature-check.ts";
import { formOf } from "../../core/signatures/signature-text.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { DEFAULT_READ_LIMITS, type ReadLimits } from "../../core/fhir/reading/read-limits.ts";
import { LimitedWorker, type Outcome } from "../../core/limited-worker.ts";
import type { WorkerAnswer, WorkerQuestion } from "./signature-worker.ts";

export interface SignatureCheckerLimits {
  /** Bytes of a document, and characters of its Signature.data, above which the worker is asked. */
  readonly documentHere: number;
  readonly signatureHere: number;
  /** Milliseconds for one document, and for each of its bytes. */
  readonly time: number;
  readonly timePerByte: number;
  /** Megabytes of the worker's heap. */
  readonly memory: number;
  /** Documents whose results are remembered, and for how many milliseconds those of an overrun are. */
  readonly remembered: number;
  readonly overrunRemembered: number;
}

export const CHECKER_LIMITS: SignatureCheckerLimits = {
  documentHere: 100_000,
  signatureHere: 30_000,
  time: 10_000,
  timePerByte: 0.002,
  memory: 4096,
  remembered: 500,
  overrunRemembered: 60_000,
};

export interface SignatureChecker {
  readonly check: SignatureAnswerer;
  close(): Promise<void>;
}

interface Remembered {
  readonly checks: Promise<SignatureCheck[]>;
  until: number;
}

const IDLE = 30_000;

/**
 * @param definitions for what is checked here; the worker opens R4 for itself
 * @param readLimits those under which documents are read, again in the worker
 */
export function createSignatureChecker(
  definitions: Definitions,
  readLimits: ReadLimits = DEFAULT_READ_LIMITS,
  limits: SignatureCheckerLimits = CHECKER_LIMITS,
): SignatureChecker {
  // The built package has JavaScript beside it, a checkout TypeScript.
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const module = new URL(`./signature-worker${extension}`, import.meta.url);
  const worker = new LimitedWorker<WorkerQuestion, WorkerAnswer>({ module, memory: limits.memory, idle: IDLE });
  const remembered = new Map<string, Remembered>();
  const here = answerHere(definitions);

  async function ask(question: SignatureQuestion, entry: () => Remembered | undefined): Promise<SignatureCheck[]> {
    const { bundle, bytes, isXml, trust, receivedAt } = question;
    const signers = trust?.signers.map(({ raw }) => raw);
    const time = limits.time + bytes.length * limits.timePerByte;
    const outcome = await worker.ask({ bytes, isXml, signers, receivedAt: receivedAt.getTime(), limits: readLimits }, time);
    const answered = "answer" in outcome ? outcome.answer?.find(({ place }) => place === OWN) : undefined;
    const own = answered ?? notChecked(question, "limit" in outcome ? outcome.limit : "failed", Math.round(time / 1000));
    const made = entry();
    if (made && answered === undefined) made.until = Date.now() + limits.overrunRemembered;
    return [own, ...checksOfSignaturesWithin(bundle)];
  }

  return {
    check: (question) => {
      if (!isLarge(question, limits)) return here(question);
      const key = keyOf(question);
      const before = remembered.get(key);
      remembered.delete(key);
      if (before !== undefined && before.until > Date.now()) {
        remembered.set(key, before); // the newest is the last
        return before.checks;
      }
      const made: Remembered = { checks: ask(question, () => remembered.get(key)), until: Number.POSITIVE_INFINITY };
      remembered.set(key, made);
      const [oldest] = remembered.keys();
      if (remembered.size > limits.remembered && oldest !== undefined) remembered.delete(oldest);
      return made.checks;
    },
    close: () => worker.close(),
  };
}

const OWN = "Bundle.signature";

/** Whether there is something to compute, and it may take long. */
function isLarge({ bundle, bytes }: SignatureQuestion, limits: SignatureCheckerLimits): boolean {
  const length = bundle.object("signature")?.string("data")?.length ?? 0;
  return length > 0 && (bytes.length > limits.documentHere || length > limits.signatureHere);
}

/** The same key, the same results: of the same bytes, received then, by the same trust. A carried seal may have been left out of the question. */
function keyOf({ bytes, trust, receivedAt, bundle }: SignatureQuestion): string {
  const hash = createHash("sha256");
  hash.update(`${receivedAt.toISOString()} ${bundle.has("signature") ? "signed" : "not"} ${trust === undefined ? "none" : "given"} `);
  for (const { raw } of trust?.signers ?? []) hash.update(raw);
  return hash.update(bytes).digest("base64");
}

type Overrun = Extract<Outcome<never>, { limit: unknown }>["limit"];

function notChecked({ bundle }: SignatureQuestion, limit: Overrun, seconds: number): SignatureCheck {
  const signature = bundle.object("signature");
  const reasons: Readonly<Record<Overrun, string>> = {
    time: `it took longer than the ${seconds} seconds that a document of this size is given`,
    memory: "it took more memory than a check is given",
    failed: "the check failed",
    closed: "the service was stopping",
  };
  return {
    ...NOTHING_CHECKED,
    place: OWN,
    form: signature ? formOf(signature, undefined) : "other",
    role: "unknown",
    explanation: `The signature was not checked: ${reasons[limit]}.`,
  };
}
