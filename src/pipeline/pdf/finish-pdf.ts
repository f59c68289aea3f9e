/**
 * Makes the tagged PDF that a browser printed into one that is kept: PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1), with the files that prove it within, and room for a
 * signature. The same bytes and facts always give the same bytes.
 */
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { PdfFile } from "../../core/pdf/pdf-file.ts";
import { malformed } from "../../core/pdf/read-value.ts";
import { dictionary, PdfReference, PdfStream, PdfString, withEntries, type PdfDictionary } from "../../core/pdf/values.ts";
import { attach } from "./attachments.ts";
import { infoDictionary, xmpPacket } from "./metadata.ts";
import { mendPage, pagesOf } from "./pages.ts";
import { PdfEdit } from "./pdf-edit.ts";
import type { PdfFacts } from "./pdf-facts.ts";
import { addSignatureField, signatureRanges, writeRange } from "./signature-field.ts";
import { srgbProfile } from "./srgb-profile.ts";
import { mendStructure } from "./structure.ts";

/**
 * @param printed a tagged PDF as Chromium prints it: written at once, without streams of objects
 * @throws AppError `malformed` when it is of another form
 */
export function finishPdf(printed: Uint8Array, facts: PdfFacts): Uint8Array {
  const file = PdfFile.open(printed);
  const edit = new PdfEdit(file);
  const { catalog } = file;
  const root = file.trailer.get("/Root");
  const pages = pagesOf(edit);
  const [first] = pages;
  if (!(root instanceof PdfReference) || !first) throw malformed("there is nothing on it");
  for (const page of pages) mendPage(edit, page);
  const tree = mendStructure(edit, catalog);
  const { associated, names } = attach(edit, facts.attachments, facts.modifiedAt);
  const { reference: info, producer } = setInfo(edit, facts);
  const finished = withEntries(catalog, {
    Lang: PdfString.text(facts.language),
    ViewerPreferences: dictionary({ Type: "/ViewerPreferences", DisplayDocTitle: true }),
    MarkInfo: dictionary({ Type: "/MarkInfo", Marked: true }),
    Metadata: edit.add(new PdfStream(dictionary({ Type: "/Metadata", Subtype: "/XML" }), xmpPacket(facts, producer))),
    OutputIntents: [outputIntent(edit)],
    AF: associated.length === 0 ? undefined : associated,
    Names: names && withEntries(edit.dictionary(catalog.get("/Names")) ?? new Map(), names),
    // Last, so that nothing that came from elsewhere stands behind it.
    AcroForm: facts.signature && addSignatureField(edit, { page: first, tree, placeholder: facts.signature }),
  });
  edit.set(root, finished);
  const id = [fileId(facts.seeds.document), fileId(facts.seeds.rendition)];
  const written = edit.write(dictionary({ Root: root, Info: info, ID: id }));
  if (facts.signature) writeRange(written, signatureRanges(written));
  return written;
}

function setInfo(edit: PdfEdit, facts: PdfFacts): { readonly reference: PdfReference; readonly producer: string } {
  const before = edit.file.trailer.get("/Info");
  const told = edit.resolve(edit.dictionary(before)?.get("/Producer"));
  const producer = told instanceof PdfString ? Buffer.from(told.bytes).toString("latin1") : "unknown";
  const info = infoDictionary(facts, producer);
  if (!(before instanceof PdfReference)) return { reference: edit.add(info), producer };
  edit.set(before, info);
  return { reference: before, producer };
}

/** What its colours mean (ISO 19005-3 section 6.2.3). */
function outputIntent(edit: PdfEdit): PdfDictionary {
  const profile = edit.add(new PdfStream(dictionary({ N: 3, Filter: "/FlateDecode" }), deflateSync(srgbProfile())));
  return dictionary({
    Type: "/OutputIntent",
    S: "/GTS_PDFA1",
    OutputConditionIdentifier: PdfString.text("sRGB IEC61966-2.1"),
    Info: PdfString.text("sRGB IEC61966-2.1"),
    DestOutputProfile: profile,
  });
}

/** Sixteen bytes. */
function fileId(seed: string): PdfString {
  return new PdfString(createHash("sha256").update(seed).digest().subarray(0, 16));
}
