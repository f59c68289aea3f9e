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
  /** Only pages with one of these are offered it, as a family of this name. Absent: every page is. PDFs look at what each page needs. */
  readonly offered?: { readonly characters: RegExp; readonly family: string };
}

/** All from General Punctuation to Miscellaneous Symbols and Arrows, and the mathematical letters. */
const SYMBOLS = "U+2000-2BFF,U+1D400-1D7FF";

/** Everything in the basic plane but the private use area. */
const ANYTHING = "U+20-D7FF,U+F900-FFFD";

const NUMBERED = /^\d+$/;

/** A script that stands first on pages that have it, as Latin does: its file is small. */
function script(name: string, block: RegExp, characters: RegExp, rest: Partial<FontPackage> = {}): FontPackage {
  return { name, weights: [400, 700], blocks: block, offered: { characters, family: "Noto Sans" }, ...rest };
}

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
  script("noto-sans-armenian", /^armenian$/, /[\u0530-\u058f\ufb13-\ufb17]/),
  script("noto-sans-bengali", /^bengali$/, /[\u0980-\u09ff]/),
  script("noto-sans-ethiopic", /^ethiopic$/, /[\u1200-\u139f\u2d80-\u2ddf\uab00-\uab2f]/),
  script("noto-sans-georgian", /^georgian$/, /[\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2f]/),
  script("noto-sans-gujarati", /^gujarati$/, /[\u0a80-\u0aff]/),
  script("noto-sans-gurmukhi", /^gurmukhi$/, /[\u0a00-\u0a7f]/),
  script("noto-sans-kannada", /^kannada$/, /[\u0c80-\u0cff]/),
  script("noto-sans-khmer", /^khmer$/, /[\u1780-\u17ff\u19e0-\u19ff]/),
  script("noto-sans-lao", /^lao$/, /[\u0e80-\u0eff]/),
  script("noto-sans-malayalam", /^malayalam$/, /[\u0d00-\u0d7f]/),
  script("noto-sans-myanmar", /^myanmar$/, /[\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f]/),
  script("noto-sans-oriya", /^oriya$/, /[\u0b00-\u0b7f]/),
  script("noto-sans-sinhala", /^sinhala$/, /[\u0d80-\u0dff]/),
  script("noto-sans-tamil", /^tamil$/, /[\u0b80-\u0bff]/),
  script("noto-sans-telugu", /^telugu$/, /[\u0c00-\u0c7f]/),
  script("noto-sans-thaana", /^thaana$/, /[\u0780-\u07bf]/),
  // Its own table has the brackets in which Chinese titles stand.
  script("noto-serif-tibetan", /^tibetan$/, /[\u0f00-\u0fff]/, { unicodeRange: "U+F00-FFF,U+200C-200D" }),
  { name: "noto-sans-math", weights: [400], unicodeRange: SYMBOLS },
  { name: "noto-sans-symbols-2", weights: [400], blocks: /^symbols$/ },
  // What the others leave out, a third of a tablet (U+2153) among it.
  { name: "dejavu-sans", weights: [400, 700], hasItalic: true, blocks: /^latin$/, unicodeRange: ANYTHING },
];

/** Han characters are drawn differently in Japan and in China: the language of the document says which comes first. Both come after all of the above. */
export const HAN_PACKAGES: Readonly<Record<"ja" | "zh", FontPackage>> = {
  ja: {
    name: "biz-udpgothic",
    weights: [400, 700],
    blocks: NUMBERED,
    offered: { family: "BIZ UDPGothic", characters: /[\p{Script=Hiragana}\p{Script=Katakana}]/u },
  },
  zh: {
    name: "noto-sans-sc",
    weights: [400, 700],
    blocks: NUMBERED,
    offered: { family: "Noto Sans SC", characters: /[\p{Script=Han}\p{Script=Bopomofo}\u3000-\u30ff\uff00-\uffef]/u },
  },
};

/** Many files each, and asked last of all: Hangul (Noto's would be twice as large, for Han characters that the two above draw), and emoji without colours. */
export const LAST_PACKAGES: readonly FontPackage[] = [
  {
    name: "ibm-plex-sans-kr",
    weights: [400, 700],
    blocks: NUMBERED,
    offered: { family: "IBM Plex Sans KR", characters: /\p{Script=Hangul}/u },
  },
  {
    name: "noto-emoji",
    weights: [400, 700],
    blocks: NUMBERED,
    offered: { family: "Noto Emoji", characters: /[\p{Emoji_Presentation}\u{1f000}-\u{1faff}]/u },
  },
];

/** The letters of one width, for an author's typewriter: a family beside the others, which draw what it has not. */
export const MONOSPACE_PACKAGE: FontPackage = { name: "noto-sans-mono", weights: [400, 700] };
