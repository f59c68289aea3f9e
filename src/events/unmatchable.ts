/** Which searches a document can be held against as it comes: those that are answered by what stands in it alone. */
import type { Criterion, RowTest } from "../search/query/criterion.ts";

/** So many values one subscription may ask for: each is a place where it is filed (criteria-index.ts). */
export const MOST_TESTS = 200;

/** Why no document can be held against a criterion as it comes, in words for whoever asked for it; undefined when it can. */
export function unmatchable(criterion: Criterion): string | undefined {
  const reason = reasonOf(criterion);
  if (reason !== undefined) return reason;
  const count = testsIn(criterion);
  return count > MOST_TESTS ? `A subscription asks for ${MOST_TESTS} values at most.` : undefined;
}

function reasonOf(criterion: Criterion): string | undefined {
  switch (criterion.kind) {
    case "refers":
      return "Chained parameters are not held against what comes: it would depend on other resources. Ask for a value of the resource itself.";
    case "referred":
      return "_has and _list are not held against what comes: they depend on other resources. Ask for a value of the resource itself.";
    case "permitted":
      return "What is permitted is asked when something is told: it is no criterion.";
    case "not":
      return reasonOf(criterion.of);
    case "every":
    case "some":
      return criterion.of.map(reasonOf).find((reason) => reason !== undefined);
    default:
      return undefined;
  }
}

/** How many values are asked for. */
function testsIn(criterion: Criterion): number {
  switch (criterion.kind) {
    case "row":
      return criterion.anyOf.length;
    case "together":
      return criterion.components.flat<readonly (readonly RowTest[])[]>().length;
    case "text":
      return criterion.names.length;
    case "id":
      return criterion.ids.length;
    case "within":
      return criterion.documents.length;
    case "received":
      return criterion.conditions.length;
    case "not":
      return testsIn(criterion.of);
    case "every":
    case "some":
      return criterion.of.reduce((sum, one) => sum + testsIn(one), 0);
    default:
      return 1;
  }
}
