import { isKnown, type Asked } from "../../core/asked.ts";
import type { Certificate } from "../../core/crypto/certificate.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import type { Original } from "../../pipeline/fetch.ts";
import type { KnownRelations, PresentContext } from "../../pipeline/present.ts";
import type { Halt, XmlSealShown } from "../../pipeline/document-forms.ts";
import { shownXmlSeal } from "../../pipeline/verify/xml-seal-shown.ts";
import type { View } from "../../pipeline/work/view.ts";
import type { Work } from "../../pipeline/work/work.ts";
import type { SeenThroughGlass } from "../../pipeline/render/pages/presented.ts";
import type { Held, Reader } from "../../reader/reader.ts";

/** What views work with. */
export interface ViewNeeds extends Pick<PresentContext, "baseUrl"> {
  readonly keys: Pick<Keys, "sealCertificates">;
  /** Whose time-stamps are believed. */
  readonly timeAuthorities?: readonly Certificate[] | undefined;
  readonly reader: Pick<Reader, "document" | "relations">;
  readonly work: Work;
  /** Why no document is taken at this moment, which every page tells. */
  halt(): Halt["kind"] | undefined;
}

/** A document's page, before it is made. The state of the document was asked for when this was given. */
export interface Viewing {
  /** About how many bytes are opened to make it. */
  readonly weight: number;
  /** All that the page tells besides the document, as text: pages of one document in one state, language and version of the program are the same but for the minute. */
  readonly state: string;
  /** The page in HTML. AppError `gone` (erased since), `damaged`. */
  make(): Promise<string>;
}

/** The attested view of a document as a page. AppError `not-found`, `gone`, `damaged`. */
export async function viewDocument(asked: Asked, id: string, locale: string, using: ViewNeeds): Promise<Viewing> {
  const [held, known] = await Promise.all([using.reader.document(id, asked), using.reader.relations(asked, id)]);
  return {
    weight: held.contentBytes,
    state: JSON.stringify([known.logSize, known.isComplete, using.halt()]),
    make: async () => {
      const [original, xmlSeal] = await Promise.all([held.original(), xmlSealOf(held, using)]);
      return (await viewOf(original, { known, xmlSeal }, { locale, medium: "screen", glass: seenThrough(held, asked) }, using)).html;
    },
  };
}

/** About how many bytes are opened to show a document. AppError `not-found`, `gone`, `damaged`. */
export async function weightOfView(asked: Asked, id: string, { reader }: Pick<ViewNeeds, "reader">): Promise<number> {
  return (await reader.document(id, asked)).contentBytes;
}

/** By what broken glass somebody is given a document, as it says itself; undefined where they may read it anyhow. */
export function seenThrough({ glass }: Pick<Held, "glass">, { caller }: Pick<Asked, "caller">): SeenThroughGlass | undefined {
  if (!glass) return undefined;
  const { reason, text, until } = glass;
  return { by: isKnown(caller) ? caller.name : "", reason, text, until };
}

/** What is told of its XML seal. */
export function xmlSealOf(
  { leaf, laterSeal }: Pick<Held, "leaf" | "laterSeal">,
  { keys, timeAuthorities = [] }: Pick<ViewNeeds, "keys" | "timeAuthorities">,
): Promise<XmlSealShown> {
  return shownXmlSeal(laterSeal, leaf.id, { sealCertificates: keys.sealCertificates, timeAuthorities });
}

/** What a document's page is made from, when its bytes are at hand, what others say of it, and what was sealed later. */
export function viewOf(
  { bytes, mediaType, leaf, position, evidence }: Original,
  { known, xmlSeal }: { readonly known: KnownRelations; readonly xmlSeal: XmlSealShown },
  form: { readonly locale: string; readonly medium: "screen" | "print"; readonly glass?: SeenThroughGlass | undefined },
  { work, baseUrl, halt }: Pick<ViewNeeds, "work" | "baseUrl" | "halt">,
): Promise<View> {
  const document = { bytes, mediaType, leaf, position, evidence, known, xmlSeal, baseUrl };
  return work.do("view", { ...document, halt: halt(), ...form }, { bytes: bytes.length });
}
