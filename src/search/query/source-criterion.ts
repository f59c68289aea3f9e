/** `_source`: what was taken out of a document says that it is from there (`meta.source`), which no row has to tell; what the document itself says stands in rows. */
import { every, some, type Criterion } from "./criterion.ts";

const DOCUMENT = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The modifiers that say how an address is held against the value; undefined: they are the same. */
export type SourceModifier = "above" | "below" | undefined;

/**
 * @param asWritten by what the document says
 * @param base of the FHIR interface, without a slash at its end
 */
export function sourceCriterion(value: string, modifier: SourceModifier, asWritten: Criterion, base: string): Criterion {
  const bundles = `${base}/Bundle/`;
  if (modifier === "below" && bundles.startsWith(value)) return some([FROM_DOCUMENTS, asWritten]);
  const [id = "", ...behind] = value.startsWith(bundles) ? value.slice(bundles.length).split("/") : [];
  const isMeant = DOCUMENT.test(id) && (behind.length === 0 || modifier === "above");
  return isMeant ? some([every([FROM_DOCUMENTS, { kind: "within", documents: [id] }]), asWritten]) : asWritten;
}

/** All but the documents themselves. */
export const FROM_DOCUMENTS: Criterion = { kind: "not", of: { kind: "document" } };
