/** A small tagged PDF of the form in which the browser prints: one page, a list, a table, a link, unmarked paint. */
import { deflateSync } from "node:zlib";
import type { PdfFacts } from "../../../src/pipeline/pdf/pdf-facts.ts";

/** A PDF from its objects' texts, the first of which is number 1; the trailer names 1 as its catalog. */
export function pdfOf(objects: readonly (string | Buffer)[], trailer = ""): Buffer {
  const parts: Buffer[] = [Buffer.from("%PDF-1.4\n", "latin1")];
  const offsets: number[] = [];
  let length = 9;
  objects.forEach((object, at) => {
    offsets.push(length);
    const part = Buffer.concat([Buffer.from(`${at + 1} 0 obj\n`), Buffer.from(object as string, "latin1"), Buffer.from("\nendobj\n")]);
    parts.push(part);
    length += part.length;
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  parts.push(
    Buffer.from(`xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<</Size ${size}\n/Root 1 0 R${trailer}>>\nstartxref\n${length}\n%%EOF\n`),
  );
  return Buffer.concat(parts);
}

export function streamOf(content: string | Uint8Array, dictionary = ""): Buffer {
  const bytes = deflateSync(content);
  return Buffer.concat([Buffer.from(`<</Filter /FlateDecode\n/Length ${bytes.length}${dictionary}>> stream\n`), bytes, Buffer.from("\nendstream")]);
}

export const CONTENT =
  "q\n0 0 9 9 re\nf\nQ\n/P <</MCID 0>>BDC\n0 0 1 1 re\nf\nEMC\nBT\n/F4 9 Tf\n/Span <</ActualText (fi)>>BDC <0001> Tj EMC\n<0002> Tj\nET\n";

/** `first`: the number of the first name that the browser gives. */
export function printed(content = CONTENT, first = 7): Buffer {
  return pdfOf(
    [
      "<</Type /Catalog\n/Pages 2 0 R\n/StructTreeRoot 5 0 R\n/Lang (de)>>",
      "<</Type /Pages\n/Kids [3 0 R]\n/Count 1>>",
      "<</Type /Page\n/Parent 2 0 R\n/MediaBox [0 0 594.95996 841.91998]\n/Contents 4 0 R\n/StructParents 0\n/Annots [20 0 R]>>",
      streamOf(content),
      "<</Type /StructTreeRoot\n/K 6 0 R\n/ParentTreeNextKey 1\n/ParentTree 19 0 R\n/IDTree 22 0 R>>",
      "<</Type /StructElem\n/S /Document\n/P 5 0 R\n/K [7 0 R 8 0 R 12 0 R 18 0 R]>>",
      "<</Type /StructElem\n/S /H3\n/P 6 0 R\n/Pg 3 0 R\n/K 0>>",
      "<</Type /StructElem\n/S /L\n/P 6 0 R\n/K 9 0 R>>",
      "<</Type /StructElem\n/S /LI\n/P 8 0 R\n/K [10 0 R 11 0 R]>>",
      "<</Type /StructElem\n/S /Lbl\n/P 9 0 R>>",
      "<</Type /StructElem\n/S /Strong\n/P 9 0 R>>",
      "<</Type /StructElem\n/S /Table\n/P 6 0 R\n/K [13 0 R 16 0 R]>>",
      "<</Type /StructElem\n/S /TR\n/P 12 0 R\n/K [14 0 R 15 0 R]>>",
      `<</Type /StructElem\n/S /TH\n/P 13 0 R\n/A [<</O /Table\n/ColSpan 2>>]\n/ID (node${first})>>`,
      "<</Type /StructElem\n/S /TD\n/P 13 0 R\n/A [<</O /Table\n/RowSpan 5>>]>>",
      "<</Type /StructElem\n/S /TR\n/P 12 0 R\n/K [17 0 R]>>",
      `<</Type /StructElem\n/S /TD\n/P 16 0 R\n/A [<</O /Table\n/Headers [(node${first})]>>]>>`,
      "<</Type /StructElem\n/S /Figure\n/P 6 0 R>>",
      "<</Nums [0 [7 0 R]]>>",
      "<</Type /Annot\n/Subtype /Link\n/Rect [0 0 1 1]\n/A <</S /URI\n/URI (https://example.org/)>>>>",
      "<</Producer (Skia/PDF m153)>>",
      "<</Kids [23 0 R]>>",
      `<</Limits [(node${first}) (node${first})]\n/Names [(node${first}) 14 0 R]>>`,
    ],
    "\n/Info 21 0 R",
  );
}

export const FACTS: PdfFacts = {
  title: "BRANDT, Ada – Entlassbrief /Type /Sig\n <&>",
  language: "de",
  author: "Dr. Ümit Öz",
  subject: undefined,
  identifier: "urn:uuid:30937f05-6141-4f1e-8a5c-33dedaf8ca1d",
  createdAt: "2026-03-14T09:22:00.000Z",
  modifiedAt: "2026-03-15T09:22:00.000Z",
  creator: "chartulary/0",
  seeds: { document: "one", rendition: "two" },
  attachments: [
    {
      name: "document.json",
      mediaType: "application/fhir+json",
      content: Buffer.from('{"resourceType":"Bundle"}'),
      description: "It",
      relationship: "Source",
    },
  ],
};
