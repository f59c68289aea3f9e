import type { DocumentBundle } from "../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { Knowledge } from "../../core/fhir/r4/knowledge.ts";
import { parseReference } from "../../core/fhir/references.ts";
import { EntryLinks } from "./documents/entry-links.ts";
import { NARRATIVE_LINK } from "./documents/narrative-targets.ts";
import type { Findings } from "./findings.ts";
import { hasInvariants, type CompiledInvariants } from "./invariants/compiled.ts";
import { InvariantRules } from "./invariants/invariant-rules.ts";
import { narrativeLinks } from "./narrative-links.ts";
import type { Place } from "./place.ts";
import { AskedResources } from "./profiles/asked-resources.ts";
import type { ProfileRun } from "./profiles/profile-run.ts";
import { checkCoding, type WhyUnknown } from "./profiles/unknown-codes.ts";
import { checkDeclaredProfile, isDeclaredProfile } from "./profiles.ts";
import type { Rule, RuleSet } from "./rule-set.ts";
import { checkNarrative } from "./structure/narrative.ts";
import { checkCode, checkCoded, isBoundCode, isCoded } from "./terminology/code-rules.ts";
import { checkDisplay, Languages } from "./terminology/display-rules.ts";
import { checkUnit, mayBeUnit } from "./terminology/unit-rules.ts";
import { checkAttachment } from "./resources/attachment.ts";
import { checkCanonical, checkOwnCanonical, isOwnCanonical } from "./resources/canonical.ts";
import { ContainedRules } from "./resources/contained.ts";
import { ElementIds } from "./resources/element-ids.ts";
import { checkExtension, checkExtensions } from "./resources/extension-rules.ts";
import { checkIdentifier } from "./resources/identifier.ts";
import { checkModifierExtension } from "./resources/modifier-extension.ts";
import { NarrativePlaces } from "./resources/narrative-places.ts";
import { checkParameters } from "./resources/parameter-rules.ts";
import { checkProse } from "./resources/prose-rules.ts";
import { checkReferenceForm } from "./resources/reference-form.ts";
import { checkSystem, hasSystem } from "./resources/system.ts";
import { declaredType, TargetTypes } from "./resources/target-types.ts";

/** What the rules remember while one resource is walked through. */
export class RuleState {
  readonly findings: Findings;
  readonly knowledge: Knowledge;
  readonly contained: ContainedRules;
  readonly targets: TargetTypes;
  readonly invariants: InvariantRules;
  readonly ids: ElementIds;
  readonly narratives = new NarrativePlaces();
  readonly languages = new Languages();
  readonly asked: AskedResources;
  readonly whyUnknown: WhyUnknown | undefined;
  readonly profiles: ProfileRun;
  /** Where entries lead to, when the resource is a document. */
  readonly links: EntryLinks | undefined;

  /**
   * @param document the resource, opened, when it is a document with a Composition
   * @param invariants those of the knowledge's definitions
   * @param profiles the second walk, which begins when this one is through
   */
  constructor(
    resource: JsonObject,
    document: DocumentBundle | undefined,
    findings: Findings,
    knowledge: Knowledge,
    invariants: CompiledInvariants,
    profiles: ProfileRun,
  ) {
    const { definitions } = knowledge;
    this.findings = findings;
    this.knowledge = knowledge;
    this.contained = new ContainedRules(findings);
    this.targets = new TargetTypes(resource, findings, definitions);
    this.invariants = new InvariantRules(resource, invariants, findings);
    this.ids = new ElementIds(findings);
    this.whyUnknown = profiles.whyUnknown;
    this.asked = new AskedResources(findings, definitions, knowledge.extensions, profiles.findExtension);
    this.profiles = profiles;
    this.links = document && new EntryLinks(document, findings, definitions);
  }
}

type ObjectRule = Rule<RuleState, JsonObject>;
type TextRule = Rule<RuleState, string>;

