/** Measures the words of a document's PDF: on the paper, large enough, apart from each other, painted and none lost. */
import { CONTRAST_TOLERANCE, LEAST_CONTRAST, LEAST_POINTS, cut, type Finding, type Kind, type Measured } from "./finding.ts";
import type { Shown } from "./documents.ts";
import { inPage, type VisibilityHouse } from "./house.ts";

/** A piece of text as pdf.js finds it; points from the paper's upper left corner. */
interface Run {
  readonly text: string;
  readonly size: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly isMargin: boolean;
  /** Absent on pages that were not drawn. */
  readonly contrast?: number;
}

interface PaperPage {
  readonly width: number;
  readonly height: number;
  readonly runs: readonly Run[];
  readonly overlaps: readonly (readonly [string, string])[];
  /** How far down anything is printed, as a share of the height. */
  readonly filled?: number;
}

/** Drawing a page takes a third of a second: of a long document the first ones are drawn, the places of words are measured on all. */
const MOST_PICTURES = 12;

/** A first page that is filled less than this, with others after it, is taken for blank. */
const LEAST_FILLED = 0.4;

export async function measurePaper(house: VisibilityHouse, shown: Shown): Promise<Measured> {
  const { page: address, pdf } = await house.paper(shown);
  const expected = await wordsForPaper(house, address);
  const pages = (await house.bench.evaluate(`paper.measure(${JSON.stringify(pdf)}, ${MOST_PICTURES})`)) as PaperPage[];
  const findings = pages.flatMap(ofPage);
  const [first] = pages;
  if (first?.filled !== undefined && pages.length > 1 && first.filled < LEAST_FILLED)
    findings.push({ kind: "blank", word: `filled to ${Math.round(first.filled * 100)} %`, isAttested: false });
  const printed = pages.flatMap(({ runs }) => runs.filter(({ isMargin }) => !isMargin).map(({ text }) => text)).join(" ");
  return { medium: "paper", words: expected.length, findings: [...findings, ...lostFrom(printed, expected)] };
}

function ofPage({ width, height, runs, overlaps }: PaperPage): Finding[] {
  const tell = (kind: Kind, text: string, detail: string): Finding => ({ kind, word: cut(text), isAttested: true, detail });
  return [
    ...runs.flatMap((run) => {
      const isOut = run.x < -1 || run.x + run.width > width + 1 || run.y < -1 || run.y + run.height * 1.2 > height + 1;
      return [
        ...(isOut ? [tell("off-paper", run.text, `${Math.round(run.x)}…${Math.round(run.x + run.width)} of ${Math.round(width)}`)] : []),
        ...(run.size < LEAST_POINTS - 0.05 ? [tell("small", run.text, `${run.size.toFixed(2)} pt`)] : []),
        ...(run.contrast !== undefined && run.contrast < LEAST_CONTRAST.attested - CONTRAST_TOLERANCE && !isOut
          ? [tell(run.contrast === 0 ? "unpainted" : "contrast", run.text, run.contrast.toFixed(2))]
          : []),
      ];
    }),
    ...overlaps.map(([one, other]) => tell("overlapped", one, cut(other))),
  ];
}

/** The words of the page that are meant for paper, as the browser that lays it out has them. */
async function wordsForPaper(house: VisibilityHouse, address: string): Promise<string[]> {
  const page = await house.newPage();
  try {
    await page.emulateMediaType("print");
    await page.goto(address, { waitUntil: "load", timeout: 120_000 });
    await page.evaluate(await inPage("words"));
    return (await page.evaluate("visibility.collect().filter(({ hasBox }) => hasBox).map(({ text }) => text)")) as string[];
  } finally {
    await page.close();
  }
}

/**
 * A PDF keeps no words, and no order where scripts mix: what must be there is each letter as often as the page has it. When some are missing, those words are named
 * that stand nowhere in the text.
 */
function lostFrom(printed: string, expected: readonly string[]): Finding[] {
  const there = counted(plain(printed));
  const missing = [...counted(plain(expected.join("")))].filter(([letter, times]) => (there.get(letter) ?? 0) < times);
  if (missing.length === 0) return [];
  const text = plain(printed);
  const reversed = [...text].reverse().join("");
  const absent = [...new Set(expected)].filter((word) => !text.includes(plain(word)) && !reversed.includes(plain(word)));
  const letters = missing.map(([letter, times]) => `${times - (there.get(letter) ?? 0)}×${letter}`).slice(0, 12);
  const words = absent.length > 0 ? absent : ["(repeated words)"];
  return words.map((word) => ({ kind: "lost" as const, word: cut(word), isAttested: true, detail: letters.join(" ") }));
}

function plain(text: string): string {
  return text.normalize("NFKC").replace(/[^\p{L}\p{N}]+/gu, "");
}

function counted(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return counts;
}
