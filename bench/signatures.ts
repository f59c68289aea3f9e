/**
 * What signatures cost: verifying signed documents whole and making both seals, beside what others take; proofs out of a tree of ten million leaves; the audit; and signatures that are meant to cost more than they measure. Each by the
 * clock, which others on the machine lengthen, and by processor time. SIGNATURES_LEAVES: leaves of the tree (10,000,000); SIGNATURES_SECONDS: how long documents for the audit are deposited (10).
 * `npm run bench -- signatures [verified|tree|audit|hostile] [WORDS]` measures one part, and of hostile signatures those whose names hold the words.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openR4 } from "../src/core/fhir/r4/open-r4.ts";
import { telling, type Report, type Table } from "./report.ts";
import { measureHostile } from "./signatures-hostile.ts";
import { measureTree } from "./signatures-tree.ts";
import { measureVerified } from "./signatures-verified.ts";
import { measureAudits } from "./store-audit.ts";

const LEAVES = Number(process.env["SIGNATURES_LEAVES"] ?? 10_000_000);
const LONGEST = Number(process.env["SIGNATURES_SECONDS"] ?? 10) * 1_000;
const tell = telling("signatures");

export async function run(): Promise<Report> {
  const [part, ...words] = process.argv.slice(3);
  const folder = await mkdtemp(join(tmpdir(), "chartulary-signatures-"));
  const { definitions } = openR4();
  const figures: Record<string, number> = {};
  const parts: Readonly<Record<string, () => Promise<Table>>> = {
    verified: () => measureVerified({ folder, definitions }, figures),
    hostile: () => measureHostile({ definitions, words: words.join(" "), tell }, figures),
    audit: () => measureAudits(folder, { longest: LONGEST, tell }, figures),
    tree: () => measureTree({ folder, leaves: LEAVES, tell }, figures),
  };
  const tables: Table[] = [];
  try {
    for (const [name, measurePart] of Object.entries(parts)) {
      if (part !== undefined && part !== name) continue;
      tell(name);
      tables.push(await measurePart());
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { tables, figures };
}
