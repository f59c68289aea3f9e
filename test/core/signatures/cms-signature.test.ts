/** Senders' signatures in CMS: those of strangers (fixtures/signatures/cms, made by OpenSSL), and what somebody may try who holds no trusted key. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { nameAndNumberOf } from "../../../src/core/cms/certificate-parts.ts";
import { OID } from "../../../src/core/cms/identifiers.ts";
import { checkTimeStamp, type TimeStamp } from "../../../src/core/cms/check-time-stamp.ts";
import { assessStamp, derOrAsItIs, type TimeClaim } from "../../../src/core/cms/proven-time.ts";
import { readSignedMessage } from "../../../src/core/cms/signed-message.ts";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import { utf8 } from "../../../src/core/crypto/bytes.ts";
import { parseCertificate } from "../../../src/core/crypto/certificate.ts";
import { octetString, sequence, objectIdentifier, integer } from "../../../src/core/der/write-der.ts";
import { canonicalDocument } from "../../../src/core/fhir/canonical.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { stateOf, type SignatureCheck } from "../../../src/core/signatures/signature-check.ts";
import { checkDocumentSignatures, readResource, writeXml } from "../../r4.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { attribute, certificateAttribute, digestAttribute, message, timeAttribute, typeAttribute, type MessageDraft } from "../cms/messages.ts";
import { person } from "./people.ts";

const FOLDER = new URL("../../../fixtures/signatures/cms/", import.meta.url);
const file = (name: string): Buffer => readFileSync(new URL(name, FOLDER));
const RECEIVED = new Date("2030-01-01T00:00:00Z");
const JSON_FORM = "application/fhir+json;canonicalization=http://hl7.org/fhir/canonicalization/json#document";

const GOOD = { form: "cms", block: "valid", content: "valid", certificate: "valid" } as const;
const OTHER_CONTENT = { form: "cms", block: "valid", content: "invalid" } as const;
const UNCHECKED = { form: "cms", block: "not-checked", content: "not-checked", certificate: "not-checked" } as const;
const FALSE = { form: "cms", block: "invalid", content: "not-checked", certificate: "not-checked" } as const;

/** Those of claims that are right as far as their own keys go. */
async function sound(claims: readonly TimeClaim[]): Promise<TimeStamp[]> {
  const checked = await Promise.all(claims.map(({ token, over }) => checkTimeStamp(derOrAsItIs(token), over)));
  return checked.flatMap((each) => (each.kind === "valid" ? [each.stamp] : []));
}

async function check(
  bundle: JsonObject,
  data: Uint8Array | string,
  { trust = [] as Uint8Array[], clocks = [] as Uint8Array[], element = {} } = {},
): Promise<SignatureCheck[]> {
  const signature = {
    type: [{ code: "1.2.840.10065.1.12.1.1" }],
    when: "2026-03-14T10:00:00Z",
    who: { display: "Dr A. Meyer" },
    sigFormat: "application/pkcs7-mime",
    data: typeof data === "string" ? data : toBase64(data),
    ...element,
  };
  const signed = bundle.without("signature").add("signature", treeOf(signature));
  const checks = await checkDocumentSignatures(
    signed,
    { signers: trust.map(parseCertificate), timeAuthorities: clocks.map(parseCertificate) },
    { receivedAt: RECEIVED },
  );
  for (const result of checks) {
    expect(result.place).toBe("Bundle.signature");
    expect(result.explanation).toMatch(/^[A-Z].*\.$/);
    if (result.block === "valid") continue;
    expect(result.certificate).toBe("not-checked");
    expect(result.signerName).toBeUndefined();
  }
  return checks;
}

