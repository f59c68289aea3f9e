import type { Browser } from "puppeteer-core";

/** Keeps one browser for many pages. */
export interface BrowserKeeper {
  /** The browser, started if need be. Whoever takes it gives it back. */
  take(): Promise<Browser>;
  giveBack(browser: Browser): void;
  /** Ends whatever runs, and starts nothing more. */
  close(): Promise<void>;
}

interface Kept {
  readonly browser: Browser;
  pages: number;
  inUse: number;
}

/** `launch` is called when there is no browser, when it has gone, and after `pagesPerBrowser` pages, when the old one is ended as soon as its last page is given back. */
export function openBrowserKeeper(launch: () => Promise<Browser>, pagesPerBrowser: number): BrowserKeeper {
  const all = new Set<Kept>();
  let current: Promise<Kept> | undefined;
  let isClosed = false;

  async function start(): Promise<Kept> {
    const kept: Kept = { browser: await launch(), pages: 0, inUse: 0 };
    all.add(kept);
    if (isClosed) {
      await end(kept);
      throw new Error("The browser is no longer needed");
    }
    return kept;
  }

  async function end(kept: Kept): Promise<void> {
    all.delete(kept);
    // close() waits for the process and removes its profile; a process that does not answer is ended all the same.
    const killer = setTimeout(() => kept.browser.process()?.kill("SIGKILL"), 2_000);
    await kept.browser.close().catch(() => undefined);
    clearTimeout(killer);
  }

  return {
    async take() {
      for (;;) {
        const mine = (current ??= start());
        const kept = await mine.catch((error: unknown) => {
          if (current === mine) current = undefined;
          throw error;
        });
        if (kept.browser.connected && kept.pages < pagesPerBrowser) {
          kept.pages++;
          kept.inUse++;
          return kept.browser;
        }
        if (current === mine) current = undefined;
        if (kept.inUse === 0 && all.has(kept)) await end(kept);
      }
    },
    giveBack(browser) {
      const kept = [...all].find((one) => one.browser === browser);
      if (kept === undefined) return;
      kept.inUse--;
      const isSpent = !browser.connected || kept.pages >= pagesPerBrowser;
      if (isSpent && kept.inUse === 0) void end(kept);
    },
    async close() {
      isClosed = true;
      await Promise.all([...all].map(end));
    },
  };
}
