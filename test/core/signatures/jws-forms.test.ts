/** Every form of JWS by every algorithm: what is signed is valid, what is altered is not, and what cannot be told is not checked. */
import { constants, createHash, createPrivateKey, sign, type KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { FlattenedSign, GeneralSign } from "jose";
import { toBase64, toBase64Url } from "../../../src/core/crypto/base64.ts";
import { parseCertificate } from "../../../src/core/crypto/certificate.ts";
import { canonicalDocument, canonicalJson } from "../../../src/core/fhir/canonical.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { AUTHORITY, certificate, KINDS, plainName, type Kind } from "../crypto/platform/certificates.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { checkDocumentSignatures } from "../../r4.ts";
import { person } from "./people.ts";

const DOCUMENT = treeOfText(sampleDocument("urn:uuid:1"));
const TEXT = canonicalDocument(DOCUMENT);
const ALTERED = treeOfText(TEXT.replace("Discharge summary", "Discharge report")).add("id", "x");
const URI = "http://uri.etsi.org/19182";

type Header = Readonly<Record<string, unknown>>;
interface Made {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}
type Sign = (header: Header, payload: string) => Made;

/** A JWS by Node's own sums, which knows every algorithm. */
function signer(key: KeyObject, alg: string, x5c: readonly string[]): Sign {
  const hash = alg.startsWith("Ed") ? null : `sha${/256|384|512/.exec(alg)?.[0] ?? ""}`;
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return (header, content) => {
    const protectedHeader = toBase64Url(JSON.stringify({ alg, x5c, ...header }));
    const payload = header["b64"] === false ? content : toBase64Url(content);
    const how = alg.startsWith("PS") ? pss : alg.startsWith("RS") ? {} : ({ dsaEncoding: "ieee-p1363" } as const);
    const signature = sign(hash, Buffer.from(`${protectedHeader}.${payload}`), { key, ...how });
    return { protected: protectedHeader, payload, signature: toBase64Url(new Uint8Array(signature)) };
  };
}

const compact = ({ protected: header, payload, signature }: Made, isDetached = false) => `${header}.${isDetached ? "" : payload}.${signature}`;
const digest = (content: string) => createHash("sha512").update(content).digest("base64url");
const hashed = (content: string) => ({
  crit: ["sigD"],
  sigD: { mId: `${URI}/ObjectIdByURIHash`, pars: ["document"], hashM: "S512", hashV: [digest(content)] },
});

const FORMS: Readonly<Record<string, (sign: Sign) => string>> = {
  "compact, detached": (sign) => compact(sign({}, TEXT), true),
  "compact, embedded": (sign) => compact(sign({}, TEXT)),
  "compact, not encoded": (sign) => compact(sign({ b64: false, crit: ["b64"] }, TEXT), true),
  flattened: (sign) => JSON.stringify(sign({}, TEXT)),
  "flattened, detached": (sign) => JSON.stringify({ ...sign({}, TEXT), payload: undefined }),
  "flattened, not encoded": (sign) => JSON.stringify(sign({ b64: false, crit: ["b64"] }, TEXT)),
  general: (sign) => JSON.stringify({ payload: toBase64Url(TEXT), signatures: [{ ...sign({}, TEXT), payload: undefined }] }),
  "sigD by URI": (sign) => compact(sign({ crit: ["sigD"], sigD: { mId: `${URI}/ObjectIdByURI`, pars: ["document"] } }, TEXT), true),
  "sigD by digest": (sign) => compact(sign(hashed(toBase64Url(TEXT)), "")),
  "sigD by digest of the content itself": (sign) => compact(sign(hashed(TEXT), "")),
  "base64 twice": (sign) => toBase64(new TextEncoder().encode(compact(sign({}, TEXT), true))),
  "with line ends": (sign) => compact(sign({}, TEXT), true).replace(/.{70}/g, "$&\r\n"),
  "without meta (#static)": (sign) => compact(sign({}, canonicalJson(DOCUMENT.without("meta", "signature"))), true),
};

const ALGORITHMS: readonly (readonly [string, string])[] = [
  ["ES256", "P-256"],
  ["ES384", "P-384"],
  ["ES512", "P-521"],
  ["ES256K", "secp256k1"],
  ["BP256R1", "brainpoolP256r1"],
  ["ESB256", "brainpoolP256r1"],
  ["ESB384", "brainpoolP384r1"],
  ["ESB512", "brainpoolP512r1"],
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].map((alg) => [alg, "rsa"] as const),
  ["EdDSA", "ed25519"],
  ["EdDSA", "ed448"],
  ["Ed25519", "ed25519"],
  ["Ed448", "ed448"],
];

