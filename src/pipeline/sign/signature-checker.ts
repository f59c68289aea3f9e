/**
 * Checks senders' signatures for a service: what is small at once, what is large in a worker with limits of time and memory, and none of those twice. An overrun is a signature that was
 * not checked, with the limit's name; it never stops anything else. Threads of the pool ask the same worker, by way of the main thread, so that one memory serves all.
 */
import { createHash } from "node:crypto";
import { answerHere, uncheckedWithin, type SignatureAnswerer, type SignatureQuestion } from "../../core/signatures/document-signature.ts";
import { NOTHING_CHECKED, type SignatureCheck } from "../../core/signatures/signature-check.ts";
import { signaturesWithin } from "../../core/signatures/signature-places.ts";
import { SIGNATURE_LIMITS } from "../../core/crypto/signature-limits.ts";
import { copyOf } from "../../core/crypto/bytes.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { formOf, signatureText } from "../../core/signatures/signature-text.ts";
import { parseCertificate } from "../../core/crypto/certificate.ts";
import { joined } from "../../core/revocation/revocation-shelf.ts";
import { dataOfTrust } from "../../core/signatures/signer-trust.ts";
import { isCompact } from "../../core/signatures/jws.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { DEFAULT_READ_LIMITS, type ReadLimits } from "../../core/fhir/reading/read-limits.ts";
import { LimitedWorker, type Limit } from "../../core/threads/limited-worker.ts";
import { buffersIn } from "../../core/threads/move-buffers.ts";
import { moduleBeside } from "../../core/threads/thread.ts";
import type { WantedStatus, WorkerAnswer, WorkerQuestion } from "./signature-worker.ts";

export interface SignatureCheckerLimits {
  /** Bytes of a document, and characters of its Signature.data, above which the worker is asked. */
  readonly documentHere: number;
  readonly signatureHere: number;
  /** Milliseconds of a processor for one document, and for each of its bytes. */
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
  /** Checks one in the worker: for a thread that answers by `answerIn`. */
  readonly ask: AskLarge;
  close(): Promise<void>;
}

/** A large document's signature, as data. The same key, the same answer. */
export interface LargeQuestion {
  readonly key: string;
  readonly question: WorkerQuestion;
}

/** The results about all signatures of the document, or why there are none, and the seconds that were allowed. */
export type LargeAnswer =
  { readonly answer: readonly SignatureCheck[]; readonly wanted: readonly WantedStatus[] } | { readonly limit: Limit; readonly seconds: number };

export type AskLarge = (question: LargeQuestion) => Promise<LargeAnswer>;

interface Remembered {
  readonly answer: Promise<LargeAnswer>;
  until: number;
}

const IDLE = 30_000;
/** Milliseconds in which the worker is ready, and how many times as long as its time a check may take by the clock on a busy machine. */
const START = 60_000;
const PATIENCE = 10;

/**
 * @param definitions for what is checked here; the worker opens R4 for itself
 * @param readLimits those under which documents are read, again in the worker
 */
export function createSignatureChecker(
  definitions: Definitions,
  readLimits: ReadLimits = DEFAULT_READ_LIMITS,
  limits: SignatureCheckerLimits = CHECKER_LIMITS,
): SignatureChecker {
  const worker = new LimitedWorker<WorkerQuestion, WorkerAnswer>({
    module: moduleBeside(import.meta.url, "./signature-worker"),
    limits: { maxOldGenerationSizeMb: limits.memory },
    startLimit: START,
    patience: PATIENCE,
    idle: IDLE,
  });
  const remembered = new Map<string, Remembered>();

  async function answer(question: WorkerQuestion, entry: () => Remembered | undefined): Promise<LargeAnswer> {
    const time = limits.time + question.bytes.length * limits.timePerByte;
    const outcome = await worker.ask(question, time, buffersIn(question));
    const checks = "answer" in outcome ? outcome.answer.checks : undefined;
    const made = entry();
    if (made && checks === undefined) made.until = Date.now() + limits.overrunRemembered;
    return checks && "answer" in outcome
      ? { answer: checks, wanted: outcome.answer.wanted }
      : { limit: "limit" in outcome ? outcome.limit : "failed", seconds: Math.round(time / 1000) };
  }

  const ask: AskLarge = ({ key, question }) => {
    const before = remembered.get(key);
    remembered.delete(key);
    if (before !== undefined && before.until > Date.now()) {
      remembered.set(key, before); // the newest is the last
      return before.answer;
    }
    const made: Remembered = { answer: answer(question, () => remembered.get(key)), until: Number.POSITIVE_INFINITY };
    remembered.set(key, made);
    const [oldest] = remembered.keys();
    if (remembered.size > limits.remembered && oldest !== undefined) remembered.delete(oldest);
    return made.answer;
  };

  const check = answerBy(ask, { definitions, readLimits, isLarge: (question) => isLarge(question, limits) });
  return { check, ask, close: () => worker.close() };
}

/**
 * Checks in a thread of the pool: what costs a small multiple of its size here, since all that is asked for here may take long; a large document's XML signature and what is long in itself elsewhere,
 * so that an overrun costs the document its signature's check and nothing else.
 */
