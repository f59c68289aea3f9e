import type { Browser } from "puppeteer-core";
import type { Paper } from "../../pipeline/render/pdf-engine.ts";

/** Our words, not the page's: these still run when the page's scripts are off. */
const LOAD_FONTS = "Promise.allSettled([...document.fonts].map((face) => face.load())).then(() => undefined)";

/** Papers without their margins (furniture.ts), in CSS pixels: 210 mm less 32, 816 less 120. */
const PAPER_WIDTHS: Readonly<Record<Paper, number>> = { a4: 673, letter: 696 };

/**
 * Paper cannot be scrolled, and how wide a table is only its layout tells. Each that is wider than the paper gets the next of these classes until it is not
 * (templates/styles/print.css). All are measured before any is changed, so that the page is laid out once for each class.
 */
const FIT_TABLES = `for (const name of ["narrow", "wide", "smallest", "breaks-long", "crowded", "unrolled"]) {
  const boxes = [...document.querySelectorAll(".table-box")].filter((box) => box.scrollWidth > box.clientWidth + 1);
  for (const box of boxes) box.classList.add(name);
}`;

/** Rows that take more than a third of a sheet may go on upon the next, or what stands before one of a page's height would stand alone (templates/styles/print.css). CSS pixels. */
const TALL = 320;
const BREAK_TALL_ROWS = `for (const row of [...document.querySelectorAll("tr")].filter((row) => row.offsetHeight > ${TALL})) row.classList.add("tall");`;

/**
 * Prints one page in a fresh context of its own. Nothing is fetched: scripts are off and every request is refused, and the process behind it can reach
 * nothing anyway (launch.ts). Paper size and margins are those of the page's `@page` rules.
 *
 * @param timeLimit milliseconds for each of the two steps, loading and printing
 */
export async function printPage(browser: Browser, html: string, timeLimit: number, paper: Paper = "a4"): Promise<Uint8Array> {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    await page.setJavaScriptEnabled(false);
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      // A request that was answered meanwhile, or whose page is gone, needs no refusal.
      // "aborted" and not "blockedbyclient": a page that would go elsewhere stays, instead of giving way to the browser's page of errors.
      request.abort("aborted").catch(() => undefined);
    });
    await page.setContent(html, { waitUntil: "load", timeout: timeLimit });
    // The browser loads the fonts that the body uses, and leaves boxes or nothing where only a running head needs one.
    await page.evaluate(LOAD_FONTS);
    await page.setViewport({ width: PAPER_WIDTHS[paper], height: 900 });
    await page.emulateMediaType("print");
    await page.evaluate(FIT_TABLES);
    await page.evaluate(BREAK_TALL_ROWS);
    const pdf = await page.pdf({
      preferCSSPageSize: true,
      printBackground: true,
      tagged: true,
      outline: true,
      waitForFonts: true,
      timeout: timeLimit,
    });
    if (page.url() !== "about:blank") throw new Error("The page went elsewhere while it was printed");
    return pdf;
  } finally {
    // Of a browser that has gone, there is nothing left to close.
    await context.close().catch(() => undefined);
  }
}
