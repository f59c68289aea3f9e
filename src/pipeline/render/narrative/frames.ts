/** The attested frame, and what stands outside of it: within are the attester's words alone, in their order; what this service adds interrupts the frame. */
import { html, type SafeHtml } from "../html.ts";
import { directionOf, type Locale } from "../locale.ts";

/** A run of content in the order of the page. `theirs`: words of the document's author; `ours`: what this service generated or remarks. */
export interface Piece {
  readonly by: "theirs" | "ours";
  readonly html: SafeHtml;
  /** True of a section's title alone. */
  readonly isTitle?: boolean;
}

export interface FrameOptions {
  /** What stands upon the edge of each frame. */
  readonly label: string;
  /** The document's language (BCP 47), that of its titles. */
  readonly language: string | undefined;
}

/**
 * One frame around each run of the author's words, with its label before it, and our own between them. A frame that holds nothing but titles has no label, unless it is
 * the first: what it holds cannot be taken for ours, and a document of data alone would be one label after another.
 */
export function framesOf(pieces: readonly Piece[], { label, language }: FrameOptions): SafeHtml {
  const lang = language !== undefined && html` lang="${language}"`;
  const written: SafeHtml[] = [];
  let isFirst = true;
  for (let at = 0; at < pieces.length;) {
    const run = runFrom(pieces, at);
    const parts = run.map((piece) => piece.html);
    if (run[0]?.by === "theirs") {
      const isTitles = run.every((piece) => piece.isTitle);
      if (isFirst || !isTitles) written.push(html`<p class="attested-label">${label}</p>\n`);
      written.push(html`<div class="attested${isTitles && " titles"}"${lang} dir="${directionOf(language)}">\n${parts}</div>\n`);
      isFirst = false;
    } else written.push(...parts);
    at += run.length;
  }
  return html`${written}`;
}

function runFrom(pieces: readonly Piece[], start: number): Piece[] {
  let end = start + 1;
  while (end < pieces.length && pieces[end]?.by === pieces[start]?.by) end += 1;
  return pieces.slice(start, end);
}

/** Words of the interface, in its language, beside a document that may have another one. @param more classes */
export function ourWords(locale: Locale, parts: readonly SafeHtml[], more?: string): SafeHtml {
  return html`<div class="ours${more !== undefined && ` ${more}`}" lang="${locale.language}" dir="${locale.direction}">\n${parts}</div>\n`;
}
