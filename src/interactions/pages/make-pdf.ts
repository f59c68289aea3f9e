import type { PdfFacts } from "../../pipeline/pdf/pdf-facts.ts";
import { signatureRoom, signPdf, type PdfSigner } from "../../pipeline/pdf/sign-pdf.ts";
import type { PdfEngine } from "../../pipeline/render/pdf-engine.ts";
import type { Printable } from "./print-document.ts";

/** What makes a PDF, part by part. */
export interface PdfMaking {
  readonly engine: Pick<PdfEngine, "render">;
  /** finishPdf, here or in another thread. */
  finish(printed: Uint8Array, facts: PdfFacts): Promise<Uint8Array>;
  /** Undefined where nobody signs. */
  readonly signer?: PdfSigner | undefined;
}

/** A PDF from what it is made from: printed, finished, and signed at this moment. AppError `unavailable`. */
export async function makePdf({ html, furniture, facts }: Printable, { engine, finish, signer }: PdfMaking): Promise<Uint8Array> {
  const printed = await engine.render(html, furniture);
  if (signer === undefined) return finish(printed, facts);
  const finished = await finish(printed, { ...facts, signature: signatureRoom(signer) });
  return signPdf(finished, signer, new Date());
}
