import type { DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/json/tree.ts";
import { parseReference } from "../../../core/fhir/references.ts";
import { EntryLinks } from "../documents/entry-links.ts";
import type { Findings } from "../findings.ts";
import { InvariantRules } from "../invariants/invariant-rules.ts";
import { imageSources } from "../narrative-images.ts";
import type { Place } from "../place.ts";
import { Plans } from "../plans.ts";
import { checkDeclaredProfile, isDeclaredProfile } from "../profiles.ts";
import type { Rule, RuleSet } from "../rule-set.ts";
import { checkNarrative } from "../structure/narrative.ts";
import { checkCode, checkCoded, isBoundCode, isCoded } from "../terminology/code-rules.ts";
import { checkAttachment } from "./attachment.ts";
import { ContainedRules } from "./contained.ts";
import { checkExtension, checkExtensions } from "./extension-rules.ts";
import { checkFullUrl } from "./full-url.ts";
import { checkIdentifier } from "./identifier.ts";
import { checkModifierExtension } from "./modifier-extension.ts";
import { checkCanonical, checkProse } from "./prose-rules.ts";
import { TargetTypes } from "./target-types.ts";

/** What the rules remember while one resource is walked through. */
export class ResourceState {
  readonly findings: Findings;
  readonly contained: ContainedRules;
  readonly targets: TargetTypes;
  readonly invariants: InvariantRules;
  /** Where entries lead to, when the resource is a document. */
  readonly links: EntryLinks | undefined;

  /** @param document the resource, opened, when it is a document with a Composition */
  constructor(resource: JsonObject, document: DocumentBundle | undefined, findings: Findings) {
    this.findings = findings;
    this.contained = new ContainedRules(findings);
    this.targets = new TargetTypes(resource, findings);
    this.invariants = new InvariantRules(resource, findings);
    this.links = document && new EntryLinks(document, findings);
  }
}

type ObjectRule = Rule<ResourceState, JsonObject>;
type TextRule = Rule<ResourceState, string>;

const OBJECTS: readonly ObjectRule[] = [
  { about: ({ type }) => type === "Narrative", ask: ({ findings }, narrative, _, place) => checkNarrative(narrative, place, findings) },
  { about: ({ type }) => type === "Attachment", ask: withFindings(checkAttachment) },
  { about: ({ type }) => type === "Identifier", ask: withFindings(checkIdentifier) },
  { about: ({ element }) => element.path === "Bundle.entry", ask: ({ findings }, entry, _, place) => checkFullUrl(entry, place, findings) },
  { about: ({ name }) => name === "modifierExtension", ask: withFindings(checkModifierExtension) },
  {
    about: ({ type }) => type === "Reference",
    ask: ({ targets, contained, links }, reference, property, place, offset) => {
      const text = reference.string("reference");
      if (text === undefined) return;
      const address = parseReference(text);
      targets.reference(reference, text, address, property, place, offset);
      if (address.kind === "contained") contained.reference(address.id, place, offset);
      else links?.reference(text, address, property, place, offset);
    },
  },
  { about: isCoded, ask: ({ findings }, object, property, place, offset) => checkCoded(object, property, place, offset, findings) },
  { about: ({ type }) => type === "Extension", ask: ({ findings }, extension, _, place) => checkExtension(extension, place, findings) },
  {
    about: (property) => InvariantRules.areAbout(property),
    ask: ({ invariants }, object, property, place, offset) => invariants.element(object, property, place, offset),
  },
];

const LINKS: ReadonlySet<string> = new Set(["uri", "url", "canonical"]);

const TEXTS: readonly TextRule[] = [
  {
    about: ({ type }) => LINKS.has(type),
    ask: ({ contained, links }, text, property) => {
      if (text.startsWith("#")) contained.local(text.slice(1));
      else if (!isDeclaredProfile(property)) links?.address(text);
    },
  },
  {
    about: ({ type }) => type === "xhtml",
    ask: ({ contained, links }, div) => {
      for (const source of imageSources(div)) {
        if (source.startsWith("#")) contained.image(source.slice(1));
        else links?.address(source);
      }
    },
  },
  { about: isBoundCode, ask: ({ findings }, code, property, place, offset) => checkCode(code, property, place, offset, findings) },
  { about: ({ type }) => type === "canonical", ask: ({ findings }, text, _, place, offset) => checkCanonical(text, place, offset, findings) },
  { about: isDeclaredProfile, ask: ({ findings }, url, _, place, offset) => checkDeclaredProfile(url, place, offset, findings) },
  {
    about: (property) => InvariantRules.areAbout(property),
    ask: ({ invariants }, text, property, place, offset) => invariants.element(text, property, place, offset),
  },
];

/** The rules about single resources and datatypes beyond structure, a file each. */
export const RESOURCE_RULES: RuleSet<ResourceState> = {
  enterResource: ({ contained, targets, invariants, links, findings }, resource, place) => {
    links?.enterResource(resource);
    contained.enterResource(resource, place);
    targets.enterResource(resource, place);
    invariants.enterResource(resource, place);
    checkProse(resource, place, findings);
  },
  leaveResource: ({ contained, targets, invariants, links }, resource) => {
    links?.leaveResource(resource);
    contained.leaveResource(resource);
    targets.leaveResource(resource);
    invariants.leaveResource(resource);
  },
  extended: ({ findings }, object, property, place) => checkExtensions(object, property, place, findings),
  objects: OBJECTS,
  texts: TEXTS,
};

export const RESOURCE_PLANS = new Plans(RESOURCE_RULES);

function withFindings(check: (object: JsonObject, place: Place, offset: number, findings: Findings) => void): ObjectRule["ask"] {
  return ({ findings }, object, _, place, offset) => check(object, place, offset, findings);
}
