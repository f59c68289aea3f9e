/** HL7's validator and HAPI's, asked through Judge.java: one process for all that a file does not know yet, a case a line. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Answer } from "../differential/engine.ts";
import type { Case, CaseSet } from "./case.ts";

export const ENGINES = ["hl7", "hapi"] as const;
export type Engine = (typeof ENGINES)[number];

/** Where they are, and what they said before. */
export interface Bench {
  /** The folder of their jars. */
  readonly libraries: string;
  /** Its `.fhir/packages` has R4. */
  readonly home: string;
  /** A file of JSON lines; undefined: nothing is remembered. */
  readonly memory: string | undefined;
  /** Most memory of Java, in megabytes. */
  readonly heap: number;
}

/** Another number: what was remembered of it counts no more, since Judge.java asks it in another way. */
const JUDGE_VERSIONS: Readonly<Record<Engine, number>> = { hl7: 2, hapi: 1 };
const JUDGE = fileURLToPath(new URL("Judge.java", import.meta.url));

/** Why they can't be asked, in words; undefined when they can. */
export function missing(libraries: string | undefined, home: string): string | undefined {
  if (libraries === undefined) return "no folder of the judges' jars is given (--libraries; scripts/profiles/pom.xml fetches them)";
  if (!existsSync(libraries) || !readdirSync(libraries).some((name) => name.startsWith("hapi-fhir-validation-8")))
    return `${libraries} has no hapi-fhir-validation-8*.jar`;
  const core = join(home, ".fhir/packages/hl7.fhir.r4.core#4.0.1");
  return existsSync(core) ? undefined : `${core} is not there: HL7's validator finds R4 in it (--home)`;
}

/** Asks one of them of cases; the answers are in their order. A case of several sets takes the first answer without an error. @throws Error when it ends before it has answered */
export async function ask(engine: Engine, cases: readonly Case[], bench: Bench): Promise<(Answer | undefined)[]> {
  const remembered = recall(bench.memory);
  const tasks = cases.flatMap((one) => one.sets.map((set) => ({ key: keyOf(engine, one, set), set, one })));
  const open = tasks
    .filter(({ key }) => !remembered.has(key))
    .sort((left, right) => (left.set.name < right.set.name ? -1 : left.set.name > right.set.name ? 1 : 0));
  if (open.length > 0) {
    let at = 0;
    for await (const answer of run(
      engine,
      open.map(({ one, set }) => lineOf(one, set)),
      bench,
    )) {
      const key = open[at++]?.key ?? "";
      remembered.set(key, answer);
      if (bench.memory !== undefined) appendFileSync(bench.memory, `${JSON.stringify({ key, answer })}\n`);
    }
  }
  return cases.map((one) => {
    const answers = one.sets.map((set) => remembered.get(keyOf(engine, one, set)));
    return answers.find((answer) => answer && answer.thrown === undefined && !answer.issues.some(isErrorOf)) ?? answers.at(-1);
  });
}

export function isErrorOf({ severity }: { readonly severity: string }): boolean {
  return severity === "error" || severity === "fatal";
}

function lineOf({ file, profiles, anyExtensions, assumeValidReferences }: Case, set: CaseSet): string {
  const { name, archives, definitions } = set;
  return JSON.stringify({ set: name, archives, definitions, file, profiles, anyExtensions, assumeValidReferences });
}

async function* run(engine: Engine, lines: readonly string[], { libraries, home, heap }: Bench): AsyncGenerator<Answer> {
  const child = spawn("java", [`-Duser.home=${home}`, `-Xmx${heap}m`, "-XX:+UseSerialGC", "-cp", join(libraries, "*"), JUDGE, engine], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.end(lines.map((line) => `${line}\n`).join(""));
  let answers = 0;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      answers++;
      yield JSON.parse(line) as Answer;
    }
  } finally {
    child.kill();
  }
  if (answers < lines.length) throw new Error(`${engine} answered ${answers} of ${lines.length} and ended.`);
}

function recall(memory: string | undefined): Map<string, Answer> {
  const remembered = new Map<string, Answer>();
  if (memory === undefined || !existsSync(memory)) return remembered;
  for (const line of readFileSync(memory, "utf8").split("\n")) {
    if (line === "") continue;
    const { key, answer } = JSON.parse(line) as { readonly key: string; readonly answer: Answer };
    remembered.set(key, answer);
  }
  return remembered;
}

const digests = new Map<string, string>();

function digestOf(file: string): string {
  const known = digests.get(file);
  if (known !== undefined) return known;
  const digest = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 32);
  digests.set(file, digest);
  return digest;
}

/** What an answer depends on: the bytes of all that is read, and how it is asked. */
function keyOf(engine: Engine, { file, profiles, anyExtensions, assumeValidReferences }: Case, { archives, definitions }: CaseSet): string {
  const asked = JSON.stringify([
    engine,
    JUDGE_VERSIONS[engine],
    profiles,
    anyExtensions,
    assumeValidReferences,
    [file, ...archives, ...definitions].map(digestOf),
  ]);
  return createHash("sha256").update(asked).digest("hex").slice(0, 32);
}
