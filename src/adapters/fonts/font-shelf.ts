import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { FONT_PACKAGES, type FontPackage, HAN_PACKAGES, LAST_PACKAGES, MONOSPACE_PACKAGE } from "./font-packages.ts";
import { woffCoverage } from "./woff-coverage.ts";

/** One block of characters of one package: `noto-sans`, `cyrillic`. */
export interface FontBlock {
  readonly fonts: FontPackage;
  readonly name: string;
  /** Inclusive at both ends; what the package claims, not what the file has. */
  readonly ranges: readonly (readonly [number, number])[];
}

/** The fonts that npm brought. What was read once is kept: all of it together is some 30 MB. */
export interface FontShelf {
  /** All blocks, in the order in which they are asked for a character. */
  blocks(first: "ja" | "zh"): Promise<readonly FontBlock[]>;
  /** Those of the letters of one width. */
  monospaceBlocks(): Promise<readonly FontBlock[]>;
  /** The characters within its ranges that the block has glyphs for. */
  coverage(block: FontBlock): Promise<ReadonlySet<number>>;
  /** The font as a data: URL (WOFF2); the nearest that there is, if the block has not this weight or style. */
  url(block: FontBlock, weight: FontWeight, style: FontStyle): Promise<string>;
  /** The same font as a file. */
  file(block: FontBlock, weight: FontWeight, style: FontStyle): Promise<FontFile>;
}

export type FontWeight = 400 | 700;
export type FontStyle = "normal" | "italic";

/** A file of a package (WOFF2). */
export interface FontFile {
  /** `noto-sans-thai-thai-400-normal.woff2`. */
  readonly name: string;
  /** Of the package: files of one name and version never differ. */
  readonly version: string;
  read(): Promise<Uint8Array>;
}

/** Opens the shelf; nothing is read until it is asked for. */
export function openFontShelf(): FontShelf {
  const require = createRequire(import.meta.url);
  const blocksOf = remember((fonts: FontPackage) => readBlocks(fonts, require));
  const coverageOf = remember(async (block: FontBlock) => {
    const characters = await woffCoverage(await readFile(require.resolve(fileOf(block, 400, "normal", "woff"))));
    return new Set([...characters].filter((character) => mayHave(block, character)));
  });
  const versionOf = remember((fonts: FontPackage) => readVersion(fonts, require));
  const urlOf = remember(async (file: string) => `data:font/woff2;base64,${(await readFile(require.resolve(file))).toString("base64")}`);
  return {
    async blocks(first) {
      const packages = [...FONT_PACKAGES, HAN_PACKAGES[first], HAN_PACKAGES[first === "ja" ? "zh" : "ja"], ...LAST_PACKAGES];
      return (await Promise.all(packages.map(blocksOf))).flat();
    },
    monospaceBlocks: () => blocksOf(MONOSPACE_PACKAGE),
    coverage: coverageOf,
    url: (block, weight, style) => urlOf(nearestFile(block, weight, style)),
    async file(block, weight, style) {
      const file = nearestFile(block, weight, style);
      return { name: basename(file), version: await versionOf(block.fonts), read: () => readFile(require.resolve(file)) };
    },
  };
}

function nearestFile(block: FontBlock, weight: FontWeight, style: FontStyle): string {
  const nearest = block.fonts.weights.includes(weight) ? weight : 400;
  return fileOf(block, nearest, block.fonts.hasItalic === true ? style : "normal", "woff2");
}

async function readVersion({ name }: FontPackage, require: NodeJS.Require): Promise<string> {
  const text = await readFile(require.resolve(`@fontsource/${name}/package.json`), "utf8");
  const version = /"version":\s*"([\w.+-]+)"/.exec(text)?.[1];
  if (version === undefined) throw new Error(`@fontsource/${name} has no version`);
  return version;
}

function fileOf(block: FontBlock, weight: number, style: string, format: "woff" | "woff2"): string {
  return `@fontsource/${block.fonts.name}/files/${block.fonts.name}-${block.name}-${weight}-${style}.${format}`;
}

/** The blocks of a package by its `unicode.json`: `{ "cyrillic": "U+0301,U+0400-045F", "[4]": "U+4E00,..." }`. */
async function readBlocks(fonts: FontPackage, require: NodeJS.Require): Promise<FontBlock[]> {
  const table: unknown = JSON.parse(await readFile(require.resolve(`@fontsource/${fonts.name}/unicode.json`), "utf8"));
  if (typeof table !== "object" || table === null) throw new Error(`@fontsource/${fonts.name} has no table of characters`);
  // A font that was never divided has an empty table, and one block.
  const entries = Object.keys(table).length === 0 ? [["latin", ""]] : Object.entries(table);
  return entries
    .map(([name = "", unicodeRange]) => ({ name: name.replace(/[[\]]/g, ""), unicodeRange: fonts.unicodeRange ?? String(unicodeRange) }))
    .filter(({ name }) => fonts.blocks === undefined || fonts.blocks.test(name))
    .map(({ name, unicodeRange }) => ({ fonts, name, ranges: parseUnicodeRange(unicodeRange) }));
}

/** True when the block's ranges name the character. */
export function mayHave(block: FontBlock, character: number): boolean {
  return block.ranges.some(([first, last]) => character >= first && character <= last);
}

/** `U+0900-097F,U+20B9` -> [[0x900, 0x97f], [0x20b9, 0x20b9]] (css-fonts-4, unicode-range; the packages use no wildcards). */
export function parseUnicodeRange(text: string): [number, number][] {
  return text.split(",").map((range) => {
    const [first = "", last = first] = range.trim().replace(/^U\+/i, "").split("-");
    return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
  });
}

/** Asks once per argument; what failed may be asked again. */
function remember<A, R>(ask: (argument: A) => Promise<R>): (argument: A) => Promise<R> {
  const answers = new Map<A, Promise<R>>();
  return (argument) => {
    const known = answers.get(argument);
    if (known !== undefined) return known;
    const answer = ask(argument);
    answers.set(argument, answer);
    answer.catch(() => answers.delete(argument));
    return answer;
  };
}
