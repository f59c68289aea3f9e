/** HL7's validator, asked through Judge.java: one process for a run, a path a line. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** What HL7's validator said of one thing. */
export interface Said {
  readonly severity: string;
  readonly at?: string;
  /** Of its message, where it has one: `Validation_VAL_Profile_Minimum`, or the address of an invariant. */
  readonly id?: string;
  readonly text: string;
}

/** The message's id; of an invariant its key. */
export function idOf({ id, text }: Said): string {
  return id?.split("#").at(-1) ?? text.slice(0, 40);
}

/** Its answer about a file. */
export interface Answer {
  readonly file: string;
  readonly issues: readonly Said[];
  /** It could not judge it. */
  readonly thrown?: string;
}

const JUDGE = fileURLToPath(new URL("Judge.java", import.meta.url));

/**
 * Why it cannot be asked, in words; undefined when it can.
 * @param libraries the folder of its jars; @param home whose .fhir/packages has R4
 */
export function missing(libraries: string | undefined, home: string): string | undefined {
  if (libraries === undefined)
    return "no folder of HL7's validator is given (--libraries or HL7_VALIDATOR_LIBRARIES; scripts/differential/pom.xml fetches it)";
  if (!existsSync(libraries) || !readdirSync(libraries).some((name) => name.startsWith("org.hl7.fhir.validation-")))
    return `${libraries} has no org.hl7.fhir.validation-*.jar`;
  const core = join(home, ".fhir/packages/hl7.fhir.r4.core#4.0.1");
  return existsSync(core) ? undefined : `${core} is not there: HL7's validator finds R4 in it (--home)`;
}

/** Asks it of files, in order. @throws Error when it ends before it has answered */
export async function* ask(files: readonly string[], libraries: string, home: string): AsyncGenerator<Answer> {
  const child = spawn("java", [`-Duser.home=${home}`, "-Xmx2500m", "-XX:+UseSerialGC", "-cp", join(libraries, "*"), JUDGE], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.write(files.map((file) => `${file}\n`).join(""));
  child.stdin.end();
  let answers = 0;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const answer = JSON.parse(line) as Answer & { ready?: true };
      if (answer.ready === true) continue;
      answers++;
      yield answer;
    }
  } finally {
    child.kill();
  }
  if (answers < files.length) throw new Error(`HL7's validator answered ${answers} of ${files.length} and ended.`);
}
