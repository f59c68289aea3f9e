/** Where HL7's validator and ours give another verdict, and that is meant: each with its reason, by R4's text. docs/differential.md tells of them. */
import type { Issue } from "../../src/core/fhir/issue.ts";
import { idOf, type Said } from "./engine.ts";

interface Exception {
  readonly why: string;
  /** Whether an error of HL7's is one of these: all of them must be, for the input to be excepted. */
  readonly theirs?: (said: Said) => boolean;
  /** One of them must be this, where what `theirs` says is too wide. */
  readonly oneOfTheirs?: (said: Said) => boolean;
  /** The same of ours. */
  readonly ours?: (issue: Issue) => boolean;
}

const EXCEPTIONS: readonly Exception[] = [
  {
    why: "HL7's validator knows media types, currencies and languages from a terminology server, which it has not here",
    theirs: ({ text }) => /ValueSet\/(?:mimetypes|currencies|all-languages|languages)\b/.test(text),
  },
  {
    why: "addresses of guides, of later extensions and of profiles, which nobody can know offline",
    theirs: (said) => /^(?:Type_Specific_Checks_DT_URL_Resolve|OPDEF_PROFILE_NOT_FOUND)$/.test(idOf(said)),
  },
  {
    why: "R4's own list for txt-1 has the attribute (idref, bgcolor, compact, start, type, value, nowrap, hspace, vspace)",
    theirs: (said) => /^(?:txt-1|XHTML_XHTML_Attribute_Illegal)$/.test(idOf(said)),
  },
  {
    why: "a systolic pressure alone is no blood pressure: R4 demands the profile of 85354-9, of which it is a component",
    theirs: ({ id = "", text }) =>
      /\bStructureDefinition\/(?:bp|vitalsigns)\b|\bBPCode\b|Valid types at this point are dateTime, Period$/.test(`${id} ${text}`),
    oneOfTheirs: ({ text }) => text.includes("magic LOINC code 85354-9 required"),
  },
  {
    why: "the scheme of an address may be written in capitals (RFC 3986, 3.1)",
    theirs: ({ text }) => /\b(?:HTTP|URN):/.test(text),
  },
  {
    why: "an OID may have few arcs (R4's pattern)",
    theirs: (said) => idOf(said) === "Type_Specific_Checks_DT_OID_Valid",
  },
  {
    why: "U+0085 is no white space in R4's patterns",
    theirs: (said) => /^Type_Specific_Checks_DT_(?:Code|URI|ID)_WS$/i.test(idOf(said)),
  },
  {
    why: "a time may have fractions of seconds (R4's pattern)",
    theirs: ({ text }) => text === "Not a valid time (null)",
  },
  {
    why: "what the authors of guides, maps and search parameters are told to do, which R4's text does not demand",
    theirs: (said) =>
      /^(?:IG_DEPENDENCY_DIRECT|IG_DEPENDENCY_INVALID_PACKAGEID|SM_DEPENDENT_PARAM_NOT_FOUND|ED_SEARCH_EXPRESSION_ERROR)$/.test(idOf(said)),
  },
  {
    why: "ResearchElementDefinition has an element and a choice of one name in R4",
    theirs: ({ text }) => text.includes("ResearchElementDefinition|4.0.1, Element matches more than one slice"),
  },
  {
    why: "dd holds blocks, and quotations nest (HTML 4.0, 10.3 and 9.2.2)",
    theirs: ({ text }) => /text element dd at|^Elements of type q at/.test(text),
  },
  {
    why: "an element with an id and nothing else breaks ele-1 as it is written",
    ours: ({ rule }) => rule === "ele-1",
  },
  {
    why: "a control character that no XML could carry",
    ours: ({ rule }) => rule === "format-string" || rule === "format-markdown",
  },
  {
    why: "the text is no value of its type by R4's pattern: white space or U+FEFF before it, characters that are not of base64's alphabet",
    ours: ({ rule }) => rule.startsWith("format-"),
  },
  {
    why: "a div that is not well-formed XML, or has something around it",
    ours: ({ rule }) => rule === "xhtml-syntax" || rule === "xhtml-outside",
  },
  {
    why: "an array that is empty (json.html), which HL7's validator overlooks where it would hold primitives",
    ours: ({ rule }) => rule === "empty-array",
  },
  {
    why: "a colgroup holds col and nothing else (HTML 4.0, 11.2.4)",
    ours: ({ rule, text }) => rule === "xhtml-misplaced" && text.includes("colgroup"),
  },
  {
    why: "a relative reference that names another type than the element takes is wrong wherever it leads",
    ours: ({ rule }) => rule === "reference-target-type",
  },
  {
    why: "what the Composition refers to is in the document, whatever the reference says that R4 has no such type",
    ours: ({ rule }) => rule === "composition-reference-unresolved",
  },
  {
    why: "R4's pattern of references wants an id behind /_history/ and behind a type",
    ours: ({ rule }) => rule === "reference-malformed",
  },
];

/** Why one of the two may refuse what the other accepts; undefined when nothing is written about it. */
export function exceptionOf(ours: readonly Issue[], theirs: readonly Said[]): string | undefined {
  const isOurs = ours.length > 0;
  return EXCEPTIONS.find((one) =>
    isOurs
      ? one.ours !== undefined && ours.every(one.ours)
      : one.theirs !== undefined && theirs.every(one.theirs) && (one.oneOfTheirs === undefined || theirs.some(one.oneOfTheirs)),
  )?.why;
}
