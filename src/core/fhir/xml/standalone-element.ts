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

/**
 * @param text an XML text that was read without faults
 * @param start where the element's start tag begins, in UTF-16 units
 */
export function standaloneElement(text: string, start: number): StandaloneElement {
  const element = elementText(text, start);
  const around = declarationsAround(text, start);
  const ownTag = element.slice(0, endOfTag(element, 0));
  const own = new Set(declarationsOf(ownTag).keys());
  const used = prefixesOf(element);
  const wanted = [...around].filter(([prefix]) => !own.has(prefix) && used.has(prefix)).sort(([one], [other]) => (one < other ? -1 : 1));
  if (wanted.length === 0) return { text: element, inserted: undefined };
  const from = /^<[^\s/>]+/.exec(element)?.[0].length ?? 0;
  const declarations = wanted.map(([prefix, value]) => ` xmlns${prefix === "" ? "" : `:${prefix}`}=${value}`).join("");
  return { text: element.slice(0, from) + declarations + element.slice(from), inserted: { from, to: from + declarations.length } };
}

/** The declarations in scope at a place, by prefix (empty: the default namespace), each value with its quotes as it stands there. */
function declarationsAround(text: string, place: number): ReadonlyMap<string, string> {
  const open: ReadonlyMap<string, string>[] = [];
  for (let at = nextTag(text, 0); at >= 0 && at < place;) {
    const end = endOfTag(text, at);
    if (text.startsWith("</", at)) open.pop();
    else if (text[end - 2] !== "/") open.push(declarationsOf(text.slice(at, end)));
    at = nextTag(text, end);
  }
  return new Map(open.flatMap((one) => [...one]));
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
