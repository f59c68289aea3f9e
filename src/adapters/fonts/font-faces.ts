import { clustersOf, drawersOf, INVISIBLE, JOINING, jointsFor } from "./clusters.ts";
import { type FontBlock, type FontShelf, type FontStyle, mayHave } from "./font-shelf.ts";
import { standInFor } from "./stand-ins.ts";
import { unicodeRange } from "./unicode-range.ts";

/** The fonts of one page. */
export interface FontFaces {
  /** `@font-face` rules of one family, "Noto Sans", which draws every script. */
  readonly css: string;
  /** Characters of the page that no font has, as code points. */
  readonly missing: readonly number[];
  /** Others that none has, with the one that is to be printed for each. */
  readonly standIns: ReadonlyMap<number, string>;
}

/** What the browser draws though the page does not say it: counters, hyphens, quotes (list marks are shapes, not letters). */
const ALWAYS = "0123456789 -–—.,:;()[]/·•…“”‘’„«»\u00a0";

/** Words in an author's typewriter (templates/styles/narrative.css). Signs of ours that are compared one by one are in no other font on paper. */
const MONOSPACE = /<(?:pre|code|kbd|samp|tt)(?! class="code)\b|style="[^"]*var\(--monospace\)/;

const ITALIC = /<(?:i|em|cite|dfn|var|address)\b|italic|oblique/i;

/**
 * Chooses the fonts for a page and writes them as data: URLs, so that the browser needs to fetch none: for each character the first block that has it, under the
 * one family name "Noto Sans". All weights and styles are declared for every block chosen, since a browser looks for a character only among the faces of one weight and style.
 *
 * @param html the page
 * @param language BCP 47, of the document: decides between Japanese and Chinese forms
 */
export async function fontFacesFor(html: string, language: string, shelf: FontShelf): Promise<FontFaces> {
  const needed = charactersOf(html);
  // Most pages have nothing that joins, and need not be looked through for what it joins.
  const joins = [...needed].some((character) => JOINING.test(String.fromCodePoint(character)));
  const clusters = joins ? clustersOf(html) : new Set<string>();
  for (const cluster of clusters) for (const character of cluster.normalize("NFC")) needed.add(character.codePointAt(0) ?? 0);
  const blocks = await shelf.blocks(hanFirst(language, needed));
  const standIns = await standInsAmong(needed, blocks, shelf);
  for (const [character, standIn] of standIns) {
    needed.delete(character);
    needed.add(standIn.codePointAt(0) ?? 0);
  }
  const text = await familyOf("Noto Sans", blocks);
  const families = MONOSPACE.test(html) ? [text, await familyOf("Noto Sans Mono", await shelf.monospaceBlocks())] : [text];
  const styles = ITALIC.test(html) ? (["normal", "italic"] as const) : (["normal"] as const);
  const rules = await Promise.all(families.map((family) => rulesOf(family, styles, shelf)));
  return { css: rules.flat().join("\n"), missing: text.missing, standIns };

  async function familyOf(name: string, all: readonly FontBlock[]): Promise<Family & { readonly missing: readonly number[] }> {
    const { chosen, missing } = await assign(needed, all, shelf);
    const joints = await jointsFor(clusters, chosen, all, shelf);
    return { name, chosen, joints: joints.blocks, missing: [...new Set([...missing, ...joints.missing])] };
  }
}

/** What one family is made of. */
interface Family {
  readonly name: string;
  readonly chosen: ReadonlyMap<FontBlock, readonly number[]>;
  /** What else a block draws, together with what joins it. */
  readonly joints: ReadonlyMap<FontBlock, readonly number[]>;
}

/** Of two faces that have a character the one that is declared later draws it: what is for clusters stands first. */
async function rulesOf({ name, chosen, joints }: Family, styles: readonly FontStyle[], shelf: FontShelf): Promise<string[]> {
  const drawnBy = drawersOf(chosen);
  const rules: string[] = [];
  for (const block of new Set([...joints.keys(), ...chosen.keys()])) {
    // Shaping takes characters apart (Thai SARA AM) and puts them together, so a block keeps all that it has, but for what another one is to draw.
    const spare = [...(await shelf.coverage(block))].filter((character) => !drawnBy.has(character));
    const range = unicodeRange([...spare, ...(chosen.get(block) ?? []), ...(joints.get(block) ?? [])]);
    for (const style of styles) {
      for (const weight of [400, 700] as const) {
        const url = await shelf.url(block, weight, style);
        rules.push(
          `@font-face{font-family:"${name}";font-style:${style};font-weight:${weight};src:url(${url}) format("woff2");unicode-range:${range}}`,
        );
      }
    }
  }
  return rules;
}

async function standInsAmong(needed: ReadonlySet<number>, blocks: readonly FontBlock[], shelf: FontShelf): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const character of needed) {
    const standIn = standInFor(character);
    if (standIn === undefined || (await firstWith(character, blocks, shelf)) !== undefined) continue;
    if ((await firstWith(standIn.codePointAt(0) ?? 0, blocks, shelf)) !== undefined) found.set(character, standIn);
  }
  return found;
}

