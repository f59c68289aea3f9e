import type { FhirOperation } from "../operation.ts";
import { expandOperation } from "./expand-operation.ts";
import { lookupOperation } from "./lookup-operation.ts";
import { subsumesOperation } from "./subsumes-operation.ts";
import type { TermNeeds } from "./term-question.ts";
import { validateCodeOperation } from "./validate-code-operation.ts";

/** What may be asked about codes (R4 terminology-service.html), of what is held here and what comes along. No answer says anything of a patient or a document. */
export function termOperations(using: TermNeeds): readonly FhirOperation[] {
  return [expandOperation(using), validateCodeOperation(using), lookupOperation(using), subsumesOperation(using)];
}
