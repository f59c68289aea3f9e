/** What was remarked on a document when it was deposited, for whoever asks how it came to be accepted. */
import { html, type Part } from "../html.ts";
import type { Locale } from "../locale.ts";
import type { Remark } from "./presented.ts";

/** Different remarks by one rule that are listed: it is the first few that tell what is wrong, and a gateway makes the same fault in every entry. */
const MOST_ALIKE = 3;

/** Each remark once, with how often it was made, and few of each rule; folded on a screen. At most as many as R4 has rules. */
export function remarksPart(remarks: readonly Remark[], locale: Locale, isPrint: boolean): Part[] {
  const byRule = new Map<string, Map<string, number>>();
  for (const { rule, text } of remarks) {
    const texts = byRule.get(rule) ?? new Map<string, number>();
    byRule.set(rule, texts.set(text, (texts.get(text) ?? 0) + 1));
  }
  const lines = [...byRule.values()].flatMap((texts) => linesOf([...texts], locale));
  if (isPrint || lines.length === 0) return lines;
  return [
    html`<details class="folded">
<summary>${locale.count("remarks-count", remarks.length)}</summary>
<ul>
${lines.map((line) => html`<li>${line}</li>\n`)}</ul>
</details>`,
  ];
}

function linesOf(texts: readonly (readonly [text: string, count: number])[], locale: Locale): Part[] {
  const listed = texts
    .slice(0, MOST_ALIKE)
    .map(([text, count]) => html`<bdi>${text}</bdi>${count > 1 && html` <span class="quiet">(×${count})</span>`}`);
  const others = texts.slice(MOST_ALIKE).reduce((sum, [, count]) => sum + count, 0);
  return others === 0 ? listed : [...listed, html`<span class="quiet">${locale.count("more-alike", others)}</span>`];
}
