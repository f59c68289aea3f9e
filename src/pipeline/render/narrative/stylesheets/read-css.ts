/**
 * Reads a document's stylesheet with css-tree into rules that elements can be asked about. Nothing is taken over as text: of a rule, selectors are compiled and declarations
 * held against the table of what a narrative's own styles may say (style-filter.ts); of the rest, only its name is left, to be told.
 */
import type { Atrule, CssNode, Declaration, Rule } from "css-tree";
import { foldDeclaration, isKept } from "../style-filter.ts";
import { compileSelector, type CompiledSelector } from "./selectors.ts";

export interface SheetDeclaration {
  readonly property: string;
  readonly value: string;
  readonly isImportant: boolean;
  /** Whether it may be written. One that may not is still known: it would have hidden words, or moved them, and that is told. */
  readonly isKept: boolean;
}

export interface SheetRule {
  readonly selector: CompiledSelector;
  /** Its place in the stylesheet: of two that count alike, the later one wins. */
  readonly order: number;
  readonly declarations: readonly SheetDeclaration[];
}

export interface ReadSheet {
  readonly rules: readonly SheetRule[];
  /** Names of what was left out whatever it is about: at-rules, selectors that are not answered. */
  readonly leftOut: readonly string[];
}

/** In which way the narratives are shown: rules for the other one are not asked. */
export type Medium = "screen" | "print";

export const CSS_LIMITS = {
  /** UTF-16 units of all the stylesheets of a document. */
  characters: 256 * 1024,
  /** Selectors of a stylesheet, each for itself. */
  rules: 4_000,
  declarations: 200,
  /** Positions where a stylesheet is not CSS: the parser goes on after each, and looks at all of it to say where. */
  faults: 100,
} as const;

/** What may be written with escapes, and is compared with what a narrative holds. */
const NAMED: ReadonlySet<string> = new Set(["ClassSelector", "IdSelector", "TypeSelector", "Identifier"]);

class TooManyFaults extends Error {}

/** Undefined for what is no CSS, or more than is read. The parser is loaded for the first document that has a stylesheet: few do. */
export async function readCss(text: string, medium: Medium): Promise<ReadSheet | undefined> {
  const { generate, ident, parse, walk } = await import("css-tree");
  let faults = 0;
  const onParseError = (): void => {
    if ((faults += 1) > CSS_LIMITS.faults) throw new TooManyFaults();
  };
  try {
    const sheet = parse(text, { onParseError, parseCustomProperty: false });
    walk(sheet, (node) => {
      if (NAMED.has(node.type) && "name" in node && typeof node.name === "string") node.name = ident.decode(node.name);
    });
    const reader = new SheetReader(medium, generate);
    if (sheet.type === "StyleSheet") reader.read(sheet.children.toArray());
    return reader.isTooLong ? undefined : { rules: reader.rules, leftOut: [...reader.leftOut] };
  } catch (fault) {
    // Nested as deeply as only somebody nests who wants it to end so.
    if (fault instanceof TooManyFaults || fault instanceof RangeError) return undefined;
    throw fault;
  }
}

class SheetReader {
  readonly rules: SheetRule[] = [];
  readonly leftOut = new Set<string>();
  isTooLong = false;
  readonly #medium: Medium;
  readonly #generate: (node: CssNode) => string;

  constructor(medium: Medium, generate: (node: CssNode) => string) {
    this.#medium = medium;
    this.#generate = generate;
  }

  read(nodes: readonly CssNode[]): void {
    for (const node of nodes) {
      if (node.type === "Rule") this.#rule(node);
      else if (node.type === "Atrule") this.#atRule(node);
    }
  }

  #atRule(node: Atrule): void {
    const name = node.name.toLowerCase();
    // Says in which characters it was written; it is read as such already.
    if (name === "charset") return;
    const media = name === "media" && node.prelude && node.block ? mediaOf(this.#generate(node.prelude)) : undefined;
    if (media === undefined || !node.block) this.leftOut.add(`@${name}`.slice(0, MOST_NAME));
    else if (media.has(this.#medium)) this.read(node.block.children.toArray());
  }

  #rule({ prelude, block }: Rule): void {
    const declarations = this.#declarations(block.children.toArray());
    if (declarations.length === 0) return;
    if (prelude.type !== "SelectorList") return void this.leftOut.add("selector");
    for (const selector of prelude.children.toArray()) {
      if (selector.type !== "Selector") continue;
      const reading = compileSelector(selector);
      if ("never" in reading) continue;
      if ("unknown" in reading) this.leftOut.add(nameable(reading.unknown) ?? "selector");
      else if (this.rules.length >= CSS_LIMITS.rules) this.isTooLong = true;
      else this.rules.push({ selector: reading, order: this.rules.length, declarations });
    }
  }

  #declarations(nodes: readonly CssNode[]): SheetDeclaration[] {
    if (nodes.length > CSS_LIMITS.declarations) this.isTooLong = true;
    return nodes.slice(0, CSS_LIMITS.declarations).flatMap((node) => {
      if (node.type === "Declaration") return this.#declaration(node);
      if (node.type === "Rule") this.leftOut.add("&");
      return [];
    });
  }

  #declaration({ property, value, important }: Declaration): SheetDeclaration[] {
    const written = this.#generate(value);
    // What is only a name for a value changes nothing by itself.
    if (property.startsWith("--") || written.length > MOST_VALUE) return [];
    return foldDeclaration(property, written).map(([name, plain]) => ({
      property: name,
      value: plain,
      isImportant: important === true,
      isKept: !MARKUP_ONLY.has(name) && isKept(name, plain),
    }));
  }
}

/** In which direction words are written is said by markup alone (`dir`): a stylesheet would turn numbers and dates round that nobody looked at so. */
const MARKUP_ONLY: ReadonlySet<string> = new Set(["direction"]);
const MOST_NAME = 40;
const MOST_VALUE = 500;

/** The media that a query is for; undefined for one that asks for more than the medium, such as a width: what it holds would come and go with a window. */
function mediaOf(query: string): ReadonlySet<string> | undefined {
  const kinds = query
    .toLowerCase()
    .split(",")
    .map((part) => /^\s*(?:only\s+)?(all|screen|print)\s*$/.exec(part)?.[1]);
  if (kinds.includes(undefined)) return undefined;
  return new Set(kinds.flatMap((kind) => (kind === "all" ? ["screen", "print"] : kind === undefined ? [] : [kind])));
}

/** A name that can stand in a sentence. */
export function nameable(name: string): string | undefined {
  return name.length <= MOST_NAME && /^(?:[@:[&]|::)?[a-z-]+\]?$|^&$/i.test(name) ? name.toLowerCase() : undefined;
}
