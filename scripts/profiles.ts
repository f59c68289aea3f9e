/**
 * `npm run profiles -- hl7|fhir-test-cases|kbv|gematik|documents|folder PATH [options]`: cases with profiles, judged by our validator, beside what their authors say and what HL7's validator and HAPI's
 * say (scripts/profiles/Judge.java). Prints shares and every disagreement; exit code 1 when one is open that no text judges (scripts/profiles/judged-by-text.ts). docs/differential.md tells of it.
 *
 * PATH: for `hl7` and `kbv` a folder with an index; for `fhir-test-cases` and `gematik` a checkout of FHIR/fhir-test-cases, of gematik/app-referencevalidator; for `documents` a folder with an index
 * of documents; for `folder` any instances. `--archives FOLDER` (several): packages that the path lacks; each is a set for `documents` and `folder`. `--gematik CHECKOUT`: its dated sets, too, for
 * `documents`. `--judges none|open|all`: who else is asked, and of what: of disagreements (open), of all. `--only TEXT`, `--places`, `--json FILE`.
 */
import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { parseArgs } from "node:util";
import { isError } from "../src/core/fhir/issue.ts";
import type { Case } from "./profiles/case.ts";
import { documentCases, folderCases, setOfFolder } from "./profiles/cases-folder.ts";
import { gematikCases, gematikSets, kbvCases } from "./profiles/cases-gematik.ts";
import { checkoutCases, indexedCases } from "./profiles/cases-hl7.ts";
import { compare, type Judged } from "./profiles/compare.ts";
import { ask, ENGINES, missing, type Bench, type Engine } from "./profiles/engines.ts";
import { judgeCases } from "./profiles/ours.ts";
import { report } from "./profiles/report.ts";
import type { Answer } from "./differential/engine.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    archives: { type: "string", multiple: true, default: [] },
    gematik: { type: "string" },
    judges: { type: "string", default: "none" },
    libraries: { type: "string", default: process.env["HL7_VALIDATOR_LIBRARIES"] ?? "" },
    home: { type: "string", default: homedir() },
    memory: { type: "string" },
    heap: { type: "string", default: "3000" },
    only: { type: "string", default: "" },
    places: { type: "boolean", default: false },
    json: { type: "string" },
  },
});

const [kind = "", path] = positionals;
if (path === undefined) fail("what and where is needed: hl7|fhir-test-cases|kbv|gematik|documents|folder PATH.");
const fault = values.judges === "none" ? undefined : missing(values.libraries || undefined, values.home);
if (fault !== undefined) fail(`The other judges can't be asked: ${fault}.`);

const { cases, notes } = casesOf(kind, path);
const chosen = cases.filter(({ name, family }) => `${family} ${name}`.includes(values.only));
const judgements = await judgeCases(chosen, (text) => console.error(text));
const ours = chosen.map((one, at) => ({ one, ours: judgements[at] }));
const asked = values.judges === "none" ? [] : ours.filter((each) => values.judges === "all" || isDisputed(each)).map(({ one }) => one);
const answers = new Map<Case, Partial<Record<Engine, Answer>>>();
const bench: Bench = { libraries: values.libraries, home: values.home, memory: values.memory, heap: Number(values.heap) };
for (const engine of asked.length === 0 ? [] : ENGINES)
  for (const [at, answer] of (await ask(engine, asked, bench)).entries()) {
    const one = asked[at] as Case;
    if (answer) answers.set(one, { ...answers.get(one), [engine]: answer });
  }
const judged: readonly Judged[] = ours.map((each) => ({ ...each, engines: answers.get(each.one) ?? {} }));
const comparison = compare(judged);
process.stdout.write(report(comparison, judged, notes, values.places));
if (values.json !== undefined) writeFileSync(values.json, judged.map((one) => JSON.stringify(one)).join("\n"));
if (comparison.differences.some(({ why }) => why === undefined)) process.exitCode = 1;

function casesOf(of: string, where: string): { readonly cases: readonly Case[]; readonly notes: readonly string[] } {
  switch (of) {
    case "hl7":
      return { cases: indexedCases(where), notes: [] };
    case "kbv":
      return { cases: kbvCases(where), notes: [] };
    case "gematik":
      return { cases: gematikCases(where, values.archives), notes: [] };
    case "fhir-test-cases": {
      const { cases: found, left } = checkoutCases(where, values.archives);
      return { cases: found, notes: left.map(({ name, why }) => `not run: ${name}: ${why}`) };
    }
    case "documents": {
      const sets = [...values.archives.map(setOfFolder), ...(values.gematik === undefined ? [] : gematikSets(values.gematik, values.archives))];
      const { cases: found, told } = documentCases(where, sets);
      return { cases: found, notes: told };
    }
    case "folder":
      return { cases: values.archives.flatMap((folder) => folderCases(where, setOfFolder(folder))), notes: [] };
    default:
      return fail(`There are no cases of the kind ${of}.`);
  }
}

/** Ours is another verdict than the authors', or they say none. */
function isDisputed({ one, ours: answer }: Pick<Judged, "one" | "ours">): boolean {
  return one.sets.length > 0 && one.valid !== (answer !== undefined && !answer.issues.some(isError));
}

function fail(why: string): never {
  console.error(why);
  process.exit(2);
}
