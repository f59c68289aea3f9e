import { AppError } from "../../../core/errors.ts";
import type { FhirOperation } from "../operation.ts";
import { expandOperation } from "./expand-operation.ts";
import { lookupOperation } from "./lookup-operation.ts";
import { subsumesOperation } from "./subsumes-operation.ts";
import { TermSets, type TermNeeds } from "./term-question.ts";
import { validateCodeOperation } from "./validate-code-operation.ts";

/** What may be asked about codes (R4 terminology-service.html), of what is held here and what comes along. No answer says anything of a patient or a document. */
export function termOperations(using: TermNeeds): readonly FhirOperation[] {
  const sets = new TermSets(using);
  return [expandOperation(sets), validateCodeOperation(sets), lookupOperation(sets), subsumesOperation(sets)].map(forKnown);
}

/** Strangers have their own servers to ask: the gate lets none of them here, and no other way shall. */
function forKnown(operation: FhirOperation): FhirOperation {
  return {
    ...operation,
    handle: async (asked, call) => {
      if (asked.caller.kind === "anonymous") throw new AppError("forbidden", "Nobody who is not known here may ask about codes.");
      return operation.handle(asked, call);
    },
  };
}