describe("a signed message made by OpenSSL", () => {
  let document: JsonObject;
  let trust: Uint8Array[];
  beforeAll(() => {
    const { resource } = readResource(file("document.xml"), "application/fhir+xml", DEFAULT_READ_LIMITS);
    if (!resource) throw new Error("document.xml cannot be read");
    document = resource;
    trust = [file("root.pem")];
    expect(canonicalDocument(document)).toBe(file("document.json").toString());
  });

  const kinds = ["rsa", "p256", "p384", "p521", "bp256", "bp384", "bp512"];
  const others = ["detached-pss", "detached-no-attributes", "enveloping-pss-long-salt", "enveloping-no-attributes", "enveloping-key-identifier"];
  test.each([...kinds.flatMap((kind) => [`detached-${kind}`, `enveloping-${kind}`]), ...[...others, "enveloping-stream", "enveloping-json"]])(
    "%s is right, and of an altered document it is not",
    async (name) => {
      const message = file(`${name}.p7s`);
      const element = name.startsWith("detached") ? { targetFormat: JSON_FORM } : {};
      expect(await check(document, message, { trust, element })).toMatchObject([GOOD]);
      expect(await check(document.without("id", "meta"), message, { trust, element })).toMatchObject([GOOD]);
      const isOne = name === "detached-no-attributes";
      expect(await check(document.without("timestamp"), message, { trust, element })).toMatchObject([isOne ? FALSE : OTHER_CONTENT]);
      // Nobody says in which form it was signed.
      const [unnamed] = await check(document.without("timestamp"), message, { trust });
      expect(stateOf(unnamed as SignatureCheck)).toBe(name.startsWith("detached") ? "unchecked" : "false");
    },
  );

  test.each<[string, object]>([
    ["enveloping-other", OTHER_CONTENT],
    ["enveloping-text", { block: "valid", content: "not-checked" }],
    ["enveloping-no-certificate", { ...UNCHECKED, standing: "none" }],
    ["enveloping-sha1", UNCHECKED],
    ["detached-other", { block: "valid", content: "not-checked" }],
  ])("%s", async (name, expected) => {
    expect(await check(document, file(`${name}.p7s`), { trust })).toMatchObject([expected]);
  });

  test.each(["dss-detached-p256", "dss-detached-rsa-t", "dss-enveloping-rsa", "dss-enveloping-p256-t"])("%s, made by EU DSS", async (name) => {
    const root = file("dss-root.pem");
    const element = name.includes("detached") ? { targetFormat: JSON_FORM } : {};
    const [result] = await check(document, file(`${name}.p7s`), { trust: [root], clocks: [root], element });
    expect(result).toMatchObject(GOOD);
    const [signer] = readSignedMessage(file(`${name}.p7s`)).signers;
    const claims = (signer?.timeStamps ?? []).map((token) => ({ token, over: signer?.value ?? new Uint8Array() }));
    const stamps = await sound(claims);
    expect(stamps).toHaveLength(name.endsWith("-t") ? 1 : 0);
    for (const stamp of stamps) {
      const by = (clock: Uint8Array) => assessStamp({ kind: "valid", stamp }, [parseCertificate(clock)]);
      expect(await by(root)).toMatchObject({ kind: "proven", name: "Test clock" });
      expect(await by(file("root.pem"))).toMatchObject({ kind: "claimed" });
    }
    expect(await sound(claims.map(({ token }) => ({ token, over: utf8("something else") })))).toEqual([]);
    expect(await sound(claims.map(({ token, over }) => ({ token: token.subarray(0, -1), over })))).toEqual([]);
    expect(await check(document.without("timestamp"), file(`${name}.p7s`), { trust: [root], element })).toMatchObject([OTHER_CONTENT]);
  });

  test("each of two signers is told of by itself", async () => {
    const checks = await check(document, file("two-signers.p7s"), { trust });
    expect(checks).toMatchObject([GOOD, GOOD]);
    expect(checks.map(({ signerName }) => signerName).toSorted()).toEqual(["Dr Bruno Pohl", "Dr Rosa Adler"]);
  });

  test("is known by its bytes, in PEM, and in base64 that was made twice or has line ends", async () => {
    const bytes = file("enveloping-p256.p7s");
    const base64 = toBase64(bytes);
    const pem = `-----BEGIN CMS-----\n${(base64.match(/.{1,64}/g) ?? []).join("\n")}\n-----END CMS-----\n`;
    for (const data of [toBase64(utf8(base64)), toBase64(utf8(pem)), (base64.match(/.{1,76}/g) ?? []).join("\r\n")])
      expect(await check(document, data, { trust, element: { sigFormat: "application/octet-stream" } })).toMatchObject([GOOD]);
  });

  test("nobody's word is taken for a certificate that the trust list does not know", async () => {
    const stranger = person("Stranger", { isAuthority: true });
    const [result] = await check(document, file("enveloping-p256.p7s"), { trust: [stranger.certificate.raw] });
    expect(result).toMatchObject({ block: "valid", content: "valid", certificate: "not-checked", standing: "not-trusted" });
  });

  test("no bit of what is signed can be altered unseen", async () => {
    const whole = file("enveloping-p256.p7s");
    const states = new Map<string, number>();
    const issuer = parseCertificate(file("root.pem")).raw;
    const passedOver = whole.indexOf(issuer);
    for (let at = 0; at < whole.length; at += at < passedOver - 200 ? 53 : at === passedOver ? issuer.length : 1) {
      const altered = Uint8Array.from(whole);
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      const [result] = await check(document, altered, { trust });
      const state = `${result?.block ?? ""} ${result?.content ?? ""} ${result?.certificate ?? ""}`;
      states.set(state, (states.get(state) ?? 0) + 1);
      // What no signature covers (versions, hashes named beforehand, other certificates) may be altered; then the signer is the same.
      if (state === "valid valid valid") expect(result?.signerName).toBe("Dr Nils Pohl");
    }
    expect(states.get("valid valid valid") ?? 0).toBeLessThan(30);
    expect(states.get("invalid not-checked not-checked")).toBeGreaterThan(100);
  });
});

