/** What the harness finds wrong with a word, and the sums of it. */

/** The kinds of hiding. Words are counted once a kind. */
export const KINDS = {
  "no-box": "takes no room at all",
  small: "letters below 7 px on a screen, 6 pt on paper",
  contrast: "less than 3:1 (4.5:1 where the words are ours) against what is painted behind it",
  unpainted: "nothing is painted where it stands",
  covered: "another element lies upon it wherever the page is scrolled to",
  overlapped: "its letters lie upon those of another word",
  unreached: "not wholly in sight however the page is scrolled",
  unsaid: "a column beyond the edge of its box that no words name",
  stuck: "what stands still takes more than a quarter of the window",
  lost: "in the document, and not on the page or the paper",
  "off-paper": "outside of the paper",
  blank: "the first page is left blank, or nearly so, although others follow",
} as const;

export type Kind = keyof typeof KINDS;

export interface Finding {
  readonly kind: Kind;
  /** The word, cut; what it is about where no word is. */
  readonly word: string;
  /** False for words of this service's own. */
  readonly isAttested: boolean;
  readonly detail?: string;
}

/** What was measured in one medium: `390`, `1440` (a window's width in CSS pixels) or `paper`. */
export interface Measured {
  readonly medium: string;
  readonly words: number;
  readonly findings: readonly Finding[];
}

/** Below this nothing is read (WCAG 2 asks 3:1 of large text, 4.5:1 of small); an author's own looks are kept above it. */
export const LEAST_CONTRAST = { attested: 3, ours: 4.5 } as const;
export const LEAST_PIXELS = 7;
export const LEAST_POINTS = 6;
/** The share of the window that may stand still. */
export const MOST_STUCK = 0.25;

/** Rounding of pixels: an exact 4.5 may be painted as 4.46. */
export const CONTRAST_TOLERANCE = 0.06;

export function cut(word: string): string {
  return word.length > 40 ? `${word.slice(0, 40)}…` : word;
}

/** A table of the sums: a row for each medium, a column for each kind that was found. */
export function table(results: readonly Measured[], documents: number): string {
  const media = [...new Set(results.map(({ medium }) => medium))];
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => results.some(({ findings }) => findings.some((finding) => finding.kind === kind)));
  const rows = media.map((medium) => {
    const here = results.filter((result) => result.medium === medium);
    const found = here.flatMap(({ findings }) => findings);
    return [
      medium,
      String(documents),
      String(here.reduce((sum, { words }) => sum + words, 0)),
      String(here.filter(({ findings }) => findings.length > 0).length),
      ...kinds.map((kind) => String(found.filter((finding) => finding.kind === kind).length)),
    ];
  });
  const head = ["medium", "documents", "words", "documents with a finding", ...kinds];
  const widths = head.map((cell, at) => Math.max(cell.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
