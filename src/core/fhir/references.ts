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

/** The length of ids is their format's matter: a reference to one that is too long still leads to it. */
const ID = /^[A-Za-z0-9\-.]+$/;
/** What stands in the place of an id or a version, though it may be none: whether it is one says the id that it leads to. HL7's validator takes it so too. */
const SEGMENT = "[^\\s/?#]+";
const IS_TYPE = /^[A-Z][A-Za-z]+$/;
const IS_SEGMENT = new RegExp(`^${SEGMENT}$`);
const RELATIVE = new RegExp(`^([A-Za-z]+)/(${SEGMENT})$`);
const VERSION_TAIL = new RegExp(`/_history/(${SEGMENT})$`);

/** Takes a reference apart. A fragment behind an address (`Patient/1#part`) is left out: it leads into the same resource. */
export function parseReference(reference: string): ReferenceForm {
  if (reference.startsWith("#")) return { kind: "contained", id: reference.slice(1) };
  const hash = reference.indexOf("#");
  const plain = hash < 0 ? reference : reference.slice(0, hash);
  const version = plain.includes("/_history/") ? VERSION_TAIL.exec(plain)?.[1] : undefined;
  const url = version === undefined ? plain : plain.slice(0, -`/_history/${version}`.length);
  if (isAbsoluteUrl(url)) {
    const tail = tailOf(url);
    return { kind: "absolute", url, version, type: tail?.type, id: tail?.id };
  }
  const [, type, id] = RELATIVE.exec(url) ?? [];
  return type === undefined || id === undefined ? { kind: "malformed" } : { kind: "relative", type, id, version };
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
  const tail = isOfServer(fullUrl) ? tailOf(fullUrl) : undefined;
  return tail && fullUrl.slice(0, fullUrl.length - tail.type.length - tail.id.length - 1);
}

/** Type and id at the end of a RESTful address; undefined when it is not one, such as one with `_` in its id. */
export function restfulTail(fullUrl: string): { readonly type: string; readonly id: string } | undefined {
  const tail = isOfServer(fullUrl) ? tailOf(fullUrl) : undefined;
  return tail !== undefined && ID.test(tail.id) ? tail : undefined;
}

/** Type and id at the end of any address, absolute or not, without fragment and version; undefined when it does not end with them. */
export function addressTail(url: string): { readonly type: string; readonly id: string } | undefined {
  const hash = url.indexOf("#");
  return tailOf(withoutVersion(hash < 0 ? url : url.slice(0, hash)));
}

function isOfServer(url: string): boolean {
  return /^https?:/i.test(url);
}

/** The last two segments, when they are a type and what stands in the place of an id. */
function tailOf(url: string): { readonly type: string; readonly id: string } | undefined {
  const last = url.lastIndexOf("/");
  if (last < 1) return undefined;
  const type = url.slice(url.lastIndexOf("/", last - 1) + 1, last);
  const id = url.slice(last + 1);
  return IS_TYPE.test(type) && IS_SEGMENT.test(id) ? { type, id } : undefined;
}
