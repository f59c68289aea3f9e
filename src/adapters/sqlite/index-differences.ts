/** Two generations of an index's tables compared: in what the one that answers differs from the one that was made beside it. */
import type { IndexDifference } from "../../search/index-port.ts";
import type { Database } from "./database.ts";
import { positionOf } from "./index-generations.ts";
import { tablesOf, type Tables } from "./index-schema.ts";
import { integerAt, textAt } from "./rows.ts";

interface Compared {
  readonly what: IndexDifference["what"];
  readonly table: keyof Tables;
}

const TABLES: readonly Compared[] = [
  { what: "row", table: "documents" },
  { what: "search terms", table: "terms" },
  { what: "keys", table: "keys" },
];

/** @returns `behind`: the one beside has taken in less than the one that answers; `ahead`: more. At most `most` differences of each kind. */
export function differencesOf(
  database: Database,
  { current, beside, most }: { readonly current: number; readonly beside: number; readonly most: number },
): readonly IndexDifference[] | "behind" | "ahead" {
  const [is, should] = [positionOf(database, current), positionOf(database, beside)];
  if (is.size !== should.size) return is.size > should.size ? "behind" : "ahead";
  const [answers, made] = [tablesOf(current), tablesOf(beside)];
  const found = TABLES.flatMap(({ what, table }) => {
    const idOf = `coalesce((SELECT id FROM ${made.documents} m WHERE m.position = x.position), (SELECT id FROM ${answers.documents} a WHERE a.position = x.position), '')`;
    const rows = (one: string, other: string): readonly IndexDifference[] =>
      database
        .all(
          `SELECT DISTINCT x.position AS position, ${idOf} AS id FROM (SELECT * FROM ${one} EXCEPT SELECT * FROM ${other}) x ORDER BY x.position LIMIT ?`,
          most,
        )
        .map((row) => ({ what, kind: "changed" as const, id: textAt(row, "id"), index: integerAt(row, "position") }));
    return classified(rows(answers[table], made[table]), rows(made[table], answers[table]));
  });
  return is.mark === should.mark ? found : [...found, { what: "mark", kind: "changed", id: "", index: is.size }];
}

/** What is on one side alone was added or removed; what differs on both was changed. */
function classified(surplus: readonly IndexDifference[], missing: readonly IndexDifference[]): IndexDifference[] {
  const places = new Set(missing.map(({ index }) => index));
  const both = new Set(surplus.filter(({ index }) => places.has(index)).map(({ index }) => index));
  return [
    ...surplus.map((one): IndexDifference => ({ ...one, kind: both.has(one.index) ? "changed" : "added" })),
    ...missing.filter(({ index }) => !both.has(index)).map((one): IndexDifference => ({ ...one, kind: "removed" })),
  ];
}
