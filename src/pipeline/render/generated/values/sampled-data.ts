/** SampledData (R4 datatypes.html): the curve as a small drawing, and its numbers. */
import { numberText } from "../../../../core/fhir/datatypes.ts";
import { html, trusted, type Part } from "../../html.ts";
import { joined } from "../joined.ts";
import { said, type Wording } from "../render-context.ts";

/** Points that are drawn of each dimension, and numbers that are written: more are no use in so small a drawing. */
const MOST_POINTS = 400;
export const MOST_NUMBERS = 200;
const MOST_LINES = 12;
const [WIDTH, HEIGHT] = [320, 80];

export const sampledData: Wording = (unsaid, context) => {
  const data = unsaid.string("data");
  const dimensions = Math.min(Math.max(1, Math.trunc(Number(numberText(unsaid.object, "dimensions") ?? 1)) || 1), MOST_LINES);
  const origin = said(unsaid, "origin", context);
  const facts = [html`${context.locale.word("curve-origin")} ${origin}`, context.speaker.rest(unsaid, context)];
  if (data === undefined) return joined(facts, " ");
  const numbers = data.trim().split(/\s+/);
  const more = numbers.length - MOST_NUMBERS;
  const written = numbers.slice(0, MOST_NUMBERS).join(" ");
  return html`${drawing(numbers, dimensions, context.locale.word("curve"))}${joined(facts, " ")} <span class="samples" dir="ltr">${written}</span>${more > 0 && ` ${context.locale.count("more-values", more)}`}`;
};

/** One line a dimension. `E`, `U` and `L` (error, beyond the limits) are gaps. */
function drawing(samples: readonly string[], dimensions: number, label: string): Part {
  const values = samples.map(Number);
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length < 2) return "";
  const [least, most] = known.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  const count = Math.ceil(values.length / dimensions);
  const step = Math.max(1, Math.ceil(count / MOST_POINTS));
  const lines = Array.from({ length: dimensions }, (_, dimension) => {
    let path = "";
    let isDown = false;
    for (let at = 0; at < count; at += step) {
      const value = values[at * dimensions + dimension] ?? Number.NaN;
      if (!Number.isFinite(value)) {
        isDown = false;
        continue;
      }
      const x = (at / Math.max(1, count - 1)) * (WIDTH - 4) + 2;
      const y = HEIGHT - 2 - ((value - least) / (most - least || 1)) * (HEIGHT - 4);
      path += `${isDown ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
      isDown = true;
    }
    return `<path d="${path}" fill="none" stroke="currentColor" stroke-width="1.5"/>`;
  });
  // Numbers that were computed here, and letters of this file.
  return html`<svg class="curve" role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">${trusted(lines.join(""))}</svg>`;
}
