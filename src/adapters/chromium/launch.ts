import { mkdir } from "node:fs/promises";
import path from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";
import { AppError } from "../../core/errors.ts";
import { browserCandidates } from "./candidates.ts";
import type { BrowserCandidate, ChromiumOptions } from "./options.ts";
import { makePrivateFolder } from "./private-folder.ts";
import { printPage } from "./print-page.ts";

/** CSS page-margin boxes, which carry the running heads, came with this version. */
const OLDEST_MAJOR = 131;

const LAUNCH_LIMIT = 30_000;

/**
 * A second wall behind the interception of requests (print-page.ts): the process can resolve no name, and whatever it connects to goes to a proxy that
 * does not exist. `--no-pings` and the rest keep the browser itself quiet.
 */
const ARGUMENTS = [
  "--host-resolver-rules=MAP * ~NOTFOUND",
  "--proxy-server=socks5://127.0.0.1:9",
  "--proxy-bypass-list=<-loopback>",
  "--no-pings",
  "--disable-component-update",
  "--disable-domain-reliability",
  "--disable-gpu",
  "--font-render-hinting=none",
];

/**
 * Starts the first browser that can be started. It talks through a pipe, so no debugging port is open, and sees nothing of our environment.
 *
 * @throws AppError `unavailable` when there is none, saying what was tried.
 */
export async function launchBrowser(options: ChromiumOptions): Promise<Browser> {
  await makePrivateFolder(options.cacheFolder);
  const faults: string[] = [];
  let cause: unknown;
  for await (const candidate of browserCandidates(options)) {
    try {
      return await start(candidate, options);
    } catch (error) {
      cause = error;
      faults.push(`${candidate.executablePath}: ${firstLine(error)}`);
    }
  }
  const tried = faults.length === 0 ? "none was found" : faults.join("; ");
  throw new AppError("unavailable", "No browser is at hand to make a PDF. The operator can name one with PUPPETEER_EXECUTABLE_PATH.", {
    cause: new Error(`No browser could be started (${tried})`, { cause }),
  });
}

async function start(candidate: BrowserCandidate, options: ChromiumOptions): Promise<Browser> {
  const home = path.join(options.cacheFolder, "home");
  await mkdir(home, { recursive: true, mode: 0o700 });
  const least = { HOME: home, PATH: options.searchPath ?? "", TZ: "UTC", LANG: "C.UTF-8", XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home };
  const hasSandbox = options.sandbox ?? process.getuid?.() !== 0;
  const browser = await puppeteer.launch({
    executablePath: candidate.executablePath,
    headless: "shell",
    pipe: true,
    args: [...ARGUMENTS, ...(hasSandbox ? [] : ["--no-sandbox"])],
    // Windows starts nothing without its own variables.
    ...(process.platform === "win32" ? {} : { env: { ...least, ...candidate.environment } }),
    timeout: LAUNCH_LIMIT,
    protocolTimeout: LAUNCH_LIMIT * 4,
    // Stopping is main.ts's business: what was accepted is finished first.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  try {
    const version = await browser.version();
    const major = Number(/\/(\d+)\./.exec(version)?.[1]);
    if (!(major >= OLDEST_MAJOR)) throw new Error(`${version} is older than ${OLDEST_MAJOR}`);
    await refuseBlank(browser);
    return browser;
  } catch (error) {
    await browser.close().catch(() => undefined);
    throw error;
  }
}

/** On a machine without any font Chromium prints blank pages and says nothing. */
async function refuseBlank(browser: Browser): Promise<void> {
  const blank = await printPage(browser, "<!doctype html><title>-</title>", LAUNCH_LIMIT);
  const written = await printPage(browser, "<!doctype html><title>-</title><p>0", LAUNCH_LIMIT);
  if (written.length <= blank.length + 500) throw new Error("it prints blank pages, for want of a font");
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /No usable sandbox/.test(text) ? "it has no usable sandbox here (BROWSER_SANDBOX=0 does without)" : (text.split("\n", 1)[0] ?? text);
}
