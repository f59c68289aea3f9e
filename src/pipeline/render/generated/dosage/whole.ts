import { JsonArray, JsonObject } from "../../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../../html.ts";
import { isBlank } from "../joined.ts";
import { isLeftOut } from "../left-out.ts";
import { said, type RenderContext } from "../render-context.ts";
import { Unsaid } from "../unsaid.ts";

/**
 * A try at saying an object, with what is in it, as a sentence. It holds only if nothing of any part was left: a sentence that leaves a word out says something else.
 */
export class Whole {
  readonly context: RenderContext;
  readonly #opened: Unsaid[] = [];
  #isBroken = false;

  constructor(context: RenderContext) {
    this.context = context;
  }

  /** Opens an object whose every element must be said. */
  open(object: JsonObject, type: Unsaid["type"]): Unsaid {
    const unsaid = new Unsaid(object, type);
    this.#opened.push(unsaid);
    return unsaid;
  }

  /** Opens what stands at an element of an open object; undefined when there is nothing. Several, or anything else than one object, break the sentence. */
  inside(holder: Unsaid, element: string): Unsaid | undefined {
    const held = holder.take(element);
    if (held === undefined) return undefined;
    const items = held.value instanceof JsonArray ? held.value.items : [held.value];
    const [only] = items;
    if (items.length === 1 && held.companion === undefined && only instanceof JsonObject) return this.open(only, held.property?.content);
    this.break();
    return undefined;
  }

  /** An element in words; empty when it is not there. */
  words(holder: Unsaid, element: string): Part {
    return said(holder, element, this.context);
  }

  /** There is something that no sentence says. */
  break(): void {
    this.#isBroken = true;
  }

  get isWhole(): boolean {
    return !this.#isBroken && this.#opened.every((unsaid) => [...unsaid.rest()].every(({ name }) => isLeftOut(unsaid.type, name, unsaid.object)));
  }
}

/** A phrase with its places filled in; empty when one of them has nothing in it. */
export function fill(phrase: string, values: Readonly<Record<string, Part>>): Part {
  if (Object.values(values).some(isBlank)) return "";
  const pieces = phrase.split(/\{(\w+)\}/);
  return html`${pieces.map((piece, at) => (at % 2 === 1 ? values[piece] : piece))}`;
}
