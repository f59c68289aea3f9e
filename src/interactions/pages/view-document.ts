import type { Asked } from "../../core/asked.ts";
import type { PresentContext } from "../../pipeline/present.ts";
import type { Halt } from "../../pipeline/record.ts";
import type { View } from "../../pipeline/work/tasks.ts";
import type { Work } from "../../pipeline/work/work.ts";
import type { Reader } from "../../reader/reader.ts";

/** What views work with. */
export interface ViewNeeds extends Pick<PresentContext, "keys" | "baseUrl"> {
  readonly reader: Pick<Reader, "original" | "proof" | "relations">;
  readonly work: Work;
  /** Why no document is taken at this moment, which every page tells. */
  halt(): Halt["kind"] | undefined;
}

/** The attested view of a document as a page. AppError `not-found`, `gone`, `damaged`. */
export async function viewDocument(asked: Asked, id: string, locale: string, using: ViewNeeds): Promise<string> {
  return (await view(asked, id, { locale, medium: "screen" }, using)).html;
}

/** About how many bytes are opened to show a document. AppError `not-found`, `gone`, `damaged`. */
export async function weightOfView(asked: Asked, id: string, { reader }: Pick<ViewNeeds, "reader">): Promise<number> {
  return (await reader.proof(id, asked)).contentBytes;
}

/** What a PDF is printed from: self-contained HTML, equal for equal PDFs. AppError `not-found`, `gone`, `damaged`. */
export function printableDocument(asked: Asked, id: string, locale: string, using: ViewNeeds): Promise<View> {
  return view(asked, id, { locale, medium: "print" }, using);
}

async function view(
  asked: Asked,
  id: string,
  form: { readonly locale: string; readonly medium: "screen" | "print" },
  { reader, work, keys, baseUrl, halt }: ViewNeeds,
): Promise<View> {
  const { bytes, mediaType, leaf, position, evidence } = await reader.original(id, asked);
  const known = await reader.relations(asked, id);
  const document = { bytes, mediaType, leaf, position, evidence, known, sealCertificates: keys.sealCertificates, baseUrl };
  return work.do("view", { ...document, halt: halt(), ...form }, { bytes: bytes.length });
}
