/** `npm run docs`: writes docs/rules.md from the catalogue of rules, and tells the digest of the rule set. With --check it writes nothing and fails when either is not as it should be. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SECTIONS } from "../src/pipeline/validate/catalogue/catalogue.ts";
import { RULE_SETS, RULES_VERSION } from "../src/pipeline/validate/catalogue/rule-sets.ts";
import { ruleSetDigest } from "./docs/rule-set-digest.ts";
import { rulesPage } from "./docs/rules-page.ts";

/** The text of docs/rules.md. */
export function makeRulesPage(): string {
  const template = readFileSync(new URL("./docs/rules.md", import.meta.url), "utf8");
  return rulesPage(template, SECTIONS, RULES_VERSION);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = fileURLToPath(new URL("../docs/rules.md", import.meta.url));
  const made = makeRulesPage();
  if (!process.argv.includes("--check")) writeFileSync(file, made);
  else if (readFileSync(file, "utf8") !== made) {
    console.error("docs/rules.md is not what `npm run docs` makes.");
    process.exitCode = 1;
  }
  const digest = ruleSetDigest();
  if (RULE_SETS[RULES_VERSION] !== digest) {
    console.error(
      `The rules are others than ${RULES_VERSION} names. Add a version with this digest to src/pipeline/validate/catalogue/rule-sets.ts:\n${digest}`,
    );
    process.exitCode = 1;
  }
}
