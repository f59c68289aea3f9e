import type { RuleRow, RuleRows } from "../../src/core/fhir/rule.ts";

const PLACE = /^<!-- rules: (\w+) -->$/;
const HEAD = ["| Id | Severity | Source | Meaning | What to change |", "|---|---|---|---|---|"];

/**
 * docs/rules.md: the prose of the template, with a table where it says `<!-- rules: SECTION -->` and the version of the rule set for `{{version}}`.
 * @throws Error when the template names a section that is none, or does not name each once
 */
export function rulesPage(template: string, sections: Readonly<Record<string, RuleRows>>, version: string): string {
  const left = new Set(Object.keys(sections));
  const lines = template.split("\n").flatMap((line) => {
    const name = PLACE.exec(line)?.[1];
    if (name === undefined) return [line.replaceAll("{{version}}", version)];
    const rows = sections[name];
    if (rows === undefined || !left.delete(name)) throw new Error(`The template has a place for ${name}, which is no section or has one already.`);
    return tableOf(rows);
  });
  if (left.size > 0) throw new Error(`The template has no place for ${[...left].join(", ")}.`);
  return lines.join("\n");
}

/** Rules that share one row stand in one line. */
function tableOf(rows: RuleRows): string[] {
  const told = new Map<RuleRow, string[]>();
  for (const [id, row] of Object.entries(rows)) told.set(row, [...(told.get(row) ?? []), id]);
  return [...HEAD, ...[...told].map(([row, ids]) => lineOf(ids, row))];
}

function lineOf(ids: readonly string[], { severity, source, meaning, change }: RuleRow): string {
  const cells = [ids.map((id) => `\`${id}\``).join(" "), typeof severity === "string" ? severity : severity.join(", "), source, meaning, change];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
