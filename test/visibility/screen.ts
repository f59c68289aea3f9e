/** Measures the words of a document's page in a window of a given width, by what is painted. */
import type { Page } from "puppeteer-core";
import { CONTRAST_TOLERANCE, LEAST_CONTRAST, LEAST_PIXELS, MOST_STUCK, cut, type Finding, type Kind, type Measured } from "./finding.ts";
import type { Shown } from "./documents.ts";
import { inPage, type VisibilityHouse } from "./house.ts";

interface Word {
  readonly text: string;
  readonly isAttested: boolean;
  /** Of its letters, in CSS pixels. */
  readonly size: number;
  readonly hasBox: boolean;
  readonly styles: string;
}

/** A part of a word about as wide as it is high. */
interface Slice {
  readonly word: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const HEIGHTS: Readonly<Record<number, number>> = { 390: 844, 1440: 900 };

/** Pictures are taken in pieces: a browser paints no surface of more than 16,384 pixels. */
const PIECE = { first: { height: 5000, scale: 1 }, second: { height: 1200, scale: 3 } } as const;

/** A page as wide as a hundred windows is scrolled no further: what lies beyond is counted as out of reach. */
const MOST_STEPS = 150;

/** @param extraCss put after the page's own styles, so that a test can hide something */
export async function measureScreen(house: VisibilityHouse, shown: Shown, width: number, extraCss?: string): Promise<Measured> {
  const page = await house.newPage();
  try {
    await page.setViewport({ width, height: HEIGHTS[width] ?? 900 });
    await page.goto(await house.screen(shown), { waitUntil: "load", timeout: 120_000 });
    if (extraCss !== undefined) await page.addStyleTag({ content: extraCss });
    await page.evaluate("document.fonts.ready.then(() => undefined)");
    await page.evaluate(await inPage("words"));
    return await measure(page, house.bench, shown, String(width));
  } finally {
    await page.close();
  }
}

async function measure(page: Page, bench: Page, shown: Shown, medium: string): Promise<Measured> {
  const words = (await page.evaluate("visibility.collect()")) as Word[];
  const findings = new Map<string, Finding>();
  const tell = (kind: Kind, at: number, detail?: string): void => {
    const word = words[at];
    const key = `${kind} ${at}`;
    if (word && !findings.has(key))
      findings.set(key, { kind, word: cut(word.text), isAttested: word.isAttested, detail: [word.styles, detail].filter(Boolean).join(" ") });
  };
  words.forEach((word, at) => {
    if (!word.hasBox) tell("no-box", at);
    else if (word.size < LEAST_PIXELS - 0.01) tell("small", at, `${word.size} px`);
  });
  const painted = new Map<number, { all: number; empty: number }>();
  for (let step = 0; step < MOST_STEPS; step += 1) {
    if (!(await page.evaluate(`visibility.scrollTo(${step})`))) break;
    const slices = (await page.evaluate("globalThis.found = visibility.slices()")) as Slice[];
    for (const [at, by] of (await page.evaluate("visibility.covered(found)")) as [number, string][]) tell("covered", at, by);
    for (const [at, other] of (await page.evaluate("visibility.overlapping(found)")) as [number, string][]) tell("overlapped", at, other);
    const contrasts = await contrastsOf(page, bench, slices, words);
    slices.forEach(({ word }, at) => {
      const contrast = contrasts[at] ?? 0;
      const sum = painted.get(word) ?? { all: 0, empty: 0 };
      painted.set(word, { all: sum.all + 1, empty: sum.empty + (contrast === 0 ? 1 : 0) });
      if (contrast > 0 && contrast < leastFor(words[word])) tell("contrast", word, contrast.toFixed(2));
    });
  }
  for (const [at, { all, empty }] of painted) if (empty > all / 2) tell("unpainted", at);
  for (const at of (await page.evaluate("visibility.unreached()")) as number[]) if (words[at]?.hasBox) tell("unreached", at);
  return { medium, words: words.length, findings: [...findings.values(), ...(await ofThePage(page, shown))] };
}

/** What is asked of the page as a whole. */
async function ofThePage(page: Page, shown: Shown): Promise<Finding[]> {
  await page.evaluate("visibility.scrollTo(0)");
  const stuck = (await page.evaluate("visibility.stuck()")) as number;
  const unsaid = (await page.evaluate("visibility.unsaid()")) as string[];
  const all = (await page.evaluate("visibility.squeezed()")) as string;
  return [
    ...(stuck > MOST_STUCK ? [{ kind: "stuck" as const, word: `${Math.round(stuck * 100)} %`, isAttested: false }] : []),
    ...unsaid.map((word) => ({ kind: "unsaid" as const, word: cut(word), isAttested: true })),
    ...shown.narratives.filter((text) => !all.includes(text)).map((text) => ({ kind: "lost" as const, word: cut(text), isAttested: true })),
  ];
}

function leastFor(word: Word | undefined): number {
  return (word?.isAttested === false ? LEAST_CONTRAST.ours : LEAST_CONTRAST.attested) - CONTRAST_TOLERANCE;
}

/** Thin strokes are painted paler than their colour: what seems too pale is looked at again, three times as large. */
async function contrastsOf(page: Page, bench: Page, slices: readonly Slice[], words: readonly Word[]): Promise<number[]> {
  const contrasts = await looked(page, bench, slices, PIECE.first);
  const doubtful = slices.flatMap(({ word }, at) => ((contrasts[at] ?? 0) < leastFor(words[word]) ? [at] : []));
  const again = await looked(
    page,
    bench,
    doubtful.flatMap((at) => slices[at] ?? []),
    PIECE.second,
  );
  doubtful.forEach((at, place) => {
    contrasts[at] = again[place] ?? 0;
  });
  return contrasts;
}

/** The contrast of each slice; 0 where nothing is painted. */
async function looked(
  page: Page,
  bench: Page,
  slices: readonly Slice[],
  piece: { readonly height: number; readonly scale: number },
): Promise<number[]> {
  const contrasts = slices.map(() => 0);
  const pieces = new Map<number, number[]>();
  slices.forEach(({ y }, at) => {
    const number = Math.floor(y / piece.height);
    pieces.set(number, [...(pieces.get(number) ?? []), at]);
  });
  for (const places of pieces.values()) {
    const here = places.flatMap((at) => slices[at] ?? []);
    const x = Math.max(0, Math.floor(Math.min(...here.map((slice) => slice.x)) - 2));
    const y = Math.max(0, Math.floor(Math.min(...here.map((slice) => slice.y)) - 2));
    const clip = {
      x,
      y,
      width: Math.ceil(Math.max(...here.map((slice) => slice.x + slice.width)) + 2) - x,
      height: Math.ceil(Math.max(...here.map((slice) => slice.y + slice.height)) + 2) - y,
      scale: piece.scale,
    };
    const shoot = (): Promise<string> => page.screenshot({ clip, encoding: "base64", captureBeyondViewport: true, optimizeForSpeed: true });
    const withText = await shoot();
    await page.evaluate("visibility.hideText()");
    const without = await shoot();
    await page.evaluate("visibility.showText()");
    const scaled = here.map((slice) => ({
      x: (slice.x - x) * clip.scale,
      y: (slice.y - y) * clip.scale,
      width: slice.width * clip.scale,
      height: slice.height * clip.scale,
    }));
    const found = (await bench.evaluate(
      `pixels.judge(${JSON.stringify(withText)}, ${JSON.stringify(without)}, ${JSON.stringify(scaled)})`,
    )) as number[];
    places.forEach((at, place) => {
      contrasts[at] = found[place] ?? 0;
    });
  }
  return contrasts;
}
