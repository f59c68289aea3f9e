/** What the harness works with: the product's own pages and PDFs, a server that gives them to a browser, and the browser. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { openChromium } from "../../src/adapters/chromium/open-chromium.ts";
import { fontFacesFor } from "../../src/adapters/fonts/font-faces.ts";
import { openFontShelf } from "../../src/adapters/fonts/font-shelf.ts";
import { openWebFonts } from "../../src/adapters/fonts/web-fonts.ts";
import { createWorkerJudge } from "../../src/pipeline/render/narrative/worker-judge.ts";
import { createPages, type RenderedPages } from "../../src/pipeline/render/pages/pages.ts";
import { launchReader } from "../journeys/support/browser.ts";
import { CACHE_FOLDER, PROJECT_ROOT } from "../journeys/support/service.ts";
import { R4 } from "../r4.ts";
import type { Shown } from "./documents.ts";

export interface VisibilityHouse {
  /** Address of the document's page. @param language the reader's (BCP 47); the document's own where nothing is said */
  screen(shown: Shown, language?: string): Promise<string>;
  /** Addresses of its page for paper and of the PDF that is made of it. */
  paper(shown: Shown): Promise<{ readonly page: string; readonly pdf: string }>;
  /** What renders pages, and the address of one that it rendered. */
  readonly pages: RenderedPages;
  show(html: string): string;
  newPage(): Promise<Page>;
  /** A page of ours with `pixels` and `paper` in it (in-page/*.js). */
  readonly bench: Page;
  close(): Promise<void>;
}

interface File {
  readonly body: string | Uint8Array;
  readonly type: string;
}

export const inPage = (name: string): Promise<string> => readFile(new URL(`in-page/${name}.js`, import.meta.url), "utf8");

export async function openVisibilityHouse(): Promise<VisibilityHouse> {
  const shelf = openFontShelf();
  const judge = createWorkerJudge();
  const verdicts = new Map<string, string>();
  const pages = createPages({
    definitions: R4.definitions,
    judge,
    verdicts: { get: (key) => verdicts.get(key), put: (key, verdict) => void verdicts.set(key, verdict) },
    onPlain: () => undefined,
    isOpen: true,
    depositAddress: "http://127.0.0.1/fhir/Bundle",
    fonts: await openWebFonts(shelf),
    now: () => new Date("2026-03-20T12:00:00Z"),
  });
  const pdf = openChromium({
    executablePath: process.env["PUPPETEER_EXECUTABLE_PATH"],
    searchPath: process.env["PATH"],
    cacheFolder: CACHE_FOLDER,
    fontsFor: (html, language) => fontFacesFor(html, language, shelf),
  });
  const files = new Map<string, File>([["/bench", { body: "<!doctype html><title>bench</title>", type: "text/html" }]]);
  const server = await serve(async (path) => {
    const asset = pages.assets.get(path);
    if (asset) return { body: typeof asset.body === "string" ? asset.body : await asset.body(), type: asset.contentType };
    const script = /^\/pdfjs\/(pdf(?:\.worker)?\.min\.mjs)$/.exec(path)?.[1];
    if (script) return { body: await readFile(join(PROJECT_ROOT, "node_modules", "pdfjs-dist", "legacy", "build", script)), type: "text/javascript" };
    return files.get(path);
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const home = await mkdtemp(join(tmpdir(), "chartulary-visibility-"));
  const browser: Browser = await launchReader(home);
  const bench = await browser.newPage();
  await bench.goto(`${base}/bench`);
  for (const name of ["pixels", "paper"]) await bench.evaluate(await inPage(name));

  return {
    bench,
    pages,
    show(body) {
      files.set("/shown", { body, type: "text/html; charset=utf-8" });
      return `${base}/shown`;
    },
    newPage: () => browser.newPage(),
    async screen({ presented }, language = "") {
      files.set("/screen", { body: await pages.document(presented, { locale: language, medium: "screen" }), type: "text/html; charset=utf-8" });
      return `${base}/screen`;
    },
    async paper({ presented }) {
      const body = await pages.document(presented, { locale: "", medium: "print" });
      files.set("/print", { body, type: "text/html; charset=utf-8" });
      files.set("/pdf", { body: await pdf.render(body, pages.furniture(presented, { locale: "" })), type: "application/pdf" });
      return { page: `${base}/print`, pdf: `${base}/pdf` };
    },
    async close() {
      await browser.close();
      await pdf.close();
      await judge.close();
      await new Promise((resolve) => server.close(resolve));
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function serve(find: (path: string) => Promise<File | undefined>): Promise<Server> {
  const server = createServer((request, response) => {
    void find(request.url ?? "").then((file) => {
      response.writeHead(file ? 200 : 404, { "content-type": file?.type ?? "text/plain", "cache-control": "no-store" }).end(file?.body ?? "");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