const root = person("Test root", { isAuthority: true });
const doctor = person("Dr A. Meyer", { by: root });
const mallory = person("Mallory");
const DOCUMENT = treeOfText(sampleDocument("urn:uuid:1"));
const OTHER = treeOfText(sampleDocument("urn:uuid:2"));
const xmlOf = (bundle: JsonObject): Uint8Array => utf8(writeXml(bundle.without("signature")));
const CONTENT = xmlOf(DOCUMENT);
const AT = new Date("2026-03-14T08:00:00Z");

const ofDoctor = (draft: Partial<MessageDraft> & { readonly signer?: Partial<MessageDraft["signers"][number]> } = {}): Uint8Array =>
  message({ content: CONTENT, signers: [{ by: doctor, over: CONTENT, more: [timeAttribute(AT)], ...draft.signer }], ...draft });

async function checkOwn(bytes: Uint8Array, bundle = DOCUMENT): Promise<SignatureCheck[]> {
  return check(bundle, bytes, { trust: [root.certificate.raw] });
}

describe("a signed message", () => {
  test("says when and by whom, whatever a reader passes over", async () => {
    const expected = [{ ...GOOD, signer: "valid", signerName: "Dr A. Meyer", signedAt: AT.toISOString() }];
    expect(await checkOwn(ofDoctor())).toMatchObject(expected);
    const twice = { more: [timeAttribute(AT)], order: "as written" } as const;
    expect(await checkOwn(ofDoctor({ signer: twice }))).toMatchObject(expected);
    expect(await checkOwn(ofDoctor({ signer: { ...twice, order: "sorted when signed" } }))).toMatchObject(expected);
  });

  test.each<[string, Uint8Array, object]>([
    [
      "of a copied certificate",
      message({ content: CONTENT, signers: [{ by: mallory, over: CONTENT, named: doctor.certificate }], certificates: [doctor.certificate] }),
      FALSE,
    ],
    [
      "whose attributes name another certificate",
      ofDoctor({ signer: { attributes: [typeAttribute(), digestAttribute(CONTENT), certificateAttribute(mallory.certificate)] } }),
      { block: "valid", content: "valid", certificate: "invalid" },
    ],
    ["with another document within than was signed", ofDoctor({ content: xmlOf(OTHER) }), FALSE],
    ["over another document", message({ content: xmlOf(OTHER), signers: [{ by: doctor, over: xmlOf(OTHER) }] }), OTHER_CONTENT],
    ["without a digest", ofDoctor({ signer: { attributes: [typeAttribute()] } }), UNCHECKED],
    ["with two digests", ofDoctor({ signer: { more: [digestAttribute(xmlOf(OTHER))] } }), UNCHECKED],
    ["whose content is of another type than was signed", ofDoctor({ contentType: OID.timeStampInfo }), FALSE],
    [
      "without attributes, of another type of content",
      ofDoctor({ contentType: OID.timeStampInfo, signer: { attributes: null, more: [] } }),
      UNCHECKED,
    ],
    ["that protected another algorithm", ofDoctor({ signer: { more: [protection("2.16.840.1.101.3.4.2.3")] } }), FALSE],
    ["of nobody", message({ content: CONTENT, signers: [], certificates: [doctor.certificate] }), UNCHECKED],
    ["with a certificate that is named and not there", ofDoctor({ certificates: [mallory.certificate] }), UNCHECKED],
    [
      "of more signers than are checked",
      message({ content: CONTENT, signers: Array.from({ length: 11 }, () => ({ by: doctor, over: CONTENT })), certificates: [doctor.certificate] }),
      UNCHECKED,
    ],
  ])("%s", async (_, bytes, expected) => {
    expect(await checkOwn(bytes)).toMatchObject([expected]);
  });

  test("over another document says where the two differ, by the names of elements alone", async () => {
    const signed = [CONTENT, xmlOf(OTHER)].map((content) => message({ content, signers: [{ by: doctor, over: content }] }));
    const explanations = (await Promise.all(signed.map((bytes) => checkOwn(bytes)))).map(([one]) => one?.explanation);
    expect(explanations).toEqual([
      expect.stringMatching(/covers this content/),
      expect.stringMatching(/is not valid: what it embeds differs first at Bundle\.\S+: the content is not what was signed\.$/),
    ]);
  });

  test("one signer who is false says nothing of the other", async () => {
    const both = message({
      content: CONTENT,
      signers: [
        { by: mallory, over: CONTENT, named: doctor.certificate },
        { by: doctor, over: CONTENT },
      ],
      certificates: [doctor.certificate],
    });
    expect(await checkOwn(both)).toMatchObject([FALSE, GOOD]);
  });

  test("a certificate that somebody laid beside it under the same issuer and number makes no honest signature false", async () => {
    const counterfeit = Buffer.from(person(doctor.name, { by: { ...mallory, name: root.name }, key: mallory.key }).certificate.raw);
    const [own, other] = [doctor.certificate.raw, counterfeit].map((raw) => nameAndNumberOf({ raw })[1]);
    counterfeit.set(own!, counterfeit.indexOf(other!));
    const certificates = [parseCertificate(new Uint8Array(counterfeit)), doctor.certificate];
    const proved = { ...GOOD, signer: "valid", signerName: doctor.name };
    for (const order of [certificates, certificates.toReversed()]) {
      expect(await checkOwn(ofDoctor({ certificates: order }))).toMatchObject([proved]);
      // Without attributes each would be tried over each form of the document.
      const bare = message({ content: CONTENT, signers: [{ by: doctor, over: CONTENT, attributes: null }], certificates: order });
      expect(await checkOwn(bare)).toMatchObject([UNCHECKED]);
      const forged = { by: mallory, over: CONTENT, named: doctor.certificate };
      expect(await checkOwn(message({ content: CONTENT, signers: [forged], certificates: order }))).toMatchObject([
        { block: "valid", certificate: "invalid", signer: "not-checked" },
      ]);
    }
  });

  test("attributes cannot be passed off as what was signed without them", async () => {
    // The signature over the doctor's attributes, presented as one over content that is these attributes.
    const { signed, value } = signedPartOf(ofDoctor());
    const forged = message({
      content: signed,
      signers: [{ by: mallory, over: signed, named: doctor.certificate, attributes: null }],
      certificates: [doctor.certificate],
    });
    const at = forged.length - value.length;
    forged.set(value, at);
    const [result] = await checkOwn(forged);
    expect(stateOf(result as SignatureCheck)).not.toBe("proven");
    expect(result?.content).not.toBe("valid");
  });

  test("revocation information and unknown attributes are passed over", async () => {
    const ocsp = Uint8Array.of(0xa1, ...sequence(objectIdentifier(OID.ocspResponse), sequence(integer(1))).subarray(1));
    const unknown = attribute("2.999.1", octetString(CONTENT));
    expect(
      await checkOwn(ofDoctor({ revocations: [ocsp], signer: { more: [timeAttribute(AT), unknown], unsigned: () => [unknown] } })),
    ).toMatchObject([GOOD]);
  });

  test("numbers and white space that readers take for the same are not called false", async () => {
    const measured = treeOfText(sampleDocument("urn:uuid:1", { total: 1 }).replace('"total": 1', '"total": 1.50'));
    const other = treeOfText(sampleDocument("urn:uuid:1", { total: 1 }).replace('"total": 1', '"total": 1.5'));
    const content = utf8(canonicalDocument(other));
    expect(await checkOwn(message({ content, signers: [{ by: doctor, over: content }] }), measured)).toMatchObject([
      { block: "valid", content: "not-checked" },
    ]);
  });

  test("hostile messages cost little", async () => {
    const hostile = [
      sequence(objectIdentifier(OID.signedData), new Uint8Array(1_000_000).fill(0x30)),
      Uint8Array.from([
        ...sequence(objectIdentifier(OID.signedData)).fill(0x80, 1, 2),
        ...Array.from({ length: 500_000 }, () => [0x30, 0x80]).flat(),
      ]),
      Uint8Array.from([
        ...sequence(objectIdentifier(OID.signedData)).fill(0x80, 1, 2),
        ...Array.from({ length: 400_000 }, () => [0x05, 0x00]).flat(),
      ]),
    ];
    for (const bytes of hostile) {
      const costs: number[] = [];
      // The least of some rounds is its own: what else uses the processors makes one dearer by half.
      for (let round = 0; round < 3; round++) {
        const before = process.cpuUsage();
        expect(await checkOwn(bytes)).toMatchObject([UNCHECKED]);
        costs.push(process.cpuUsage(before).user / 1000);
      }
      expect(Math.min(...costs)).toBeLessThan(400);
    }
  });
});

