/** `npm run screenshots`: starts the program with its samples in a folder of its own and takes the pictures of docs/screenshots.md, as they look on a telephone and on a desk. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchReader } from "../journeys/support/browser.ts";
import { PROJECT_ROOT, startService, temporaryFolder } from "../journeys/support/service.ts";

interface Picture {
  readonly name: string;
  /** Words of the title of a sample; undefined for the start page. */
  readonly title?: string;
  readonly path?: string;
  readonly width: 390 | 1440;
  readonly language?: string;
  /** Where the picture begins. */
  readonly from?: string;
  readonly isDark?: boolean;
}

const PICTURES: readonly Picture[] = [
  { name: "start", width: 1440 },
  { name: "summary", title: "Discharge summary: myocardial", width: 1440 },
  { name: "summary-telephone", title: "Discharge summary: myocardial", width: 390 },
  { name: "summary-dark", title: "Discharge summary: myocardial", width: 390, isDark: true },
  { name: "superseded-telephone", title: "pneumonia", width: 390 },
  { name: "entered-in-error", title: "Laboratory report of 19", width: 1440 },
  { name: "medication-plan", title: "Medication plan", width: 1440, from: "#attested" },
  { name: "medication-plan-telephone", title: "Medication plan", width: 390, from: "#attested" },
  { name: "results", title: "Results and history", width: 1440, from: "#attested" },
  { name: "arabic-reader-of-german", title: "Kurzentlassbrief", width: 1440, language: "ar" },
  { name: "hebrew-telephone", title: "מכתב שחרור", width: 390, language: "he" },
  { name: "japanese", title: "退院時サマリー", width: 1440, language: "ja" },
  { name: "proof", title: "Operation report", width: 1440, from: ".proof" },
  { name: "verification", title: "Operation report", path: "/verify", width: 1440 },
];

const HEIGHTS = { 390: 844, 1440: 900 };
const folder = join(PROJECT_ROOT, "docs", "screenshots");
await mkdir(folder, { recursive: true });
const data = await temporaryFolder();
const home = await mkdtemp(join(tmpdir(), "chartulary-screenshots-"));
const service = await startService({ dataFolder: data.path, withSamples: true });
const browser = await launchReader(home);
try {
  const page = await browser.newPage();
  await page.goto(service.url, { waitUntil: "load" });
  const links = (await page.evaluate("[...document.querySelectorAll('.document-link')].map((link) => [link.textContent, link.href])")) as [
    string,
    string,
  ][];
  for (const { name, title, path = "", width, language = "en", from, isDark = false } of PICTURES) {
    const address = title === undefined ? service.url : links.findLast(([text]) => text.includes(title))?.[1];
    if (address === undefined) throw new Error(`no sample is called ${title ?? ""}`);
    await page.setExtraHTTPHeaders({ "accept-language": language });
    await page.setViewport({ width, height: HEIGHTS[width] });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: isDark ? "dark" : "light" }]);
    await page.goto(`${address}${path}`, { waitUntil: "load" });
    await page.evaluate("document.fonts.ready.then(() => undefined)");
    if (from !== undefined) await page.evaluate(`document.querySelector(${JSON.stringify(from)}).scrollIntoView()`);
    await page.screenshot({ path: join(folder, `${name}.png`), optimizeForSpeed: false });
    process.stdout.write(`docs/screenshots/${name}.png\n`);
  }
} finally {
  await browser.close();
  await service.stop();
  await data.remove();
  await rm(home, { recursive: true, force: true, maxRetries: 3 });
}
