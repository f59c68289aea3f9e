/** References between resources as text (R4 references.html): what form one has, and what it leads to within a Bundle (bundle.html, "Resolving references in Bundles"). */

/** The form of Reference.reference. */
export type ReferenceForm =
  | { readonly kind: "contained"; readonly id: string }
  /** Anything with a scheme, without its version: `urn:uuid:…`, `https://…/Patient/1`. */
  | {
      readonly kind: "absolute";
      readonly url: string;
      readonly version: string | undefined;
      readonly type: string | undefined;
      readonly id: string | undefined;
    }
  | { readonly kind: "relative"; readonly type: string; readonly id: string; readonly version: string | undefined }
  | { readonly kind: "malformed" };

const ID = "[A-Za-z0-9\\-.]{1,64}";
const RESTFUL_TAIL = new RegExp(`(?:^|/)([A-Z][A-Za-z]+)/(${ID})$`);
const VERSION_TAIL = new RegExp(`/_history/(${ID})$`);

/** Takes a reference apart. A fragment behind an address (`Patient/1#part`) is left out: it leads into the same resource. */
export function parseReference(reference: string): ReferenceForm {
  if (reference.startsWith("#")) return { kind: "contained", id: reference.slice(1) };
  const plain = reference.split("#")[0] ?? "";
  const version = VERSION_TAIL.exec(plain)?.[1];
  const url = version === undefined ? plain : plain.slice(0, -`/_history/${version}`.length);
  const [, type, id] = RESTFUL_TAIL.exec(url) ?? [];
  if (isAbsoluteUrl(url)) return { kind: "absolute", url, version, type, id };
  if (type === undefined || id === undefined || url !== `${type}/${id}`) return { kind: "malformed" };
  return { kind: "relative", type, id, version };
}

/** True for an address with a scheme (RFC 3986, section 3.1). */
export function isAbsoluteUrl(url: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:/.test(url);
}

/** An address without `/_history/…` at its end. */
export function withoutVersion(url: string): string {
  return url.replace(VERSION_TAIL, "");
}

/** The address of the server that a fullUrl stands on, with a slash at its end: `https://example.org/fhir/`; undefined when it is not of the form `[base]/[type]/[id]`. */
export function restfulRoot(fullUrl: string): string | undefined {
  const match = RESTFUL_TAIL.exec(fullUrl);
  return match && /^https?:/i.test(fullUrl) ? fullUrl.slice(0, match.index + 1) : undefined;
}

/** Type and id at the end of a RESTful address; undefined when it is not one. */
export function restfulTail(fullUrl: string): { readonly type: string; readonly id: string } | undefined {
  const [, type, id] = RESTFUL_TAIL.exec(fullUrl) ?? [];
  return type === undefined || id === undefined || !/^https?:/i.test(fullUrl) ? undefined : { type, id };
}
