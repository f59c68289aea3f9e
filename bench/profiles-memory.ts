/** One process for memory: `node bench/profiles-memory.ts DOCUMENT [FOLDER]` judges a document a few times, against the packages of a folder if one is named, and tells resident bytes and those of the heap. */
import { readFileSync } from "node:fs";
import { judgeOf } from "./profiles/opened.ts";

const [document = "", folder] = process.argv.slice(2);
const bytes = readFileSync(document);
const judge = await judgeOf(folder);
for (let round = 0; round < 20; round++) judge(bytes, "application/fhir+json");
globalThis.gc?.();
const { rss, heapUsed } = process.memoryUsage();
process.stdout.write(`${rss} ${heapUsed}\n`);
