/**
 * The canonical XML of a resource (R4 xml.html; Canonical XML, or its exclusive form), written from the tree itself: the same as its XML as we serve it, read and canonicalised, without what those two take. Only
 * narratives, which are text to us, are read for it.
 */
import { canonicalXml, escapeCanonicalAttribute, type CanonicalXmlOptions } from "../../crypto/canonical-xml.ts";
import { readXmlTree } from "../../crypto/xml-tree.ts";
import type { Definitions } from "../r4/definitions.ts";
import type { JsonObject } from "../tree/tree.ts";
import { divToXml } from "./div-text.ts";
import { FHIR_NAMESPACE } from "./namespaces.ts";
import { XmlWriter } from "./write-xml.ts";

/** What of a resource is not written: elements by their names. */
export interface LeftOut {
  /** Of the resource itself. */
  readonly dropped?: readonly string[];
  /** Instead, what alone is left of it. */
  readonly kept?: readonly string[];
  /** Of every resource, this one and those within. */
  readonly droppedOfResources?: readonly string[];
}

const AROUND = `<div xmlns="${FHIR_NAMESPACE}">`;
const BEHIND = "</div>";

/** The canonical text; it has no comments. AppError as from `writeXml`, and `malformed` for a narrative that is nested too deeply. */
export function writeCanonicalXml(resource: JsonObject, definitions: Definitions, options: CanonicalXmlOptions, left: LeftOut = {}): string {
  const { dropped = [], kept, droppedOfResources = [] } = left;
  return new XmlWriter(definitions, {
    isPretty: false,
    hasEndTags: true,
    // In the order of their names, before which a namespace would stand: `id`, `url`, `value`.
    attributes: (own, value) => own + value,
    escape: escapeCanonicalAttribute,
    div: (div) => canonicalDiv(div, options),
    isWritten: (name, isOutermost) => !droppedOfResources.includes(name) && !(isOutermost && (kept ? !kept.includes(name) : dropped.includes(name))),
  }).write(resource);
}

/** As it stands among FHIR's elements, whose namespace its own elements may be in. */
function canonicalDiv(div: string, options: CanonicalXmlOptions): string | undefined {
  const written = divToXml(div);
  if (written === undefined) return undefined;
  return canonicalXml(readXmlTree(AROUND + written + BEHIND), options).slice(AROUND.length, -BEHIND.length);
}
