import type { ProfileVerdict } from "../../core/fhir/conformance/conformance.ts";
import { today } from "../../core/fhir/dates.ts";
import { isDocument, type DecidedReference } from "../../core/fhir/document-bundle.ts";
import type { Issue } from "../../core/fhir/issue.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { RecordedSet } from "../../core/formats/deposit-profiles.ts";
import type { Knowledge } from "../../core/fhir/r4/knowledge.ts";
import { checkDocument, documentIn } from "./documents/check-document.ts";
import { Findings, type Relaxed } from "./findings.ts";
import { CompiledInvariants } from "./invariants/compiled.ts";
import { Plans } from "./plans.ts";
import type { Policy } from "./policy.ts";
import { createTerms } from "../../core/fhir/terminology/create-terms.ts";
import { createProfiles, type Profiles } from "./profiles/create-profiles.ts";
import { RULES, RuleState } from "./rule-table.ts";
import { checkFloor } from "./safety-floor.ts";
import { Walk } from "./walk.ts";

/** What is to be said of a resource under a policy. */
export interface Judgement {
  readonly issues: Issue[];
  /** The rules that it let pass; without them the resource is judged as R4 has it. */
  readonly relaxed: readonly Relaxed[];
  /** What it decided about references. */
  readonly decided: readonly DecidedReference[];
  /** What came of holding its resources against profiles, in the order in which they were asked. */
  readonly verdicts: readonly ProfileVerdict[];
  /** The set of packages that was in force; undefined: R4 alone. */
  readonly set: RecordedSet | undefined;
}

/** Judges resources by one set of definitions, extensions and terminology, under one policy. What it works out of them (plans, compiled invariants) is kept in it, and shared with no other. */
export interface Validator {
  readonly definitions: Definitions;
  readonly policy: Policy;
  /**
   * Everything that is to be said of a resource of any type: what its reader noticed; then, in one walk through it, structure and the rules about single resources and the profiles that they
   * declare; and, for a Bundle of type document, the document rules. All rules are asked, whatever the earlier ones found: the sender learns of everything at once.
   */
  readonly validate: (resource: JsonObject, readingIssues: readonly Issue[]) => Issue[];
  /** The same, with what the policy let pass and decided. */
  readonly judge: (resource: JsonObject, readingIssues: readonly Issue[]) => Judgement;
  /**
   * A resource by itself held against one profile, whatever it declares: what the profile says beyond R4, and no more.
   * @param mayBePart a document stands for its Composition, where the profile is of one
   * @returns undefined when the profile is not held
   */
  readonly heldAgainst: (profile: string, resource: JsonObject, mayBePart?: boolean) => Pick<Judgement, "issues" | "verdicts"> | undefined;
  /** The same under another policy, sharing what was worked out. */
  readonly under: (policy: Policy) => Validator;
}

/** What a validator is made of. */
export interface ValidatorParts extends Knowledge {
  readonly policy: Policy;
  /** What packages have; R4's own alone where nothing is said. */
  readonly profiles?: Profiles;
}

/** Costs nothing until it is asked: what types need is worked out when the first resource of their kind comes. */
export function createValidator({ policy, profiles: given, ...knowledge }: ValidatorParts): Validator {
  const { definitions, coreProfiles } = knowledge;
  const profiles = given ?? createProfiles({ definitions, core: coreProfiles, terms: (conformance) => createTerms({ conformance }) });
  const plans = new Plans(RULES, definitions);
  const invariants = new CompiledInvariants(definitions);
  const judge = (resource: JsonObject, readingIssues: readonly Issue[], under: Policy): Judgement => {
    const findings = new Findings(under);
    for (const issue of readingIssues) findings.addRead(issue);
    const document = documentIn(resource, under.references);
    const run = profiles.begin(resource, document, findings, dayOf(resource));
    const state = new RuleState(resource, document, findings, knowledge, invariants, run);
    new Walk(RULES, plans, state, findings, resource).through();
    state.narratives.tell(findings);
    if (isDocument(resource)) checkDocument(resource, document, state.links, findings);
    const verdicts = run.through(state.asked);
    const relaxed = findings.relaxed();
    if (document && relaxed.length > 0) checkFloor(document, relaxed, under.version, findings, definitions);
    return { issues: findings.list(), relaxed, decided: document?.decided() ?? [], verdicts, set: run.set };
  };
  const heldAgainst = (profile: string, resource: JsonObject, under: Policy, mayBePart: boolean): ReturnType<Validator["heldAgainst"]> => {
    const findings = new Findings(under);
    const run = profiles.begin(resource, documentIn(resource, under.references), findings, dayOf(resource));
    if (!run.isHeld(profile)) return undefined;
    run.ask(profile, mayBePart);
    const verdicts = run.finish();
    return { issues: findings.list(), verdicts };
  };
  const under = (chosen: Policy): Validator => ({
    definitions,
    policy: chosen,
    judge: (resource, readingIssues) => judge(resource, readingIssues, chosen),
    validate: (resource, readingIssues) => judge(resource, readingIssues, chosen).issues,
    heldAgainst: (profile, resource, mayBePart = false) => heldAgainst(profile, resource, chosen, mayBePart),
    under,
  });
  return under(policy);
}

/** The day by which profiles count: that of a document's Composition, else today. */
function dayOf(resource: JsonObject): string {
  const first = isDocument(resource) ? resource.objects("entry")[0]?.object("resource") : resource;
  const date = first?.string("resourceType") === "Composition" ? first.string("date") : undefined;
  return date !== undefined && /^\d{4}-\d{2}-\d{2}/.test(date) ? date.slice(0, 10) : today();
}
