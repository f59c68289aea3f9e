import { AppError } from "../../core/errors.ts";
import type { PdfFacts } from "../../pipeline/pdf/pdf-facts.ts";
import { signaturePlaceholder, signPdf, type PdfSigner, type SignedPdf } from "../../pipeline/pdf/sign-pdf.ts";
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

/** A PDF that was made. */
export interface MadePdf {
  readonly bytes: Uint8Array;
  /** Of its signature; undefined where nobody signed. */
  readonly level: SignedPdf["level"] | undefined;
  /** True where a time-stamp authority is configured and gave none. */
  readonly isStampMissing: boolean;
}

/** A PDF from what it is made from: printed, finished, and signed at this moment. AppError `unavailable`. */
export async function makePdf({ html, furniture, facts }: Printable, { engine, finish, signer }: PdfMaking): Promise<MadePdf> {
  const printed = await engine.render(html, furniture);
  const finished = await finish(printed, signer === undefined ? facts : { ...facts, signature: signaturePlaceholder(signer) }).catch(
    (cause: unknown) => {
      // The fault is the browser's, not that of whoever asks.
      if (!(cause instanceof AppError) || cause.code !== "malformed") throw cause;
      throw new AppError(
        "unavailable",
        "The browser prints PDFs in a form that is not known here. The operator can name another with PUPPETEER_EXECUTABLE_PATH.",
        { cause },
      );
    },
  );
  if (signer === undefined) return { bytes: finished, level: undefined, isStampMissing: false };
  const signed = await signPdf(finished, signer, new Date());
  return { ...signed, isStampMissing: signer.stamp !== undefined && signed.level === "B-B" };
}
