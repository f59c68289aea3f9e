import type { JsonObject } from "../../../core/fhir/json/tree.ts";
import type { PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import { isAbsoluteUrl } from "../../../core/fhir/references.ts";
import type { Findings } from "../findings.ts";
import { rootPlace, type Place } from "../place.ts";
import { checkDeclaredProfile } from "../profiles.ts";
import { shown } from "../shown.ts";
import { walkResource, type Visitor } from "../walk.ts";
import { InvariantRules } from "../invariants/invariant-rules.ts";
import { CodeRules } from "../terminology/code-rules.ts";
import { checkAttachment } from "./attachment.ts";
import { ContainedRules } from "./contained.ts";
import { ExtensionRules } from "./extension-rules.ts";
import { checkCanonical, checkProse } from "./prose-rules.ts";
import { TargetTypes } from "./target-types.ts";

/** Rules about single resources and datatypes beyond structure, in one walk: contained resources (dom-2 to dom-5, ref-1), codes, extensions, types of references, attachments, identifiers, fullUrls. */
export function checkResources(resource: JsonObject, findings: Findings): void {
  const contained = new ContainedRules(findings);
  const codes = new CodeRules(findings);
  const extensions = new ExtensionRules(findings, codes);
  const targets = new TargetTypes(resource, findings);
  const invariants = new InvariantRules(resource, findings);
  const visitor: Visitor = {
    enterResource: (inner, place) => {
      contained.enterResource(inner, place);
      targets.enterResource(inner, place);
      invariants.enterResource(inner, place);
      extensions.resource(inner, place);
      checkProse(inner, place, findings);
    },
    leaveResource: (inner) => {
      contained.leaveResource(inner);
      targets.leaveResource(inner);
      invariants.leaveResource(inner);
    },
    object: (object, property, place, offset) => {
      OBJECT_RULES[property.type]?.(object, place, offset, findings);
      if (property.type === "Reference") targets.reference(object, property, place, offset);
      if (property.element.path === "Bundle.entry") fullUrl(object, place, findings);
      if (property.name === "modifierExtension") modifierExtension(object, place, offset, findings);
      contained.object(object, property, place, offset);
      codes.object(object, property, place, offset);
      extensions.object(object, property, place);
      invariants.element(object, property, place, offset);
    },
    companion: (companion, property, place) => {
      extensions.object(companion, property, place);
    },
    text: (text, property, place, offset) => {
      contained.text(text, property);
      codes.text(text, property, place, offset);
      checkCanonical(text, property, place, offset, findings);
      checkDeclaredProfile(text, property, place, offset, findings);
      if (property.element.invariants.length > 0) invariants.element(text, property, place, offset);
    },
  };
  walkResource(resource, visitor, rootPlace(resource));
}

type ObjectRule = (object: JsonObject, place: Place, offset: number, findings: Findings) => void;

const OBJECT_RULES: Readonly<Record<PropertyDefinition["type"], ObjectRule>> = {
  Attachment: checkAttachment,
  Identifier: (identifier, place, offset, findings) => {
    const system = identifier.string("system");
    const value = identifier.string("value");
    if (value === undefined) return;
    const isUri = /^[a-z][a-z0-9+.-]*:\S+$/i.test(value);
    if (system === "urn:ietf:rfc:3986" && !isUri)
      findings.add(
        "error",
        "invalid",
        "identifier-not-a-uri",
        "The system urn:ietf:rfc:3986 says that the value is a URI: write it with its scheme (urn:uuid:…, urn:oid:…).",
        place.expression(),
        offset,
      );
    else if (system !== "urn:ietf:rfc:3986" && /^urn:(?:uuid|oid):/i.test(value))
      findings.add(
        "warning",
        "value",
        "identifier-system",
        "A value that is a globally unique URI has the system urn:ietf:rfc:3986 (R4 datatypes, Identifier).",
        place.expression(),
        offset,
      );
  },
};

/** Bundle.entry.fullUrl: "The Absolute URL for the resource". */
function fullUrl(entry: JsonObject, place: Place, findings: Findings): void {
  const url = entry.string("fullUrl");
  if (url === undefined || url === "" || isAbsoluteUrl(url)) return;
  const text = `A fullUrl is absolute: ${shown(url)} has no scheme (https:, urn:uuid:, urn:oid:).`;
  findings.add("error", "invalid", "full-url-relative", text, place.expression(), entry.offsetOf("fullUrl"));
}

const modifierExtension: ObjectRule = (extension, place, offset, findings) => {
  const url = shown(extension.string("url") ?? "without a url");
  const text = `The modifierExtension ${url} is not known here; it may change the meaning of what it stands in. Readers are warned wherever the document is shown.`;
  findings.add("warning", "extension", "modifier-extension-unknown", text, place.expression(), offset);
};
