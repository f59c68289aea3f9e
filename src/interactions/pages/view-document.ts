import type { Asked } from "../../core/asked.ts";
import type { Original } from "../../pipeline/fetch.ts";
import type { KnownRelations, PresentContext } from "../../pipeline/present.ts";
import type { Halt } from "../../pipeline/record.ts";
import type { View } from "../../pipeline/work/tasks.ts";
import type { Work } from "../../pipeline/work/work.ts";
import type { Reader } from "../../reader/reader.ts";

/** What views work with. */
export interface ViewNeeds extends Pick<PresentContext, "baseUrl"> {
  readonly reader: Pick<Reader, "original" | "proof" | "relations">;
  readonly work: Work;
  /** Why no document is taken at this moment, which every page tells. */
  halt(): Halt["kind"] | undefined;
}

/** The attested view of a document as a page. AppError `not-found`, `gone`, `damaged`. */
export async function viewDocument(asked: Asked, id: string, locale: string, using: ViewNeeds): Promise<string> {
  return (await viewOf(asked, await using.reader.original(id, asked), { locale, medium: "screen" }, using)).html;
}

/** About how many bytes are opened to show a document. AppError `not-found`, `gone`, `damaged`. */
export async function weightOfView(asked: Asked, id: string, { reader }: Pick<ViewNeeds, "reader">): Promise<number> {
  return (await reader.proof(id, asked)).contentBytes;
}

/** What a document's page is made from, when its bytes are at hand. `relations`: where they were looked up already. AppErrors as above. */
export async function viewOf(
  asked: Asked,
  { bytes, mediaType, leaf, position, evidence }: Original,
  form: { readonly locale: string; readonly medium: "screen" | "print" },
  { reader, work, baseUrl, halt }: ViewNeeds,
  relations?: KnownRelations,
): Promise<View> {
  const known = relations ?? (await reader.relations(asked, leaf.id));
  const document = { bytes, mediaType, leaf, position, evidence, known, baseUrl };
  return work.do("view", { ...document, halt: halt(), ...form }, { bytes: bytes.length });
}
