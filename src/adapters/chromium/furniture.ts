import encodeQr from "qr";
import type { Paper, PdfFurniture } from "../../pipeline/render/pdf-engine.ts";

/** `{page}` and `{pages}` are filled in by the browser as it breaks the pages. */
const PAGE_WORDS: Readonly<Record<string, string>> = {
  ar: "صفحة {page} من {pages}",
  da: "Side {page} af {pages}",
  de: "Seite {page} von {pages}",
  el: "Σελίδα {page} από {pages}",
  en: "Page {page} of {pages}",
  es: "Página {page} de {pages}",
  et: "Lk {page} / {pages}",
  fi: "Sivu {page} / {pages}",
  fr: "Page {page} sur {pages}",
  he: "עמוד {page} מתוך {pages}",
  it: "Pagina {page} di {pages}",
  ja: "{page} / {pages} ページ",
  nl: "Pagina {page} van {pages}",
  no: "Side {page} av {pages}",
  pl: "Strona {page} z {pages}",
  pt: "Página {page} de {pages}",
  sv: "Sida {page} av {pages}",
  zh: "第 {page} 页，共 {pages} 页",
};

/** Said when a character of the page has no glyph in any font. */
const MISSING_WORDS: Readonly<Record<string, string>> = {
  ar: "حروف في هذا المستند لا يمكن طباعتها، يُرجى قراءته على الشاشة",
  de: "Nicht druckbare Zeichen in diesem Dokument, bitte am Bildschirm lesen",
  en: "Characters of this document that cannot be printed, please read it on screen",
  es: "Caracteres de este documento que no se pueden imprimir, léalo en pantalla",
  fr: "Caractères de ce document qui ne peuvent être imprimés, veuillez le lire à l'écran",
  he: "תווים במסמך זה שאי אפשר להדפיסם, יש לקרוא אותו על המסך",
  it: "Caratteri di questo documento che non possono essere stampati, leggerlo sullo schermo",
  ja: "この文書には印刷できない文字があります。画面でお読みください",
  nl: "Tekens van dit document die niet afgedrukt kunnen worden, lees het op het scherm",
  pl: "Znaki tego dokumentu, których nie można wydrukować, proszę czytać na ekranie",
  pt: "Caracteres deste documento que não podem ser impressos, leia-o no ecrã",
  zh: "本文档中有无法打印的字符，请在屏幕上阅读",
};

/** Said when another character is printed for one that no font has. */
const STAND_IN_WORDS: Readonly<Record<string, string>> = {
  ar: "حروف طُبع مكانها ما تقوم مقامه",
  de: "Gedruckt als das Zeichen, für das sie stehen",
  en: "Printed as the character that they stand for",
  es: "Impresos como el carácter que representan",
  fr: "Imprimés sous la forme du caractère qu'ils représentent",
  he: "נדפסו בתו שהם מייצגים",
  it: "Stampati con il carattere che rappresentano",
  ja: "次の文字は、それが表す文字で印刷されています",
  nl: "Afgedrukt als het teken waarvoor zij staan",
  pl: "Wydrukowane jako znak, który oznaczają",
  pt: "Impressos como o carácter que representam",
  zh: "以下字符以其所代表的字印出",
};

const MARKS = { ltr: "\u200e", rtl: "\u200f" } as const;

const FROM_THE_RIGHT = /[\p{Script=Arabic}\p{Script=Hebrew}]/u;

/** Languages whose words stand the other way round on the page. */
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(["ar", "fa", "he", "ps", "ur", "yi"]);

/**
 * What stands at the head and foot of every page, as CSS page-margin boxes (css-page-3, section 6): patient above, document and page number below.
 * Unlike the browser's own header templates, these use the page's fonts, and so print every script. The page's own `@page` rules may set size and
 * margins; A4 otherwise. Characters that no font has (`missing`, code points), and those for which others are printed (`standIns`), are told on every page: a box instead of a letter must not
 * pass unseen.
 */
