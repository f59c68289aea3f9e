/**
 * Selectors of a document's stylesheet (Selectors 4), as far as they can be answered for a page that stands still: names, classes, ids, attributes, places among siblings,
 * `:is`, `:where`, `:not`, and the four combinators. What depends on the reader's doings never holds here; what this service does not answer is named, and its rule left out.
 */
import type { AttributeSelector, CssNode, Nth, Selector, SelectorList } from "css-tree";
import type { Positions, StyledNode } from "./nodes.ts";

/** What looking may cost, in questions asked of elements; shared by all that is looked for in one page. */
export interface LookingBudget {
  left: number;
}

type Test = (node: StyledNode, budget: LookingBudget) => boolean;
type Combinator = " " | ">" | "+" | "~";

/** Ids, classes and places, and names: which rule counts more. */
export type Specificity = readonly [ids: number, classes: number, names: number];

export interface CompiledSelector {
  readonly specificity: Specificity;
  /** By what elements that it may be about are found: an id, a class, a name, or anything. */
  readonly key: string;
  /** Of `::before` and the like: the element is there, what the rule would add to it is not. */
  readonly pseudoElement: string | undefined;
  readonly matches: Test;
}

/** `never`: it holds only while somebody points at something. `unknown`: named, and left out. */
export type SelectorReading = CompiledSelector | { readonly never: true } | { readonly unknown: string };

interface Compound {
  readonly tests: Test[];
  /** How it stands to the one before it. */
  readonly combinator: Combinator | undefined;
}

class Unknown extends Error {}
class Never extends Error {}

const NEVER: ReadonlySet<string> = new Set(
  "hover active focus focus-within focus-visible target visited checked disabled enabled autofill fullscreen modal user-invalid".split(" "),
);
const OLD_PSEUDO_ELEMENTS: ReadonlySet<string> = new Set(["before", "after", "first-line", "first-letter"]);
const PLACES: Readonly<Record<string, keyof Positions>> = {
  "nth-child": "child",
  "nth-last-child": "lastChild",
  "nth-of-type": "ofType",
  "nth-last-of-type": "lastOfType",
};
const ENDS: Readonly<Record<string, readonly (keyof Positions)[]>> = {
  "first-child": ["child"],
  "last-child": ["lastChild"],
  "only-child": ["child", "lastChild"],
  "first-of-type": ["ofType"],
  "last-of-type": ["lastOfType"],
  "only-of-type": ["ofType", "lastOfType"],
};
const NO_KEYS: readonly (string | undefined)[] = [];
const MOST_DEPTH = 8;

/** Compiles one selector of a list. Escapes in its names are resolved already (readCss). */
export function compileSelector(selector: Selector): SelectorReading {
  try {
    return compiledOrNever(selector, 0) ?? { never: true };
  } catch (fault) {
    if (fault instanceof Unknown) return { unknown: fault.message };
    throw fault;
  }
}

function compile(selector: Selector, depth: number): CompiledSelector {
  if (depth > MOST_DEPTH) throw new Unknown(":is");
  const compounds: Compound[] = [{ tests: [], combinator: undefined }];
  let specificity: Specificity = [0, 0, 0];
  let pseudoElement: string | undefined;
  let [id, className, name] = NO_KEYS;
  for (const part of selector.children.toArray()) {
    const compound = compounds.at(-1);
    if (compound === undefined || pseudoElement !== undefined) throw new Unknown(pseudoElement ?? "");
    if (part.type === "Combinator") {
      if (compound.tests.length === 0 || !isCombinator(part.name)) throw new Unknown(part.name);
      compounds.push({ tests: [], combinator: part.name });
      [id, className, name] = NO_KEYS;
      continue;
    }
    if (part.type === "PseudoElementSelector" || (part.type === "PseudoClassSelector" && OLD_PSEUDO_ELEMENTS.has(part.name.toLowerCase()))) {
      pseudoElement = `::${part.name.toLowerCase()}`;
      compound.tests.push(() => true);
      continue;
    }
    const { test, weight } = simple(part, depth);
    compound.tests.push(test);
    specificity = sum(specificity, weight);
    if (part.type === "IdSelector") id = `#${part.name}`;
    if (part.type === "ClassSelector") className = `.${part.name}`;
    if (part.type === "TypeSelector" && part.name !== "*") name = part.name.toLowerCase();
  }
  if (compounds.some(({ tests }) => tests.length === 0)) throw new Unknown("");
  return {
    specificity,
    key: id ?? className ?? name ?? "*",
    pseudoElement,
    matches: (node, budget) => holds(compounds, compounds.length - 1, node, budget),
  };
}

function isCombinator(name: string): name is Combinator {
  return name === " " || name === ">" || name === "+" || name === "~";
}

/** Whether the compounds up to `at` hold of `node` and what is around it, from the last to the first. */
function holds(compounds: readonly Compound[], at: number, node: StyledNode, budget: LookingBudget): boolean {
  const compound = compounds[at];
  if (compound === undefined) return true;
  budget.left -= compound.tests.length;
  if (budget.left < 0 || !compound.tests.every((test) => test(node, budget))) return false;
  switch (compound.combinator) {
    case undefined:
      return true;
    case ">":
      return node.parent !== undefined && holds(compounds, at - 1, node.parent, budget);
    case "+":
      return node.previous !== undefined && holds(compounds, at - 1, node.previous, budget);
    case " ":
      for (let above = node.parent; above; above = above.parent) if (holds(compounds, at - 1, above, budget)) return true;
      return false;
    case "~":
      for (let before = node.previous; before; before = before.previous) if (holds(compounds, at - 1, before, budget)) return true;
      return false;
  }
}

