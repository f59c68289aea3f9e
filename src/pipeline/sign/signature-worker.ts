/** The worker thread in which signatures of large documents are checked. Started by signature-checker.ts alone; it holds no key. */
import { parentPort } from "node:worker_threads";
import { answerHere } from "../../core/signatures/document-signature.ts";
import { trustOfData, type SignerTrustData } from "../../core/signatures/signer-trust.ts";
import type { SignatureCheck } from "../../core/signatures/signature-check.ts";
import type { RevocationSource } from "../../core/revocation/revocation-shelf.ts";
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
  /** Whether somebody can be asked what else tells of revocations. */
  readonly hasRevocationSource: boolean;
  readonly receivedAt: number;
  readonly limits: ReadLimits;
}

export interface WorkerAnswer {
  /** Undefined: the document could not be read again. */
  readonly checks: readonly SignatureCheck[] | undefined;
  /** Of which certificates it would have been asked whether they had been revoked: whoever asks here asks that, and then again. */
  readonly wanted: readonly WantedStatus[];
}

/** A certificate and its issuer's, in DER. */
export interface WantedStatus {
  readonly certificate: Uint8Array;
  readonly issuer: Uint8Array;
}

/** A thread shares nothing: it opens R4 for itself, and keeps it. */
const { definitions } = openR4();
const answerer = answerHere(definitions);

parentPort?.postMessage(READY);
// What goes wrong ends the worker, which its asker notices.
parentPort?.on("message", (question: WorkerQuestion) => void answer(question));

async function answer({ bytes, isXml, isSigned, trust: data, hasRevocationSource, receivedAt, limits }: WorkerQuestion): Promise<void> {
  const { resource } = readResource(bytes, fhirMediaTypeOf(bytes, isXml ? ".xml" : ""), limits, definitions);
  const wanted: WantedStatus[] = [];
  const source: RevocationSource = (certificate, issuer) => {
    wanted.push({ certificate: certificate.raw, issuer: issuer.raw });
    return Promise.resolve({ lists: [], answers: [] });
  };
  const trust = data && { ...trustOfData(data), ...(hasRevocationSource && { source }) };
  const checks =
    resource &&
    (await answerer({
      bundle: isSigned ? resource : resource.without("signature"),
      bytes,
      isXml,
      trust,
      receivedAt: new Date(receivedAt),
    }));
  const found: WorkerAnswer = { checks, wanted };
  parentPort?.postMessage(found);
}
