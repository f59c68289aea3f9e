/** The browser that prints, and the fonts that it prints with. A part of the composition root. */
import type { FontShelf } from "../adapters/fonts/font-shelf.ts";
import type { Config } from "../config.ts";
import type { PdfEngine } from "../pipeline/render/pdf-engine.ts";

export async function openPdfEngine(config: Config, fonts?: FontShelf): Promise<PdfEngine> {
  const { fontFacesFor } = await import("../adapters/fonts/font-faces.ts");
  const shelf = fonts ?? (await openFonts());
  const { openChromium } = await import("../adapters/chromium/open-chromium.ts");
  const { browserPath, browserSandbox, searchPath, cacheFolder } = config;
  return openChromium({
    executablePath: browserPath,
    sandbox: browserSandbox,
    searchPath,
    cacheFolder,
    fontsFor: (html, language) => fontFacesFor(html, language, shelf),
  });
}

export async function openFonts(): Promise<FontShelf> {
  const { openFontShelf } = await import("../adapters/fonts/font-shelf.ts");
  return openFontShelf();
}
