import { type RuleRows } from "../../../core/fhir/rule.ts";

/** Narratives (structure/narrative.ts, resources/narrative-places.ts). */
export const NARRATIVE_RULES = {
  "xhtml-syntax": {
    severity: "error",
    code: "invalid",
    source: "narrative.html",
    meaning: "`div` is not well-formed XML. It is never repaired: a reader could see another text than the author.",
    change: "Write it with an XML library.",
  },
  "xhtml-outside": {
    severity: "error",
    code: "invalid",
    source: "narrative.html",
    meaning: "Something stands before or behind the `div` element, or an instruction in it.",
    change: "One `div`, nothing around it.",
  },
  "xhtml-entity": {
    severity: "error",
    code: "invalid",
    source: 'narrative.html ("Unicode characters SHALL be used instead")',
    meaning: "A named entity of HTML, such as `&nbsp;`.",
    change: "Write the character, or its number.",
  },
  "xhtml-misplaced": {
    severity: "error",
    code: "invalid",
    source: "HTML 4.0, content models",
    meaning: "A list or table in a paragraph, text between the rows of a table, a link in a link: readers of HTML would move it.",
    change: "Close the one before the other.",
  },
  "narrative-link-unresolved": {
    severity: "error",
    code: "invalid",
    source: "narrative.html",
    meaning: "A link or image `#id` leads to no element of a narrative in the resource or Bundle, nor to a resource or element with that id.",
    change: "Mend or remove it.",
  },
  "narrative-too-large": {
    severity: "error",
    code: "too-costly",
    source: "ours",
    meaning: "The narratives of a document have more than 50,000 elements in all, or one of them more than 100 attributes.",
    change: "Send less, or in parts: see [limits.md](limits.md).",
  },
  "txt-1": {
    severity: "error",
    code: "invariant",
    source: "Narrative, txt-1",
    meaning: "An element, attribute or link that a narrative may not hold: scripts, forms, events, frames, other namespaces.",
    change: "Basic formatting only.",
  },
  "txt-2": {
    severity: "error",
    code: "invariant",
    source: "Narrative, txt-2",
    meaning: "Nothing but white space.",
    change: "Say something, or leave the narrative out.",
  },
} as const satisfies RuleRows;
