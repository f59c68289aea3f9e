/**
 * veraPDF, the judge of PDF/A and PDF/UA, from Maven's default repository, pinned in scripts/verapdf/pom.xml: `npm run verapdf` fetches it into a cache, `npm run verapdf -- FILE...`
 * has it judge files. It needs Java 17 with its compiler, and Maven to fetch it.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("verapdf/", import.meta.url));
const CACHE = fileURLToPath(new URL("../node_modules/.cache/verapdf-1.30.2", import.meta.url));

/** What it says of files: a line for each file and standard, lines below for the rules that are broken. */
export interface Judgement {
  readonly isGood: boolean;
  readonly text: string;
}

/** Fetches what is missing. Undefined when it is there, else why it is not, in words. */
export function fetchVeraPdf(): string | undefined {
  const missing = missingParts();
  if (missing !== NOT_FETCHED) return missing;
  if (!runs("mvn", "--version")) return "there is no Maven (mvn) to fetch veraPDF with";
  const made = spawnSync("mvn", ["-q", "-B", "-f", join(SOURCE, "pom.xml"), "dependency:copy-dependencies", `-DoutputDirectory=${CACHE}`], {
    encoding: "utf8",
  });
  if (made.status === 0) return undefined;
  rmSync(CACHE, { recursive: true, force: true });
  return `Maven could not fetch veraPDF: ${made.stdout.split("\n", 1)[0] ?? ""}`;
}

/** Why veraPDF cannot be asked here, in words; undefined when it can. */
export function missingParts(): string | undefined {
  if (!runs("java", "-version")) return "there is no Java";
  return existsSync(CACHE) && readdirSync(CACHE).some((name) => name.startsWith("validation-model")) ? undefined : NOT_FETCHED;
}

const NOT_FETCHED = "veraPDF was not fetched (npm run verapdf)";

/** Judges files by PDF/A-3a and PDF/UA-1. */
export function judge(files: readonly string[]): Judgement {
  const { status, stdout, stderr } = spawnSync("java", ["-cp", `${CACHE}/*`, join(SOURCE, "Judge.java"), ...files], { encoding: "utf8" });
  return { isGood: status === 0, text: stdout === "" ? stderr : stdout };
}

function runs(program: string, argument: string): boolean {
  try {
    execFileSync(program, [argument], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fault = fetchVeraPdf();
  const files = process.argv.slice(2);
  if (fault !== undefined) console.error(`Not judged: ${fault}.`);
  const told = fault === undefined && files.length > 0 ? judge(files) : undefined;
  if (told) process.stdout.write(told.text);
  process.exitCode = fault !== undefined ? 2 : told?.isGood === false ? 1 : 0;
}
