/** A resource's own narrative (R4 narrative.html): its words, for it was not judged as markup. */
import { readXhtml } from "../../../../core/fhir/xml/xhtml.ts";
import { html, type Part } from "../../html.ts";
import { plainText } from "../../narrative/plain-text.ts";
import { isMadeFromData } from "../left-out.ts";
import type { Wording } from "../render-context.ts";
import type { Unsaid } from "../unsaid.ts";

/** Shown where it has more than its data. */
export const narrative: Wording = (unsaid) => (isMadeFromData(unsaid.object) ? "" : wordsOf(unsaid.string("div")));

/** Takes the text of a resource out, whatever it says of itself: where its data does not even name it. */
export function ownText(resource: Unsaid): Part {
  const div = resource.object.object("text")?.string("div");
  if (div === undefined || !resource.has("text")) return "";
  resource.drop("text");
  return wordsOf(div);
}

function wordsOf(div: string | undefined): Part {
  if (div === undefined) return "";
  const { root } = readXhtml(div);
  return html`<span class="own-text" dir="auto">${root === undefined ? div : plainText(root)}</span>`;
}
