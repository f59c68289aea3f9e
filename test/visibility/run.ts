/**
 * `npm run visibility [-- FILE or FOLDER...] [--media 390,1440,paper] [--part 1/2] [--minutes 5]`: opens every document in a browser and as a PDF, and prints which words cannot
 * be seen, and their sums by kind. Exit code 1 when there are any.
 */
import { parseArgs } from "node:util";
import { filesOf, shownFile, usualFolders } from "./documents.ts";
import { table, type Measured } from "./finding.ts";
import { openVisibilityHouse } from "./house.ts";
import { measurePaper } from "./paper.ts";
import { measureScreen } from "./screen.ts";

const MOST_TOLD = 8;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    media: { type: "string", default: "390,1440,paper" },
    part: { type: "string", default: "1/1" },
    minutes: { type: "string", default: "600" },
  },
});
const [part = 1, parts = 1] = values.part.split("/").map(Number);
const files = filesOf(positionals.length > 0 ? positionals : usualFolders()).filter((_, at) => at % parts === part - 1);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const results: Measured[] = [];
let documents = 0;
let looked = 0;
const house = await openVisibilityHouse();
try {
  for (const file of files) {
    if (performance.now() > Number(values.minutes) * 60_000) break;
    looked += 1;
    const shown = shownFile(file);
    if (shown === undefined) continue;
    documents += 1;
    for (const medium of values.media.split(",")) {
      const began = performance.now();
      const measured = medium === "paper" ? await measurePaper(house, shown) : await measureScreen(house, shown, Number(medium));
      results.push(measured);
      if (measured.findings.length === 0) continue;
      say(`${shown.name} (${medium}, ${measured.words} words, ${Math.round(performance.now() - began)} ms): ${measured.findings.length} hidden`);
      for (const { kind, word, isAttested, detail } of measured.findings.slice(0, MOST_TOLD))
        say(`    ${kind}${isAttested ? "" : " (ours)"}: ${word}${detail === undefined ? "" : `   ${detail}`}`);
    }
  }
} finally {
  await house.close();
}
say(`\n${looked} of ${files.length} files, ${documents} documents\n${table(results, documents)}`);
process.exitCode = results.some(({ findings }) => findings.length > 0) ? 1 : 0;