const withSignature = (bundle: JsonObject, jws: string) =>
  bundle
    .without("signature")
    .add(
      "signature",
      treeOf({ type: [{ code: "1.2.840.10065.1.12.1.1" }], data: toBase64(new TextEncoder().encode(jws)), sigFormat: "application/jose" }),
    );

async function judge(bundle: JsonObject, jws: string) {
  return checkDocumentSignatures(withSignature(bundle, jws), undefined);
}

function kindOf(name: string): Kind {
  const kind = KINDS.find((one) => one.name === name) ?? KINDS.find((one) => one.name.startsWith(name));
  if (kind === undefined) throw new Error(`no key of the kind ${name}`);
  return kind;
}

describe.each(ALGORITHMS)("%s by %s", (alg, kindName) => {
  const kind = kindOf(kindName);
  const der = certificate({ by: kind, subject: plainName("Dr A"), extensions: [AUTHORITY] });
  const signing = signer(kind.pair.privateKey, alg, [toBase64(parseCertificate(der).raw)]);

  test.each(Object.keys(FORMS))("%s", async (form) => {
    const jws = FORMS[form]?.(signing) ?? "";
    expect(await judge(DOCUMENT, jws)).toMatchObject([{ form: "jws", block: "valid", content: "valid", signerName: "Dr A" }]);
    const [altered] = await judge(ALTERED, jws);
    // A digest under a valid signature may be of a form that is not known.
    if (form.includes("digest")) expect(altered).toMatchObject({ block: "valid", content: "not-checked" });
    else expect([altered?.block, altered?.content]).toContain("invalid");
  });
});

const doctor = person("Dr A");
const nurse = person("Nurse B");
const key = (of: typeof doctor) => createPrivateKey(of.key.export({ type: "pkcs8", format: "pem" }));
const x5c = (of: typeof doctor) => [toBase64(of.certificate.raw)];
const byDoctor = signer(key(doctor), "ES256", x5c(doctor));

describe("several signatures of one JWS", () => {
  const payload = new TextEncoder().encode(TEXT);

  test("are judged each by itself, as jose makes them", async () => {
    const made = await new GeneralSign(payload)
      .addSignature(key(doctor))
      .setProtectedHeader({ alg: "ES256", x5c: x5c(doctor) })
      .addSignature(key(nurse))
      .setProtectedHeader({ alg: "ES256", x5c: x5c(doctor) })
      .addSignature(key(nurse))
      .setProtectedHeader({ alg: "ES256" })
      .setUnprotectedHeader({ x5c: x5c(nurse) })
      .sign();
    const checks = await judge(DOCUMENT, JSON.stringify(made));
    expect(checks.map(({ block, signerName }) => [block, signerName])).toEqual([
      ["valid", "Dr A"],
      ["invalid", undefined],
      ["valid", "Nurse B"],
    ]);
  });

  test("more than are looked at are not checked", async () => {
    const one = { ...byDoctor({}, TEXT), payload: undefined };
    const checks = await judge(DOCUMENT, JSON.stringify({ payload: toBase64Url(TEXT), signatures: Array.from({ length: 6 }, () => one) }));
    expect(checks).toMatchObject([{ block: "not-checked" }]);
    expect(checks[0]?.explanation).toContain("more than 5 signatures");
  });

  test("flattened, as jose makes it", async () => {
    const made = await new FlattenedSign(payload).setProtectedHeader({ alg: "ES256", x5c: x5c(doctor) }).sign(key(doctor));
    expect(await judge(DOCUMENT, JSON.stringify(made))).toMatchObject([{ block: "valid", content: "valid", signerName: "Dr A" }]);
  });
});

