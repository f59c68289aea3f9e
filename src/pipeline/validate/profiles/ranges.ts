import { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import { FhirPathError } from "../../../core/fhir/fhirpath/errors.ts";
import { order } from "../../../core/fhir/fhirpath/ordering.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { treeOf } from "../../../core/fhir/tree/tree.ts";
import type { RangePlan } from "./plan.ts";

/** Whether a value is less than the least, or more than the most that a profile allows (R4 elementdefinition.html, minValue[x], maxValue[x]). False where they have no order between them. */
export function isBeyond({ kind, type, value }: RangePlan, node: FhirPathNode, { definitionOf }: Definitions): boolean {
  const name = type.charAt(0).toLowerCase() + type.slice(1);
  const own = definitionOf(type) ? type : name;
  const limit = new FhirPathNode(own, definitionOf(own), treeOf(value), undefined);
  try {
    const ordered = order(node, limit);
    return ordered !== undefined && (kind === "min" ? ordered < 0 : ordered > 0);
  } catch (error) {
    if (error instanceof FhirPathError) return false;
    throw error;
  }
}