const OBJECTS: readonly ObjectRule[] = [
  {
    about: ({ type }) => type === "Narrative",
    ask: ({ findings, contained, links, narratives }, narrative, _, place) => {
      const root = checkNarrative(narrative, place, findings, narratives.budget);
      if (!root) return;
      const found = narrativeLinks(root);
      narratives.narrative(found, place, narrative.offsetOf("div"));
      links?.narrative(found.places);
      for (const addresses of [found.images, found.links])
        for (const address of addresses) if (address.startsWith("#")) contained.narrative(address.slice(1));
      for (const address of found.images) links?.image(address, place, narrative.offsetOf("div"));
    },
  },
  { about: ({ type }) => type === "Attachment", ask: withFindings(checkAttachment) },
  { about: ({ type }) => type === "Identifier", ask: withFindings(checkIdentifier) },
  {
    about: hasSystem,
    ask: ({ findings, knowledge }, object, property, place, offset) => checkSystem(object, property, place, offset, findings, knowledge.terminology),
  },
  { about: (property) => ElementIds.startsAnew(property), ask: ({ ids }) => ids.startAnew() },
  { about: ({ name }) => name === "modifierExtension", ask: withFindings(checkModifierExtension) },
  {
    about: ({ type }) => type === "Reference",
    ask: ({ targets, contained, links, findings }, reference, property, place, offset) => {
      const text = reference.string("reference");
      if (text === undefined || text === "") return;
      const address = parseReference(text);
      checkReferenceForm(text, address, targets, place, offset, findings);
      const declared = declaredType(reference);
      targets.reference(text, declared, address, property, place, offset);
      if (address.kind === "contained") contained.link(address.id, "ref-1", place, offset);
      else links?.reference(text, declared, address, property, place, offset);
    },
  },
  {
    about: isCoded,
    ask: ({ findings, knowledge }, object, property, place, offset) => checkCoded(object, property, place, offset, findings, knowledge.terminology),
  },
  {
    about: ({ type, content }) => type === "Coding" || content?.properties.has("unit") === true,
    ask: ({ findings, knowledge, whyUnknown }, coding, property, place) => {
      if (whyUnknown) checkCoding(coding, property, place, findings, knowledge.terminology, whyUnknown);
    },
  },
  {
    about: ({ type }) => type === "Coding",
    ask: ({ findings, knowledge, languages }, coding, _, place) => checkDisplay(coding, languages.current, place, findings, knowledge.displays),
  },
  { about: mayBeUnit, ask: ({ findings }, object, _, place) => checkUnit(object, place, findings) },
  {
    about: ({ type }) => type === "Extension",
    ask: ({ findings, links }, extension, _, place, offset) => {
      checkExtension(extension, place, findings);
      if (extension.string("url") === NARRATIVE_LINK) links?.narrativeLink(extension, place, offset);
    },
  },
  {
    about: hasInvariants,
    ask: ({ invariants }, object, property, place, offset) => invariants.element(object, property, place, offset),
  },
];

const LINKS: ReadonlySet<string> = new Set(["uri", "url", "canonical"]);

const TEXTS: readonly TextRule[] = [
  {
    about: ({ type }) => type === "string" || type === "markdown",
    ask: ({ findings }, text, { element }, place, offset) => {
      if (text.trim() !== "") return;
      const told = `${element.path} holds nothing but white space: leave it out, or give it a value.`;
      findings.add({ rule: "string-blank", text: told, expression: place.expression(), offset });
    },
  },
  {
    about: ({ type }) => LINKS.has(type),
    ask: ({ contained, links }, text, property, place, offset) => {
      if (!text.startsWith("#")) {
        if (!isDeclaredProfile(property)) links?.address(text);
      } else if (property.type === "canonical") contained.link(text.slice(1), "canonical-unresolved", place, offset);
      else contained.address(text.slice(1));
    },
  },
  {
    about: isBoundCode,
    ask: ({ findings, knowledge }, code, property, place, offset) => checkCode(code, property, place, offset, findings, knowledge.terminology),
  },
  { about: ({ type }) => type === "canonical", ask: ({ findings }, text, _, place, offset) => checkCanonical(text, place, offset, findings) },
  { about: isOwnCanonical, ask: ({ findings }, text, _, place, offset) => checkOwnCanonical(text, place, offset, findings) },
  {
    about: ({ element }) => element.isAttribute && element.name === "id",
    ask: ({ ids, narratives }, id, _, place, offset) => {
      ids.add(id, place, offset);
      narratives.know(id);
    },
  },
  {
    about: isDeclaredProfile,
    ask: ({ findings, profiles }, url, _, place, offset) =>
      checkDeclaredProfile(url, place, offset, findings, (canonical) => profiles.isHeld(canonical)),
  },
  {
    about: hasInvariants,
    ask: ({ invariants }, text, property, place, offset) => invariants.element(text, property, place, offset),
  },
];

/** The rules about single resources and datatypes beyond structure, a file each. */
export const RULES: RuleSet<RuleState> = {
  enterResource: (state, resource, place) => {
    const { contained, targets, invariants, ids, links, narratives, findings, knowledge, asked } = state;
    narratives.know(resource.string("id"));
    ids.enterResource(resource);
    state.languages.enterResource(resource);
    links?.enterResource(resource);
    contained.enterResource(resource, place);
    targets.enterResource(resource, place);
    invariants.enterResource(resource, place);
    checkProse(resource, place, findings, knowledge.definitions);
    checkParameters(resource, place, findings, knowledge.parameters);
    asked.enterResource(resource, place);
  },
  leaveResource: ({ contained, targets, invariants, ids, links, languages, asked }, resource) => {
    asked.leaveResource(resource);
    ids.leaveResource(resource);
    languages.leaveResource(resource);
    links?.leaveResource(resource);
    contained.leaveResource(resource);
    targets.leaveResource(resource);
    invariants.leaveResource(resource);
  },
  extended: ({ findings, knowledge, asked }, object, property, place) => {
    checkExtensions(object, property, place, findings, knowledge);
    asked.meetExtensions(object, property, place);
  },
  objects: OBJECTS,
  texts: TEXTS,
};

function withFindings(check: (object: JsonObject, place: Place, offset: number, findings: Findings) => void): ObjectRule["ask"] {
  return ({ findings }, object, _, place, offset) => check(object, place, offset, findings);
}
