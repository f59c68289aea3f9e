/** The verifier as a page has it: bundled for a browser, it waits to be asked. Whoever asks gives text or base64, as what goes into a page and out of it is JSON. */
import { fromBase64 } from "../../../src/core/crypto/base64.ts";
import { createDefinitions, type DefinitionsArtefact } from "../../../src/core/fhir/r4/definitions.ts";
import { verifyHeld } from "../../../src/pipeline/verify/verify-pdf.ts";
import type { VerificationReport } from "../../../src/pipeline/verify/report.ts";

export interface PageQuestion {
  /** base64. */
  readonly bytes: string;
  readonly receipt?: string | undefined;
  readonly trust?: string | undefined;
}

const artefact = (await (await fetch("/definitions.json")).json()) as DefinitionsArtefact;
const definitions = createDefinitions(() => artefact);
const utf8 = (text: string | undefined): Uint8Array | undefined => (text === undefined ? undefined : new TextEncoder().encode(text));

async function verify({ bytes, receipt, trust }: PageQuestion): Promise<VerificationReport> {
  return verifyHeld({ bytes: fromBase64(bytes) ?? new Uint8Array(), receipt: utf8(receipt), trust: utf8(trust), definitions });
}

Object.assign(globalThis, { verifyAll: (questions: readonly PageQuestion[]) => Promise.all(questions.map(verify)) });
