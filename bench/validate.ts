/**
 * From bytes to a verdict: warm, for a patient summary of 50 resources and a Bundle of 1,000, beside the validators that npm has; cold, as one call of the command
 * line from a built package; and the memory that ten thousand validations leave behind.
 */
import { spawnSync } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { damages } from "./damage.ts";
import { measure, type Measured } from "./measure.ts";
import { patientSummary } from "./patient-summary.ts";
import type { Report } from "./report.ts";
import { fhir, medplum, ours, type Judge } from "./validate-peers.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FEW = 50;
const MANY = 1_000;
/** Verdicts before any is measured, so that the compiler has seen the code. */
const WARM_UP = { count: 300, width: 1, longest: 5_000 };
const ROUNDS = { count: 500, width: 1, longest: 8_000 };
const STARTS = 15;
const VALIDATIONS = 10_000;
const MEGABYTE = 1024 * 1024;

type Row = readonly (string | number)[];

export async function run(): Promise<Report> {
  const few = patientSummary(FEW);
  const many = patientSummary(MANY);
  const figures: Record<string, number> = {};
  const speed: Row[] = [];
  const parsing = { name: "JSON.parse alone", judge: parses };
  for (const judge of [ours(), medplum(), fhir(), parsing]) {
    const name = judge.name.replace(/\W+/g, "_").replace(/^_/, "");
    for (const [resources, bytes] of [
      [FEW, few],
      [MANY, many],
    ] as const) {
      const { median, p99, count } = await timesOf(judge, bytes);
      speed.push([judge.name, resources, bytes.length, count, median, p99]);
      figures[`${name}_${resources}_p50_Ms`] = median;
    }
  }
  const starts = await coldStarts(few);
  figures["coldStart_p50_Ms"] = starts.median;
  const memory = memoryRows(figures);
  return {
    tables: [
      {
        title: "From bytes to a verdict, warm, one at a time",
        columns: ["validator", "resources", "bytes", "rounds", "p50 ms", "p99 ms"],
        rows: speed,
      },
      damageTable([ours(), medplum(), fhir()], few),
      {
        title: "chartulary validate FILE, from a built package: the whole process",
        columns: ["starts", "p50 ms", "slowest ms"],
        rows: [[starts.count, starts.median, starts.slowest]],
      },
      {
        title: `Memory after validations of ${FEW} resources, beside JSON.parse alone (MB)`,
        columns: ["loop", "young generation", "after", "resident", "heap"],
        rows: memory,
      },
    ],
    figures,
  };
}

function parses(bytes: Uint8Array): boolean {
  return typeof JSON.parse(Buffer.from(bytes).toString("utf8")) === "object";
}

async function timesOf({ name, judge }: Judge, bytes: Uint8Array): Promise<Measured> {
  const job = (): Promise<void> => {
    if (!judge(bytes)) throw new Error(`${name} refuses the benchmark's document`);
    return Promise.resolve();
  };
  await measure(job, WARM_UP);
  return measure(job, ROUNDS);
}

/** Speed is worth nothing without what it buys: the kinds of damage that each notices. */
function damageTable(judges: readonly Judge[], bytes: Uint8Array): Report["tables"][number] {
  const kinds = damages(bytes);
  const found = judges.map(({ judge }) => kinds.map((kind) => !judge(kind.bytes)));
  const rows = kinds.map(({ name }, at): Row => [name, ...found.map((one) => (one[at] === true ? "noticed" : "-"))]);
  const totals = found.map((one) => `${one.filter(Boolean).length} of ${kinds.length}`);
  return {
    title: "Damage to the same document that is noticed as an error",
    columns: ["damage", ...judges.map(({ name }) => name)],
    rows: [...rows, ["all", ...totals]],
  };
}

/** Builds the package below a node_modules folder, where it runs as it does once it is installed. */
async function coldStarts(bytes: Uint8Array): Promise<Measured> {
  const folder = await mkdtemp(join(ROOT, "node_modules", ".bench-"));
  try {
    spawnOrThrow([join(ROOT, "scripts/build.ts"), join(folder, "dist")]);
    await cp(join(ROOT, "bin"), join(folder, "bin"), { recursive: true });
    await cp(join(ROOT, "package.json"), join(folder, "package.json"));
    const file = join(folder, "summary.json");
    await writeFile(file, bytes);
    const start = (): Promise<void> => {
      spawnOrThrow([join(folder, "bin/chartulary.js"), "validate", file], { CACHE_DIR: join(folder, "cache") });
      return Promise.resolve();
    };
    await start();
    return await measure(start, { count: STARTS, width: 1, longest: 60_000 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The same loop with and without us, each in a process of its own; the difference is what we keep. V8 lets its young generation grow to 128 MB for whoever makes much that
 * lives for a millisecond, as a tree does, and gives none of it back: so also with a small one, which costs no speed.
 */
function memoryRows(figures: Record<string, number>): Row[] {
  const rows: Row[] = [];
  for (const { young, flags } of YOUNG_GENERATIONS) {
    const last = { validate: { resident: 0, heap: 0 }, parse: { resident: 0, heap: 0 } };
    for (const loop of ["validate", "parse"] as const) {
      const output = spawnOrThrow([
        "--expose-gc",
        "--no-allocation-site-pretenuring",
        ...flags,
        join(ROOT, "bench/validate-memory.ts"),
        loop,
        String(FEW),
        String(VALIDATIONS),
      ]);
      for (const line of output.trim().split("\n")) {
        const [done = 0, resident = 0, heap = 0] = line.split(" ").map(Number);
        rows.push([loop, young, done, resident / MEGABYTE, heap / MEGABYTE]);
        last[loop] = { resident, heap };
      }
    }
    figures[`memoryAboveParse_${young}_MB`] = (last.validate.resident - last.parse.resident) / MEGABYTE;
    figures[`heapAboveParse_${young}_MB`] = (last.validate.heap - last.parse.heap) / MEGABYTE;
  }
  return rows;
}

const YOUNG_GENERATIONS = [
  { young: "default", flags: [] },
  { young: "semi16", flags: ["--max-semi-space-size=16"] },
] as const;

function spawnOrThrow(args: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, ...environment } });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${String(status)}\n${stderr}`);
  return stdout;
}
