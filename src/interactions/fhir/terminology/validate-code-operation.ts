import type { Membership } from "../../../core/fhir/r4/terminology.ts";
import { isVersionAsked } from "../../../core/fhir/terminology/asked-versions.ts";
import { languagesIn } from "../../../core/fhir/terminology/displays.ts";
import { checkCoding, nameOfSet, type AskedCoding, type CodingIssue, type CodingVerdict } from "../../../core/fhir/terminology/check-coding.ts";
import { Asking } from "../../../core/fhir/terminology/deciding.ts";
import type { CompiledSet } from "../../../core/fhir/terminology/value-sets.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { FhirOperation, OperationAnswer, OperationCall } from "../operation.ts";
import { setOf } from "./expand-operation.ts";
import { issueResource, notHeld, parameter, parametersAnswer, required, resultParameter } from "./term-answers.ts";
import type { TermQuestion, TermSets } from "./term-question.ts";

const VALUE_SET = "http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code";
const CODE_SYSTEM = "http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code";

/** `$validate-code` of a value set and of a code system (R4 valueset-operation-validate-code.html, codesystem-operation-validate-code.html). */
export function validateCodeOperation(using: TermSets): FhirOperation {
  const text = (name: string, type = "string", max = "1"): FhirOperation["parameters"][number] => ({ name, isSimple: true, type, min: 0, max });
  const whole = (name: string, type: string, max = "1"): FhirOperation["parameters"][number] => ({ name, isSimple: false, type, min: 0, max });
  return {
    name: "validate-code",
    definition: VALUE_SET,
    definitionOf: { CodeSystem: CODE_SYSTEM },
    documentation:
      "Says whether a code is of a value set, or of a code system, that is held here or is sent. There are three answers: where what would decide is not held, `result` has no value but says that it is unknown (data-absent-reason), and `issues` and `x-caused-by-unknown-system` name what is missing. It is never false for that.",
    levels: ["type"],
    types: ["CodeSystem", "ValueSet"],
    affectsState: false,
    isAskedByAddress: true,
    parameters: [
      ...[
        text("url", "uri"),
        whole("valueSet", "ValueSet"),
        text("valueSetVersion"),
        text("code", "code"),
        text("system", "uri"),
        text("systemVersion"),
        text("version"),
      ],
      ...[
        text("display"),
        whole("coding", "Coding"),
        whole("codeableConcept", "CodeableConcept"),
        text("abstract", "boolean"),
        text("displayLanguage", "code"),
      ],
      ...[text("inferSystem", "boolean"), text("lenient-display-validation", "boolean"), text("activeOnly", "boolean")],
      ...[
        text("system-version", "canonical", "*"),
        text("force-system-version", "canonical", "*"),
        text("check-system-version", "canonical", "*"),
        whole("tx-resource", "Resource", "*"),
      ],
    ],
    handle: (_asked, call) => Promise.resolve(validated(call, using)),
  };
}

/** Where in the question a coding stands. */
interface Placed {
  readonly coding: AskedCoding;
  /** Before the element; empty where the elements are parameters themselves. */
  readonly place: string;
}

function validated(call: OperationCall, using: TermSets): OperationAnswer {
  const question = using.question(call);
  const sets = using.for(question);
  const isOfSet = call.type === "ValueSet";
  const set = isOfSet ? setOf(question, sets) : undefined;
  if (typeof set === "string") return notHeld("value Set", set);
  const concept = question.objects("codeableConcept")[0];
  const placed = codingsIn(question, concept, isOfSet);
  const minding = {
    ...{ sets, set, languages: languagesIn(question.text("displayLanguage")), isLenient: question.truth("lenient-display-validation") === true },
    ...{ mayBeAbstract: question.truth("abstract") !== false, activeOnly: question.truth("activeOnly") === true },
  };
  const inferred =
    question.truth("inferSystem") === true && set ? placed.map((one) => withSystem(one, set)) : placed.map((one) => ({ ...one, issues: [] }));
  const judged = inferred.map(({ coding, place, issues }) => ({
    coding,
    place,
    verdict: withVersionChecked(withMore(checkCoding(coding, minding), issues), question.checkedVersions),
  }));
  return answer(judged, { concept, set });
}

function withMore(verdict: CodingVerdict, issues: readonly CodingIssue[]): CodingVerdict {
  // That a system could not be inferred says all that its absence does.
  return issues.length === 0 ? verdict : { ...verdict, issues: [...verdict.issues.filter(({ type }) => type !== "invalid-data"), ...issues] };
}

function withVersionChecked(verdict: CodingVerdict, checked: ReadonlyMap<string, string>): CodingVerdict {
  const resource = verdict.found?.table.resource;
  const asked = resource && checked.get(resource.url);
  if (asked === undefined || isVersionAsked(resource?.version ?? "", asked)) return verdict;
  const text = `The version '${resource?.version ?? ""}' of '${resource?.url ?? ""}' was used, where check-system-version wants '${asked}'`;
  return { ...verdict, issues: [...verdict.issues, { severity: "error", code: "exception", type: "version-error", text, at: "version" }] };
}

