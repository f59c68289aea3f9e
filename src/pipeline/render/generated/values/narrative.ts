/** A resource's own narrative, where it has more than its data (R4 narrative.html, status additional): its words, for it was not judged as markup. */
import { readXhtml } from "../../../../core/fhir/xml/xhtml.ts";
import { html } from "../../html.ts";
import { plainText } from "../../narrative/plain-text.ts";
import type { Wording } from "../place.ts";

export const narrative: Wording = (unsaid) => {
  if (unsaid.object.string("status") !== "additional") return "";
  const div = unsaid.string("div");
  if (div === undefined) return "";
  const { root } = readXhtml(div);
  return html`<span class="own-text" dir="auto">${root === undefined ? div : plainText(root)}</span>`;
};
