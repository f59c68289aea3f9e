import { each, type RuleRows } from "../../../core/fhir/rule.ts";

/** Single resources by their type (resources/prose-rules.ts and the files beside it). */
export const RESOURCE_RULES = {
  "search-expression": {
    severity: "error",
    code: "invalid",
    source: "searchparameter.html, expression",
    meaning: "The expression is no FHIRPath by its grammar.",
    change: "Mend it.",
  },
  "parameter-base": {
    severity: "error",
    code: "business-rule",
    source: "searchparameter.html, derivedFrom",
    meaning: "A SearchParameter is for a type of resource that the one of R4 which it is derived from is not for.",
    change: "Mend `base`.",
  },
  "parameter-type": {
    severity: "error",
    code: "business-rule",
    source: "searchparameter.html, derivedFrom; capabilitystatement.html",
    meaning: "A SearchParameter that is derived from one of R4, or what a CapabilityStatement says of one, is of another type than that.",
    change: "Mend `type`.",
  },
  "include-system": {
    severity: "error",
    code: "invalid",
    source: "valueset.html, compose.include.system",
    meaning: "A relative address, or one with a version behind a bar.",
    change: "The code system's address; its version in `version`.",
  },
  "code-repeated": {
    severity: "error",
    code: "business-rule",
    source: "codesystem.html, csd-1",
    meaning: "A concept has the code of an earlier one.",
    change: "Remove one.",
  },
  "code-system-count": {
    severity: "error",
    code: "business-rule",
    source: "codesystem.html, count",
    meaning: "`count` is not the number of concepts of a complete code system that is not compositional.",
    change: "Mend it.",
  },
  "code-system-content": {
    severity: "error",
    code: "business-rule",
    source: "codesystem.html, content, supplements",
    meaning: "Concepts where `content` is not-present; a supplement that names nothing, or `supplements` in what is none.",
    change: "Mend `content`.",
  },
  "code-system-property": {
    severity: "error",
    code: "business-rule",
    source: "codesystem.html, property",
    meaning: "A property is declared twice, or has a relative `uri`.",
    change: "Mend it.",
  },
  "concept-property-type": {
    severity: "error",
    code: "business-rule",
    source: "codesystem.html, concept.property",
    meaning: "A value of another type than is declared for the property.",
    change: "Mend either.",
  },
  "composite-components": {
    severity: "error",
    code: "business-rule",
    source: "searchparameter.html",
    meaning: "A SearchParameter of type composite with fewer than two components.",
    change: "Add them, or change the type.",
  },
  "differential-binding": {
    severity: "error",
    code: "business-rule",
    source: "elementdefinition.html, binding",
    meaning: "A binding on an element whose types have no codes.",
    change: "Remove it.",
  },
  "differential-path": {
    severity: "error",
    code: "invalid",
    source: "structuredefinition.html",
    meaning: "The path of a profile's differential is none of the type that it constrains.",
    change: "Name an element of the type; a choice as `value[x]`.",
  },
  "differential-root-sliced": {
    severity: "error",
    code: "invalid",
    source: "profiling.html, Slicing",
    meaning: "The root of a profile is sliced.",
    change: "Remove the slicing.",
  },
  "differential-unusable": {
    severity: "error",
    code: "exception",
    source: "structuredefinition.html",
    meaning: "Because of one of the two above no snapshot can be made: said of the whole StructureDefinition.",
    change: "Mend the elements.",
  },
  "enable-when-unknown": {
    severity: "error",
    code: "business-rule",
    source: "questionnaire.html, enableWhen",
    meaning: "The question is no item of the Questionnaire.",
    change: "Mend `question`.",
  },
  "enable-when-within": {
    severity: "error",
    code: "business-rule",
    source: "questionnaire.html, enableWhen",
    meaning: "The question lies within the item that waits for its answer.",
    change: "Ask for another.",
  },
  ...each(["response-item-unknown", "response-item-misplaced", "response-item-order", "response-item-repeated", "response-item-text"], {
    severity: "error",
    code: "structure",
    source: "questionnaireresponse.html",
    meaning:
      "Against the Questionnaire that the response contains: an item that it has not, or has elsewhere, before another, once, or with another text. The place is that of the parent, or of the item.",
    change: "Follow the Questionnaire.",
  }),
  ...each(
    [
      "response-answer-missing",
      "response-answer-repeated",
      "response-answer-type",
      "response-answer-length",
      "response-answer-option",
      "response-answer-unexpected",
    ],
    {
      severity: "error",
      code: "structure",
      source: "questionnaireresponse.html",
      meaning:
        "The same: no answer to a required question of a response that is completed or amended, several answers to one that does not repeat, of another type, too long, none of those offered, or to a group or display.",
      change: "Follow the Questionnaire.",
    },
  ),
  "search-outcome-type": {
    severity: "error",
    code: "invalid",
    source: "bundle.html, search.mode",
    meaning: "An entry with mode `outcome` is no OperationOutcome.",
    change: "Mend either.",
  },
  "message-focus-missing": {
    severity: "error",
    code: "not-found",
    source: "messaging.html; MessageHeader.focus",
    meaning: "What a message is about is not in it.",
    change: "Add it.",
  },
  "link-paging": {
    severity: "error",
    code: "invalid",
    source: "bundle.html; http.html, paging",
    meaning: "`first`, `previous`, `next` or `last` in a Bundle that is no search and no history.",
    change: "Remove it.",
  },
  "link-repeated": {
    severity: "error",
    code: "invalid",
    source: "bundle.html, RFC 8288",
    meaning: "A second link `self`, `first`, `previous`, `next` or `last`.",
    change: "Remove one.",
  },
  "full-url-relative": {
    severity: "error",
    code: "invalid",
    source: "Bundle.entry.fullUrl",
    meaning: "A fullUrl has no scheme.",
    change: "An absolute address, or `urn:uuid:…`.",
  },
  "full-url-missing": {
    severity: "error",
    code: "required",
    source: "bundle.html, Resource URL & uniqueness",
    meaning: "An entry without one, in a Bundle that is no transaction or batch. What a search says of itself (`search.mode` outcome) needs none.",
    change: "Add it (`urn:uuid:…`).",
  },
  "full-url-id": {
    severity: "error",
    code: "invalid",
    source: "Bundle.entry.fullUrl",
    meaning: "It looks like an address on a server, but does not end with the type and id of its resource.",
    change: "Mend either.",
  },
} as const satisfies RuleRows;

/** Invariants of R4 that are told of in a table; all others have R4's key and severity (invariants/). */
export const INVARIANT_RULES = {
  "dom-6": {
    severity: "warning",
    code: "invariant",
    source: "DomainResource, dom-6",
    meaning:
      "No narrative: a best practice. Not asked of contained resources, and not of the entries of a document, whose narrative is the Composition's.",
    change: "Add `text`, if people will read it.",
  },
} as const satisfies RuleRows;
