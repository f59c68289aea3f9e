import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { browserCandidates } from "../../../src/adapters/chromium/candidates.ts";
import { makePrivateFolder } from "../../../src/adapters/chromium/private-folder.ts";
import { CACHE_FOLDER } from "./service.ts";

/** A reader's browser: scripts on, and able to reach this machine alone, so that a test needs no network and can say what a page asked for. */
export interface Reader {
  open(address: string, viewport?: { readonly width: number; readonly height: number }): Promise<OpenPage>;
  close(): Promise<void>;
}

export interface OpenPage {
  readonly page: Page;
  /** Every address that the page asked for, itself included. */
  readonly requests: readonly string[];
  /** Errors on the console, refusals by the Content-Security-Policy among them, and dialogs that were opened. */
  readonly complaints: readonly string[];
  /** All text between the tags. */
  text(): Promise<string>;
  headings(): Promise<string[]>;
}

export async function openReader(): Promise<Reader> {
  const home = await mkdtemp(join(tmpdir(), "chartulary-reader-"));
  const browser = await launchReader(home);
  return {
    async open(address, viewport = { width: 1280, height: 900 }) {
      const page = await browser.newPage();
      await page.setViewport(viewport);
      const requests: string[] = [];
      const complaints: string[] = [];
      page.on("request", (request) => void requests.push(request.url()));
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      page.on("pageerror", (error) => void complaints.push(String(error)));
      page.on("dialog", (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await page.goto(address, { waitUntil: "load" });
      return {
        page,
        requests,
        complaints,
        text: () => page.evaluate("document.body.textContent") as Promise<string>,
        headings: () =>
          page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((heading) => heading.textContent.trim())") as Promise<string[]>,
      };
    },
    async close() {
      await browser.close();
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

export async function launchReader(home: string): Promise<Browser> {
  await makePrivateFolder(CACHE_FOLDER);
  const options = { cacheFolder: CACHE_FOLDER, searchPath: process.env["PATH"], executablePath: process.env["PUPPETEER_EXECUTABLE_PATH"] };
  const faults: unknown[] = [];
  for await (const { executablePath, environment } of browserCandidates(options)) {
    try {
      return await puppeteer.launch({
        executablePath,
        headless: "shell",
        pipe: true,
        args: [
          "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
          "--disable-gpu",
          ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
        ],
        env: { HOME: home, PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", ...environment },
      });
    } catch (fault) {
      faults.push(fault);
    }
  }
  throw new AggregateError(faults, "no browser could be started");
}
