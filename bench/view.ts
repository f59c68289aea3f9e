/**
 * PDFs made anew, of a patient summary of 50 resources: as the browser prints them, and finished and signed; then what finishing costs as a document grows, to a table of
 * 5,000 rows and 500 pages, with the memory that it takes; then pages and PDFs over HTTP, made anew and kept. `PDFS=1000` makes so many, to see whether memory grows.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { openChromium } from "../src/adapters/chromium/open-chromium.ts";
import { fontFacesFor } from "../src/adapters/fonts/font-faces.ts";
import { openFontShelf } from "../src/adapters/fonts/font-shelf.ts";
import { openKeyFolder } from "../src/adapters/keys/key-folder.ts";
import type { SealSigner } from "../src/core/crypto/keys.ts";
import { openR4 } from "../src/core/fhir/r4/open-r4.ts";
import { DEFAULT_READ_LIMITS } from "../src/core/fhir/reading/read-limits.ts";
import { presentFile } from "../src/pipeline/present-file.ts";
import { makePdf } from "../src/interactions/pages/make-pdf.ts";
import { printable, sourceAttachment, type Printable } from "../src/interactions/pages/print-document.ts";
import { finishPdf } from "../src/pipeline/pdf/finish-pdf.ts";
import { createWorkerJudge } from "../src/pipeline/render/narrative/worker-judge.ts";
import { createPages, type RenderedPages } from "../src/pipeline/render/pages/pages.ts";
import type { PdfEngine } from "../src/pipeline/render/pdf-engine.ts";
import { viewOf } from "../src/pipeline/work/view.ts";
import { DEFAULT_POLICY } from "../src/pipeline/validate/policy.ts";
import { createValidator } from "../src/pipeline/validate/validate.ts";
import { measure } from "./measure.ts";
import { patientSummary } from "./patient-summary.ts";
import { measureAnswers } from "./view-answers.ts";
import type { Report, Table } from "./report.ts";

const RESOURCES = 50;
const MEGABYTE = 1024 * 1024;
/** Rows of a table with four columns. */
const ROWS = [500, 1_000, 5_000];
/** Pages with some paragraphs each. */
const PAGES = [100, 500];
/** Printing is timed here, not cut short. */
const PATIENCE = 600_000;

interface Making {
  readonly engine: PdfEngine;
  readonly seal: SealSigner;
}

export async function run(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-bench-"));
  const shelf = openFontShelf();
  const engine = openChromium({
    searchPath: "",
    cacheFolder: join(homedir(), ".cache", "chartulary"),
    limits: { timeLimit: PATIENCE, patience: PATIENCE },
    fontsFor: (html, language) => fontFacesFor(html, language, shelf),
  });
  const judge = createWorkerJudge();
  try {
    const { seal } = await openKeyFolder(join(folder, "keys"));
    const verdicts = { get: () => undefined, put: () => undefined };
    const { definitions } = openR4();
    const pages = createPages({ definitions, verdicts, onPlain: () => undefined, judge, isOpen: true, depositAddress: "", now: () => new Date() });
    const summary = await printableOf(patientSummary(RESOURCES), pages);
    const speed = await speeds(summary, { engine, seal });
    const growth = await costs(summary, { engine, seal });
    const answers = await measureAnswers(RESOURCES);
    return { tables: [speed.table, growth.table, answers.table], figures: { ...speed.figures, ...growth.figures, ...answers.figures } };
  } finally {
    await engine.close();
    await judge.close();
    await rm(folder, { recursive: true });
  }
}

async function printableOf(bytes: Uint8Array, pages: RenderedPages): Promise<Printable> {
  const mediaType = "application/fhir+json";
  const validator = createValidator({ ...openR4(), policy: DEFAULT_POLICY });
  const found = await presentFile(bytes, mediaType, { limits: DEFAULT_READ_LIMITS, validator });
  if (found.kind === "refused") throw new Error("the document of the benchmark is not valid");
  const view = await viewOf(found.presented, pages, { locale: "en", medium: "print" });
  return printable(view, undefined, { paper: "a4", software: "bench", attachments: [sourceAttachment(bytes, mediaType)] });
}

