/**
 * Gives the elements of a narrative the styles that the document's stylesheets mean for them, as `style` attributes: from there on they are an author's inline styles, and whatever
 * holds for those (style-table.ts, look.ts: no word hidden, moved or unreadable) holds for them. The page itself gets no stylesheet of a document's.
 * The cascade is that of CSS 2, 6.4: by importance, then inline styles before stylesheets, then specificity, then order.
 */
import type { XhtmlElement } from "../../../../core/fhir/xml/xhtml.ts";
import { hides } from "../hiding.ts";
import { nodeOf, type StyledNode } from "./nodes.ts";
import type { SheetDeclaration, SheetRule } from "./read-css.ts";
import { compareSpecificity, type LookingBudget } from "./selectors.ts";

/** What applying stylesheets may cost on one page. Beyond it, narratives are shown without. */
export interface StyleBudget extends LookingBudget {
  /** Characters of styles that are written. */
  characters: number;
}

export function styleBudget(): StyleBudget {
  return { left: 4_000_000, characters: 2_000_000 };
}

/** Of body and html, what is handed down to what stands in them; margins of theirs are those of a page that is not here. */
const INHERITED = /^(?:color|background|background-color|font-.*|line-height|text-align|white-space|list-style(?:-type)?)$/;

/** What each element costs by being looked at. */
const PER_ELEMENT = 8;

export interface AppliedStyles {
  readonly root: XhtmlElement;
  /** Properties and pseudo-elements that were meant for elements here, and left out. */
  readonly leftOut: ReadonlySet<string>;
}

interface Matched {
  readonly ordinary: readonly SheetDeclaration[];
  readonly important: readonly SheetDeclaration[];
}

/** Undefined when it would cost more than there is room for. `rules`: of all stylesheets, in their order. */
export function applyStyles(root: XhtmlElement, rules: readonly SheetRule[], budget: StyleBudget): AppliedStyles | undefined {
  const cascade = new Cascade(rules, budget);
  const styled = cascade.root(nodeOf(root));
  return budget.left < 0 || budget.characters < 0 ? undefined : { root: styled, leftOut: cascade.leftOut };
}

class Cascade {
  readonly leftOut = new Set<string>();
  readonly #budget: StyleBudget;
  readonly #byKey = new Map<string, SheetRule[]>();
  /** Styles that were composed, by what they were made from: rows of a table are alike. */
  readonly #composed = new Map<string, string>();

  constructor(rules: readonly SheetRule[], budget: StyleBudget) {
    this.#budget = budget;
    for (const rule of rules) {
      const known = this.#byKey.get(rule.selector.key);
      if (known) known.push(rule);
      else this.#byKey.set(rule.selector.key, [rule]);
    }
  }

  root(node: StyledNode): XhtmlElement {
    const around: SheetDeclaration[] = [];
    for (const wrapper of [node.parent?.parent, node.parent]) {
      if (wrapper) around.push(...inOrder(this.#rulesFor(wrapper)).filter(({ property }) => INHERITED.test(property)));
    }
    return this.#element(node, around);
  }

  #element(node: StyledNode, around: readonly SheetDeclaration[]): XhtmlElement {
    if (this.#budget.left < 0 || this.#budget.characters < 0) return node.element;
    const rules = this.#rulesFor(node);
    const written = node.attributes.get("style");
    const style = rules.length === 0 && around.length === 0 ? written : this.#style(rules, around, written);
    this.#budget.characters -= style === undefined || style === written ? 0 : style.length;
    let at = 0;
    const children = node.element.children.map((child) => {
      if (typeof child === "string") return child;
      const below = node.children[at];
      at += 1;
      return below ? this.#element(below, []) : child;
    });
    node.release();
    const attributes =
      style === written
        ? node.element.attributes
        : [...node.element.attributes.filter(([name]) => name !== "style"), ["style", style ?? ""] as const];
    return { ...node.element, attributes, children };
  }

  /** The rules that are about an element, the weakest first. */
  #rulesFor(node: StyledNode): SheetRule[] {
    const id = node.attributes.get("id")?.trim();
    const keys = ["*", node.name, ...[...node.classes].map((name) => `.${name}`), ...(id === undefined ? [] : [`#${id}`])];
    this.#budget.left -= PER_ELEMENT + keys.length;
    const found: SheetRule[] = [];
    for (const key of keys) {
      for (const rule of this.#byKey.get(key) ?? []) {
        if (!rule.selector.matches(node, this.#budget)) continue;
        if (rule.selector.pseudoElement === undefined) found.push(rule);
        else this.leftOut.add(rule.selector.pseudoElement);
      }
    }
    return found.toSorted((a, b) => compareSpecificity(a.selector.specificity, b.selector.specificity) || a.order - b.order);
  }

  #style(rules: readonly SheetRule[], around: readonly SheetDeclaration[], written: string | undefined): string {
    const key = `${rules.map(({ order }) => order).join(" ")} ${around.length} ${written ?? ""}`;
    const known = this.#composed.get(key);
    if (known !== undefined) return known;
    for (const { declarations } of rules) this.#budget.left -= declarations.length;
    const own = written === undefined ? [] : written.split(";").filter((part) => part.trim() !== "");
    const isImportant = (part: string): boolean => /!\s*important\s*$/i.test(part);
    const { ordinary, important } = matched(rules);
    const style = [
      ...this.#kept([...around, ...ordinary], [...important]),
      ...own.filter((part) => !isImportant(part)),
      ...this.#kept(important, []),
      ...own.filter(isImportant),
    ].join("; ");
    this.#composed.set(key, style);
    return style;
  }

  /**
   * One of each property, at the place of the last that may be written. What may not be is told, where nothing stronger takes its place; what would hide words is left to the filter,
   * which tells that it would have.
   */
  #kept(declarations: readonly SheetDeclaration[], stronger: readonly SheetDeclaration[]): string[] {
    const decided = new Set(stronger.map(({ property }) => property));
    const written = new Set<string>();
    const kept: string[] = [];
    for (const { property, value, isKept } of declarations.toReversed()) {
      const text = `${property}: ${value}`;
      if (isKept && !written.has(property)) {
        written.add(property);
        kept.push(text);
      } else if (!isKept && !decided.has(property)) {
        this.leftOut.add(property);
        if (!/[;"'\\]/.test(value) && hides(text)) kept.push(text);
      }
      decided.add(property);
    }
    return kept.toReversed();
  }
}

function inOrder(rules: readonly SheetRule[]): SheetDeclaration[] {
  const { ordinary, important } = matched(rules);
  return [...ordinary, ...important];
}

function matched(rules: readonly SheetRule[]): Matched {
  const all = rules.flatMap(({ declarations }) => declarations);
  return { ordinary: all.filter(({ isImportant }) => !isImportant), important: all.filter(({ isImportant }) => isImportant) };
}
