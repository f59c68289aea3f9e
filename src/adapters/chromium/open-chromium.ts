import type { Browser } from "puppeteer-core";
import { AppError } from "../../core/errors.ts";
import type { Paper, PdfEngine } from "../../pipeline/render/pdf-engine.ts";
import { furnitureCss } from "./furniture.ts";
import { launchBrowser } from "./launch.ts";
import { DEFAULT_LIMITS, type PdfOptions } from "./options.ts";
import { openBrowserKeeper } from "./browser-keeper.ts";
import { printPage } from "./print-page.ts";
import { openTurns } from "./turns.ts";
import { withStyle } from "./with-style.ts";

/**
 * A PdfEngine on a Chromium that is found on the machine or came with npm (candidates.ts). The browser starts with the first PDF, is used again for the next,
 * and is replaced when it crashed or has printed enough.
 */
export function openChromium(options: PdfOptions): PdfEngine {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const turns = openTurns(limits.parallel, limits.waiting);
  const keeper = openBrowserKeeper(() => launchBrowser(options), limits.pagesPerBrowser);
  const closing = new AbortController();

  return {
    async render(html, furniture) {
      if (closing.signal.aborted) throw new AppError("unavailable", "The service is stopping.");
      refuseTooLarge(html, limits.maxHtmlLength, limits.maxTags);
      const deadline = AbortSignal.any([AbortSignal.timeout(limits.timeLimit), closing.signal]);
      return turns.take(async () => {
        const { css, missing } = await options.fontsFor(html + furnitureCss(furniture, [0]), furniture.language);
        const page = withStyle(html, `${furnitureCss(furniture, missing)}\n${css}`);
        return printTwice(page, furniture.paper, deadline);
      }, deadline);
    },
    async close() {
      closing.abort();
      await keeper.close();
    },
  };

  /** A browser that was killed, or died of another page, is no fault of this page: it gets a second one. */
  async function printTwice(page: string, paper: Paper | undefined, deadline: AbortSignal): Promise<Uint8Array> {
    try {
      return await printOnce(page, paper, deadline);
    } catch (error) {
      if (!(error instanceof BrowserGone) || deadline.aborted) throw toAppError(error);
    }
    return printOnce(page, paper, deadline).catch((error: unknown) => {
      throw toAppError(error);
    });
  }

  async function printOnce(page: string, paper: Paper | undefined, deadline: AbortSignal): Promise<Uint8Array> {
    const browser = await keeper.take();
    try {
      return await beforeDeadline(printPage(browser, page, limits.timeLimit, paper), deadline, browser, closing.signal);
    } catch (error) {
      if (!browser.connected && !(error instanceof AppError)) throw new BrowserGone("The browser ended while it printed", { cause: error });
      throw error;
    } finally {
      keeper.giveBack(browser);
    }
  }
}

/** The browser ended by itself, or was ended by somebody else. */
class BrowserGone extends Error {}

function refuseTooLarge(html: string, maxLength: number, maxTags: number): void {
  let tags = 0;
  for (let at = html.indexOf("<"); at >= 0 && tags <= maxTags; at = html.indexOf("<", at + 1)) tags++;
  if (html.length > maxLength || tags > maxTags)
    throw new AppError("unavailable", "This document is too large to be made into a PDF. Its page can be read and printed in a browser.");
}

/** What is still at work when the time is over is beyond asking: the process is ended. */
async function beforeDeadline<T>(work: Promise<T>, deadline: AbortSignal, browser: Browser, closing: AbortSignal): Promise<T> {
  let giveUp: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    giveUp = () => {
      browser.process()?.kill("SIGKILL");
      reject(
        new AppError(
          "unavailable",
          closing.aborted ? "The service is stopping." : "The PDF took too long to make. Its page can be read and printed in a browser.",
        ),
      );
    };
    if (deadline.aborted) giveUp();
    else deadline.addEventListener("abort", giveUp, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    deadline.removeEventListener("abort", giveUp);
    work.catch(() => undefined);
  }
}

function toAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError("unavailable", "The PDF could not be made. Try again in a minute.", { cause: error });
}
