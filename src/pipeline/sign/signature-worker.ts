/** The worker thread in which signatures of large documents are checked. Started by signature-checker.ts alone; it holds no key. */
import { parentPort } from "node:worker_threads";
import { answerHere } from "../../core/signatures/document-signature.ts";
import { trustOfData, type SignerTrustData } from "../../core/signatures/signer-trust.ts";
import type { SignatureCheck } from "../../core/signatures/signature-check.ts";
import { openR4 } from "../../core/fhir/r4/open-r4.ts";
import { READY } from "../../core/threads/ready.ts";
import type { ReadLimits } from "../../core/fhir/reading/read-limits.ts";
import { fhirMediaTypeOf } from "../../core/fhir/reading/fhir-media-type.ts";
import { readResource } from "../../core/fhir/reading/read-resource.ts";

export interface WorkerQuestion {
  readonly bytes: Uint8Array;
  readonly isXml: boolean;
  /** Whether Bundle.signature is asked about: our own seal, in its place, is not. */
  readonly isSigned: boolean;
  /** Undefined when nobody said whom to trust. */
  readonly trust: SignerTrustData | undefined;
  readonly receivedAt: number;
  readonly limits: ReadLimits;
}

/** Undefined: the document could not be read again. */
export type WorkerAnswer = readonly SignatureCheck[] | undefined;

/** A thread shares nothing: it opens R4 for itself, and keeps it. */
const { definitions } = openR4();

parentPort?.postMessage(READY);
// What goes wrong ends the worker, which its asker notices.
parentPort?.on("message", (question: WorkerQuestion) => void answer(question));

async function answer({ bytes, isXml, isSigned, trust: data, receivedAt, limits }: WorkerQuestion): Promise<void> {
  const { resource } = readResource(bytes, fhirMediaTypeOf(bytes, isXml ? ".xml" : ""), limits, definitions);
  const trust = data && trustOfData(data);
  const found: WorkerAnswer =
    resource &&
    (await answerHere(definitions)({
      bundle: isSigned ? resource : resource.without("signature"),
      bytes,
      isXml,
      trust,
      receivedAt: new Date(receivedAt),
    }));
  parentPort?.postMessage(found);
}
