/** What the PDF engine may use. Read from the environment by src/config.ts alone. */
export interface ChromiumOptions {
  /** A browser that the operator named (PUPPETEER_EXECUTABLE_PATH): then this one or none. */
  readonly executablePath?: string | undefined;
  /** Folders in which an installed browser is looked for (PATH), separated as the platform does. */
  readonly searchPath?: string | undefined;
  /** A private folder of ours, made if need be, for the unpacked browser, its profile and its font cache. May be deleted at any time that nothing runs. */
  readonly cacheFolder: string;
  /**
   * False runs the browser without its own sandbox; needed where user namespaces are forbidden (a container). By default only root does so, since
   * Chromium refuses root a sandbox.
   */
  readonly sandbox?: boolean | undefined;
  /** What is taken on, and for how long. */
  readonly limits?: Partial<ChromiumLimits> | undefined;
}

/** What printing needs besides a browser. */
export interface PageFonts {
  readonly css: string;
  readonly missing: readonly number[];
  readonly standIns?: ReadonlyMap<number, string>;
}

export interface PdfOptions extends ChromiumOptions {
  /** The fonts of a page: `@font-face` rules of the family "Noto Sans" with data: URLs, the characters (code points) that no font has, and others for which another is to be printed. */
  fontsFor(html: string, language: string): Promise<PageFonts>;
}

export interface ChromiumLimits {
  /** Pages printed at the same time; each takes one renderer process, 100 to 500 MB. */
  readonly parallel: number;
  /** Calls that may wait for their turn; one more is refused. */
  readonly waiting: number;
  /** Milliseconds that a call waits for its turn. */
  readonly patience: number;
  /** Milliseconds of a turn, from its beginning to the printed file. With the waiting, a minute is not reached. */
  readonly timeLimit: number;
  /** UTF-16 code units of HTML. */
  readonly maxHtmlLength: number;
  /** Elements, told by their tags: a layout of 60,000 table cells takes about 1 GB. */
  readonly maxTags: number;
  /** From so many elements on a page takes seconds: one turn is always left for what is smaller. */
  readonly heavyTags: number;
  /** Milliseconds for which a page that overran is refused at once, so that who asks again does not hold the turns. */
  readonly overrunRemembered: number;
  /** Pages after which the browser is started afresh, since a renderer that lives long grows. */
  readonly pagesPerBrowser: number;
}

export const DEFAULT_LIMITS: ChromiumLimits = {
  parallel: 2,
  waiting: 32,
  patience: 15_000,
  timeLimit: 40_000,
  maxHtmlLength: 80_000_000,
  maxTags: 100_000,
  heavyTags: 10_000,
  overrunRemembered: 60_000,
  pagesPerBrowser: 250,
};

/** A browser that may be started. */
export interface BrowserCandidate {
  readonly executablePath: string;
  /** What it needs in its environment beyond the least. */
  readonly environment: Readonly<Record<string, string>>;
}
