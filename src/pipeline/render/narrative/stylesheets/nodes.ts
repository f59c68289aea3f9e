/** Elements of a narrative as selectors look at them: with what is around them, which the tree itself does not tell. */
import type { XhtmlElement } from "../../../../core/fhir/xml/xhtml.ts";

/** Positions among the children of an element, counted from 1, from the first and from the last, of all and of those of its name. */
export interface Positions {
  readonly child: number;
  readonly lastChild: number;
  readonly ofType: number;
  readonly lastOfType: number;
}

const ALONE: Positions = { child: 1, lastChild: 1, ofType: 1, lastOfType: 1 };

export class StyledNode {
  readonly name: string;
  readonly element: XhtmlElement;
  readonly parent: StyledNode | undefined;
  /** The one before it under the same parent. */
  readonly previous: StyledNode | undefined;
  readonly places: Positions;
  readonly attributes: ReadonlyMap<string, string>;
  #classes: ReadonlySet<string> | undefined;
  #children: readonly StyledNode[] | undefined;

  constructor(
    element: XhtmlElement,
    around: { readonly parent?: StyledNode | undefined; readonly previous?: StyledNode | undefined; readonly places?: Positions } = {},
  ) {
    this.name = element.localName;
    this.element = element;
    this.parent = around.parent;
    this.previous = around.previous;
    this.places = around.places ?? ALONE;
    this.attributes = new Map(element.attributes);
  }

  get classes(): ReadonlySet<string> {
    this.#classes ??= new Set((this.attributes.get("class") ?? "").split(/\s+/).filter(Boolean));
    return this.#classes;
  }

  /** Its elements, in order. */
  get children(): readonly StyledNode[] {
    this.#children ??= this.#nodes();
    return this.#children;
  }

  /** Lets go of what is below: nobody looks down. */
  release(): void {
    this.#children = [];
  }

  #nodes(): StyledNode[] {
    const elements = this.element.children.filter((child) => typeof child !== "string");
    const totals = new Map<string, number>();
    for (const { localName } of elements) totals.set(localName, (totals.get(localName) ?? 0) + 1);
    const seen = new Map<string, number>();
    const nodes: StyledNode[] = [];
    for (const [at, element] of elements.entries()) {
      const ofType = (seen.get(element.localName) ?? 0) + 1;
      seen.set(element.localName, ofType);
      const lastOfType = (totals.get(element.localName) ?? 0) - ofType + 1;
      const places = { child: at + 1, lastChild: elements.length - at, ofType, lastOfType };
      nodes.push(new StyledNode(element, { parent: this, previous: nodes.at(-1), places }));
    }
    return nodes;
  }
}

/** The root of a narrative, in a `body` in an `html`: where the collated narrative of a document stands (R4 documents.html, Document Presentation). */
export function nodeOf(root: XhtmlElement): StyledNode {
  const wrapper = (localName: string): XhtmlElement => ({ ...root, localName, attributes: [], children: [] });
  return new StyledNode(root, { parent: new StyledNode(wrapper("body"), { parent: new StyledNode(wrapper("html")) }) });
}
