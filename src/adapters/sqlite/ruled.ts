/** Rules of single patients as a condition: they stand in no statement, which they would make as long as there are patients, but are asked by a function of ours, of the documents alone that a statement comes to. */
import { AppError } from "../../core/errors.ts";
import { DECISION_COLUMNS, permits, type DecisionColumn, type Predicate, type PredicateFacts } from "../../search/predicate.ts";
import { rulesIn, rulesNamed, type PackedRules } from "../../search/packed-rules.ts";
import type { Database } from "./database.ts";

const RULED = "ruled_by_patient";
const RULES_HOLD = "rules_hold";

/** Of most patients nothing is said: the other columns are read where something is. */
export function ruled(rules: PackedRules): { readonly sql: string; readonly values: readonly string[] } {
  // The function is told their name alone.
  rulesIn(rules);
  const columns = DECISION_COLUMNS.map((column) => `d.${column}`).join(", ");
  return {
    sql: `(CASE WHEN ${RULED}(?, d.patient, d.id) THEN ${RULES_HOLD}(?, d.id, ${columns}) ELSE 0 END)`,
    values: [rules.name, rules.name],
  };
}

export function defineRuled(database: Database): void {
  const rulesOf = (name: string, patient: string, id: string): Predicate[] => rulesNamed<Predicate>(name).of(textsIn(patient), id);
  database.define(RULED, (name = "", patient = "", id = "") => rulesOf(name, patient, id).length > 0);
  database.define(RULES_HOLD, (name = "", id = "", ...columns) => {
    const facts = factsIn(id, columns);
    return rulesNamed<Predicate>(name)
      .of(facts.patient, id)
      .some((rule) => permits(rule, facts));
  });
}

function textsIn(column = ""): string[] {
  try {
    return JSON.parse(column) as string[];
  } catch (cause) {
    throw new AppError("damaged", "the index holds something unexpected", { cause });
  }
}

/** Each column is taken apart when it is asked for. */
function factsIn(id: string, columns: readonly string[]): PredicateFacts {
  const facts = { id } as Record<DecisionColumn | "id", unknown>;
  for (const [at, column] of DECISION_COLUMNS.entries()) Object.defineProperty(facts, column, { get: () => textsIn(columns[at]) });
  return facts as PredicateFacts;
}
