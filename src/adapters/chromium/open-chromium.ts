import type { Browser } from "puppeteer-core";
import { AppError } from "../../core/errors.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import type { Paper, PdfEngine, PdfFurniture } from "../../pipeline/render/pdf-engine.ts";
import { furnitureCss } from "./furniture.ts";
import { launchBrowser } from "./launch.ts";
import { DEFAULT_LIMITS, type ChromiumLimits, type PdfOptions } from "./options.ts";
import { openBrowserKeeper } from "./browser-keeper.ts";
import { printPage } from "./print-page.ts";
import { openTurns } from "./turns.ts";
import { withStandIns, withStyle } from "./with-style.ts";

/**
 * A PdfEngine on a Chromium that is found on the machine or came with npm (candidates.ts). The browser starts with the first PDF, is used again for the next,
 * and is replaced when it crashed or has printed enough.
 */
export function openChromium(options: PdfOptions): PdfEngine {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const turns = openTurns(limits.parallel, limits.waiting);
  // What takes long waits for its own kind first, so that a letter's turn comes while a book is printed.
  const heavyTurns = openTurns(Math.max(1, limits.parallel - 1), limits.waiting);
  const overruns = new Overruns(limits.overrunRemembered);
  const keeper = openBrowserKeeper(() => launchBrowser(options), limits.pagesPerBrowser);
  const closing = new AbortController();

  return {
    async render(html, furniture) {
      if (closing.signal.aborted) throw new AppError("unavailable", "The service is stopping.");
      const tags = tagsOf(html, limits);
      if (overruns.has(html)) throw tooSlow(limits.timeLimit);
      const patience = AbortSignal.any([AbortSignal.timeout(limits.patience), closing.signal]);
      const print = (): Promise<Uint8Array> => turns.take(() => printInTurn(html, furniture), patience);
      return limits.parallel > 1 && tags >= limits.heavyTags ? heavyTurns.take(print, patience) : print();
    },
    async close() {
      closing.abort();
      await keeper.close();
    },
  };

  async function printInTurn(html: string, furniture: PdfFurniture): Promise<Uint8Array> {
    const time = AbortSignal.timeout(limits.timeLimit);
    const { css, missing, standIns = NONE } = await options.fontsFor(html + furnitureCss(furniture, [0], [0]), furniture.language);
    const told = (text: string): string => withStandIns(text, standIns);
    const head = { ...furniture, patient: told(furniture.patient), document: told(furniture.document) };
    const page = withStyle(told(html), `${furnitureCss(head, missing, [...standIns.keys()])}\n${css}`);
    try {
      return await printTwice(page, furniture.paper, AbortSignal.any([time, closing.signal]));
    } catch (error) {
      if (time.aborted) overruns.add(html);
      throw error;
    }
  }

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
    const late = (): AppError => (closing.signal.aborted ? new AppError("unavailable", "The service is stopping.") : tooSlow(limits.timeLimit));
    try {
      return await beforeDeadline(printPage(browser, page, limits.timeLimit + LATER, paper), { deadline, browser, late });
    } catch (error) {
      if (!browser.connected && !(error instanceof AppError)) throw new BrowserGone("The browser ended while it printed", { cause: error });
      throw error;
    } finally {
      keeper.giveBack(browser);
    }
  }
}

const NONE: ReadonlyMap<number, string> = new Map();

/** The browser ended by itself, or was ended by somebody else. */
class BrowserGone extends Error {}

/** The browser's own patience ends a little later than ours, which says what happened; milliseconds. */
const LATER = 5_000;

/** How many elements a page has. AppError `unavailable` when it is larger than is printed. */
function tagsOf(html: string, { maxHtmlLength, maxTags }: ChromiumLimits): number {
  let tags = 0;
  for (let at = html.indexOf("<"); at >= 0 && tags <= maxTags; at = html.indexOf("<", at + 1)) tags++;
  if (tags > maxTags) throw tooLarge(`${maxTags} elements`);
  if (html.length > maxHtmlLength) throw tooLarge(`${maxHtmlLength} characters`);
  return tags;
}

function tooLarge(limit: string): AppError {
  return new AppError(
    "unavailable",
    `This document is too large to be made into a PDF: its page has more than ${limit}. It can be read and printed in a browser.`,
  );
}

function tooSlow(limit: number): AppError {
  const reason = `The PDF took more than the ${limit / 1_000} s that one may take to print.`;
  return new AppError("unavailable", `${reason} Try again when less is going on; the document's page can be read and printed in a browser.`, {
    retryAfter: 60,
  });
}

/** Pages that overran a moment ago. */
class Overruns {
  readonly #life: number;
  readonly #until = new Map<string, number>();

  constructor(life: number) {
    this.#life = life;
  }

  has(html: string): boolean {
    return this.#until.size > 0 && (this.#until.get(digestOf(html)) ?? 0) > performance.now();
  }

  add(html: string): void {
    for (const [digest, until] of this.#until) if (until <= performance.now()) this.#until.delete(digest);
    this.#until.set(digestOf(html), performance.now() + this.#life);
  }
}

/** What is still at work when the time is over is beyond asking: the process is ended. */
async function beforeDeadline<T>(
  work: Promise<T>,
  { deadline, browser, late }: { readonly deadline: AbortSignal; readonly browser: Browser; readonly late: () => AppError },
): Promise<T> {
  let giveUp: () => void = () => undefined;
  const over = new Promise<never>((_, reject) => {
    giveUp = () => {
      browser.process()?.kill("SIGKILL");
      reject(late());
    };
    if (deadline.aborted) giveUp();
    else deadline.addEventListener("abort", giveUp, { once: true });
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    deadline.removeEventListener("abort", giveUp);
    work.catch(() => undefined);
  }
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const reason = error instanceof BrowserGone ? "the browser ended while it printed, twice" : "the browser failed";
  return new AppError("unavailable", `The PDF could not be made: ${reason}. Try again in a minute.`, { cause: error, retryAfter: 60 });
}
