/** Signatures with archive time-stamps, of each form, as an honest or a careless authority of time makes them. Others' are in fixtures/signatures/matrix. */
import { createHash, createPublicKey, randomBytes, sign } from "node:crypto";
import { OID } from "../../../src/core/cms/identifiers.ts";
import { readSignedMessage } from "../../../src/core/cms/signed-message.ts";
import { toBase64, toBase64Url } from "../../../src/core/crypto/base64.ts";
import { concat, utf8 } from "../../../src/core/crypto/bytes.ts";
import { canonicalXml } from "../../../src/core/crypto/canonical-xml.ts";
import { parseCertificate } from "../../../src/core/crypto/certificate.ts";
import { descendants, readXmlTree } from "../../../src/core/crypto/xml-tree.ts";
import {
  bitString,
  boolean,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  tagged,
  time,
  utf8String,
} from "../../../src/core/der/write-der.ts";
import { protectedHeaderOf, signingInput } from "../../../src/core/signatures/jws.ts";
import { attribute, certificateAttribute, digestAttribute, ECDSA, message, typeAttribute } from "../cms/messages.ts";
import { person, type Person } from "./people.ts";
import { xmlSignatureOver } from "./xml-signing.ts";

const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";
const SHA256 = sequence(objectIdentifier(OID.sha256));
const digest = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());

/** An authority of time, whose certificate is good for a while. */
export function clock(name: string, by: Person, validFrom: string, validTo: string): Person {
  const { key } = person(name);
  const named = (text: string) => sequence(setOf(sequence(objectIdentifier("2.5.4.3"), utf8String(text))));
  const extension = (type: string, value: Uint8Array) => sequence(objectIdentifier(type), boolean(true), octetString(value));
  const body = sequence(
    tagged(0, integer(2)),
    integer(1, ...randomBytes(8)),
    ECDSA,
    named(by.name),
    sequence(time(new Date(validFrom)), time(new Date(validTo))),
    named(name),
    new Uint8Array(createPublicKey(key).export({ type: "spki", format: "der" })),
    tagged(
      3,
      sequence(extension("2.5.29.37", sequence(objectIdentifier("1.3.6.1.5.5.7.3.8"))), extension("2.5.29.15", bitString(Uint8Array.of(0x80), 7))),
    ),
  );
  return { name, key, certificate: parseCertificate(sequence(body, ECDSA, bitString(new Uint8Array(sign("sha256", body, by.key))))) };
}

/** A time-stamp of any time over anything (RFC 3161). */
export function tokenOf(by: Person, over: Uint8Array, at: string, unsigned: readonly Uint8Array[] = []): Uint8Array {
  const moment = utf8(at.replace(/\.\d+|[-:T]/g, ""));
  const info = sequence(
    integer(1),
    objectIdentifier("1.2.3"),
    sequence(SHA256, octetString(digest(over))),
    integer(7),
    Uint8Array.of(0x18, moment.length, ...moment),
  );
  const attributes = [typeAttribute(OID.timeStampInfo), digestAttribute(info), certificateAttribute(by.certificate)];
  return message({ content: info, contentType: OID.timeStampInfo, signers: [{ by, over: info, attributes, unsigned: () => unsigned }] });
}

/** A time-stamp beside a signature, in the order in which they are made. */
export interface Stamping {
  readonly kind: "value" | "archive";
  readonly by: Person;
  readonly at: string;
  /** Which of those before it are left out of what it is over. */
  readonly without?: readonly number[];
  /** How many of the certificates its list of hashes leaves out. */
  readonly withoutCertificates?: number;
  /** In its place stands another token. */
  readonly instead?: Uint8Array;
}

export interface Archived {
  readonly data: string;
  readonly sigFormat: string;
  readonly tokens: readonly Uint8Array[];
}

/** What makes a signature over a document's canonical form with these beside it. */
export type Archiving = (form: Uint8Array, by: Person, stampings: readonly Stamping[]) => Archived;

const kept = <T>(items: readonly T[], { without = [] }: Stamping): T[] => items.filter((_, at) => !without.includes(at));

