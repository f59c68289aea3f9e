import type { Browser } from "puppeteer-core";

/**
 * Prints one page in a fresh context of its own. Nothing is fetched: scripts are off and every request is refused, and the process behind it can reach
 * nothing anyway (launch.ts). Paper size and margins are those of the page's `@page` rules.
 *
 * @param timeLimit milliseconds for each of the two steps, loading and printing
 */
export async function printPage(browser: Browser, html: string, timeLimit: number): Promise<Uint8Array> {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    await page.setJavaScriptEnabled(false);
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      // A request that was answered meanwhile, or whose page is gone, needs no refusal.
      request.abort("blockedbyclient").catch(() => undefined);
    });
    await page.setContent(html, { waitUntil: "load", timeout: timeLimit });
    return await page.pdf({ preferCSSPageSize: true, printBackground: true, tagged: true, outline: true, waitForFonts: true, timeout: timeLimit });
  } finally {
    // Of a browser that has gone, there is nothing left to close.
    await context.close().catch(() => undefined);
  }
}
