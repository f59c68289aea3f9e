/** The texts of what an export gives: documents are opened some at a time, several such turns at once, and given in their order. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import type { Shown } from "../../../core/fhir/subset.ts";
import type { Reader } from "../../../reader/reader.ts";
import type { ResourcePage } from "../../../reader/resource-page.ts";
import type { LineResource } from "./export-files.ts";

/** Documents that are opened in one turn, and the bytes that they may come to, about: one larger one goes alone. */
const TOGETHER = 32;
const BYTES_TOGETHER = 4_000_000;
/** Turns that are under way at once, so that nobody waits for the other: who looks documents up, who opens them, who writes them away. */
const AT_ONCE = 3;

/** A resource that is to be given. */
export interface Wanted extends LineResource {
  readonly number: number;
  readonly shown: Shown;
}

export interface OpeningNeeds {
  readonly reader: Pick<Reader, "pageOf">;
  readonly fhirBase: string;
}

/** A resource and its text; undefined of what was erased meanwhile, or is damaged. */
export type WantedText = readonly [Wanted, string | undefined];

/** What is wanted of documents in one form. */
interface Form {
  readonly page: ResourcePage;
  readonly own: ReadonlyMap<string, readonly Wanted[]>;
}

interface Turn {
  readonly ids: readonly string[];
  /** How many of them were opened, from the first on, and what came of it. */
  readonly done: Promise<{ readonly count: number; readonly texts: ReadonlyMap<Wanted, string> }>;
}

/** All that is wanted, in its order. AppErrors of the Reader but for those of single documents. */
export async function* textsInTurns(asked: Asked, wanted: readonly Wanted[], using: OpeningNeeds): AsyncGenerator<WantedText[], undefined> {
  const forms = await Promise.all([...Map.groupBy(wanted, formOf).values()].map((own) => formPage(asked, own, using)));
  const waiting = [...new Set(wanted.map(({ documentId }) => documentId))];
  const underWay: Turn[] = [];
  const opened = new Set<string>();
  const texts = new Map<Wanted, string>();
  let [given, atOnce] = [0, AT_ONCE];
  for (;;) {
    while (underWay.length < atOnce && waiting.length > 0) underWay.push(begun(waiting.splice(0, TOGETHER), forms));
    const turn = underWay.shift();
    if (!turn) return undefined;
    const { count, texts: more } = await turn.done;
    for (const id of turn.ids.slice(0, count)) opened.add(id);
    for (const [one, text] of more) texts.set(one, text);
    // Where documents are large, no more are held than must be.
    atOnce = count < turn.ids.length ? 1 : AT_ONCE;
    if (count < turn.ids.length) underWay.unshift(begun(turn.ids.slice(count), forms));
    const next: WantedText[] = [];
    for (let one = wanted[given]; one && opened.has(one.documentId); one = wanted[++given]) {
      next.push([one, texts.get(one)]);
      texts.delete(one);
    }
    if (next.length > 0) yield next;
  }
}

/** What is written together. A document and its bytes have the same number. */
function formOf({ type, shown }: Wanted): string {
  return shown.kind === "whole" && type !== "Binary" ? "" : type;
}

async function formPage(asked: Asked, wanted: readonly Wanted[], { reader, fhirBase }: OpeningNeeds): Promise<Form> {
  const shown = wanted[0]?.shown ?? { kind: "whole" };
  const resources = wanted.map(({ type, path, documentId }) => ({ type, path, documentId }));
  const page = await reader.pageOf(asked, resources, { form: "json", pretty: false, fhirBase, shown });
  return { page, own: Map.groupBy(wanted, ({ documentId }) => documentId) };
}

function begun(ids: readonly string[], forms: readonly Form[]): Turn {
  const done = openedOf(ids, forms);
  // Who waits for it is told; who stops before does not wait.
  done.catch(() => undefined);
  return { ids, done };
}

/** Opens as many of the documents as there is room for, and once more those of which other forms are wanted. */
async function openedOf(ids: readonly string[], forms: readonly Form[]): Promise<Awaited<Turn["done"]>> {
  const texts = new Map<Wanted, string>();
  let count = ids.length;
  for (const [number, { page, own }] of forms.entries()) {
    const all = ids.slice(0, count).filter((id) => own.has(id));
    for (let at = 0; at < all.length;) {
      const some = await page.several(all.slice(at), BYTES_TOGETHER);
      some.forEach((one, place) => {
        const found = "texts" in one ? one.texts : lost(one.error);
        own.get(all[at + place] ?? "")?.forEach((resource, which) => {
          const text = found[which];
          if (text !== undefined) texts.set(resource, text);
        });
      });
      at += some.length;
      if (number > 0 || at >= all.length) continue;
      count = ids.indexOf(all[at] ?? "");
      break;
    }
  }
  return { count, texts };
}

/** Nothing is given of a document that was erased since, or is damaged; whatever else happens is told. */
function lost(error: unknown): readonly [] {
  if (error instanceof AppError && (error.code === "damaged" || error.code === "gone" || error.code === "not-found")) return [];
  throw error;
}
