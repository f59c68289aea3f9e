/** A package of fonts from npm (Fontsource): a file per weight, style and block of characters. */
export interface FontPackage {
  readonly name: string;
  readonly weights: readonly (400 | 700)[];
  /** True when it has drawn italics; the other scripts have none and are printed upright. */
  readonly hasItalic?: boolean;
  /** Which of its blocks are used, by name: the rest repeat Latin. */
  readonly blocks?: RegExp;
  /** Characters to look for in its blocks where its own table does not say (css-fonts-4, unicode-range). */
  readonly unicodeRange?: string;
}

/** All from General Punctuation to Miscellaneous Symbols and Arrows, and the mathematical letters. */
const SYMBOLS = "U+2000-2BFF,U+1D400-1D7FF";

/** Everything in the basic plane but the private use area. */
const ANYTHING = "U+20-D7FF,U+F900-FFFD";

const NUMBERED = /^\d+$/;

/**
 * What draws which script: of two that have a character the first draws it. A new script is a new row here and a dependency in package.json. Static
 * fonts, not variable ones: of these Chromium makes Type 3 fonts, whose text is neither as sharp nor as well read back.
 */
export const FONT_PACKAGES: readonly FontPackage[] = [
  { name: "noto-sans", weights: [400, 700], hasItalic: true },
  // Noto's Arabic fonts make a letter of a bare shape and dots: a reader that copies from the PDF gets the shapes, which are other letters.
  { name: "vazirmatn", weights: [400, 700], blocks: /^arabic$/ },
  { name: "noto-sans-hebrew", weights: [400, 700], blocks: /^hebrew$/ },
  { name: "noto-sans-thai", weights: [400, 700], blocks: /^thai$/ },
  { name: "noto-sans-math", weights: [400], unicodeRange: SYMBOLS },
  { name: "noto-sans-symbols-2", weights: [400], blocks: /^symbols$/ },
  // Armenian, Georgian, and what the others leave out, a third of a tablet (U+2153) among it.
  { name: "dejavu-sans", weights: [400, 700], hasItalic: true, blocks: /^latin$/, unicodeRange: ANYTHING },
];

/** Han characters are drawn differently in Japan and in China: the language of the document says which comes first. Both come last of all. */
export const HAN_PACKAGES: Readonly<Record<"ja" | "zh", FontPackage>> = {
  ja: { name: "biz-udpgothic", weights: [400, 700], blocks: NUMBERED },
  zh: { name: "noto-sans-sc", weights: [400, 700], blocks: NUMBERED },
};
