/**
 * `node scripts/differential.ts --libraries FOLDER [--home FOLDER] [--each N] [--seed S] [--families a,b] [--json FILE]`: made inputs, of each family some, judged by our validator and by HL7's
 * (scripts/differential/Judge.java; `--libraries`, or HL7_VALIDATOR_LIBRARIES, is the folder of its jars, `--home` has R4 in `.fhir/packages`). Prints how often verdicts and places agree, and each
 * class of disagreement with examples; exit code 1 when one is open. Not part of CI: it needs Java, 150 MB of jars and patience.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { randomOf } from "../fuzz/random.ts";
import type { Issue } from "../src/core/fhir/issue.ts";
import { DEFAULT_READ_LIMITS } from "../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../src/core/fhir/reading/read-resource.ts";
import { DEFAULT_POLICY } from "../src/pipeline/validate/policy.ts";
import { createValidator } from "../src/pipeline/validate/validate.ts";
import { compare, type Comparison, type Difference, type Judged } from "./differential/compare.ts";
import { ask, missing } from "./differential/engine.ts";
import { FAMILIES, type Input } from "./differential/families.ts";
import { R4 } from "./differential/plain-instances.ts";

const { values } = parseArgs({
  options: {
    libraries: { type: "string" },
    home: { type: "string", default: homedir() },
    each: { type: "string", default: "500" },
    seed: { type: "string", default: "1" },
    families: { type: "string", default: Object.keys(FAMILIES).join(",") },
    json: { type: "string" },
  },
});

const VALIDATOR = createValidator({ ...R4, policy: DEFAULT_POLICY });
const libraries = values.libraries ?? process.env["HL7_VALIDATOR_LIBRARIES"];
const fault = missing(libraries, values.home);
if (fault !== undefined || libraries === undefined) {
  console.error(`Nothing was compared: ${fault ?? ""}.`);
  process.exitCode = 2;
} else await run(libraries);

async function run(folder: string): Promise<void> {
  const inputs = values.families.split(",").flatMap((family, number) => some(family, number));
  const scratch = mkdtempSync(join(tmpdir(), "differential-"));
  try {
    const files = inputs.map(({ input }, at) => {
      const file = join(scratch, `${at}.${input.mediaType.endsWith("xml") ? "xml" : "json"}`);
      writeFileSync(file, input.text());
      return file;
    });
    const judged: Judged[] = [];
    for await (const theirs of ask(files, folder, values.home)) {
      const { family, input } = inputs[judged.length] as (typeof inputs)[number];
      judged.push({ family, name: input.name, ours: ourIssues(input), theirs });
    }
    if (values.json !== undefined) writeFileSync(values.json, judged.map((one) => JSON.stringify(one)).join("\n"));
    const comparison = compare(judged);
    process.stdout.write(report(comparison));
    if (comparison.verdicts.some(({ exception }) => exception === undefined)) process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Some of a family: the same for a seed. */
function some(family: string, number: number): { readonly family: string; readonly input: Input }[] {
  const make = FAMILIES[family];
  if (!make) throw new Error(`There is no family ${family}: ${Object.keys(FAMILIES).join(", ")}.`);
  const random = randomOf(Number(values.seed), number);
  const left = make();
  const count = Math.min(Number(values.each), left.length);
  return Array.from({ length: count }, () => {
    const at = random.below(left.length);
    const [input] = left.splice(at, 1);
    return { family, input: input as Input };
  });
}

function ourIssues(input: Input): readonly Issue[] {
  const { resource, issues } = readResource(Buffer.from(input.text()), input.mediaType, DEFAULT_READ_LIMITS, R4.definitions);
  return resource === undefined ? issues : VALIDATOR.validate(resource, issues);
}

function report({ tallies, verdicts, places }: Comparison): string {
  const rows = tallies.map(({ family, inputs, same, excepted, unjudged, places: all, shared }) => {
    const asked = inputs - unjudged;
    return `| ${family} | ${inputs} | ${unjudged} | ${same} | ${excepted} | ${asked - same - excepted} | ${percent(same, asked)} | ${percent(shared, all)} |`;
  });
  const sum = (of: "inputs" | "same" | "excepted" | "unjudged"): number => tallies.reduce((total, tally) => total + tally[of], 0);
  const asked = sum("inputs") - sum("unjudged");
  return [
    `Seed ${values.seed}, ${sum("inputs")} inputs: ${percent(sum("same"), asked)} of verdicts agree, ${percent(sum("same") + sum("excepted"), asked)} with the written exceptions.`,
    "",
    "| family | inputs | not judged by HL7's | same verdict | excepted | open | verdicts | places |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
    "## Verdicts",
    ...verdicts.flatMap(told),
    "",
    "## Places",
    ...places.slice(0, 40).flatMap(told),
    "",
  ].join("\n");
}

function told({ key, count, exception, examples }: Difference): string[] {
  return [
    `- ${count} × ${key}${exception === undefined ? "" : ` (excepted: ${exception})`}`,
    ...examples.map((example) => `    - ${example.replace(/\s+/g, " ")}`),
  ];
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;
}