function simple(part: CssNode, depth: number): { readonly test: Test; readonly weight: Specificity } {
  switch (part.type) {
    case "TypeSelector": {
      const name = part.name.toLowerCase();
      if (name === "*") return { test: () => true, weight: [0, 0, 0] };
      if (name.includes("|")) throw new Unknown(part.name);
      return { test: (node) => node.name === name, weight: [0, 0, 1] };
    }
    case "ClassSelector": {
      const name = part.name;
      return { test: (node) => node.classes.has(name), weight: [0, 1, 0] };
    }
    case "IdSelector": {
      const id = part.name;
      return { test: (node) => node.attributes.get("id")?.trim() === id, weight: [1, 0, 0] };
    }
    case "AttributeSelector":
      return { test: attributeTest(part), weight: [0, 1, 0] };
    case "PseudoClassSelector":
      return pseudoClass(part.name.toLowerCase(), part.children?.toArray() ?? [], depth);
    default:
      throw new Unknown(part.type === "NestingSelector" ? "&" : part.type);
  }
}

function pseudoClass(name: string, [first]: readonly CssNode[], depth: number): { readonly test: Test; readonly weight: Specificity } {
  if (NEVER.has(name)) throw new Never();
  const ends = ENDS[name];
  if (ends) return { test: ({ places }) => ends.every((end) => places[end] === 1), weight: [0, 1, 0] };
  if (name === "root") return { test: (node) => node.parent === undefined, weight: [0, 1, 0] };
  if (name === "link" || name === "any-link") return { test: (node) => node.name === "a" && node.attributes.has("href"), weight: [0, 1, 0] };
  const place = PLACES[name];
  if (place !== undefined && first?.type === "Nth" && first.selector === null) {
    const counts = counter(first);
    return { test: ({ places }) => counts(places[place]), weight: [0, 1, 0] };
  }
  if ((name === "is" || name === "where" || name === "not") && first?.type === "SelectorList") return within(name, first, depth);
  throw new Unknown(`:${name}`);
}

function within(name: "is" | "where" | "not", list: SelectorList, depth: number): { readonly test: Test; readonly weight: Specificity } {
  const inner = list.children.toArray().flatMap((selector) => {
    if (selector.type !== "Selector") throw new Unknown(`:${name}`);
    return compiledOrNever(selector, depth + 1) ?? [];
  });
  if (inner.some(({ pseudoElement }) => pseudoElement !== undefined)) throw new Unknown(`:${name}`);
  const weight = inner
    .map(({ specificity }) => specificity)
    .toSorted(compareSpecificity)
    .at(-1) ?? [0, 0, 0];
  const isOne: Test = (node, budget) => inner.some(({ matches }) => matches(node, budget));
  return { test: name === "not" ? (node, budget) => !isOne(node, budget) : isOne, weight: name === "where" ? [0, 0, 0] : weight };
}

function compiledOrNever(selector: Selector, depth: number): CompiledSelector | undefined {
  try {
    return compile(selector, depth);
  } catch (fault) {
    if (fault instanceof Never) return undefined;
    throw fault;
  }
}

/** `an+b`: whether a place is one of them. */
function counter({ nth }: Nth): (place: number) => boolean {
  const [a, b] = nth.type === "Identifier" ? (nth.name.toLowerCase() === "odd" ? [2, 1] : [2, 0]) : [Number(nth.a ?? 0), Number(nth.b ?? 0)];
  return (place) => (a === 0 ? place === b : (place - b) % a === 0 && (place - b) / a >= 0);
}

function attributeTest({ name: { name }, matcher, value, flags }: AttributeSelector): Test {
  const attribute = name.toLowerCase();
  if (attribute.includes("|") || (flags !== null && !/^[is]$/i.test(flags))) throw new Unknown(`[${name}]`);
  const isFolded = flags?.toLowerCase() === "i";
  const fold = (text: string): string => (isFolded ? text.toLowerCase() : text);
  const wanted = value === null ? "" : fold(value.type === "String" ? value.value : value.name);
  const compare = matcher === null ? () => true : MATCHERS[matcher];
  if (compare === undefined) throw new Unknown(`[${name}]`);
  return (node, budget) => {
    const held = node.attributes.get(attribute);
    if (held === undefined) return false;
    // Long ones are looked through from end to end.
    budget.left -= Math.floor(held.length / 64);
    return compare(fold(held), wanted);
  };
}

const MATCHERS: Readonly<Record<string, (held: string, wanted: string) => boolean>> = {
  "=": (held, wanted) => held === wanted,
  "~=": (held, wanted) => wanted !== "" && !/\s/.test(wanted) && held.split(/\s+/).includes(wanted),
  "|=": (held, wanted) => held === wanted || held.startsWith(`${wanted}-`),
  "^=": (held, wanted) => wanted !== "" && held.startsWith(wanted),
  "$=": (held, wanted) => wanted !== "" && held.endsWith(wanted),
  "*=": (held, wanted) => wanted !== "" && held.includes(wanted),
};

export function compareSpecificity(one: Specificity, other: Specificity): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}

function sum(one: Specificity, other: Specificity): Specificity {
  return [one[0] + other[0], one[1] + other[1], one[2] + other[2]];
}
