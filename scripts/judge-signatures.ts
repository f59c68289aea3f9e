/**
 * Others judge signatures: jose; and, where they are on the machine, EU DSS, jwcrypto, libxmlsec and OpenSSL (scripts/judges).
 *
 *   node scripts/judge-signatures.ts matrix LIBRARIES PYTHON    those of fixtures/signatures/matrix; writes what each says to judged.tsv there
 *   node scripts/judge-signatures.ts seals  LIBRARIES PYTHON    seals that are made now, by each kind of key; prints what each says, and ends with 1 where one does not say *valid*
 *
 * LIBRARIES: a folder with EU DSS (`mvn -f scripts/judges/pom.xml dependency:copy-dependencies -DoutputDirectory=LIBRARIES`); PYTHON: an interpreter with jwcrypto, lxml and xmlsec (pip).
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { byJose } from "./judges/jose.ts";
import { matrixTasks } from "./judges/matrix-tasks.ts";
import { sealTasks } from "./judges/seal-tasks.ts";
import type { Verdict } from "./judges/task.ts";

const JUDGES = fileURLToPath(new URL("judges/", import.meta.url));
const [mode, libraries = "", python = "python3"] = process.argv.slice(2);
if (mode !== "matrix" && mode !== "seals") throw new Error("usage: judge-signatures.ts matrix|seals LIBRARIES PYTHON");

const folder = mkdtempSync(join(tmpdir(), "judged-"));
try {
  const tasks = mode === "matrix" ? matrixTasks(folder) : await sealTasks(folder);
  const list = join(folder, "tasks.tsv");
  writeFileSync(
    list,
    tasks
      .map(({ id, kind, file, content, name, signer, trusted, revoked = "-" }) =>
        [id, kind, file, content ?? "-", name, signer, trusted.join(","), revoked].join("\t"),
      )
      .join("\n"),
  );
  const verdicts: readonly (readonly [string, ReadonlyMap<string, Verdict>])[] = [
    ["jose", await byJose(tasks)],
    ["jwcrypto", asked("jwcrypto", python, [join(JUDGES, "judge.py"), "jwcrypto", list])],
    ["xmlsec", asked("xmlsec", python, [join(JUDGES, "judge.py"), "xmlsec", list])],
    ["OpenSSL", asked("OpenSSL", python, [join(JUDGES, "judge.py"), "openssl", list])],
    ["EU DSS", asked("EU DSS", "java", ["-cp", join(libraries, "*"), join(JUDGES, "Judge.java"), list])],
  ];
  const sayings = tasks.map(({ id }) => [id, ...verdicts.flatMap(([judge, said]) => saying(judge, said.get(id), mode === "matrix"))]);
  if (mode === "matrix") writeFileSync("fixtures/signatures/matrix/judged.tsv", `${sayings.map((line) => line.join("\t")).join("\n")}\n`);
  else {
    console.log(sayings.map((line) => line.join("\n  ")).join("\n"));
    if (verdicts.some(([, said]) => [...said.values()].some(({ says }) => says !== "valid"))) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** `jose: valid`, and in what words; without a trusted list DSS' warnings are of no use in the matrix. */
function saying(judge: string, verdict: Verdict | undefined, isShort: boolean): string[] {
  if (verdict === undefined) return [];
  const words = isShort ? verdict.words.replace(/ · (error|warning):.*/, "") : verdict.words;
  return [`${judge}: ${verdict.says}${words && ` (${words})`}`];
}

/** What a judge says, by the tasks' ids; nothing, and why, where it is not on this machine. */
function asked(judge: string, command: string, words: readonly string[]): ReadonlyMap<string, Verdict> {
  const { stdout, stderr, status, error } = spawnSync(command, words, { encoding: "utf8", maxBuffer: 100_000_000 });
  if (error || status !== 0) console.error(`${judge} was not asked: ${error?.message ?? stderr.trim().split("\n").at(-1) ?? ""}`);
  const said = (error ? "" : stdout).split("\n").filter(Boolean);
  return new Map(
    said.map((line) => {
      const [id = "", says = "", words = ""] = line.split("\t");
      return [id, { says, words }];
    }),
  );
}