export function answerIn(
  definitions: Definitions,
  ask: AskLarge,
  readLimits: ReadLimits = DEFAULT_READ_LIMITS,
  limits: SignatureCheckerLimits = CHECKER_LIMITS,
): SignatureAnswerer {
  const isElsewhere = (question: SignatureQuestion): boolean => {
    if (isSmall(question, limits)) return false;
    const signatures = signaturesOf(question);
    const isLong = signatures.some((signature) => lengthOf(signature) > limits.signatureHere);
    return isLong || (isLargeWith(signatures, question, limits) && !signatures.every((signature) => isCompact(signatureText(signature) ?? "")));
  };
  return answerBy(ask, { definitions, readLimits, isLarge: isElsewhere });
}

interface AnswerBy {
  readonly definitions: Definitions;
  readonly readLimits: ReadLimits;
  readonly isLarge: (question: SignatureQuestion) => boolean;
}

function answerBy(ask: AskLarge, { definitions, readLimits, isLarge }: AnswerBy): SignatureAnswerer {
  const here = answerHere(definitions);
  return async (asked) => {
    if (!isLarge(asked)) return here(asked);
    let outcome = await askAbout(asked);
    if ("answer" in outcome && outcome.wanted.length > 0)
      outcome = await askAbout({ ...asked, trust: await withWanted(asked.trust, outcome.wanted) });
    return "answer" in outcome ? [...outcome.answer] : notChecked(asked, outcome);
  };

  function askAbout(asked: SignatureQuestion): Promise<LargeAnswer> {
    const { bundle, bytes, isXml, trust, receivedAt } = asked;
    const hasRevocationSource = trust?.source !== undefined;
    // A copy: the asker works on with its own, and this one moves from thread to thread.
    const question = {
      bytes: copyOf(bytes),
      isXml,
      isSigned: bundle.has("signature"),
      trust: trust && dataOfTrust(trust),
      hasRevocationSource,
      receivedAt: receivedAt.getTime(),
      limits: readLimits,
    };
    return ask({ key: keyOf(asked), question });
  }
}

/** The same trust with what its source tells of these certificates, and nobody left to ask. */
async function withWanted(trust: SignatureQuestion["trust"], wanted: readonly WantedStatus[]): Promise<SignatureQuestion["trust"]> {
  if (trust?.source === undefined) return trust;
  const { source, ...others } = trust;
  const found = await Promise.all(wanted.map(({ certificate, issuer }) => source(parseCertificate(certificate), parseCertificate(issuer))));
  return { ...others, revocations: joined([...(trust.revocations ? [trust.revocations] : []), ...found]) };
}

const OWN = "Bundle.signature";

/** Whether there is something to compute, and it may take long. */
function isLarge(question: SignatureQuestion, limits: SignatureCheckerLimits): boolean {
  return !isSmall(question, limits) && isLargeWith(signaturesOf(question), question, limits);
}

/** Nothing in it can be large, not even all of it in base64 (a signed message is its document's signature): it need not be walked through for its signatures. */
function isSmall({ bytes }: SignatureQuestion, { documentHere, signatureHere }: SignatureCheckerLimits): boolean {
  return bytes.length * 1.5 <= Math.min(documentHere, signatureHere);
}

function isLargeWith(signatures: readonly JsonObject[], { bytes }: SignatureQuestion, limits: SignatureCheckerLimits): boolean {
  const longest = Math.max(0, ...signatures.map(lengthOf));
  return longest > 0 && (bytes.length > limits.documentHere || longest > limits.signatureHere);
}

function signaturesOf({ bundle }: SignatureQuestion): JsonObject[] {
  const own = bundle.object("signature");
  const within = signaturesWithin(bundle, SIGNATURE_LIMITS.signatures).map(({ signature }) => signature);
  return own ? [own, ...within] : within;
}

function lengthOf(signature: JsonObject): number {
  return signature.string("data")?.length ?? 0;
}

/** The same key, the same results: of the same bytes, received then, by the same trust. A carried seal may have been left out of the question. */
function keyOf({ bytes, trust, receivedAt, bundle }: SignatureQuestion): string {
  const hash = createHash("sha256");
  hash.update(`${receivedAt.toISOString()} ${bundle.has("signature") ? "signed" : "not"} ${trust === undefined ? "none" : "given"} `);
  if (trust) {
    const { signers, timeAuthorities, revocations, needsRevocation, parties } = dataOfTrust(trust);
    hash.update(JSON.stringify([signers.length, timeAuthorities.length, revocations.length, needsRevocation, parties, trust.source !== undefined]));
    for (const raw of [...signers, ...timeAuthorities, ...revocations]) hash.update(raw);
  }
  return hash.update(bytes).digest("base64");
}

function notChecked({ bundle }: SignatureQuestion, { limit, seconds }: Extract<LargeAnswer, { readonly limit: unknown }>): SignatureCheck[] {
  const signature = bundle.object("signature");
  const reasons: Readonly<Record<Limit, string>> = {
    time: `it took longer than the ${seconds} seconds that a document of this size is given`,
    start: "the check could not begin",
    memory: "it took more memory than a check is given",
    failed: "the check failed",
    closed: "the service was stopping",
  };
  const explanation = `The signature was not checked: ${reasons[limit]}.`;
  const form = signature ? formOf(signature, undefined) : "other";
  const own = bundle.has("signature") ? [{ ...NOTHING_CHECKED, place: OWN, form, role: "unknown" as const, explanation }] : [];
  return [...own, ...uncheckedWithin(bundle, explanation)];
}
