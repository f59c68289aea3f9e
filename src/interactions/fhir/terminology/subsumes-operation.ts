import { AppError } from "../../../core/errors.ts";
import { termsOf } from "../../../core/fhir/terminology/create-terms.ts";
import type { FhirOperation, OperationAnswer, OperationCall } from "../operation.ts";
import { codedIn } from "./lookup-operation.ts";
import { notHeld, parametersAnswer, refusal } from "./term-answers.ts";
import type { TermSets } from "./term-question.ts";

/** `$subsumes` (R4 codesystem-operation-subsumes.html). */
export function subsumesOperation(using: TermSets): FhirOperation {
  const text = (name: string, type: string): FhirOperation["parameters"][number] => ({ name, isSimple: true, type, min: 0, max: "1" });
  const coding = (name: string): FhirOperation["parameters"][number] => ({ name, isSimple: false, type: "Coding", min: 0, max: "1" });
  return {
    name: "subsumes",
    definition: "http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes",
    documentation:
      "Says whether one code is another, or stands above or below it, by the hierarchy of a code system that is held here. Where the hierarchy means something else than kinds, or the system is not held whole, it is refused (422).",
    levels: ["type"],
    types: ["CodeSystem"],
    affectsState: false,
    isAskedByAddress: true,
    parameters: [
      ...[text("codeA", "code"), text("codeB", "code"), text("system", "uri"), text("version", "string"), coding("codingA"), coding("codingB")],
      { name: "tx-resource", isSimple: false, type: "Resource", min: 0, max: "*" },
    ],
    handle: (_asked, call) => Promise.resolve(compared(call, using)),
  };
}

function compared(call: OperationCall, using: TermSets): OperationAnswer {
  const question = using.question(call);
  const sets = using.for(question);
  const [a, b] = [codedIn(question, "codingA", "codeA"), codedIn(question, "codingB", "codeB")];
  if (a.system !== b.system) throw new AppError("bad-query", "Both codes are of one code system.");
  const table = sets.tables.of(a.system, a.version ?? b.version);
  if (!table) return notHeld("code system", a.system);
  const missing = [a, b].find(({ code }) => !table.has(code));
  if (missing) return refusal(404, "not-found", "invalid-code", `Unknown code '${missing.code}' in the CodeSystem '${a.system}'`);
  const { subsumes } = termsOf(sets);
  const [isAbove, isBelow] = [subsumes(a, b), subsumes(b, a)];
  if (isAbove === undefined || isBelow === undefined)
    return refusal(422, "not-supported", "not-found", `What the hierarchy of the CodeSystem '${a.system}' says does not decide it`);
  const outcome = isAbove && isBelow ? "equivalent" : isAbove ? "subsumes" : isBelow ? "subsumed-by" : "not-subsumed";
  return parametersAnswer([{ name: "outcome", valueCode: outcome }]);
}