export const jades: Archiving = (form, by, stampings) => {
  const named = protectedHeaderOf({ alg: "ES256", x5c: [toBase64(by.certificate.raw)] });
  const signature = toBase64Url(new Uint8Array(sign("sha256", signingInput(named, form), { key: by.key, dsaEncoding: "ieee-p1363" })));
  const items: string[] = [];
  const tokens: Uint8Array[] = [];
  for (const one of stampings) {
    const all = `${toBase64Url(form)}.${named}.${signature}.${kept(items, one).join("")}`;
    const token = one.instead ?? tokenOf(one.by, utf8(one.kind === "value" ? signature : all), one.at);
    tokens.push(token);
    items.push(toBase64Url(utf8(JSON.stringify({ [one.kind === "value" ? "sigTst" : "arcTst"]: { tstTokens: [{ val: toBase64(token) }] } }))));
  }
  return { data: toBase64(utf8(JSON.stringify({ protected: named, header: { etsiU: items }, signature }))), sigFormat: "application/jose", tokens };
};

const FORM = "http://hl7.org/fhir/canonicalization/xml#document";

export const xades: Archiving = (form, by, stampings) => {
  const bare = xmlSignatureOver(form, FORM, by);
  const open =
    '<Object><x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Target=""><x:UnsignedProperties><x:UnsignedSignatureProperties>';
  const close = "</x:UnsignedSignatureProperties></x:UnsignedProperties></x:QualifyingProperties></Object></Signature>";
  const whole = (properties: readonly string[]): string => `${bare.slice(0, -"</Signature>".length)}${open}${properties.join("")}${close}`;
  const properties: string[] = [];
  const tokens: Uint8Array[] = [];
  for (const one of stampings) {
    const tree = descendants(readXmlTree(whole(properties)));
    const written = (names: RegExp) =>
      tree.filter(({ local }) => names.test(local)).map((element) => utf8(canonicalXml(element, { isExclusive: true })));
    const value = written(/^SignatureValue$/);
    const over =
      one.kind === "value"
        ? value
        : [form, ...written(/^SignedInfo$/), ...value, ...written(/^KeyInfo$/), ...kept(written(/^(Signature|Archive)TimeStamp$/), one)];
    const token = one.instead ?? tokenOf(one.by, concat(...over), one.at);
    tokens.push(token);
    const [name, uri] = one.kind === "value" ? ["y:SignatureTimeStamp", "1.3.2"] : ["y:ArchiveTimeStamp", "1.4.1"];
    properties.push(
      `<${name} xmlns:y="http://uri.etsi.org/01903/v${uri}#"><CanonicalizationMethod Algorithm="${EXCLUSIVE}"/><x:EncapsulatedTimeStamp>${toBase64(token)}</x:EncapsulatedTimeStamp></${name}>`,
    );
  }
  return { data: toBase64(utf8(whole(properties))), sigFormat: "application/signature+xml", tokens };
};

export const cades: Archiving = (form, by, stampings) => {
  const known = new Map<string, Uint8Array>();
  const signer = {
    certificate: by.certificate,
    sign(input: Uint8Array): Uint8Array {
      const name = toBase64(digest(input));
      const value = known.get(name) ?? new Uint8Array(sign("sha256", input, by.key));
      known.set(name, value);
      return value;
    },
  };
  const certificates = [by.certificate, person("Another").certificate];
  const whole = (unsigned: readonly Uint8Array[]): Uint8Array =>
    message({ certificates, signers: [{ by: signer, over: form, unsigned: () => unsigned }] });
  const attributes: Uint8Array[] = [];
  const tokens: Uint8Array[] = [];
  for (const one of stampings) {
    const [read] = readSignedMessage(whole(attributes)).signers;
    if (read === undefined) throw new Error("nobody signed");
    const hashes = (list: readonly Uint8Array[]) => sequence(...list.map((each) => octetString(digest(each))));
    const beside = tokens.map((token, at) =>
      concat(objectIdentifier(stampings[at]?.kind === "value" ? OID.timeStampToken : OID.archiveStamp), token),
    );
    const index = sequence(
      SHA256,
      hashes(certificates.slice(one.withoutCertificates ?? 0).map(({ raw }) => raw)),
      hashes([]),
      hashes(kept(beside, one)),
    );
    const all = concat(objectIdentifier(OID.data), digest(form), read.fields, index);
    const isValue = one.kind === "value";
    const token = one.instead ?? (isValue ? tokenOf(one.by, read.value, one.at) : tokenOf(one.by, all, one.at, [attribute(OID.hashIndex3, index)]));
    tokens.push(token);
    attributes.push(attribute(isValue ? OID.timeStampToken : OID.archiveStamp, token));
  }
  return { data: toBase64(whole(attributes)), sigFormat: "application/pkcs7-mime", tokens };
};
