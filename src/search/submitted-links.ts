/** What a source's DocumentReference (IHE MHD) says of other documents, in the keys of match-keys.ts: `relatesTo` counts as Composition.relatesTo does. */
import type { SubmittedMetadata } from "../core/formats/submitted.ts";
import { isAbsoluteUrl, withoutVersion } from "../core/fhir/references.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import { SUBMITTED_PATH, submittedReference } from "./derived/submitted-resources.ts";
import { resolveSubmitted } from "./derived/submitted-places.ts";
import type { DocumentLinks } from "./index-port.ts";
import { documentMatchKey, identifierMatchKey, urlMatchKey } from "./match-keys.ts";
import { resourceId } from "./query/resource-id.ts";

/** @param id of the document. Nothing where the source said nothing that can be read. */
export function submittedLinks(id: string, submitted: SubmittedMetadata | undefined): Pick<DocumentLinks, "ownKeys" | "claims"> {
  const reference = submittedReference(submitted);
  if (submitted === undefined || reference === undefined) return { ownKeys: [], claims: [] };
  const own = [reference.object("masterIdentifier"), ...reference.objects("identifier")].map(identifierMatchKey);
  const from = `DocumentReference/${resourceId({ documentId: id, path: SUBMITTED_PATH })}`;
  return {
    ownKeys: own.filter((key) => key !== undefined),
    claims: reference.objects("relatesTo").flatMap((relatesTo) => claimsOf(relatesTo, from, submitted)),
  };
}

function claimsOf(relatesTo: JsonObject, from: string, submitted: SubmittedMetadata): DocumentLinks["claims"] {
  const target = relatesTo.object("target");
  const url = target?.string("reference");
  const keys = [identifierMatchKey(target?.object("identifier")), url === undefined ? undefined : targetKey(url, from, submitted)];
  return keys.filter((key) => key !== undefined).map((key) => ({ relation: relatesTo.string("code") ?? "", key }));
}

/** Whatever is here of a document, by whichever address this repository was reached, means the document; what is elsewhere is called by its address. */
const OF_A_DOCUMENT = new RegExp(
  `(?:^|/)(?:DocumentReference|Bundle|Binary)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\\.${SUBMITTED_PATH})?$`,
);

function targetKey(reference: string, from: string, submitted: SubmittedMetadata): string | undefined {
  const place = withoutVersion(resolveSubmitted(reference, from, submitted) ?? reference);
  const [, documentId] = OF_A_DOCUMENT.exec(place) ?? [];
  if (documentId !== undefined) return documentMatchKey(documentId);
  return isAbsoluteUrl(place) ? urlMatchKey(place) : undefined;
}
