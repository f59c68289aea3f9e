/**
 * Documents against packages: `npm run bench -- profiles [FOLDER [TERMINOLOGY]]`. FOLDER has `packages/` (IPS 1.1.0, R4 extensions) and `kbv/` (the German prescription), by default
 * `../shared/cases/profiles`; TERMINOLOGY is an archive of HL7's terminology (scripts/profiles/make-package.ts). With HL7_VALIDATOR_LIBRARIES and HL7_VALIDATOR_HOME, HL7's engine beside it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isError } from "../src/core/fhir/issue.ts";
import { measureCost } from "./measure.ts";
import { folderOf, judgeOf, type Judge } from "./profiles/opened.ts";
import { manyObservations, manyReferences, profiledSummary } from "./profiles/summary.ts";
import { telling, type Report } from "./report.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const RESOURCES = 50;
const MANY_OBSERVATIONS = [1_000, 2_000, 4_000, 8_000];
const MANY_REFERENCES = [1_250, 2_500, 5_000, 10_000];
const MEGABYTE = 1024 * 1024;

type Row = readonly (string | number)[];

export async function run(): Promise<Report> {
  const cases = resolve(process.argv[3] ?? join(ROOT, "../shared/cases/profiles"));
  const terminology = process.argv[4];
  const tell = telling("profiles");
  const work = mkdtempSync(join(tmpdir(), "bench-profiles-"));
  const figures: Record<string, number> = {};
  try {
    const guide = archivesIn(join(cases, "packages")).filter((name) => /\.(?:ips|extensions\.r4)-/.test(name));
    const ips = folderOf([...guide, ...(terminology === undefined ? [] : [terminology])], join(work, "ips"));
    const kbv = folderOf(archivesIn(join(cases, "kbv/packages")), join(work, "kbv"));
    const ready: Row[] = [];
    for (const [name, folder] of [
      ["IPS", ips],
      ["KBV", kbv],
    ] as const)
      for (const when of ["first", "artefact"]) {
        const { clock, processor } = await readyAfter(folder);
        ready.push([name, when, clock, processor]);
        figures[`ready_${name}_${when}_Ms`] = clock;
      }
    tell("sets are ready");
    const summary = profiledSummary(RESOURCES);
    const prescription = readFileSync(firstValid(cases));
    const [base, guided, german] = [await judgeOf(undefined), await judgeOf(ips), await judgeOf(kbv)];
    const speed: Row[] = [];
    for (const [name, judge, bytes, mediaType] of [
      ["IPS of 50, base R4", base, summary, "application/fhir+json"],
      ["IPS of 50, IPS 1.1.0", guided, summary, "application/fhir+json"],
      ["German prescription, base R4", base, prescription, "application/fhir+xml"],
      ["German prescription, KBV", german, prescription, "application/fhir+xml"],
    ] as const) {
      const { clock, processor } = await costOf(judge, bytes, mediaType);
      speed.push(["chartulary", name, bytes.length, clock, processor]);
      figures[`${name.replace(/\W+/g, "_")}_Ms`] = processor;
    }
    tell("both are measured");
    const peers = beside(work, { summary, ips, prescription: firstValid(cases), kbv });
    for (const { name, first, median } of peers) speed.push([name, "HL7's ValidationEngine 6.7.9, warm (first)", first, median, median]);
    const growth = [
      ...(await growing("Observations", MANY_OBSERVATIONS, manyObservations, guided)),
      ...(await growing("references", MANY_REFERENCES, manyReferences, guided)),
    ];
    tell("growth is measured");
    const memory = memoryRows(work, summary, ips, figures);
    return {
      tables: [
        {
          title: "From bytes to a verdict, warm: median on the clock, least of the processor",
          columns: ["validator", "document", "bytes", "clock ms", "processor ms"],
          rows: speed,
        },
        { title: "A set is ready for its first document", columns: ["set", "what is compiled", "clock ms", "processor ms"], rows: ready },
        { title: "Growth, processor", columns: ["of what", "number", "ms", "µs for each"], rows: growth },
        { title: "Memory of a process that judged 20 summaries (MB)", columns: ["with", "resident", "heap"], rows: memory },
      ],
      figures,
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function archivesIn(folder: string): string[] {
  if (!existsSync(folder)) throw new Error(`${folder} is not there.`);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".tgz"))
    .map((name) => join(folder, name));
}

function firstValid(cases: string): string {
  return join(cases, "kbv/valid/kbv/Beispiel_1.xml");
}

async function readyAfter(folder: string): Promise<{ clock: number; processor: number }> {
  const [begun, used] = [performance.now(), process.cpuUsage()];
  await judgeOf(folder);
  const { user, system } = process.cpuUsage(used);
  return { clock: performance.now() - begun, processor: (user + system) / 1_000 };
}

async function costOf(judge: Judge, bytes: Uint8Array, mediaType: Parameters<Judge>[1]): Promise<{ clock: number; processor: number }> {
  const job = (): void => {
    const { issues } = judge(bytes, mediaType);
    const fault = issues.find(isError);
    if (fault) throw new Error(`The benchmark's document is refused: ${fault.rule}: ${fault.text}`);
  };
  for (let time = 0; time < 200; time++) job();
  const { clock, processor } = await measureCost(job, { rounds: 10, each: 20, longest: 20_000 });
  return { clock: clock.median, processor: processor.least };
}

async function growing(what: string, numbers: readonly number[], make: (count: number) => Uint8Array, judge: Judge): Promise<Row[]> {
  const rows: Row[] = [];
  for (const number of numbers) {
    const bytes = make(number);
    const { processor } = await measureCost(() => judge(bytes, "application/fhir+json"), { rounds: 2, each: 1, longest: 20_000 });
    rows.push([what, number, processor.least, (processor.least / number) * 1_000]);
  }
  return rows;
}

function memoryRows(work: string, summary: Uint8Array, folder: string, figures: Record<string, number>): Row[] {
  const document = join(work, "summary.json");
  writeFileSync(document, summary);
  const [without, withPackages] = [[document], [document, folder]].map((given) => {
    const { stdout, status, stderr } = spawnSync(
      process.execPath,
      ["--expose-gc", "--max-semi-space-size=16", join(ROOT, "bench/profiles-memory.ts"), ...given],
      { encoding: "utf8" },
    );
    if (status !== 0) throw new Error(stderr);
    const [resident = 0, heap = 0] = stdout.trim().split(" ").map(Number);
    return [resident / MEGABYTE, heap / MEGABYTE] as const;
  });
  if (!without || !withPackages) return [];
  figures["packages_resident_MB"] = withPackages[0] - without[0];
  figures["packages_heap_MB"] = withPackages[1] - without[1];
  return [
    ["base R4", ...without],
    ["packages", ...withPackages],
  ];
}

interface Told {
  readonly name: string;
  readonly first: number;
  readonly median: number;
}

/** HL7's engine over the same two; none where it is not at hand. */
function beside(
  work: string,
  { summary, ips, prescription, kbv }: { readonly summary: Uint8Array; readonly ips: string; readonly prescription: string; readonly kbv: string },
): Told[] {
  const [libraries, home] = [process.env["HL7_VALIDATOR_LIBRARIES"], process.env["HL7_VALIDATOR_HOME"]];
  if (libraries === undefined || home === undefined) return [];
  const file = join(work, "beside.json");
  writeFileSync(file, summary);
  const asked = [
    { set: "ips", archives: archivesIn(ips), file },
    { set: "kbv", archives: archivesIn(kbv), file: prescription },
  ].map((one) => JSON.stringify({ ...one, profiles: [], anyExtensions: true, rounds: 40 }));
  const { stdout } = spawnSync(
    "java",
    [`-Duser.home=${home}`, "-Xmx3g", "-cp", join(libraries, "*"), join(ROOT, "scripts/profiles/Judge.java"), "hl7"],
    {
      encoding: "utf8",
      input: `${asked.join("\n")}\n`,
      maxBuffer: 1 << 28,
    },
  );
  const answers = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly first: number; readonly median: number });
  return answers.map(({ first, median }, at) => ({ name: at === 0 ? "IPS of 50" : "German prescription", first, median }));
}
