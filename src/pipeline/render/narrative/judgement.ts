/** How a narrative is judged: parsed as a browser does, then held against DOMPurify. Runs in the worker: it is slow, and jsdom grows with every document. */
import createDOMPurify from "dompurify";
import { JSDOM } from "jsdom";

/** Attributes without power that DOMPurify's own list lacks: HTML 4's for tables. */
const HARMLESS_ATTRIBUTES = ["abbr", "axis", "char", "charoff", "rules", "tabindex", "rel"];

/** A window of its own, that fetches and runs nothing (jsdom's defaults). Gives undefined when all is well, else the reason in one line. */
export function createJudgement(): (html: string, text: string) => string | undefined {
  const { window } = new JSDOM("<!doctype html><title>judge</title>");
  const purifier = createDOMPurify(window);
  return (html, text) => {
    const fragment = purifier.sanitize(html, { ADD_ATTR: HARMLESS_ATTRIBUTES, RETURN_DOM_FRAGMENT: true });
    const [removed] = purifier.removed;
    if (removed !== undefined) return `would remove ${nameOf(removed)}`;
    // White space is no word, and a parser may drop it between the parts of a table.
    return squeezed(fragment.textContent) === squeezed(text) ? undefined : "would move or lose words";
  };
}

function nameOf(removed: object): string {
  if ("attribute" in removed && removed.attribute !== null && typeof removed.attribute === "object" && "name" in removed.attribute)
    return `attribute ${String(removed.attribute.name)}`;
  if ("element" in removed && removed.element !== null && typeof removed.element === "object" && "nodeName" in removed.element)
    return `element ${String(removed.element.nodeName)}`;
  return "something";
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, "");
}
