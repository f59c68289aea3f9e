/** Code systems whose codes nobody can list, but which have a grammar or are known to the runtime: what R4's value sets take in whole. */

/** Whether a text can be a code of the system; undefined for a system without a known grammar. */
export function grammarOf(system: string): ((code: string) => boolean) | undefined {
  return GRAMMARS.get(system);
}

/** What R4 lets stand for FHIR's own media types (http.html, section 3.1.0.1.11; its examples use them in elements of type code, too). */
const SHORT_MEDIA_TYPES: ReadonlySet<string> = new Set(["xml", "json", "ttl"]);
/** RFC 6838, section 4.2; parameters as RFC 2045 has them, short enough that no text costs more than its length. */
const MEDIA_TYPE = /^[A-Za-z0-9*][A-Za-z0-9!#$&^_.+*-]*\/[A-Za-z0-9*][A-Za-z0-9!#$&^_.+*-]*(?:\s*;.*)?$/;
/** RFC 5646, section 2.1: language, script, region, variants, extensions, private use. */
const LANGUAGE =
  /^(?:(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(?:-[A-WY-Za-wy-z0-9](?:-[A-Za-z0-9]{2,8})+)*(?:-[Xx](?:-[A-Za-z0-9]{1,8})+)?|[Xx](?:-[A-Za-z0-9]{1,8})+|[Ii]-[A-Za-z]+)$/;
/** RFC 5646, section 2.2.8: registered before the grammar was. */
const OLD_LANGUAGES: ReadonlySet<string> = new Set(
  "en-gb-oed sgn-be-fr sgn-be-nl sgn-ch-de art-lojban cel-gaulish no-bok no-nyn zh-guoyu zh-hakka zh-min zh-min-nan zh-xiang".split(" "),
);
/** Names such as Europe/Berlin, GMT+1, Etc/GMT-14. */
const TIME_ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/;
const COUNTRY = /^(?:[A-Z]{2}|[A-Z]{3}|[0-9]{3})$/;
const SUBDIVISION = /^[A-Z]{2}-[A-Z0-9]{1,3}$/;
/** UCUM, section 2.1: printable ASCII; brackets and braces are looked at one by one. */
const UCUM_TEXT = /^[!-~]+$/;

const GRAMMARS: ReadonlyMap<string, (code: string) => boolean> = new Map([
  ["urn:ietf:bcp:13", (code: string) => MEDIA_TYPE.test(code) || SHORT_MEDIA_TYPES.has(code)],
  ["urn:ietf:bcp:47", (code: string) => code.length <= 200 && (LANGUAGE.test(code) || OLD_LANGUAGES.has(code.toLowerCase()))],
  ["urn:iso:std:iso:4217", (code: string) => Intl.supportedValuesOf("currency").includes(code) || CURRENCIES_BESIDE.has(code)],
  ["urn:iso:std:iso:3166", (code: string) => COUNTRY.test(code)],
  ["urn:iso:std:iso:3166:-2", (code: string) => SUBDIVISION.test(code)],
  ["https://www.iana.org/time-zones", (code: string) => TIME_ZONE.test(code)],
  ["http://unitsofmeasure.org", isUcum],
]);

/** Codes of ISO 4217 that a runtime may not offer, for they are funds, metals and codes for tests. */
const CURRENCIES_BESIDE: ReadonlySet<string> = new Set([
  "BOV",
  "CHE",
  "CHW",
  "COU",
  "MXV",
  "USN",
  "UYI",
  "UYW",
  "XAG",
  "XAU",
  "XBA",
  "XBB",
  "XBC",
  "XBD",
  "XDR",
  "XPD",
  "XPT",
  "XSU",
  "XTS",
  "XUA",
  "XXX",
]);

/** Printable characters with brackets and braces in pairs; braces hold an annotation and don't nest. Units are not looked up. */
function isUcum(code: string): boolean {
  if (code.length > 200 || !UCUM_TEXT.test(code)) return false;
  const bare = code.replace(/\{[^{}]*\}/g, "");
  return !/[{}]/.test(bare) && !/\[[^[\]]*\[|^[^[\]]*\]|\][^[\]]*\]|\[[^[\]]*$/.test(bare) && !/^[.]|[./]$/.test(bare);
}
