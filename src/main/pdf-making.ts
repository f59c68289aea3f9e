/** Who prints, finishes and signs PDFs. A part of the composition root. */
import type { TimeStamper } from "../core/cms/make-signature.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { Served } from "../http/served.ts";
import { makePdf, type PdfMaking } from "../interactions/pages/make-pdf.ts";
import { PdfCounts } from "../interactions/pages/pdf-counts.ts";
import type { PdfEngine } from "../pipeline/render/pdf-engine.ts";
import type { Work } from "../pipeline/work/work.ts";

/** @param parts `stamp`: undefined where no time-stamp authority is configured */
export function openPdfMaking(parts: {
  readonly engine: PdfEngine;
  readonly work: Work;
  readonly keys: Pick<Keys, "seal">;
  readonly stamp: TimeStamper | undefined;
}): Pick<Served, "makePdf" | "pdfCounts"> {
  const { engine, work, keys, stamp } = parts;
  const finish: PdfMaking["finish"] = (printed, facts) => work.do("finish", { printed, facts }, { bytes: printed.length, handOver: [printed] });
  return { makePdf: (printable) => makePdf(printable, { engine, finish, signer: { seal: keys.seal, stamp } }), pdfCounts: new PdfCounts() };
}
