/**
 * Server-driven content negotiation (RFC 9110 section 12.5.1; R4 http.html, "Content Types and encodings" and "_format").
 */

/** A form in which a document can be given. */
export type Form = "json" | "xml" | "html" | "pdf";

/** What was agreed upon. */
export interface Agreed {
  readonly form: Form;
  /** For the Content-Type header, with its charset. */
  readonly contentType: string;
}

interface MediaType {
  readonly name: string;
  readonly form: Form;
  /** Whether it names FHIR itself, so that a Binary is given as a resource (R4 binary.html, "Serving Binary Resources using the RESTful API"). */
  readonly isFhir?: boolean;
  /** Another name of a form, given only to those who ask for it by this name. */
  readonly isAlias?: boolean;
  /** Further values of `_format` that mean it. */
  readonly codes?: readonly string[];
}

/** In the order of our preference. `+fhir` is what DSTU2 called them: R4 encourages servers to understand it. */
const MEDIA_TYPES: readonly MediaType[] = [
  { name: "application/fhir+json", form: "json", isFhir: true, codes: ["json"] },
  { name: "application/fhir+xml", form: "xml", isFhir: true, codes: ["xml"] },
  { name: "text/html", form: "html", codes: ["html"] },
  { name: "application/pdf", form: "pdf", codes: ["pdf"] },
  { name: "application/json", form: "json", isAlias: true },
  { name: "text/json", form: "json", isAlias: true },
  { name: "application/xml", form: "xml", isAlias: true },
  { name: "text/xml", form: "xml", isAlias: true },
  { name: "application/json+fhir", form: "json", isFhir: true, isAlias: true },
  { name: "application/xml+fhir", form: "xml", isFhir: true, isAlias: true },
];

/** One range of an Accept header. */
interface AcceptedRange {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The form that a client likes best among those offered, in our order of preference; undefined: none, which is a 406. */
export function negotiate(
  asked: { readonly accept?: string | undefined; readonly format?: string | undefined },
  offered: readonly Form[],
): Agreed | undefined {
  if (asked.format !== undefined) {
    const named = mediaTypeOfFormat(asked.format);
    return named && offered.includes(named.form) ? agreed(fhirTypeOf(named.form) ?? named) : undefined;
  }
  const ranges = parseAccept(asked.accept);
  const candidates = offered
    .flatMap((form) => MEDIA_TYPES.filter((mediaType) => mediaType.form === form))
    .flatMap((mediaType) => {
      const range = mostSpecific(ranges, mediaType.name);
      const isNamed = range !== undefined && range.quality > 0 && (specificity(range) === 2 || !mediaType.isAlias);
      return isNamed ? [{ mediaType, range }] : [];
    });
  candidates.sort(
    (a, b) =>
      b.range.quality - a.range.quality || specificity(b.range) - specificity(a.range) || ranges.indexOf(a.range) - ranges.indexOf(b.range) || 0,
  );
  const best = candidates[0];
  return best && agreed(best.mediaType);
}

/**
 * Whether a read of a Binary asks for the resource rather than for its content: when `_format` is there, or the range that Accept likes best names a FHIR
 * type. Gives undefined for the content; `unacceptable` when `_format` names a form that resources do not have.
 */
export function negotiateBinary(asked: {
  readonly accept?: string | undefined;
  readonly format?: string | undefined;
}): Agreed | "unacceptable" | undefined {
  if (asked.format !== undefined) return negotiate(asked, ["json", "xml"]) ?? "unacceptable";
  const ranges = parseAccept(asked.accept);
  const best = ranges.toSorted((a, b) => b.quality - a.quality || specificity(b) - specificity(a))[0];
  const named = best && MEDIA_TYPES.find((mediaType) => mediaType.isFhir && mediaType.name === `${best.type}/${best.subtype}`);
  return named && best.quality > 0 ? agreed(named) : undefined;
}

/** Whether a client takes content of this media type: by its own name, or by another that means the same form (`application/json`). `_format` counts as it does elsewhere. */
export function acceptsContent(asked: { readonly accept?: string | undefined; readonly format?: string | undefined }, mediaType: string): boolean {
  const own = MEDIA_TYPES.find(({ name }) => name === parseMediaType(mediaType)?.name);
  if (asked.format !== undefined) return own !== undefined && mediaTypeOfFormat(asked.format)?.form === own.form;
  const ranges = parseAccept(asked.accept);
  const names = own ? MEDIA_TYPES.filter(({ form }) => form === own.form).map(({ name }) => name) : [mediaType];
  return names.some((name) => (mostSpecific(ranges, name)?.quality ?? 0) > 0);
}

/** A media type of a header as its name in lower case and its parameters; undefined when it is none. */
export function parseMediaType(text: string): { readonly name: string; readonly parameters: ReadonlyMap<string, string> } | undefined {
  const [name = "", ...rest] = text.split(";");
  const plain = name.trim().toLowerCase();
  if (!/^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+$/.test(plain)) return undefined;
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const [, key, value] = /^\s*([^=\s]+)\s*=\s*"?([^"]*?)"?\s*$/.exec(part) ?? [];
    if (key !== undefined) parameters.set(key.toLowerCase(), value ?? "");
  }
  return { name: plain, parameters };
}

/** Whether the FHIR version that a media type names, if any, is ours: 4.0 (R4 http.html, "FHIR Version Parameter"). */
export function isOurVersion(parameters: ReadonlyMap<string, string>): boolean {
  const version = parameters.get("fhirversion");
  return version === undefined || /^4\.0(\.\d+)?$/.test(version);
}

function mediaTypeOfFormat(format: string): MediaType | undefined {
  // A plus that was not escaped in a query arrives as a space.
  const name = (format.split(";")[0] as string).trim().replaceAll(" ", "+").toLowerCase();
  const parameters = parseMediaType(format.trim().replaceAll("/fhir ", "/fhir+"))?.parameters;
  if (parameters && !isOurVersion(parameters)) return undefined;
  return MEDIA_TYPES.find((mediaType) => mediaType.name === name || mediaType.codes?.includes(name));
}

/** `_format` has FHIR's meaning even when it gives a generic type. */
function fhirTypeOf(form: Form): MediaType | undefined {
  return MEDIA_TYPES.find((mediaType) => mediaType.form === form && mediaType.isFhir);
}

function agreed({ name, form }: MediaType): Agreed {
  return { form, contentType: form === "pdf" ? name : `${name}; charset=utf-8` };
}

/** The ranges of an Accept header. No header, or an empty one, accepts anything. */
function parseAccept(header: string | undefined): AcceptedRange[] {
  if (header === undefined || header.trim() === "") return [{ type: "*", subtype: "*", quality: 1, parameters: new Map() }];
  return header.split(",").flatMap((part) => {
    const parsed = parseMediaType(part);
    if (!parsed || !isOurVersion(parsed.parameters)) return [];
    const weight = parsed.parameters.get("q") ?? "1";
    if (!/^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight)) return [];
    const [type, subtype] = parsed.name.split("/") as [string, string];
    return [{ type, subtype, quality: Number(weight), parameters: parsed.parameters }];
  });
}

function mostSpecific(ranges: readonly AcceptedRange[], name: string): AcceptedRange | undefined {
  const [type, subtype] = name.split("/");
  const matching = ranges.filter((range) => (range.type === "*" || range.type === type) && (range.subtype === "*" || range.subtype === subtype));
  return matching.toSorted((a, b) => specificity(b) - specificity(a))[0];
}

function specificity(range: AcceptedRange): number {
  return range.type === "*" ? 0 : range.subtype === "*" ? 1 : 2;
}
