/** Whom a signature names (Signature.who), by what the document itself says: its role there, and whether it is the party in a certificate. */
import type { Certificate } from "../crypto/certificate.ts";
import { digestOf } from "../crypto/digest.ts";
import { nameText, preferredName, stringsOf } from "../fhir/datatypes.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";

/** The entries of a Bundle by what a reference may call them; made once for a check, so that a thousand attesters cost a thousand look-ups. */
export class Parties {
  readonly #byUrl = new Map<string, JsonObject>();

  constructor(bundle: JsonObject) {
    for (const entry of bundle.objects("entry")) {
      const fullUrl = entry.string("fullUrl");
      if (fullUrl === undefined) continue;
      this.#addOnce(fullUrl, entry);
      const [tail] = /[A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.exec(fullUrl.slice(-140)) ?? [];
      if (tail !== undefined && fullUrl.endsWith(`/${tail}`)) this.#addOnce(tail, entry);
    }
  }

  /** The entry that a reference leads to. */
  entryOf(url: string | undefined): JsonObject | undefined {
    return url === undefined ? undefined : this.#byUrl.get(url);
  }

  /** The resource that a reference means: of a role, who holds it. */
  holderOf(reference: JsonObject): JsonObject | undefined {
    const resource = this.entryOf(reference.string("reference"))?.object("resource");
    if (resource?.string("resourceType") !== "PractitionerRole") return resource;
    const holder = resource.object("practitioner") ?? resource.object("organization");
    return this.entryOf(holder?.string("reference"))?.object("resource");
  }

  #addOnce(url: string, entry: JsonObject): void {
    if (!this.#byUrl.has(url)) this.#byUrl.set(url, entry);
  }
}

/**
 * Whether Signature.who is one of the Composition's attesters or authors: by the same reference, by the entry that both lead to, or by a shared identifier. A role
 * (PractitionerRole) counts for its practitioner. It tells whom the signature names, not who holds the key.
 *
 * @param isAnother whether a party is known to be somebody else, whatever Signature.who has in common with it: nothing protects that
 */
export function signerRole(
  bundle: JsonObject,
  who: JsonObject | undefined,
  parties: Parties = new Parties(bundle),
  isAnother: (party: JsonObject) => boolean = () => false,
): "attester" | "author" | "other" | "unknown" {
  const composition = bundle.objects("entry")[0]?.object("resource");
  if (who === undefined || composition?.string("resourceType") !== "Composition") return "unknown";
  const signer = keysOf(parties, who);
  if (signer.size === 0) return "unknown";
  const known = new Map<string, boolean>();
  const isSigner = (party: JsonObject | undefined): boolean => {
    if (party === undefined) return false;
    const url = party.string("reference");
    // What a reference leads to is looked at once, however many parties share it.
    const answer = (url === undefined ? undefined : known.get(url)) ?? [...keysOf(parties, party)].some((key) => signer.has(key));
    if (url !== undefined && party.object("identifier") === undefined) known.set(url, answer);
    return answer && !isAnother(party);
  };
  if (composition.objects("attester").some((attester) => isSigner(attester.object("party")))) return "attester";
  if (composition.objects("author").some(isSigner)) return "author";
  return "other";
}

/** Everything by which a Reference names somebody; `steps`: how often a role may lead on to who holds it. */
function keysOf(parties: Parties, reference: JsonObject, steps = 1): Set<string> {
  const keys = new Set<string>();
  const url = reference.string("reference");
  addIdentifiers(keys, [reference.object("identifier")]);
  if (url === undefined) return keys;
  keys.add(`reference ${url}`);
  const entry = parties.entryOf(url);
  const fullUrl = entry?.string("fullUrl");
  const resource = entry?.object("resource");
  if (fullUrl !== undefined) keys.add(`reference ${fullUrl}`);
  addIdentifiers(keys, resource?.objects("identifier") ?? []);
  const practitioner = resource?.string("resourceType") === "PractitionerRole" ? resource.object("practitioner") : undefined;
  if (practitioner && steps > 0) for (const key of keysOf(parties, practitioner, steps - 1)) keys.add(key);
  return keys;
}

function addIdentifiers(keys: Set<string>, identifiers: readonly (JsonObject | undefined)[]): void {
  for (const identifier of identifiers) {
    const value = identifier?.string("value");
    if (value !== undefined) keys.add(`identifier ${identifier?.string("system") ?? ""}|${value}`);
  }
}

/** A certificate of which somebody trusted says whose it is. */
export interface TrustedParty {
  /** Digest of its DER. */
  readonly certificate: string;
  /** Of the person or organisation, any of which is enough; without a system `undefined`. */
  readonly identifiers: readonly { readonly system?: string; readonly value: string }[];
}

/** By what a certificate is that of a party: the same name, an identifier that it holds, or what the trust file says of it. */
export type PartyProof = "name" | "identifier" | "trust-file";

/**
 * By what the party that Signature.who names is the one in the certificate; undefined when nothing says so. Names are the same apart from titles and order. An identifier that the certificate holds counts
 * unless the names then contradict it. What the document says of a party its sender wrote; the certificate is what was proved.
 *
 * @param trusted what the trust file says of certificates
 */
export function partyProof(
  certificate: Certificate,
  who: JsonObject | undefined,
  parties: Parties,
  trusted: readonly TrustedParty[] = [],
): PartyProof | undefined {
  if (who === undefined) return undefined;
  const { names, identifiers } = subjectOf(certificate);
  const resource = parties.holderOf(who);
  const partyNames = calledBy(who, resource);
  const isNamed = partyNames.some((name) => names.some((other) => words(name).length > 0 && words(name).join(" ") === words(other).join(" ")));
  if (isNamed) return "name";
  const own = [who.object("identifier"), ...(resource?.objects("identifier") ?? []).slice(0, 100)].filter((one) => one !== undefined);
  const isIdentified = own.map((one) => one.string("value")).some((value) => value !== undefined && value.length >= 4 && identifiers.includes(value));
  const sharesWord = partyNames.some((name) => names.some((other) => words(name).some((word) => word.length > 1 && words(other).includes(word))));
  if (isIdentified && (partyNames.length === 0 || sharesWord)) return "identifier";
  return isMapped(certificate, own, trusted) ? "trust-file" : undefined;
}

/** Whether the document calls a party by names, and neither these nor anything else makes it the one in the certificate. */
export function isAnotherParty(certificate: Certificate, party: JsonObject, parties: Parties, trusted: readonly TrustedParty[] = []): boolean {
  const isCalled = calledBy(party, parties.holderOf(party)).length > 0;
  return isCalled && partyProof(certificate, party, parties, trusted) === undefined;
}

/** What a party is called. Where the reference leads to somebody, the words beside it decide nothing. */
function calledBy(reference: JsonObject, resource: JsonObject | undefined): string[] {
  return resource ? namesOf(resource) : [reference.string("display")].filter((name) => name !== undefined);
}

function isMapped(certificate: Certificate, own: readonly JsonObject[], trusted: readonly TrustedParty[]): boolean {
  const digest = trusted.length === 0 ? "" : digestOf(certificate.raw);
  const told = trusted.filter((party) => party.certificate === digest).flatMap(({ identifiers }) => identifiers);
  return told.some(({ system, value }) => own.some((one) => one.string("system") === system && one.string("value") === value));
}

/** The names and identifiers in a certificate's subject. */
function subjectOf(certificate: Certificate): { readonly names: string[]; readonly identifiers: string[] } {
  const valuesOf = (name: string): readonly string[] => certificate.subjectValues(name);
  const [given] = [...valuesOf("GN"), ...valuesOf("givenName")];
  const [family] = [...valuesOf("SN"), ...valuesOf("surname")];
  // What stands in brackets is a remark of whoever issued it.
  const commonNames = valuesOf("CN").map((name) => name.replace(/\([^()]*\)/g, " "));
  const names = [...commonNames, ...(given !== undefined && family !== undefined ? [`${given} ${family}`] : [])];
  const uris = certificate.uris.map((uri) => uri.replace(/^urn:oid:/, ""));
  return {
    names,
    identifiers: [...valuesOf("serialNumber"), ...valuesOf("UID"), ...valuesOf("organizationIdentifier"), ...valuesOf("registrationNumber"), ...uris],
  };
}

/** The name by which the page calls a party, with and without titles. */
function namesOf(resource: JsonObject): string[] {
  const name = preferredName(resource.objects("name"));
  const device = resource.objects("deviceName")[0]?.string("name");
  if (name === undefined) return [resource.string("name") ?? device].filter((text) => text !== undefined);
  const plain = [...stringsOf(name, "given"), name.string("family") ?? ""].join(" ").trim();
  return [nameText(name), ...(plain === "" ? [] : [plain])];
}

/** The words of a name in alphabetical order, without titles, accents and case. */
function words(name: string): string[] {
  const plain = name.slice(0, 500).normalize("NFKD").replace(ACCENTS, "").toLowerCase();
  return (plain.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).filter((word) => !TITLES.has(word)).sort();
}

/** Marks that people leave out: those above Latin, Greek and Cyrillic letters, points of Hebrew and Arabic. In other scripts marks are vowels and consonants of the name. */
const ACCENTS = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]/g;

const TITLES = new Set(["dr", "prof", "med", "dent", "pd", "md", "phd", "mr", "mrs", "ms", "herr", "frau", "dipl", "professor", "doctor"]);
