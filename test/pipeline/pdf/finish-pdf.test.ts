import { describe, expect, test } from "@jest/globals";
import { PdfFile } from "../../../src/core/pdf/pdf-file.ts";
import { contentOf } from "../../../src/core/pdf/stream-content.ts";
import { asArray, asDictionary, nameOf, PdfReference, PdfStream, PdfString, type PdfDictionary } from "../../../src/core/pdf/values.ts";
import { finishPdf } from "../../../src/pipeline/pdf/finish-pdf.ts";
import { CONTENT, FACTS, pdfOf, printed } from "./printed.ts";

const finished = PdfFile.open(finishPdf(printed(), FACTS));

function get(file: PdfFile, number: number): PdfDictionary {
  const value = file.get(number);
  return value instanceof PdfStream ? value.dictionary : (asDictionary(value) ?? new Map());
}

const text = (value: unknown): string => (value instanceof PdfString ? Buffer.from(value.bytes).toString("latin1") : "");
const typeAt = (file: PdfFile, value: unknown): string | undefined =>
  value instanceof PdfReference ? nameOf(get(file, value.number).get("/S")) : undefined;

describe("finishPdf", () => {
  test("gives the same bytes for the same bytes and facts, and other identifiers for other seeds", () => {
    expect(Buffer.compare(finishPdf(printed(), FACTS), finishPdf(printed(), FACTS))).toBe(0);
    const other = PdfFile.open(finishPdf(printed(), { ...FACTS, seeds: { document: "one", rendition: "three" } }));
    const ids = (file: PdfFile): string[] => (asArray(file.trailer.get("/ID")) ?? []).map((id) => Buffer.from(text(id), "latin1").toString("hex"));
    expect(ids(other)[0]).toBe(ids(finished)[0]);
    expect(ids(other)[1]).not.toBe(ids(finished)[1]);
    expect(ids(other)[1]).toHaveLength(32);
  });

  test("names of elements, which the browser counts from print to print, are given anew", () => {
    expect(Buffer.compare(finishPdf(printed(CONTENT, 7), FACTS), finishPdf(printed(CONTENT, 9), FACTS))).toBe(0);
    const tree = get(finished, 5).get("/IDTree") as PdfReference;
    expect((asArray(get(finished, tree.number).get("/Names")) ?? []).map((each) => text(each) || each)).toEqual(["e00000001", new PdfReference(14)]);
    expect(text(get(finished, 14).get("/ID"))).toBe("e00000001");
    const [attribute] = asArray(get(finished, 17).get("/A")) ?? [];
    expect((asArray(asDictionary(attribute)?.get("/Headers")) ?? []).map(text)).toEqual(["e00000001"]);
  });

  test("marks what is painted without a mark, also letters that stand for a glyph, and leaves what has its place", async () => {
    const content = finished.get(4) as PdfStream;
    expect(Buffer.from(await contentOf(content, 10_000)).toString()).toBe(
      "q\n/Artifact BMC\n0 0 9 9 re\nf\nEMC\nQ\n/P <</MCID 0>>BDC\n0 0 1 1 re\nf\nEMC\nBT\n/F4 9 Tf\n" +
        "/Artifact BMC\n/Span <</ActualText (fi)>>BDC <0001> Tj EMC\nEMC\n/Artifact BMC\n<0002> Tj\nEMC\nET\n",
    );
    expect(CONTENT).not.toContain("Artifact");
  });

  test("a list item has a body, whose kids know it", () => {
    const kids = asArray(get(finished, 9).get("/K")) ?? [];
    expect(kids.map((kid) => typeAt(finished, kid))).toEqual(["Lbl", "LBody"]);
    expect(get(finished, 11).get("/P")).toEqual(kids[1]);
  });

  test("rows are as wide as the table, spans end with it, headings have a scope", () => {
    // Three columns: the first row takes them all, the second one and what reaches into it from above.
    expect(asArray(get(finished, 13).get("/K"))).toHaveLength(2);
    const [, padding] = asArray(get(finished, 16).get("/K")) ?? [];
    expect(typeAt(finished, padding)).toBe("TD");
    const attributes = JSON.stringify(
      [14, 15].map((number) => (asArray(get(finished, number).get("/A")) ?? []).map((each) => [...(each as PdfDictionary)])),
    );
    expect(attributes).toContain('["/Scope","/Column"]');
    expect(attributes).toContain('["/RowSpan",2]');
  });

  test("headings skip no level, pictures and links have words, unknown types are told", () => {
    expect(nameOf(get(finished, 7).get("/S"))).toBe("H1");
    expect(text(get(finished, 18).get("/Alt"))).toBe("Picture without a description");
    expect(text(get(finished, 20).get("/Contents"))).toBe("https://example.org/");
    expect([...(get(finished, 5).get("/RoleMap") as PdfDictionary)]).toEqual([["/Strong", "/Span"]]);
  });

  test("its metadata says what it is, in words that XML keeps", () => {
    const metadata = finished.resolve(finished.catalog.get("/Metadata")) as PdfStream;
    const xmp = Buffer.from(metadata.bytes).toString("utf8");
    for (const words of ["<pdfaid:part>3<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<", "Dr. Ümit Öz", "&#60;&#38;&#62;", "2026-03-14T09:22:00Z"])
      expect(xmp).toContain(words);
    expect(text(finished.catalog.get("/Lang"))).toBe("de");
  });

  test("room for a signature is found whatever else the file says", () => {
    const signed = finishPdf(printed(), { ...FACTS, signature: { name: "Seal /Type /Sig\n/ByteRange [", length: 100 } });
    const latin1 = Buffer.from(signed).toString("latin1");
    const [, before = "", behind = "", rest = ""] = /\/ByteRange \[0 (\d+) (\d+) (\d+)\]/.exec(latin1) ?? [];
    expect(latin1.slice(Number(before), Number(behind))).toBe(`<${"0".repeat(200)}>`);
    expect(Number(behind) + Number(rest)).toBe(signed.length);
  });

  test.each([
    ["nothing", Buffer.from("")],
    ["no tree", pdfOf(["<</Type /Catalog\n/Pages 2 0 R>>", "<</Type /Pages\n/Kids []>>"])],
    ["content that does not end", printed("/P <</MCID 0>>BDC\n")],
    ["a picture within content", printed("BI ID x EI")],
    ["pages that are within themselves", pdfOf(["<</Pages 2 0 R>>", "<</Kids [2 0 R]>>"])],
  ])("refuses %s", (_, bytes) => {
    expect(() => finishPdf(bytes, FACTS)).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