function protection(hash: string): Uint8Array {
  return attribute(OID.algorithmProtection, sequence(sequence(objectIdentifier(hash))));
}

/** The signed attributes under the tag of a set, and the value, of a message of one signer with a signature on P-256. */
function signedPartOf(bytes: Uint8Array): { readonly signed: Uint8Array; readonly value: Uint8Array } {
  const at = bytes.findLastIndex((_, place) => bytes[place] === 0xa0 && bytes[place + 1] === 0x81 && place < bytes.length - 80);
  const length = 3 + (bytes[at + 2] ?? 0);
  const signed = Uint8Array.from(bytes.subarray(at, at + length));
  signed[0] = 0x31;
  const start = bytes.findLastIndex(
    (_, place) => bytes[place] === 0x04 && (bytes[place + 1] ?? 0) >= 0x44 && place + 2 + (bytes[place + 1] ?? 0) === bytes.length,
  );
  return { signed, value: bytes.subarray(start + 2) };
}

describe("a picture of a signature", () => {
  const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1]);
  test.each<[string, Uint8Array, string]>([
    ["JPEG", jpeg, "image/jpeg"],
    ["JPEG under another name", jpeg, "application/pkcs7-mime"],
    ["SVG", utf8('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'), "image/svg+xml"],
    ["PDF", utf8("%PDF-1.7\n"), "application/pdf"],
    ["of a kind that is not known", utf8("whatever"), "image/x-unknown"],
  ])("%s proves nothing, and is not false", async (_, data, sigFormat) => {
    const [result] = await check(DOCUMENT, data, { element: { sigFormat } });
    expect(result).toMatchObject({ form: "picture", block: "not-checked", content: "not-checked" });
    expect(result?.explanation).toBe("The signature was not checked: it is a picture, which proves nothing about the content or who signed.");
  });
});
