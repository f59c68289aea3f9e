/** The verifier as people have it: one file in a browser, whose fields are filled in and whose outcome is read off the page. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ElementHandle } from "puppeteer-core";
import { bundleVerifier } from "../../src/main/bundle-verifier.ts";
import { createPageVerifier } from "../../src/pipeline/render/pages/page-verifier.ts";
import type { VerifiedFile } from "../../src/pipeline/render/pages/verification-form.ts";
import { openReader, type OpenPage } from "../journeys/support/browser.ts";

/** What is chosen: the content of each file. */
export type Chosen = Readonly<Partial<Record<VerifiedFile, Uint8Array | string>>>;

/** What the command line prints by --json. */
export interface PrintedReport {
  readonly file: string;
  readonly verdict: string;
  readonly signatures: readonly Readonly<Record<string, unknown>>[];
  readonly checks: readonly { readonly name: string; readonly result: string; readonly text: string }[];
}

/** A page of the verifier, and where files lie that are chosen there. */
export interface VerifierInBrowser {
  readonly opened: OpenPage;
  /** The path of a file that holds this. */
  put(name: string, content: Uint8Array | string): string;
  /** Chooses files, has them verified, and gives what the page keeps. */
  verify(chosen: Chosen): Promise<PrintedReport>;
  /** Waits for an outcome that is asked for by something else. */
  outcome(ask: () => Promise<unknown>): Promise<PrintedReport>;
  close(): Promise<void>;
}

/** Names that tell nothing of what a file is. */
const NAMES: Readonly<Record<VerifiedFile, string>> = { document: "a", receipt: "b", trust: "c", record: "d" };

/** @param address of a page that has the verifier; without one the file to take along is made and opened */
export async function openVerifierInBrowser(
  address?: string,
  viewport?: { readonly width: number; readonly height: number },
): Promise<VerifierInBrowser> {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-verifier-"));
  const put = (name: string, content: Uint8Array | string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const alone = async (): Promise<string> => pathToFileURL(put("verify.html", await verifierFile())).href;
  const reader = await openReader();
  const opened = await reader.open(address ?? (await alone()), viewport);
  const { page } = opened;
  // From here on a file has no network. A page may fetch a font for a sign that it had not shown before.
  if (page.url().startsWith("file:")) await page.setOfflineMode(true);
  const outcome = async (ask: () => Promise<unknown>): Promise<PrintedReport> => {
    await page.evaluate("document.getElementById('report')?.remove()");
    await ask();
    await page.waitForSelector("#report, #verifier-status:not(:empty):not([data-busy])");
    await page.waitForFunction("!document.getElementById('verifier').hasAttribute('aria-busy')");
    const kept = (await page.evaluate("document.getElementById('report')?.href ?? ''")) as string;
    if (kept === "") throw new Error(`no outcome: ${String(await page.evaluate("document.getElementById('verifier-status').textContent"))}`);
    return JSON.parse(decodeURIComponent(kept.slice(kept.indexOf(",") + 1))) as PrintedReport;
  };
  return {
    opened,
    put,
    outcome,
    verify: async (chosen) => {
      await page.evaluate("document.querySelector('#verifier form').reset()");
      for (const [field, content] of Object.entries(chosen) as [VerifiedFile, Uint8Array | string][]) {
        const input = (await page.$(`#${field}`)) as ElementHandle<HTMLInputElement>;
        await input.uploadFile(put(NAMES[field], content));
      }
      return outcome(() => page.click("#verifier button"));
    },
    close: async () => {
      await reader.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The file to take along, made of the sources as they are. */
export async function verifierFile(): Promise<string> {
  const script = await bundleVerifier();
  const verifier = await createPageVerifier(() => Promise.resolve(script))();
  return verifier?.file() ?? "";
}
