/** The resources of a page as texts: each document is opened once, and a page ends where it has grown large or old. */
import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { Shown } from "../../core/fhir/subset.ts";
import type { WrittenForm } from "../../pipeline/serve.ts";
import type { Reader } from "../../reader/reader.ts";
import type { ResourcePage } from "../../reader/resource-page.ts";

/** Documents that are opened at the same time for one page: at first, and as many as there is room for by then, if they are as those before. */
const FIRST_AT_ONCE = 2;
const AT_ONCE = 8;
/** A page with so many characters, or on which so many milliseconds were spent, ends with the document that it came to: whole documents may be matches, and each resource is taken out of one. */
const MOST_CHARACTERS = 8_000_000;
const MOST_TIME = 5_000;

/** A resource of a page. */
export interface PagedResource {
  /** Its own on the page. */
  readonly number: number;
  readonly type: string;
  readonly documentId: string;
  readonly path: string;
}

export interface PageWriting {
  readonly form: WrittenForm;
  readonly shown: Shown;
  readonly fhirBase: string;
  readonly reader: Pick<Reader, "pageOf">;
  /** The first version of each. */
  readonly isAsReceived?: boolean;
}

export interface PageTexts {
  /** By number; of a document that went meanwhile there is nothing. */
  readonly texts: ReadonlyMap<number, string>;
  /** Resources of documents that cannot be opened. */
  readonly damaged: number;
  /** The documents that the page came to. */
  readonly opened: ReadonlySet<string>;
}

/** Opens documents in the order of the page, as far as a page may go; the first one always. */
export async function pageTexts(
  asked: Asked,
  resources: readonly PagedResource[],
  { form, shown, fhirBase, reader, isAsReceived = false }: PageWriting,
): Promise<PageTexts> {
  const wanted = resources.map(({ type, path, documentId }) => ({ type, path, documentId }));
  const page = await reader.pageOf(asked, wanted, { form: form.form, pretty: false, fhirBase, shown, isAsReceived });
  const documents = [...Map.groupBy(resources, ({ documentId }) => documentId)];
  const until = performance.now() + MOST_TIME;
  const texts = new Map<number, string>();
  const opened = new Set<string>();
  let [damaged, characters] = [0, 0];
  while (opened.size < documents.length && characters < MOST_CHARACTERS && (opened.size === 0 || performance.now() < until)) {
    const next = documents.slice(opened.size, opened.size + atOnce(opened.size, characters));
    const written = await Promise.all(next.map(([documentId]) => textsOf(documentId, page)));
    next.forEach(([documentId, wanted], at) => {
      opened.add(documentId);
      const own = written[at];
      if (own === "damaged") damaged += wanted.length;
      else
        wanted.forEach(({ number }, place) => {
          const text = own?.[place];
          if (text === undefined) return;
          texts.set(number, text);
          characters += text.length;
        });
    });
  }
  return { texts, damaged, opened };
}

function atOnce(opened: number, characters: number): number {
  if (opened === 0) return FIRST_AT_ONCE;
  const room = ((MOST_CHARACTERS - characters) * opened) / Math.max(1, characters);
  return Math.max(1, Math.min(AT_ONCE, Math.floor(room)));
}

/** Resources of one document as texts; nothing of one that is gone. */
async function textsOf(documentId: string, page: ResourcePage): Promise<readonly (string | undefined)[] | "damaged"> {
  try {
    return await page.of(documentId);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "damaged") return "damaged";
    if (error.code === "gone" || error.code === "not-found") return [];
    throw error;
  }
}
