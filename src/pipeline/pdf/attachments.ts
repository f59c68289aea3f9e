/** Files within a PDF (ISO 32000-1 section 7.11.4), associated with the document as a whole (ISO 19005-3 annex E). */
import { deflateSync } from "node:zlib";
import { dictionary, PdfStream, PdfString, type PdfDictionary, type PdfReference, type PdfValue } from "../../core/pdf/values.ts";
import { pdfDate } from "./metadata.ts";
import type { PdfEdit } from "./pdf-edit.ts";
import type { PdfAttachment } from "./pdf-facts.ts";

/** What the catalog gets: `AF`, and the entries of the name dictionary. */
export interface Attached {
  readonly associated: readonly PdfReference[];
  /** The name tree of files, of one leaf; undefined when no file is within. */
  readonly names: { readonly EmbeddedFiles: PdfDictionary } | undefined;
}

/** @param modifiedAt an instant, told of each file */
export function attach(edit: PdfEdit, attachments: readonly PdfAttachment[], modifiedAt: string): Attached {
  const specifications = attachments.map((attachment) => ({ attachment, reference: edit.add(specification(edit, attachment, modifiedAt)) }));
  const within = specifications
    .filter(({ attachment }) => typeof attachment.content !== "string")
    .sort((one, other) => (one.attachment.name < other.attachment.name ? -1 : 1));
  const names = within.flatMap(({ attachment, reference }): PdfValue[] => [PdfString.text(attachment.name), reference]);
  return {
    associated: specifications.map(({ reference }) => reference),
    names: names.length === 0 ? undefined : { EmbeddedFiles: dictionary({ Names: names }) },
  };
}

function specification(edit: PdfEdit, { name, mediaType, content, description, relationship }: PdfAttachment, modifiedAt: string): PdfDictionary {
  const base = { Type: "/Filespec", AFRelationship: `/${relationship}`, Desc: PdfString.text(description) } as const;
  // An address in the place of a file (section 7.11.5).
  if (typeof content === "string") return dictionary({ ...base, FS: "/URL", F: PdfString.text(content), UF: PdfString.text(content) });
  const file = edit.add(
    new PdfStream(
      dictionary({
        Type: "/EmbeddedFile",
        Subtype: `/${mediaType}`,
        Params: dictionary({ Size: content.length, ModDate: pdfDate(modifiedAt) }),
        Filter: "/FlateDecode",
      }),
      deflateSync(content),
    ),
  );
  return dictionary({ ...base, F: PdfString.text(name), UF: PdfString.text(name), EF: dictionary({ F: file, UF: file }) });
}
