import { access, constants } from "node:fs/promises";
import path from "node:path";
import { npmBrowser } from "./npm-browser.ts";
import type { BrowserCandidate, ChromiumOptions } from "./options.ts";

/** Names on the search path, those that print fastest first: a headless shell takes a fifth of a full browser's time and half its memory. */
const NAMES = [
  "chromium-headless-shell",
  "chrome-headless-shell",
  "headless_shell",
  "google-chrome-stable",
  "google-chrome",
  "chromium",
  "chromium-browser",
  "microsoft-edge-stable",
];

const WELL_KNOWN: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: [
    "/usr/bin/chromium-headless-shell",
    "/usr/lib/chromium/headless_shell",
    "/opt/google/chrome/chrome",
    "/usr/bin/google-chrome-stable",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
  ],
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ],
  win32: [
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ],
};

/**
 * The browsers to try, in order: the one that the operator named, and then no other; what is installed; the one from npm. Lazily, since the last has
 * to be unpacked.
 */
export async function* browserCandidates(options: ChromiumOptions): AsyncGenerator<BrowserCandidate> {
  if (options.executablePath !== undefined) {
    yield { executablePath: options.executablePath, environment: {} };
    return;
  }
  for (const executablePath of await installed(options.searchPath ?? "")) yield { executablePath, environment: {} };
  const fromNpm = await npmBrowser(options.cacheFolder);
  if (fromNpm !== undefined) yield fromNpm;
}

async function installed(searchPath: string): Promise<string[]> {
  // Relative entries of PATH are passed over: what is run must not depend on where the service was started.
  const folders = searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const onPath = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, process.platform === "win32" ? `${name}.exe` : name)));
  const places = [...new Set([...onPath, ...(WELL_KNOWN[process.platform] ?? [])])];
  const found = await Promise.all(places.map((place) => access(place, constants.X_OK).then(() => true, () => false))); // prettier-ignore
  return places.filter((_, index) => found[index]);
}