function codingsIn(question: TermQuestion, concept: JsonObject | undefined, isOfSet: boolean): readonly Placed[] {
  if (concept)
    return concept
      .objects("coding")
      .slice(0, 100)
      .map((coding, at) => ({ coding: codingOf(coding), place: `CodeableConcept.coding[${at}]` }));
  const [coding] = question.objects("coding");
  if (coding) return [{ coding: codingOf(coding), place: "Coding" }];
  const code = required(question.text("code"), "Say which code: code with system, coding, or codeableConcept.");
  const system = isOfSet ? question.text("system") : (question.text("system") ?? question.text("url"));
  const version = question.text(isOfSet ? "systemVersion" : "version") ?? question.text("systemVersion");
  return [{ coding: { system, version, code, display: question.text("display") }, place: "" }];
}

function codingOf(coding: JsonObject): AskedCoding {
  return { system: coding.string("system"), version: coding.string("version"), code: coding.string("code") ?? "", display: coding.string("display") };
}

/** With the one system of the value set that has such a code (parameter `inferSystem`). */
function withSystem({ coding, place }: Placed, set: CompiledSet): Placed & { readonly issues: readonly CodingIssue[] } {
  if (coding.system !== undefined) return { coding, place, issues: [] };
  const systems = [...new Set(set.includes.flatMap(({ system }) => system ?? []))];
  const found = systems.filter((system) => set.decide({ ...coding, system }, new Asking()) === "member");
  if (found.length === 1) return { coding: { ...coding, system: found[0] }, place, issues: [] };
  const why = found.length > 1 ? "value set expansion has multiple matches" : "it is in none of its systems";
  const text = `The System URI could not be determined for the code '${coding.code}' in the ValueSet '${nameOfSet(set)}': ${why}`;
  return { coding, place, issues: [{ severity: "error", code: "not-found", type: "cannot-infer", text, at: "code" }] };
}

interface Judged extends Placed {
  readonly verdict: CodingVerdict;
}

function answer(
  judged: readonly Judged[],
  { concept, set }: { readonly concept: JsonObject | undefined; readonly set: CompiledSet | undefined },
): OperationAnswer {
  const membership = together(judged.map(({ verdict }) => verdict.membership));
  const issues = judged.flatMap((one) => issuesOf(one, concept !== undefined, membership));
  if (concept && set && membership === "stranger") {
    const text = `No valid coding was found for the value set '${nameOfSet(set)}'`;
    issues.unshift({ severity: "error", code: "code-invalid", type: "not-in-vs", text, at: "", expression: undefined });
  }
  const isWrong = issues.some(({ severity }) => severity === "error");
  const result = isWrong ? false : membership === "unknown" ? undefined : membership === "member";
  const shown = judged.find(({ verdict }) => verdict.membership === "member") ?? judged.find(({ verdict }) => verdict.found) ?? judged[0];
  const message = issues
    .filter(({ severity }) => severity === (isWrong ? "error" : "warning"))
    .map(({ text }) => text)
    .sort()
    .join("; ");
  const unheld = new Set(judged.flatMap(({ verdict }) => (result === true ? [] : verdict.unheld)));
  const strange = new Set(
    judged.flatMap(({ coding, verdict }) =>
      verdict.isUnknownSystem && verdict.membership === "stranger" && coding.system !== undefined ? [coding.system] : [],
    ),
  );
  return parametersAnswer([
    resultParameter(result),
    ...parameter("code", "Code", shown?.coding.code),
    ...parameter("system", "Uri", shown?.coding.system),
    ...parameter("version", "String", shown?.verdict.found?.table.resource.version),
    ...parameter("display", "String", shown?.verdict.found?.display),
    ...parameter("inactive", "Boolean", shown?.verdict.found?.isInactive === true ? true : undefined),
    ...parameter("status", "Code", standingOf(shown?.verdict)),
    ...parameter("message", "String", message === "" ? undefined : message),
    ...[...unheld].map((canonical) => ({ name: "x-caused-by-unknown-system", valueCanonical: canonical })),
    ...[...strange].map((canonical) => ({ name: "x-unknown-system", valueCanonical: canonical })),
    ...parameter("codeableConcept", "CodeableConcept", concept),
    ...(issues.length > 0 ? [{ name: "issues", resource: issueResource(issues) }] : []),
  ]);
}

function standingOf(verdict: CodingVerdict | undefined): string | undefined {
  const found = verdict?.found;
  return found?.status === "active" || found?.isInactive === true ? undefined : found?.status;
}

/** Of one of several codings that it is not of the value set is no fault, where another is. */
function issuesOf({ verdict, place }: Judged, isOneOfSeveral: boolean, membership: Membership): (CodingIssue & { expression: string | undefined })[] {
  return verdict.issues.flatMap((issue) => {
    const expression = place === "" ? (issue.at === "" ? undefined : issue.at) : issue.at === "" ? place : `${place}.${issue.at}`;
    if (!isOneOfSeveral) return [{ ...issue, expression }];
    if (issue.type === "not-in-vs") return [{ ...issue, severity: "information", type: "this-code-not-in-vs", expression }];
    // A coding of a system that is not held must not undo what another says.
    if (issue.type === "not-found" && membership === "member") return [{ ...issue, severity: "information", expression }];
    return [{ ...issue, expression }];
  });
}

/** A concept is of a value set by any of its codings. */
function together(memberships: readonly Membership[]): Membership {
  if (memberships.includes("member")) return "member";
  return memberships.includes("unknown") ? "unknown" : "stranger";
}
