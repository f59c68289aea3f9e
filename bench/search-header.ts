/** What it adds to a deposit that some types are found as soon as it is answered (src/search/header-types.ts): the same deposits, and those of which nothing but the documents is found at once. */
import { join } from "node:path";
import { describeDocument } from "../src/search/describe-document.ts";
import type { IndexTools } from "../src/search/index-tools.ts";
import { measureStages, openContext } from "./deposit.ts";
import { documentMaker } from "./documents.ts";
import type { Report, Table } from "./report.ts";

const SIZES = [
  { name: "5 KB", bytes: 5_000 },
  { name: "120 KB", bytes: 120_000 },
];
/** Either is measured so many times, in turns, so that what else the machine does meets both. */
const TURNS = 3;

const withoutHeader: IndexTools["describe"] = (document, facts) => ({
  ...describeDocument(document, { ...facts, systems: new Set() }),
  header: [],
  faults: [],
});

export async function headerCost(folder: string): Promise<{ readonly table: Table; readonly figures: Report["figures"] }> {
  const rows: (string | number)[][] = [];
  const figures: Record<string, number> = {};
  for (const { name, bytes } of SIZES) {
    const [kept, left]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < TURNS; turn++) {
      kept.push(await milliseconds(join(folder, `${bytes}-${turn}-with`), bytes));
      left.push(await milliseconds(join(folder, `${bytes}-${turn}-without`), bytes, withoutHeader));
    }
    const [most, least] = [Math.min(...kept), Math.min(...left)];
    rows.push([name, most, least, most / least]);
    figures[`header_${bytes / 1_000}k_times`] = most / least;
  }
  return {
    table: {
      title: "A deposit, ms of one at a time: with what is found at once, and without",
      columns: ["document", "with", "without", "times"],
      rows,
    },
    figures,
  };
}

async function milliseconds(folder: string, bytes: number, describe?: IndexTools["describe"]): Promise<number> {
  const { context, close } = await openContext(folder);
  try {
    const stages = await measureStages(documentMaker(bytes), context, describe);
    return stages.find(({ step }) => step === "all")?.median ?? 0;
  } finally {
    await close();
  }
}
