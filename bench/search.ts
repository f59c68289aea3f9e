/**
 * What finding costs: documents of 50 resources are deposited, then searched, in SQLite and in MongoDB (MONGODB_URL's, or the one for tests, whose figures are not MongoDB's own). It prints how
 * many deposits a second, how many while all of a document is found within a second, what searches take, and how large the index is; and what the types that are found at once add to a deposit.
 *
 * DOCUMENTS: how many (1,000). PARTS: `header,sqlite,mongo` (all), or some of them. ROUNDS: how many times each question is asked (200). STEADY_SECONDS: how long a rate is tried (8; 0: none).
 * PEER_URL: the base of another FHIR server, which gets the same resources as transactions and the same questions; PEER_NAME, and PEER_PROCESSES: numbers of its processes, for what it costs
 * their processors; PEER_DOCUMENTS: how many (as DOCUMENTS).
 *
 * FOLDER: where the documents in SQLite are kept for the next run, which fills up what is missing of DOCUMENTS; without it they are thrown away. FILL_SECONDS: how long is filled at most (no end):
 * what is there by then is measured. ASK=0: it is filled and not measured.
 */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initialise } from "../src/adapters/mongo/init.ts";
import { startService } from "./load.ts";
import { spread } from "./measure.ts";
import type { Report, Table } from "./report.ts";
import { keep, keptIn, type Kept } from "./search-folder.ts";
import { headerCost } from "./search-header.ts";
import { indexSize, type IndexSize } from "./search-index-size.ts";
import { factsOf, RESOURCES, SYSTEMS } from "./search-documents.ts";
import { QUESTIONS, type Filled } from "./search-questions.ts";
import { Client, type Asked, type Side } from "./search-side.ts";
import { caughtUp, quiet, steadyRate } from "./search-steady.ts";

const DOCUMENTS = Number(process.env["DOCUMENTS"] ?? 1_000);
const PARTS = (process.env["PARTS"] ?? "header,sqlite,mongo").split(",");
const ROUNDS = Number(process.env["ROUNDS"] ?? 200);
const STEADY = Number(process.env["STEADY_SECONDS"] ?? 8);
const FILL_SECONDS = Number(process.env["FILL_SECONDS"] ?? Infinity);
const KEPT_FOLDER = process.env["FOLDER"];
const IS_ASKED = process.env["ASK"] !== "0";
const WARM_UP = 100;
/** Patients whose ids are asked for before they are searched by. */
const PATIENTS = 50;
const SCRIPTS = join(import.meta.dirname, "../scripts");

interface Results {
  readonly side: Side;
  readonly documents: number;
  readonly filled: Asked;
  /** Milliseconds from the last deposit until all of it was found. */
  readonly behind?: number;
  readonly questions: ReadonlyMap<string, Asked & { readonly found: number }>;
  readonly pages: { readonly times: readonly number[]; readonly found: number };
  readonly steady?: number;
  readonly size?: IndexSize;
}

