import type { Asset, FontSheet, WebFonts } from "../../pipeline/render/pages/web-fonts.ts";
import { JOINING } from "./clusters.ts";
import type { FontBlock, FontShelf, FontStyle, FontWeight } from "./font-shelf.ts";
import { unicodeRange } from "./unicode-range.ts";

/** Ticks and warning signs in 5 KB, where the fonts of symbols have 270 and more: `@fontsource/noto-sans-sc`, block 87. */
const SIGNS = { package: "noto-sans-sc", block: "87" };

/** The family that stands first on every page. */
const FIRST = "Noto Sans";

/** Chooses among the forms of the character before it and is no reason to fetch a font. */
const SELECTOR = /\p{Variation_Selector}/u;

/**
 * The fonts of the pages, for browsers on machines that lack them: a browser fetches a file when a page has characters of the file's range (css-fonts-4,
 * unicode-range) that no font before it in our styles can draw. "Noto Sans" stands first there, the large ones stand after the machine's own.
 */
export async function openWebFonts(shelf: FontShelf): Promise<WebFonts> {
  const files = new Map<string, Asset>();
  const all = await shelf.blocks("zh");
  const sheets: FontSheet[] = [{ css: (await ownFamilies(all, shelf, files)).join("\n") }];
  // Too many files for us to look into: their own tables say what they draw.
  for (const [fonts, blocks] of Map.groupBy(all, (block) => block.fonts)) {
    if (fonts.offered === undefined) continue;
    const { family, characters } = fonts.offered;
    // A face that leans too where the family has such of other scripts: a browser looks for a character among the faces of one style only.
    const styles = family === FIRST ? (["normal", "italic"] as const) : (["normal"] as const);
    const rules = await Promise.all(blocks.map((block) => rulesFor({ block, family, styles, range: rangeOf(block), shelf, files })));
    sheets.push({ css: rules.flat().join("\n"), characters });
  }
  return { sheets, files };
}

/** Each character is that of the first block which has it, as in a PDF; what joins with its neighbours is left to each that has letters for it. */
async function ownFamilies(all: readonly FontBlock[], shelf: FontShelf, files: Map<string, Asset>): Promise<string[]> {
  const scripts = all.filter(({ fonts }) => fonts.offered === undefined);
  const signs = all.filter(({ fonts, name }) => fonts.name === SIGNS.package && name === SIGNS.block);
  // The first that was never divided, and all after it.
  const large = scripts.findIndex(({ fonts }) => fonts.unicodeRange !== undefined);
  const families = [
    // For every block a face of each style: a browser looks for a character among the faces of one style only.
    { family: FIRST, styles: ["normal", "italic"], blocks: [...scripts.slice(0, large), ...signs], isLarge: false },
    { family: "Chartulary Symbols", styles: ["normal"], blocks: scripts.slice(large), isLarge: true },
  ] as const;
  const drawn = new Set<number>();
  const joining = new Set<number>();
  const rules: string[] = [];
  for (const { family, styles, blocks, isLarge } of families) {
    for (const block of blocks) {
      const characters = [...(await shelf.coverage(block))].filter(
        (character) => !drawn.has(character) && !SELECTOR.test(String.fromCodePoint(character)) && !(isLarge && joining.has(character)),
      );
      for (const character of characters) (JOINING.test(String.fromCodePoint(character)) ? joining : drawn).add(character);
      if (characters.length > 0) rules.push(...(await rulesFor({ block, family, styles, range: unicodeRange(characters), shelf, files })));
    }
  }
  return rules;
}

interface FaceOptions {
  readonly block: FontBlock;
  readonly family: string;
  readonly styles: readonly FontStyle[];
  readonly range: string;
  readonly shelf: FontShelf;
  /** Takes what the rules lead to. */
  readonly files: Map<string, Asset>;
}

async function rulesFor({ block, family, styles, range, shelf, files }: FaceOptions): Promise<string[]> {
  const rules: string[] = [];
  for (const style of styles) {
    for (const weight of [400, 700] satisfies FontWeight[]) {
      const { name, version, read } = await shelf.file(block, weight, style);
      const path = `/assets/fonts/${version}/${name}`;
      files.set(path, { body: read, contentType: "font/woff2" });
      rules.push(
        `@font-face{font-family:"${family}";font-style:${style};font-weight:${weight};font-display:swap;src:url(${path.replace("/assets/", "")}) format("woff2");unicode-range:${range}}`,
      );
    }
  }
  return rules;
}

/** Variation selectors are no reason to fetch a font. */
function rangeOf({ ranges }: FontBlock): string {
  const own = ranges.filter(([first, last]) => first !== last || !SELECTOR.test(String.fromCodePoint(first)));
  return own.map(([first, last]) => `U+${first.toString(16)}${first === last ? "" : `-${last.toString(16)}`}`).join(",");
}
