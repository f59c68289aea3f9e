/**
 * `node scripts/terminology-cases.ts CHECKOUT [--suite NAME] [--show]`: the cases of HL7's terminology ecosystem (fhir-tx-ecosystem-ig, folder `tests`) of mode general, each asked of our operations, by suite. Of each three things are compared: the
 * verdict (yes or no; the codes of an expansion; that it was refused), where ours says that it does not know by itself, and the whole: displays, flags, what issues say of which element. `--show` prints what differs.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { AppError } from "../src/core/errors.ts";
import { askedByProgram } from "../src/core/asked.ts";
import { openR4 } from "../src/core/fhir/r4/open-r4.ts";
import { canonicalJson } from "../src/core/fhir/canonical.ts";
import type { FhirOperation, OperationAnswer } from "../src/interactions/fhir/operation.ts";
import { termOperations } from "../src/interactions/fhir/terminology/term-operations.ts";
import { conformanceNow } from "../src/main/terminology-now.ts";
import { compared, type Compared, type Plain } from "./terminology/compare-answers.ts";

interface Case {
  readonly name: string;
  readonly operation: string;
  readonly mode?: string;
  readonly request?: string;
  readonly response: string;
  readonly "response:flat"?: string;
  readonly profile?: string;
  readonly "Accept-Language"?: string;
}

interface Suite {
  readonly name: string;
  readonly mode?: string;
  readonly setup?: readonly string[];
  readonly tests: readonly Case[];
}

/** Of operations that we have: where each is called. */
const CALLED: Readonly<Record<string, readonly [type: string, name: string]>> = {
  expand: ["ValueSet", "expand"],
  "validate-code": ["ValueSet", "validate-code"],
  "cs-validate-code": ["CodeSystem", "validate-code"],
  lookup: ["CodeSystem", "lookup"],
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { suite: { type: "string" }, show: { type: "boolean" } } });
const [checkout] = positionals;
if (checkout === undefined) {
  console.error("usage: node scripts/terminology-cases.ts CHECKOUT [--suite NAME] [--show]");
  process.exit(2);
}
const folder = join(checkout, "tests");
const read = (file: string): Plain => JSON.parse(readFileSync(join(folder, file), "utf8").replace(/^\uFEFF/, "")) as Plain;
const operations = termOperations({ definitions: openR4().definitions, conformance: conformanceNow(undefined) });

async function answerOf(one: Case, setup: readonly string[]): Promise<Plain | { readonly refused: string }> {
  const [type = "", name = ""] = CALLED[one.operation] ?? [];
  const operation = operations.find((each) => each.name === name) as FhirOperation;
  const request = read(one.request ?? "");
  const profile = one.profile === undefined ? [] : (read(one.profile)["parameter"] as object[]);
  const language = one["Accept-Language"];
  const parameter = [
    ...setup.map((file) => ({ name: "tx-resource", resource: read(file) })),
    ...(request["parameter"] as object[]),
    ...profile,
    ...(language === undefined || (request["parameter"] as Plain[]).some((each) => each["name"] === "displayLanguage")
      ? []
      : [{ name: "displayLanguage", valueCode: language }]),
  ];
  const bytes = Buffer.from(JSON.stringify({ resourceType: "Parameters", parameter }));
  try {
    const answer: OperationAnswer = await operation.handle(askedByProgram("terminology-cases"), {
      ...{ type, sent: { bytes, mediaType: "application/fhir+json" }, query: new Map(), parameters: [], handling: "strict" },
    });
    if (answer.kind === "refused") return { refused: canonicalJson(answer.resource) };
    if (answer.kind !== "resource") throw new Error(answer.kind);
    return JSON.parse(canonicalJson(answer.resource)) as Plain;
  } catch (error) {
    if (error instanceof AppError) return { refused: `${error.code}: ${error.message}` };
    throw error;
  }
}

const { suites } = read("test-cases.json") as unknown as { readonly suites: readonly Suite[] };
const isGeneral = (mode: string | undefined): boolean => mode === undefined || mode === "general";
const totals = { cases: 0, verdict: 0, unknown: 0, whole: 0, other: 0 };
console.log("suite | cases | verdict | of these ours unknown | whole | operations that we have not");
for (const { name, mode, setup = [], tests } of suites) {
  if (!isGeneral(mode) || (values.suite !== undefined && values.suite !== name)) continue;
  const counts = { cases: 0, verdict: 0, unknown: 0, whole: 0, other: 0 };
  for (const one of tests.filter((each) => isGeneral(each.mode))) {
    if (CALLED[one.operation] === undefined) {
      counts.other++;
      continue;
    }
    const expected = [one.response, ...(one["response:flat"] === undefined ? [] : [one["response:flat"]])]
      .filter((file) => existsSync(join(folder, file)))
      .map(read);
    const given = await answerOf(one, setup);
    const best = expected.map((each) => compared(each, given)).sort(byMerit)[0] as Compared;
    counts.cases++;
    if (best.verdict !== "other") counts.verdict++;
    if (best.verdict === "unknown") counts.unknown++;
    if (best.isWhole) counts.whole++;
    if (values.show === true && !(best.isWhole || (best.verdict !== "other" && values.suite === undefined)))
      console.log(`${best.verdict === "other" ? "VERDICT" : "answer"} ${name} ${one.name}\n  theirs ${best.theirs}\n  ours   ${best.ours}`);
  }
  if (counts.cases + counts.other > 0)
    console.log(`${name} | ${counts.cases} | ${counts.verdict} | ${counts.unknown} | ${counts.whole} | ${counts.other}`);
  for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += counts[key];
}
console.log(`all | ${totals.cases} | ${totals.verdict} | ${totals.unknown} | ${totals.whole} | ${totals.other}`);

function byMerit(one: Compared, other: Compared): number {
  const merit = ({ verdict, isWhole }: Compared): number => (verdict === "other" ? 0 : 2) + (isWhole ? 1 : 0);
  return merit(other) - merit(one);
}
