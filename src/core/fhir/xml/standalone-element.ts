/**
 * One element of an XML text as a text of its own that means the same (docs/formats.md, "A document within another Bundle"): the very text of the element, with those namespace declarations written on
 * its root that it uses and that stand around it alone.
 */
import { elementText, endOfTag, nextTag } from "./element-text.ts";

export interface StandaloneElement {
  readonly text: string;
  /** Which part of `text` was written in, in UTF-16 units; undefined when nothing was. Without it `text` is what stands in the source. */
  readonly inserted: { readonly from: number; readonly to: number } | undefined;
}

/** Elements of one XML text that was read without faults. Those that are asked for in the order of the text cost one walk through it, however many there are. */
export class StandaloneElements {
  readonly #text: string;
  /** How far the text was walked through, and the declarations of the elements that are open there. */
  #at = 0;
  #open: ReadonlyMap<string, string>[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** @param start where the element's start tag begins, in UTF-16 units */
  at(start: number): StandaloneElement {
    const element = elementText(this.#text, start);
    const ownTag = element.slice(0, endOfTag(element, 0));
    const own = declarationsOf(ownTag);
    const used = prefixesOf(element);
    const around = this.#declarationsAround(start);
    const wanted = [...around].filter(([prefix]) => !own.has(prefix) && used.has(prefix)).sort(([one], [other]) => (one < other ? -1 : 1));
    if (wanted.length === 0) return { text: element, inserted: undefined };
    const from = /^<[^\s/>]+/.exec(element)?.[0].length ?? 0;
    const declarations = wanted.map(([prefix, value]) => ` xmlns${prefix === "" ? "" : `:${prefix}`}=${value}`).join("");
    return { text: element.slice(0, from) + declarations + element.slice(from), inserted: { from, to: from + declarations.length } };
  }

  /** The declarations in scope at a place, by prefix (empty: the default namespace), each value with its quotes as it stands there. */
  #declarationsAround(place: number): ReadonlyMap<string, string> {
    if (place < this.#at) [this.#at, this.#open] = [0, []];
    const text = this.#text;
    for (let at = nextTag(text, this.#at); at >= 0 && at < place; at = nextTag(text, this.#at)) {
      this.#at = endOfTag(text, at);
      if (text.startsWith("</", at)) this.#open.pop();
      else if (text[this.#at - 2] !== "/") this.#open.push(declarationsOf(text.slice(at, this.#at)));
    }
    return new Map(this.#open.flatMap((one) => [...one]));
  }
}

const DECLARATION = /\sxmlns(?::([^\s=]+))?\s*=\s*("[^"]*"|'[^']*')/g;

function declarationsOf(tag: string): ReadonlyMap<string, string> {
  return new Map([...tag.matchAll(DECLARATION)].map(([, prefix = "", value = '""']) => [prefix, value]));
}

/** The prefixes of elements and attributes, the empty one among them: what is not prefixed is of the default namespace. */
function prefixesOf(element: string): ReadonlySet<string> {
  const used = new Set([""]);
  for (let at = nextTag(element, 0); at >= 0;) {
    const end = endOfTag(element, at);
    for (const [, prefix = ""] of withoutValues(element.slice(at, end)).matchAll(/(?:^<\/?|\s)([^\s:=/<>]+):/g)) used.add(prefix);
    at = nextTag(element, end);
  }
  return used;
}

function withoutValues(tag: string): string {
  return tag.replace(/"[^"]*"|'[^']*'/g, '""');
}
