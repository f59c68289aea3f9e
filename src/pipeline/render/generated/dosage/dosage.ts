/** Dosage (R4 dosage.html): the sender's text always; what is structured as a sentence where that can be whole, else element by element with labels. */
import { html, type Part } from "../../html.ts";
import { isBlank, joined } from "../joined.ts";
import { said, type RenderContext, type Wording } from "../render-context.ts";
import type { Unsaid } from "../unsaid.ts";
import { sentenceOf } from "./sentence.ts";

/** Elements of a Dosage in the order in which they are listed. */
const ORDER = [
  "sequence",
  "doseAndRate",
  "dose",
  "rate",
  "route",
  "method",
  "site",
  "timing",
  "asNeeded",
  "maxDosePerPeriod",
  "maxDosePerAdministration",
  "maxDosePerLifetime",
];

export const dosage: Wording = (unsaid, context) => {
  const text = said(unsaid, "text", context);
  const sentence = sentenceOf(unsaid.object, unsaid.type, context);
  const words = sentence ?? listed(unsaid, context);
  if (sentence !== undefined) for (const name of unsaid.object.names) if (!BESIDE.includes(name)) unsaid.drop(name);
  const instructions = [said(unsaid, "additionalInstruction", context), said(unsaid, "patientInstruction", context)];
  return joined(
    [
      !isBlank(text) && html`<span class="dosage-text" dir="auto">${text}</span>`,
      !isBlank(words) && html`<span class="dosage-parts">${words}</span>`,
      ...instructions.map((part) => !isBlank(part) && html`<span class="dosage-note">${part}</span>`),
    ],
    " ",
  );
};

const BESIDE = ["additionalInstruction", "_additionalInstruction", "patientInstruction", "_patientInstruction"];

function listed(unsaid: Unsaid, context: RenderContext): Part {
  const parts = ORDER.map((element): Part => {
    const held = unsaid.take(element);
    const words = held === undefined ? "" : context.speaker.held(held, context);
    return isBlank(words)
      ? ""
      : html`<span class="fact-label">${context.locale.word(element === "sequence" ? "element-step" : `element-${element}`)}:</span> ${words}`;
  });
  return joined(parts, "; ");
}