export async function run(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-search-"));
  try {
    const header = PARTS.includes("header") ? await headerCost(join(folder, "header")) : undefined;
    const results: Results[] = [];
    if (PARTS.includes("sqlite")) results.push(await ofOurs({ name: "SQLite", figure: "sqlite" }, KEPT_FOLDER ?? join(folder, "sqlite")));
    if (PARTS.includes("mongo")) results.push(await onMongo(folder));
    const peer = peerFromEnvironment();
    if (peer) results.push(await ofPeer(peer));
    return {
      tables: [...(header ? [header.table] : []), ...results.flatMap(tablesOf)],
      figures: Object.fromEntries([header?.figures ?? {}, ...results.map(figuresOf)].flatMap((figures) => Object.entries(figures))),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function onMongo(folder: string): Promise<Results> {
  const given = process.env["MONGODB_URL"]?.trim();
  const server = join(folder, "mongo");
  try {
    const url = given ? given : (execFileSync(join(SCRIPTS, "start-mongo"), ["--dir", server], { encoding: "utf8" }).trim().split("\n").at(-1) ?? "");
    const own = url.replace(/^(mongodb:\/\/[^/?]*)\/?[^?]*/, `$1/search-${randomUUID()}`);
    await initialise(own, undefined);
    return await ofOurs({ name: "MongoDB", figure: "mongo" }, join(folder, "data"), own);
  } finally {
    if (!given) execFileSync(join(SCRIPTS, "stop-mongo"), ["--dir", server, "--wipe"]);
  }
}

async function ofOurs(named: Pick<Side, "name" | "figure">, folder: string, mongodbUrl = ""): Promise<Results> {
  await mkdir(folder, { recursive: true });
  const kept = (await keptIn(folder)) ?? { run: randomUUID(), documents: 0 };
  const service = await startService(folder, { MONGODB_URL: mongodbUrl });
  const side: Side = { ...named, base: `http://127.0.0.1:${service.port}/fhir`, hasDocuments: true, processes: [service.pid] };
  const client = new Client(side, kept.run);
  let measured: Results;
  try {
    const { filled, documents } = await filledUp(client, kept, folder);
    const behind = await caughtUp(service.port);
    await quiet(side.processes);
    const asked = IS_ASKED ? await askAll(client, documents) : NOTHING_ASKED;
    // Behind the documents that are searched: a steady rate is found again in the same folder with others.
    const first = documents + WARM_UP + Math.floor(Math.random() * 1e9);
    const steady = IS_ASKED && STEADY > 0 ? await steadyRate(client, service.port, { first, seconds: STEADY }) : undefined;
    measured = { side, documents, filled, behind, ...asked, ...(steady !== undefined && { steady }) };
    await caughtUp(service.port);
  } finally {
    client.close();
    await service.stop();
  }
  const size = await indexSize(folder, mongodbUrl);
  return { ...measured, ...(size && { size }) };
}

const NOTHING_ASKED: Pick<Results, "questions" | "pages"> = { questions: new Map(), pages: { times: [0], found: 0 } };

/** Documents up to DOCUMENTS, or as many as FILL_SECONDS allow. A thread begins cold: the first hundred are not counted. */
async function filledUp(client: Client, kept: Kept, folder: string): Promise<{ readonly filled: Asked; readonly documents: number }> {
  const warmed = kept.documents === 0 ? await client.fill(0, Math.min(WARM_UP, DOCUMENTS)) : undefined;
  const first = kept.documents + (warmed?.count ?? 0);
  const filled = await client.fill(first, Math.max(0, DOCUMENTS - first), FILL_SECONDS * 1_000);
  const documents = first + filled.count;
  await keep(folder, { run: kept.run, documents });
  return { filled, documents };
}

async function ofPeer(side: Side): Promise<Results> {
  const documents = Number(process.env["PEER_DOCUMENTS"] ?? DOCUMENTS);
  const client = new Client(side, randomUUID());
  try {
    await client.fill(documents, WARM_UP);
    const filled = await client.fill(0, documents);
    return { side, documents, filled, ...(await askAll(client, documents)) };
  } finally {
    client.close();
  }
}

async function askAll(client: Client, documents: number): Promise<Pick<Results, "questions" | "pages">> {
  const patients = new Map<number, string>();
  for (let at = 0; at < Math.min(PATIENTS, documents); at++) {
    const number = Math.floor((at * documents) / PATIENTS);
    const found = await client.search(`Patient?identifier=${SYSTEMS.patient}|${factsOf(number).patient}`);
    const [first] = found.entry ?? [];
    if (!first) throw new Error(`${client.side.name} does not find the patient of document ${number}`);
    patients.set(number, first.resource.id);
  }
  const filled: Filled = { documents, patients };
  const questions = new Map<string, Asked & { readonly found: number }>();
  for (const question of QUESTIONS) {
    if (question.isOurs && !client.side.hasDocuments) continue;
    questions.set(question.name, await client.ask(question, filled, ROUNDS));
  }
  return { questions, pages: await client.pages() };
}

function peerFromEnvironment(): Side | undefined {
  const { PEER_URL: base, PEER_NAME: name = "peer", PEER_PROCESSES: processes = "" } = process.env;
  if (base === undefined) return undefined;
  return { name, figure: "peer", base, hasDocuments: false, processes: processes.split(",").filter(Boolean).map(Number) };
}

/** Of the last quarter of pages, and of the first: linear is one where these are the same. */
function quarters(times: readonly number[]): readonly [first: number, last: number] {
  const quarter = Math.max(1, Math.floor(times.length / 4));
  return [spread(times.slice(0, quarter)).median, spread(times.slice(-quarter)).median];
}

function tablesOf({ side, documents, filled, behind, questions, pages, steady, size }: Results): Table[] {
  const [first, last] = quarters(pages.times);
  const told: (string | number)[][] = [
    ["deposits a second, eight at a time", filled.perSecond],
    ["processors, ms a deposit", filled.processor ?? "not known"],
    ...(behind === undefined ? [] : [["all found after the last, s", behind / 1_000]]),
    ...(steady === undefined ? [] : [["deposits a second while the lag is below a second", steady]]),
    [`paging to the end: pages of 100 (${pages.found} found)`, pages.times.length],
    ["a page of the first quarter, ms", first],
    ["a page of the last quarter, ms", last],
    ...(size === undefined
      ? []
      : [
          ["index rows a document", size.rows / size.documents],
          ["bytes a document, KB", size.bytes / size.documents / 1_000],
        ]),
  ];
  return [
    { title: `${side.name}: ${documents} documents of ${RESOURCES} resources`, columns: ["what", "figure"], rows: told },
    {
      title: `${side.name}: searches, one at a time`,
      columns: ["search", "p50 ms", "p99 ms", "processors, ms", "found", "p99 at most"],
      rows: QUESTIONS.flatMap(({ name, bound }) => {
        const asked = questions.get(name);
        return asked ? [[name, asked.median, asked.p99, asked.processor ?? "not known", asked.found, bound ?? ""]] : [];
      }),
    },
  ];
}

function figuresOf({ side: { figure }, documents, filled, questions, pages, steady, size }: Results): Record<string, number> {
  const [first, last] = quarters(pages.times);
  return {
    [`${figure}_documents`]: documents,
    [`${figure}_deposit_perSecond`]: filled.perSecond,
    ...(steady !== undefined && { [`${figure}_steady_perSecond`]: steady }),
    ...Object.fromEntries(
      QUESTIONS.flatMap((question) => {
        const asked = questions.get(question.name);
        return asked
          ? [
              [`${figure}_${question.figure}_p50_Ms`, asked.median],
              [`${figure}_${question.figure}_p99_Ms`, asked.p99],
            ]
          : [];
      }),
    ),
    [`${figure}_page_first_Ms`]: first,
    [`${figure}_page_last_Ms`]: last,
    ...(size !== undefined && { [`${figure}_rows`]: size.rows / size.documents, [`${figure}_Bytes`]: size.bytes / size.documents }),
  };
}
