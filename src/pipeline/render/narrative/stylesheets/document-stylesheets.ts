/**
 * The stylesheets that a document brings along (R4 documents.html, Document Presentation: `Bundle.link` with the relation `stylesheet`): a Binary within it, by its address, relative, or
 * by `#id`. One that lies elsewhere is named and never fetched: what was attested would look as somebody else pleases, and he would learn who reads it.
 */
import type { DocumentBundle } from "../../../../core/fhir/document-bundle.ts";
import { containedIn } from "../../../../core/fhir/party.ts";
import type { JsonObject } from "../../../../core/fhir/tree/tree.ts";
import type { XhtmlElement } from "../../../../core/fhir/xml/xhtml.ts";
import { applyStyles, styleBudget } from "./cascade.ts";
import { CSS_LIMITS, nameable, readCss, type Medium, type SheetRule } from "./read-css.ts";

export interface DocumentStyles {
  /** Of all of them, in order. */
  readonly rules: readonly SheetRule[];
  /** Addresses of those that lie elsewhere. */
  readonly external: readonly string[];
  /** Addresses of those that are here, or should be, and could not be read as CSS. */
  readonly unreadable: readonly string[];
  /** Names of what was left out whatever it is about. */
  readonly leftOut: readonly string[];
}

const NONE: DocumentStyles = { rules: [], external: [], unreadable: [], leftOut: [] };
const MOST_SHEETS = 16;

/** What the reader is told of a document's stylesheets, each list without repeats. */
export interface StyleRemarks extends Pick<DocumentStyles, "external" | "unreadable"> {
  /** Properties, selectors and at-rules that were left out, as CSS calls them. */
  readonly leftOut: readonly string[];
  /** True when there was more to apply than a page has room for: some narratives are shown without. */
  readonly isCut: boolean;
}

/** The stylesheets of a document, for the narratives of one page. */
export interface Styler {
  /** A narrative with its styles; as it was where there are none for it. */
  readonly style: (root: XhtmlElement) => XhtmlElement;
  readonly remarks: () => StyleRemarks;
}

export async function openStyler(document: DocumentBundle, medium: Medium): Promise<Styler> {
  const { rules, external, unreadable, leftOut } = await documentStyles(document, medium);
  const names = new Set(leftOut);
  const budget = styleBudget();
  let isCut = false;
  return {
    style: (root) => {
      if (rules.length === 0) return root;
      const applied = applyStyles(root, rules, budget);
      isCut ||= applied === undefined;
      for (const name of applied?.leftOut ?? []) names.add(name);
      return applied?.root ?? root;
    },
    remarks: () => ({ external, unreadable, leftOut: [...names].flatMap((name) => nameable(name) ?? []).sort(), isCut }),
  };
}

export async function documentStyles(document: DocumentBundle, medium: Medium): Promise<DocumentStyles> {
  const addresses = stylesheetAddresses(document.bundle);
  if (addresses.length === 0) return NONE;
  const rules: SheetRule[] = [];
  const external: string[] = [];
  const unreadable: string[] = addresses.slice(MOST_SHEETS);
  const leftOut = new Set<string>();
  let budget: number = CSS_LIMITS.characters;
  for (const address of addresses.slice(0, MOST_SHEETS)) {
    const holder = holderOf(document, address);
    if (holder === undefined) {
      (isElsewhere(address) ? external : unreadable).push(address);
      continue;
    }
    const text = cssOf(holder, budget);
    const read = text === undefined ? undefined : await readCss(text, medium);
    if (text === undefined || read === undefined) {
      unreadable.push(address);
      continue;
    }
    budget -= text.length;
    const before = rules.length;
    rules.push(...read.rules.map((rule) => ({ ...rule, order: before + rule.order })));
    for (const name of read.leftOut) leftOut.add(name);
  }
  return { rules, external, unreadable, leftOut: [...leftOut] };
}

/** Each once, in order. */
function stylesheetAddresses(bundle: JsonObject): string[] {
  const addresses = bundle
    .objects("link")
    .filter((link) => link.string("relation")?.trim().toLowerCase() === "stylesheet")
    .map((link) => link.string("url")?.trim() ?? "");
  return [...new Set(addresses)].filter((address) => address !== "");
}

/** The Binary that an address leads to. The Bundle itself has no address to count from, and no resource within it: what is relative counts from its entries. */
function holderOf(document: DocumentBundle, address: string): JsonObject | undefined {
  const { composition, entries } = document;
  if (address.startsWith("#")) {
    const named = entries.filter(({ type, id }) => type === "Binary" && id === address.slice(1));
    return containedIn(composition.resource, address) ?? (named.length === 1 ? named[0]?.resource : undefined);
  }
  const resolved = document.resolve(address, composition);
  if (resolved) return resolved.resource;
  const relative = entries.filter(
    ({ type, id, fullUrl }) => type === "Binary" && id !== undefined && address === `Binary/${id}` && fullUrl !== address,
  );
  return relative.length === 1 ? relative[0]?.resource : undefined;
}

function isElsewhere(address: string): boolean {
  return /^(?!urn:)[a-z][a-z0-9+.-]*:|^\/\//i.test(address);
}

/** Its text; undefined for what is no CSS, has no content, or is longer than is read. */
function cssOf(holder: JsonObject, budget: number): string | undefined {
  const type = holder.string("contentType")?.trim() ?? "";
  const data = holder.string("data");
  if (holder.string("resourceType") !== "Binary" || data === undefined || !/^text\/css\s*(?:;|$)/i.test(type)) return undefined;
  // A character takes four thirds of a byte in base64, and no more than four bytes.
  if (data.length > budget * 6 + 4_096) return undefined;
  const text = decoded(Buffer.from(data, "base64"), /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(type)?.[1]);
  return text !== undefined && text.length <= budget ? text : undefined;
}

function decoded(bytes: Uint8Array, charset = "utf-8"): string | undefined {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return undefined;
  }
}
