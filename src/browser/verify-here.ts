import type { VerifiedFile } from "../pipeline/render/pages/verification-form.ts";
import type { VerificationReport } from "../pipeline/verify/report.ts";
import { verifyHeld } from "../pipeline/verify/verify-pdf.ts";
import { embeddedDefinitions } from "./embedded.ts";

/** Files as they are, by what they are. */
export type Files = Readonly<Partial<Record<Exclude<VerifiedFile, "document">, Uint8Array>>> & { readonly document: Uint8Array };

/** What came of it: a report, or why there is none. */
export type Answer = { readonly report: VerificationReport } | { readonly fault: string };

/** Verifies by the code that the command line verifies by, in this thread. Only a fault of the program is a fault here: those of files are lines of the report. */
export async function verifyHere({ document, receipt, trust, record }: Files): Promise<Answer> {
  try {
    return { report: await verifyHeld({ bytes: document, receipt, trust, record, definitions: embeddedDefinitions() }) };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
