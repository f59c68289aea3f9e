/** Pages and PDFs as whole answers of a service of its own, by clients that keep their connections. */
import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { get, post, startService } from "./load.ts";
import { measure } from "./measure.ts";
import { patientSummary } from "./patient-summary.ts";
import type { Report, Table } from "./report.ts";

const LONGEST = 30_000;
const QUESTIONS = [
  { name: "page, made anew", path: "", width: 1, count: 300, isNew: true },
  { name: "page, made anew, four at once", path: "", width: 4, count: 300, isNew: true },
  { name: "page, kept for a moment", path: "", width: 1, count: 300 },
  { name: "page, kept for a moment, four at once", path: "", width: 4, count: 800 },
  { name: "PDF, made anew", path: ".pdf", width: 1, count: 12, isNew: true },
  { name: "PDF, made anew, two at once", path: ".pdf", width: 2, count: 16, isNew: true },
  { name: "PDF, kept", path: ".pdf", width: 1, count: 300 },
  { name: "PDF, kept, four at once", path: ".pdf", width: 4, count: 800 },
] as const;

export async function measureAnswers(resources: number): Promise<{ readonly table: Table; readonly figures: Report["figures"] }> {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-view-"));
  const { port, stop } = await startService(folder);
  const agent = new Agent({ keepAlive: true });
  const figures: Record<string, number> = {};
  const rows: (string | number)[][] = [];
  try {
    await post(port, agent, patientSummary(resources));
    const id = /\/documents\/([0-9a-f-]{36})/.exec((await get(port, agent, "/", "en")).toString("latin1"))?.[1] ?? "";
    let languages = 0;
    for (const question of QUESTIONS) {
      const { name, path, width, count } = question;
      const isNew = "isNew" in question;
      // Of a language of its own each is made anew.
      const job = async (): Promise<void> => {
        await get(port, agent, `/documents/${id}${path}`, isNew ? `en-r${(languages += 1)}` : "en");
      };
      await measure(job, { count: isNew ? 3 : 50, width, longest: LONGEST });
      const { median, p99, perSecond } = await measure(job, { count, width, longest: LONGEST });
      rows.push([name, median, p99, perSecond]);
      figures[`${name.replaceAll(/[ ,]+/g, "_")}_p50_Ms`] = median;
    }
  } finally {
    agent.destroy();
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
  return { table: { title: `Over HTTP, ${resources} resources`, columns: ["answer", "p50 ms", "p99 ms", "per second"], rows }, figures };
}
