import { createHash } from "node:crypto";
import { templateFile } from "./template-files.ts";
import type { Asset, FontSheet, WebFonts } from "./web-fonts.ts";

/** The files that pages on a screen link to. */
export interface Assets {
  /** By the path of their URL (`/assets/...`), which names their content. */
  readonly files: ReadonlyMap<string, Asset>;
  /** The path of the script by which browsers are asked for passkeys. */
  readonly passkeyScript: string;
  /** The paths of the stylesheets that a page with this text needs. */
  stylesheetsFor(text: string): string[];
}

/** Styles, and the fonts for browsers that have none for some script. */
export function openAssets(fonts: WebFonts | undefined): Assets {
  const all: FontSheet[] = [{ css: screenStyles() }, ...(fonts?.sheets ?? [])];
  const sheets = all.map((sheet) => ({ ...sheet, path: pathOf(sheet.css) }));
  const styles = sheets.map(({ path, css }) => [path, { body: css, contentType: "text/css; charset=utf-8" }] as const);
  const script = templateFile("scripts/passkey.js");
  const passkeyScript = pathOf(script, "js");
  return {
    files: new Map<string, Asset>([
      ...styles,
      [passkeyScript, { body: script, contentType: "text/javascript; charset=utf-8" }],
      ...(fonts?.files ?? []),
    ]),
    passkeyScript,
    stylesheetsFor(text) {
      const letters = farLettersOf(text);
      return sheets.filter(({ characters }) => characters?.test(letters) ?? true).map(({ path }) => path);
    },
  };
}

/** Each character once that only some pages have a font for: looking through a page for each of twenty scripts would cost more than writing it. Latin, Cyrillic and Greek are none of them. */
function farLettersOf(text: string): string {
  return [...new Set(text.match(/[\u0530-\u1dff\u2300-\u{10ffff}]/gu))].join("");
}

/** The path of an asset, which names its content. */
export function pathOf(text: string, ending: "css" | "js" = "css"): string {
  return `/assets/${createHash("sha256").update(text).digest("hex").slice(0, 16)}.${ending}`;
}

/** Everything that the page for the PDF needs, to stand in its head. @param more a sheet that documents' have no need of */
export function printStyles(more?: string): string {
  const own = more === undefined ? [] : [kept(more)];
  return [kept("base"), kept("document"), kept("narrative"), kept("generated"), kept("print"), kept("generated-print"), ...own].join("\n");
}

/** Eight digits that change with the styles of paper. */
export function templatesVersion(): string {
  return createHash("sha256").update(printStyles()).digest("hex").slice(0, 8);
}

/** Everything that a page on a screen needs, with the styles of paper for when it is printed from the browser. */
export function screenStyles(): string {
  return [
    kept("base"),
    kept("document"),
    kept("narrative"),
    kept("generated"),
    kept("pages"),
    kept("audit"),
    `@media print {\n${kept("print")}\n${kept("generated-print")}\n}`,
  ].join("\n");
}

/** The files never change while the program runs. */
const FILES = new Map<string, string>();

function kept(name: string): string {
  const file = FILES.get(name) ?? templateFile(`styles/${name}.css`);
  FILES.set(name, file);
  return file;
}