describe("what cannot be told is not checked, and shows no name", () => {
  const flattened = (change: Header) => JSON.stringify({ ...byDoctor({}, TEXT), ...change });
  test.each<[string, string, RegExp]>([
    ["none", `${toBase64Url(JSON.stringify({ alg: "none", x5c: x5c(doctor) }))}..AAAA`, /not signed at all/],
    ["HMAC", `${toBase64Url(JSON.stringify({ alg: "HS256", x5c: x5c(doctor) }))}..AAAA`, /algorithm HS256/],
    ["an unknown critical parameter", compact(byDoctor({ crit: ["odd"], odd: 1 }, TEXT)), /critical what is not known/],
    ["an empty crit", compact(byDoctor({ crit: [] }, TEXT)), /\(crit\)/],
    ["b64 that is not critical", compact(byDoctor({ b64: false }, TEXT), true), /\(b64\)/],
    ["HttpHeaders", compact(byDoctor({ crit: ["sigD"], sigD: { mId: `${URI}/HttpHeaders`, pars: ["digest"] } }, "digest: x"), true), /HTTP message/],
    ["two things", compact(byDoctor({ sigD: { mId: `${URI}/ObjectIdByURI`, pars: ["a", "b"] } }, TEXT), true), /several things/],
    [
      "a key in the header",
      compact(signer(key(doctor), "ES256", [])({ x5c: undefined, jwk: { kty: "EC" }, x5u: "https://example.org" }, TEXT)),
      /no certificate/,
    ],
    ["a header that is not covered", flattened({ protected: undefined, header: { alg: "ES256", x5c: x5c(doctor) } }), /nothing of its header/],
    ["crit beside what is covered", flattened({ header: { crit: ["b64"] } }), /unprotected header/],
    ["what is said twice", flattened({ header: { alg: "ES384" } }), /unprotected header/],
    ["both forms at once", flattened({ signatures: [] }), /neither/],
    ["broken JSON", `${flattened({}).slice(0, -1)},"payload":""}`, /cannot be read/],
  ])("%s", async (_, jws, reason) => {
    const [check, ...others] = await judge(DOCUMENT, jws);
    expect(others).toEqual([]);
    expect(check).toMatchObject({ form: "jws", block: "not-checked", content: "not-checked" });
    expect(check).not.toHaveProperty("signerName");
    expect(check?.explanation).toMatch(reason);
  });

  test("compressed content, under a signature that is right", async () => {
    expect(await judge(DOCUMENT, compact(byDoctor({ zip: "DEF" }, "x")))).toMatchObject([{ block: "valid", content: "not-checked" }]);
  });
});

describe("JAdES", () => {
  test("the certificate is that which the header names by its digest, wherever it stands", async () => {
    const named = { x5c: undefined, "x5t#S256": createHash("sha256").update(doctor.certificate.raw).digest("base64url") };
    const xVals = [nurse, doctor].map((one) => ({ x509Cert: { val: x5c(one)[0] } }));
    for (const element of [{ xVals }, toBase64Url(JSON.stringify({ xVals }))]) {
      const jws = JSON.stringify({ ...byDoctor(named, TEXT), header: { etsiU: [element] } });
      expect(await judge(DOCUMENT, jws)).toMatchObject([{ block: "valid", content: "valid", signerName: "Dr A" }]);
    }
  });

  test("a certificate other than the one named has no name", async () => {
    const digVal = createHash("sha512").update(nurse.certificate.raw).digest("base64url");
    const [check] = await judge(DOCUMENT, compact(byDoctor({ "x5t#o": { digAlg: "S512", digVal } }, TEXT)));
    expect(check).toMatchObject({ block: "valid", certificate: "invalid" });
    expect(check).not.toHaveProperty("signerName");
  });

  test("what a digest covers is another content only where its form is named", async () => {
    const canon = "http://hl7.org/fhir/canonicalization/json#document";
    expect(await judge(ALTERED, compact(byDoctor({ canon, ...hashed(toBase64Url(TEXT)) }, "")))).toMatchObject([
      { block: "valid", content: "invalid" },
    ]);
  });
});
