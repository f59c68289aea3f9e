/** docs/limits.md is what the code does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { DEFAULT_LIMITS } from "../../src/adapters/chromium/options.ts";
import { LARGEST_PART } from "../../src/adapters/renditions/rendition-files.ts";
import { RENDITIONS_LEAVE } from "../../src/main/renditions.ts";
import { MOST_LINKS } from "../../src/core/evidence/evidence-chain.ts";
import { EVIDENCE_PATIENCE } from "../../src/main/evidence.ts";
import { LARGEST_STATUS } from "../../src/pipeline/evidence/collect-status.ts";
import { LARGEST_HELD } from "../../src/interactions/log/read-log.ts";
import { REVOCATION_LIMITS } from "../../src/adapters/revocation/revocation-source.ts";
import { TIME_AUTHORITY_LIMITS } from "../../src/adapters/tsa/time-authority.ts";
import { LARGEST_TOKEN } from "../../src/core/cms/make-signature.ts";
import { PDF_FILE_LIMITS } from "../../src/core/formats/pdf-files.ts";
import { MOST_ATTRIBUTES } from "../../src/core/fhir/xml/plain-xhtml.ts";
import { MOST_VALUES } from "../../src/pipeline/render/pages/about.ts";
import { MOST_ENTRIES, MOST_REPEATED_ROWS } from "../../src/pipeline/render/generated/mentions.ts";
import { styleBudget } from "../../src/pipeline/render/narrative/stylesheets/cascade.ts";
import { CSS_LIMITS } from "../../src/pipeline/render/narrative/stylesheets/read-css.ts";
import { MOST_REPEATED } from "../../src/pipeline/render/narrative/narrative-images.ts";
import { JUDGE_LIMITS } from "../../src/pipeline/render/narrative/worker-judge.ts";
import { MOST_DECIDED } from "../../src/core/fhir/document-bundle.ts";
import { Findings } from "../../src/pipeline/validate/findings.ts";
import { DEFAULT_POLICY } from "../../src/pipeline/validate/policy.ts";
import { MOST_NARRATIVE_ELEMENTS } from "../../src/pipeline/validate/resources/narrative-places.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/limits.md"), "utf8");

/** Name, value, and the most of it that is real, of each row; several names may share one. */
function rows(): { name: string; value: number; real: number; rule: string }[] {
  // What follows is about signatures and HTTP, and has tests of its own.
  const [content = ""] = PAGE.split("\n## Signatures");
  const lines = content.split("\n").filter((line) => /^\| `/.test(line));
  return lines.flatMap((line) => {
    const [, names = "", value = "", rule = "", real = ""] = line.split("|").map((cell) => cell.trim());
    return [...names.matchAll(/`([^`]+)`/g)].map((match) => ({
      name: match[1] ?? "",
      value: Number(value),
      rule,
      real: real === "-" ? 0 : Number(real),
    }));
  });
}

function prefixed(prefix: string, limits: ReadonlyMap<string, number>): [string, number][] {
  return [...limits].map(([name, value]) => [`${prefix}:${name}`, value]);
}

test("the table has every limit of the code with its value, and no other", () => {
  const { maxItems, maxItemsInAll, maxLengths, ...plain } = DEFAULT_READ_LIMITS;
  const { maxLength, timeLimit, timeLimitPerCharacter, patience, maxMegabytes } = JUDGE_LIMITS;
  const inCode = Object.fromEntries([
    ...Object.entries(plain),
    ...prefixed("each", maxItems),
    ...prefixed("all", maxItemsInAll),
    ...prefixed("length", maxLengths),
    ...Object.entries({ maxLength, timeLimit, timeLimitPerCharacter, patience, maxMegabytes }).map(([name, value]) => [`judge.${name}`, value]),
    ["narrativeElements", MOST_NARRATIVE_ELEMENTS],
    ["narrativeAttributes", MOST_ATTRIBUTES],
    ["page.values", MOST_VALUES],
    ["page.entries", MOST_ENTRIES],
    ["page.repeatedRows", MOST_REPEATED_ROWS],
    ["page.repeatedPictures", MOST_REPEATED],
    ...Object.entries<number>({ ...CSS_LIMITS }).map(([name, value]): [string, number] => [`stylesheets.${name}`, value]),
    ["page.styleSteps", styleBudget().left],
    ["page.styleCharacters", styleBudget().characters],
    ["findings", listedFindings()],
    ["references.decided", MOST_DECIDED],
    ["pdf.document", PDF_FILE_LIMITS.document],
    ["pdf.receipt", PDF_FILE_LIMITS.receipt],
    ...Object.entries<number>({ ...DEFAULT_LIMITS }).map(([name, value]): [string, number] => [`print.${name}`, value]),
    ["rendition.part", LARGEST_PART],
    ["rendition.leaves", RENDITIONS_LEAVE],
    ["tsa.token", LARGEST_TOKEN],
    ...Object.entries<number>({ ...TIME_AUTHORITY_LIMITS }).map(([name, value]): [string, number] => [`tsa.${name}`, value]),
    ["evidence.time", EVIDENCE_PATIENCE],
    ["evidence.list", LARGEST_STATUS],
    ["evidence.links", MOST_LINKS],
    ...Object.entries<number>({ ...REVOCATION_LIMITS }).map(([name, value]): [string, number] => [`revocations.${name}`, value]),
    ["revocations.told", LARGEST_HELD],
  ]);
  expect(Object.fromEntries(rows().map(({ name, value }) => [name, value]))).toEqual(inCode);
});

function listedFindings(): number {
  const findings = new Findings(DEFAULT_POLICY);
  for (let at = 0; at < 5_000; at++) findings.add({ rule: "empty-string", text: "", expression: "", offset: at });
  return findings.list().length - 1;
}

test("what real documents have is far from each limit", () => {
  const near = rows().filter(({ value, real }) => real > 0 && value < 1.8 * real);
  expect(near).toEqual([]);
});
