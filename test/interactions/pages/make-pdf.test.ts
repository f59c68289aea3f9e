import { expect, test } from "@jest/globals";
import { makePdf } from "../../../src/interactions/pages/make-pdf.ts";
import { finishPdf } from "../../../src/pipeline/pdf/finish-pdf.ts";
import type { PdfFacts } from "../../../src/pipeline/pdf/pdf-facts.ts";
import { FACTS, printed } from "../../pipeline/pdf/printed.ts";

const printable = { html: "<p>", furniture: { patient: "", document: "", language: "en" }, facts: FACTS };
const finish = (bytes: Uint8Array, facts: PdfFacts): Promise<Uint8Array> => Promise.resolve().then(() => finishPdf(bytes, facts));

test("a PDF that nobody signs has no room for a signature", async () => {
  const made = await makePdf(printable, { engine: { render: () => Promise.resolve(printed()) }, finish });
  expect(Buffer.from(made.bytes).toString("latin1")).not.toContain("/AcroForm");
});

test("a browser that prints in another form is a fault of ours, not of who asks", async () => {
  const made = makePdf(printable, { engine: { render: () => Promise.resolve(Buffer.from("%PDF-2.0")) }, finish });
  await expect(made).rejects.toMatchObject({ code: "unavailable", cause: { code: "malformed" } });
});