const finish = (printed: Uint8Array, facts: Printable["facts"]): Promise<Uint8Array> => Promise.resolve(finishPdf(printed, facts));

async function speeds(summary: Printable, { engine, seal }: Making): Promise<{ readonly table: Table; readonly figures: Report["figures"] }> {
  const jobs: Readonly<Record<string, () => Promise<void>>> = {
    printed: async () => {
      await engine.render(summary.html, summary.furniture);
    },
    finished: async () => {
      await makePdf(summary, { engine, finish, signer: { seal } });
    },
  };
  const figures: Record<string, number> = {};
  const rows: (string | number)[][] = [];
  const many = Number(process.env["PDFS"] ?? 40);
  for (const [name, job] of Object.entries(jobs)) {
    await measure(job, { count: 6, width: 2, longest: 30_000 });
    const before = process.memoryUsage().rss;
    const alone = await measure(job, { count: 15, width: 1, longest: 30_000 });
    const together = await measure(job, { count: many, width: 2, longest: 3_600_000 });
    const grown = (process.memoryUsage().rss - before) / MEGABYTE;
    rows.push([name, alone.median, together.perSecond, together.count, grown]);
    Object.assign(figures, { [`${name}_p50_Ms`]: alone.median, [`${name}_perSecond`]: together.perSecond, [`${name}_grown_MB`]: grown });
  }
  const columns = ["PDF", "p50 ms", "per second, two at once", "made", "memory grown, MB"];
  return { table: { title: `PDFs of ${RESOURCES} resources, made anew`, columns, rows }, figures };
}

async function costs(summary: Printable, { engine, seal }: Making): Promise<{ readonly table: Table; readonly figures: Report["figures"] }> {
  const figures: Record<string, number> = {};
  const rows: (string | number)[][] = [];
  const documents = [
    ...ROWS.map((count) => ({ name: `${count} rows`, html: pageOf(tableOf(count)) })),
    ...PAGES.map((count) => ({ name: `${count} pages`, html: pageOf(prose(count)) })),
  ];
  for (const { name, html } of documents) {
    const begun = performance.now();
    const printed = await engine.render(html, summary.furniture);
    const printing = performance.now() - begun;
    const again = performance.now();
    const { bytes: finished } = await makePdf({ ...summary, html }, { engine: { render: () => Promise.resolve(printed) }, finish, signer: { seal } });
    const finishing = performance.now() - again;
    const pages =
      Buffer.from(finished)
        .toString("latin1")
        .match(/\/Type \/Page\n/g)?.length ?? 0;
    rows.push([name, pages, printed.length, finished.length, printing, finishing, process.memoryUsage().rss / MEGABYTE]);
    Object.assign(figures, { [`${name.replace(" ", "_")}_printing_Ms`]: printing, [`${name.replace(" ", "_")}_finishing_Ms`]: finishing });
  }
  const columns = ["document", "pages", "printed, bytes", "finished, bytes", "printing, ms", "finishing, ms", "memory, MB"];
  return { table: { title: "What finishing costs as a document grows", columns, rows }, figures };
}

function tableOf(rows: number): string {
  const cells = (at: number): string =>
    `<td>${at}</td><td>Metoprolol succinate prolonged release</td><td>47.5 mg once a day, in the morning</td><td>2026-03-14</td>`;
  const body = Array.from({ length: rows }, (_, at) => `<tr>${cells(at)}</tr>`).join("");
  return `<table><thead><tr><th>No.</th><th>Name</th><th>Dose</th><th>Since</th></tr></thead><tbody>${body}</tbody></table>`;
}

function prose(pages: number): string {
  const paragraph = `<p>${"Seen in clinic today, well, no breathlessness, weight as before; continue as above and come again in six weeks. ".repeat(4)}</p>`;
  return Array.from({ length: pages }, (_, at) => `<section><h2>Visit ${at + 1}</h2>${paragraph.repeat(6)}</section>`).join("");
}

function pageOf(body: string): string {
  const style = "td { border: 1px solid; padding: 2mm } section { break-before: page }";
  return `<!doctype html><html lang="en"><head><title>Rows</title><style>${style}</style></head><body><h1>Rows</h1>${body}</body></html>`;
}
