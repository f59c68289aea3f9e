import { isDocument } from "../../../core/fhir/document-bundle.ts";
import { plainWords, type Displays } from "../../../core/fhir/r4/displays.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/** The language that the walk is in: a resource's own, else that of what it lies within, else the Composition's. */
export class Languages {
  readonly #stack: { readonly resource: JsonObject; readonly language: string | undefined }[] = [];

  /** Undefined when nothing says it. */
  get current(): string | undefined {
    return this.#stack.at(-1)?.language;
  }

  enterResource(resource: JsonObject): void {
    const composition = isDocument(resource) ? resource.objects("entry")[0]?.object("resource") : undefined;
    this.#stack.push({ resource, language: resource.string("language") ?? composition?.string("language") ?? this.current });
  }

  leaveResource(resource: JsonObject): void {
    if (this.#stack.at(-1)?.resource === resource) this.#stack.pop();
  }
}

/**
 * Coding.display against its code, where the code system is held (R4 datatypes.html, Coding: "a representation of the meaning of the code in the system"). What is held is English, with some
 * translations: words in another language are judged only where they are those of another code.
 */
export function checkDisplay(coding: JsonObject, language: string | undefined, place: Place, findings: Findings, displays: Displays): void {
  const display = coding.string("display");
  if (display === undefined) return;
  const system = coding.string("system");
  const code = coding.string("code");
  if (system === undefined || code === undefined || display.length > LONGEST) return;
  const words = displays.of(system, code);
  const right = words[0];
  if (right === undefined || display === right) return;
  const said = plainWords(display);
  if (said === "" || said === plainWords(code) || words.some((one) => plainWords(one) === said)) return;
  const other = displays.codeCalled(system, display);
  if (other === undefined && !isMeantAsEnglish(display, language)) return;
  const told = [
    `${shown(code, 80)} of ${shown(system)} means "${right}", and not "${shown(display, 80)}"`,
    other === undefined ? "" : `, which is ${other}: mend either the code or the display`,
    other === undefined && language === undefined ? ". If it is a translation, say in which language (Resource.language)" : "",
  ];
  place.enter("display");
  findings.add({ rule: "display-other", text: `${told.join("")}.`, expression: place.expression(), offset: coding.offsetOf("display") });
  place.leave();
}

const LONGEST = 1000;

/** Without a language that says so, words of ASCII alone may be English. */
function isMeantAsEnglish(display: string, language: string | undefined): boolean {
  return language === undefined ? /^[ -~]*$/.test(display) : /^en\b/i.test(language);
}
