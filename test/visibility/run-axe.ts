/**
 * `npm run accessible [-- FILE or FOLDER...] [--widths 320,390,768,1440] [--most 60] [--language en]`: asks axe-core about the pages of documents, spread evenly over all that there are,
 * and prints what it finds and the sums. Exit code 1 when there is anything.
 */
import { parseArgs } from "node:util";
import { axeFindings } from "./axe.ts";
import { filesOf, shownFile, usualFolders } from "./documents.ts";
import { openVisibilityHouse } from "./house.ts";

const MOST_TOLD = 8;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    widths: { type: "string", default: "320,390,768,1440" },
    most: { type: "string", default: "60" },
    language: { type: "string", default: "" },
  },
});
const widths = values.widths.split(",").map(Number);
const all = filesOf(positionals.length > 0 ? positionals : usualFolders());
const step = Math.max(1, all.length / Number(values.most));
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const sums = new Map(widths.map((width) => [width, 0]));
let documents = 0;
const house = await openVisibilityHouse();
try {
  const page = await house.newPage();
  for (let place = 0; place < all.length && documents < Number(values.most); place += step) {
    // The next file that is a document.
    let shown;
    for (let at = Math.floor(place); at < Math.min(all.length, Math.floor(place + step)) && shown === undefined; at += 1)
      shown = shownFile(all[at] ?? "");
    if (shown === undefined) continue;
    documents += 1;
    await page.goto(await house.screen(shown, values.language), { waitUntil: "load" });
    for (const width of widths) {
      await page.setViewport({ width, height: 900 });
      const found = await axeFindings(page);
      sums.set(width, (sums.get(width) ?? 0) + found.length);
      if (found.length > 0) say(`${shown.name} (${width}): ${found.length}`);
      for (const finding of found.slice(0, MOST_TOLD)) say(`    ${finding}`);
    }
  }
} finally {
  await house.close();
}
say(`\n${documents} documents of ${all.length} files\n| width | findings |\n| ----- | -------- |`);
for (const [width, sum] of sums) say(`| ${width} | ${sum} |`);
process.exitCode = [...sums.values()].some((sum) => sum > 0) ? 1 : 0;