/** Every character that may appear: those of the markup (numeric references and CSS escapes read), in either case, since CSS may change it. */
function charactersOf(html: string): Set<number> {
  const characters = new Set<string>(ALWAYS);
  for (const character of html) characters.add(character);
  for (const [, hex, decimal] of html.matchAll(/&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));/gi)) addCode(characters, hex, decimal);
  for (const [, hex] of html.matchAll(/\\([0-9a-f]{2,6})/gi)) addCode(characters, hex, undefined);
  for (const character of [...characters]) for (const form of [character.toUpperCase(), character.toLowerCase(), character.normalize("NFC")]) for (const part of form) characters.add(part); // prettier-ignore
  return new Set([...characters].map((character) => character.codePointAt(0) ?? 0));
}

function addCode(characters: Set<string>, hex: string | undefined, decimal: string | undefined): void {
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  if (code <= 0x10ffff) characters.add(String.fromCodePoint(code));
}

function hanFirst(language: string, characters: ReadonlySet<number>): "ja" | "zh" {
  if (/^ja\b/i.test(language)) return "ja";
  if (/^zh\b/i.test(language)) return "zh";
  for (let kana = 0x3041; kana < 0x30ff; kana++) if (characters.has(kana)) return "ja";
  return "zh";
}

async function assign(
  needed: ReadonlySet<number>,
  blocks: readonly FontBlock[],
  shelf: FontShelf,
): Promise<{ chosen: Map<FontBlock, number[]>; missing: number[] }> {
  const chosen = new Map<FontBlock, number[]>();
  const missing: number[] = [];
  const joining: number[] = [];
  for (const character of needed) {
    const text = String.fromCodePoint(character);
    if (JOINING.test(text)) joining.push(character);
    else if (!INVISIBLE.test(text)) {
      const block = await firstWith(character, blocks, shelf);
      if (block === undefined) missing.push(character);
      else if (chosen.has(block)) chosen.get(block)?.push(character);
      else chosen.set(block, [character]);
    }
  }
  for (const character of joining) await join(character);
  return { chosen, missing };

  /** A mark that joins goes with every block that is in use already; one that none of them has, with the first that has it. */
  async function join(character: number): Promise<void> {
    let isDrawn = false;
    for (const [block, characters] of chosen) {
      if (!(await shelf.coverage(block)).has(character)) continue;
      characters.push(character);
      isDrawn = true;
    }
    if (isDrawn || INVISIBLE.test(String.fromCodePoint(character))) return;
    const block = await firstWith(character, blocks, shelf);
    if (block === undefined) missing.push(character);
    else chosen.set(block, [character]);
  }
}

async function firstWith(character: number, blocks: readonly FontBlock[], shelf: FontShelf): Promise<FontBlock | undefined> {
  for (const block of blocks) {
    if (mayHave(block, character) && (await shelf.coverage(block)).has(character)) return block;
  }
  return undefined;
}
