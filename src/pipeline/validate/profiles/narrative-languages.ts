import { readPlainXhtml } from "../../../core/fhir/xml/plain-xhtml.ts";
import type { Answer } from "./plan.ts";

/** More elements than a document's narratives may have in all (docs/limits.md). */
const MOST_ELEMENTS = 50_000;

/**
 * Whether a narrative is parted into sections by language as a profile asks (extension narrative-language-control): those are the children of its div that say their language.
 * @param control `_no`: none; `_yes`: some; `_resource`: one in the language of the resource; else one in that language
 * @param language that of the resource
 */
export function isPartedByLanguage(control: string, div: string, language: string | undefined): Answer {
  if (div.length > MOST_CHARACTERS) return "unknown";
  const root = readPlainXhtml(div, { left: MOST_ELEMENTS });
  if (root === undefined) return "unknown";
  const found = root.children.flatMap((child) =>
    typeof child === "string"
      ? []
      : child.attributes.filter(([name]) => name === "lang" || name === "xml:lang").map(([, value]) => value.toLowerCase()),
  );
  if (control === "_no") return found.length === 0 ? "yes" : "no";
  const wanted = control === "_yes" ? undefined : control === "_resource" ? language : control;
  return (wanted === undefined ? found.length > 0 : found.includes(wanted.toLowerCase())) ? "yes" : "no";
}

/** What is longer is shown as plain text anyway. */
const MOST_CHARACTERS = 5_000_000;

/** For people: what such a control asks for. */
export function saidOfLanguages(control: string): string {
  if (control === "_no") return "without sections in languages of their own";
  if (control === "_yes") return "parted into sections that say their language";
  return control === "_resource" ? "with a section in the language of the resource" : `with a section in the language ${control}`;
}