export function furnitureCss(furniture: PdfFurniture, missing: readonly number[] = [], standIns: readonly number[] = []): string {
  const language = (furniture.headLanguage ?? furniture.language).split("-", 1)[0]?.toLowerCase() ?? "en";
  const paper = furniture.paper ?? "a4";
  const words = PAGE_WORDS[language] ?? "{page} / {pages}";
  const isRightToLeft = RIGHT_TO_LEFT.has(language);
  const direction = isRightToLeft ? "rtl" : "ltr";
  const [start, end] = isRightToLeft ? ["right", "left"] : ["left", "right"];
  const line = (words_: Readonly<Record<string, string>>, characters: readonly number[]): string =>
    characters.length === 0 ? "" : `${cssString(warningOf(words_[language] ?? words_["en"] ?? "", characters))} "\\a " `;
  const warning = line(MISSING_WORDS, missing) + line(STAND_IN_WORDS, standIns);
  const code =
    furniture.address === undefined ? "" : `@top-${end} { content: ${qrCode(furniture.address)}; vertical-align: middle; text-align: ${end}; }`;
  const identifier = furniture.identifier === undefined ? "" : ` "\\a " ${cssString(furniture.identifier)}`;
  const box = `font: 8pt/1.3 "Noto Sans", sans-serif; color: #333; direction: ${direction};`;
  return `
@page {
  size: ${paper};
  margin: 22mm ${SIDES[paper]} 20mm;
  ${code}
  @top-${start} { content: ${cssString(breakable(furniture.patient), direction)}; ${box} font-weight: 700; vertical-align: middle; text-align: ${start};${code === "" ? " width: 100%;" : ` padding-${end}: 4mm;`} }
  @bottom-${start} { content: ${warning}${cssString(breakable(furniture.document), direction)}${identifier}; white-space: pre-wrap; ${box} vertical-align: middle; text-align: ${start}; }
  @bottom-${end} { content: ${pageWords(words)}; ${box} vertical-align: middle; text-align: ${end}; white-space: nowrap; }
}`;
}

/** Margins that leave whole pixels (print-page.ts): of a broken one, the frame's edge is cut off. */
const SIDES: Readonly<Record<Paper, string>> = { a4: "16mm", letter: "60px" };

/** Millimetres of a QR code's side, with the quiet zone of four modules that it needs around it (ISO/IEC 18004): between the margin's edges with room to spare. */
const CODE_SIDE = 19;

/** An address as a picture that CSS takes: vectors, so that a fax still shows it. */
function qrCode(address: string): string {
  const modules = encodeQr(address, "raw", { ecc: "medium", border: 4 });
  const path = modules.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : []))).join("");
  const side = modules.length;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${CODE_SIDE}mm" height="${CODE_SIDE}mm" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path d="${path}"/></svg>`;
  return `url("data:image/svg+xml;base64,${Buffer.from(svg, "latin1").toString("base64")}")`;
}

/** What is not broken is given places where it may be: margin boxes grow with the longest word, over the page number and off the paper. Scripts without spaces break anywhere. */
function breakable(text: string): string {
  return text.replace(UNBROKEN, (word) => word.replace(PIECE, `$&${MAY_BREAK}`));
}

/** A space without width (U+200B): a line may end there, and no letter is lost. */
const MAY_BREAK = "\u200b";
const PIECE = /.{40}(?!$)/gsu;
const UNBROKEN = /[^\s\-\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]{41,}/gu;

function warningOf(words: string, missing: readonly number[]): string {
  const named = missing.slice(0, 8).map((character) => `U+${character.toString(16).toUpperCase().padStart(4, "0")}`);
  return `${words}: ${named.join(", ")}${missing.length > named.length ? ", …" : ""}`;
}

function pageWords(words: string): string {
  return words
    .split(/(\{page\}|\{pages\})/)
    .filter((part) => part !== "")
    .map((part) => (part === "{page}" ? "counter(page)" : part === "{pages}" ? "counter(pages)" : cssString(part)))
    .join(" ");
}

/**
 * A CSS string (css-syntax-3, 4.3.5) that can end neither itself nor the `<style>` element: whatever is neither letter, digit nor harmless mark is
 * written as an escape. Marks that turn the direction of text are dropped. Instead, where writing from the right occurs, the line's own direction is marked on
 * both sides of each middle dot (Unicode annex 9), so that a name in Hebrew does not reorder the date beside it; and in a line from the right each part without
 * such writing is marked as one from the left, or the day of 26-Feb-2026 would stand behind its year. So is a time with its zone, or the zone's sign would stand behind it.
 */
export function cssString(text: string, direction: "ltr" | "rtl" = "ltr"): string {
  const plain = text.replace(/[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g, "").replace(/[\p{Cc}\p{Cs}]+/gu, " ");
  const mark = MARKS[direction];
  const parts = plain.split(" · ").map((part) => (direction === "rtl" ? markedForTheRight(part) : part));
  const marked = FROM_THE_RIGHT.test(plain) ? parts.join(`${mark} · ${mark}`) : plain;
  const escaped = marked.replace(/[^\p{L}\p{M}\p{N} .,:;/()·–-]/gu, (mark) => `\\${(mark.codePointAt(0) ?? 0xfffd).toString(16)} `);
  return `"${escaped}"`;
}

function markedForTheRight(part: string): string {
  if (!FROM_THE_RIGHT.test(part)) return `${MARKS.ltr}${part}${MARKS.ltr}`;
  return part.replace(/\d\d:\d\d[ \u00a0](?:UTC|[+-]\d\d:\d\d)/g, "\u2066$&\u2069");
}
