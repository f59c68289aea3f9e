import { createHash, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { flattenedVerify } from "jose";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import { canonicalDocument } from "../../../src/core/fhir/canonical.ts";
import { openKeptDocument } from "../../../src/core/formats/kept-document.ts";
import { commitmentTo } from "../../../src/core/formats/identifier.ts";
import { outerCommitment, outerDigests } from "../../../src/core/formats/outer.ts";
import { parseLeaf } from "../../../src/core/formats/leaf.ts";
import type { Sealed } from "../../../src/pipeline/document-forms.ts";
import { samenessOf } from "../../../src/pipeline/sign/seal.ts";
import { idOf, keyOf, sampleDocument, seal, temporaryKeys, treeOfText } from "./deposited.ts";
import { toBase64 } from "../../../src/core/crypto/base64.ts";

const TEXT = sampleDocument("urn:uuid:1");
let keys: Keys;
let sealed: Sealed;

beforeAll(async () => {
  keys = await temporaryKeys();
  sealed = await seal(TEXT, idOf(1), keys);
});

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

describe("sealDocument", () => {
  test("what is kept opens to the submitted bytes, and the leaf has the digests of everything", () => {
    const { bytes, evidence, deposit } = openKeptDocument(sealed.id, sealed, keyOf(sealed.id));
    const leaf = parseLeaf(sealed.leaf);
    expect(Buffer.from(bytes).toString("utf8")).toBe(TEXT);
    expect(leaf).toEqual({
      id: idOf(1),
      receivedAt: "2026-03-14T08:31:00.123Z",
      submittedDigest: sha256(TEXT),
      canonicalDigest: sha256(canonicalDocument(treeOfText(TEXT))),
      depositDigest: sha256(evidence.deposit),
      identifierCommitment: commitmentTo({ system: "urn:ietf:rfc:3986", value: "urn:uuid:1" }, evidence.salt),
      outerCommitment: outerCommitment(outerDigests(treeOfText(TEXT)), evidence.salt),
    });
    expect(deposit).toMatchObject({
      id: idOf(1),
      mediaType: "application/fhir+json",
      submitter: { kind: "unauthenticated" },
      versions: { software: "chartulary/0.1.0", rules: "r4/1", policy: "default/1" },
    });
    expect(deposit.outcome.objects("issue").length).toBe(1);
  });

  test("any JOSE library verifies the seal over the canonical form", async () => {
    const { evidence } = openKeptDocument(sealed.id, sealed, keyOf(sealed.id));
    const [header = "", payload, signature = ""] = evidence.seal.split(".");
    expect(payload).toBe("");
    const detached = { protected: header, payload: Buffer.from(canonicalDocument(treeOfText(TEXT))).toString("base64url"), signature };
    const { protectedHeader } = await flattenedVerify(detached, new X509Certificate(keys.seal.chain[0]!.raw).publicKey);
    expect(protectedHeader).toMatchObject({
      alg: "ES256",
      kid: keys.seal.kid,
      iat: Date.UTC(2026, 2, 14, 8, 31) / 1000,
      x5c: [toBase64(keys.seal.chain[0]!.raw)],
    });
  });

  test("nothing readable about the patient or the sender is left outside of the encryption", () => {
    for (const bytes of [sealed.leaf, sealed.encryptedContent, sealed.encryptedEvidence]) {
      const text = Buffer.from(bytes).toString("latin1");
      for (const secret of ["urn:uuid:1", "Meyer", "unauthenticated", "r-1"]) expect(text).not.toContain(secret);
    }
  });

  test("two deposits of one document share nothing that tells it but their digests", async () => {
    const other = await seal(TEXT, idOf(2), keys);
    expect(other.identityKey).toBe(sealed.identityKey);
    expect(parseLeaf(other.leaf).identifierCommitment).not.toBe(parseLeaf(sealed.leaf).identifierCommitment);
    expect(keyOf(other.id)).not.toEqual(keyOf(sealed.id));
  });

  test("a document without an identifier is not sealed", async () => {
    await expect(seal(sampleDocument("x", { identifier: { system: "urn:a" } }), idOf(3), keys)).rejects.toMatchObject({ code: "internal" });
  });
});

describe("samenessOf", () => {
  const of = (extra: Readonly<Record<string, unknown>>) => samenessOf(treeOfText(sampleDocument("urn:uuid:1", extra)));
  const base = of({});

  test("what the server sets is not part of it", () => {
    expect(of({ id: "other" })).toEqual(base);
    expect(of({ meta: { versionId: "7", lastUpdated: "2026-01-01T00:00:00Z", profile: ["http://example.org/profile"] } })).toEqual(base);
    expect(of({ meta: { versionId: "7" } })).toEqual(of({ meta: undefined }));
  });

  test("content, signature and the client's meta are told apart", () => {
    const changes = [of({ timestamp: "2026-03-14T09:30:01+01:00" }), of({ signature: { data: "AA==" } }), of({ meta: { profile: [] } })];
    expect(changes.map((change) => [change.canonical !== base.canonical, change.signature !== base.signature, change.meta !== base.meta])).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ]);
  });

  test("the digits of a decimal matter, the order of properties does not", () => {
    const text = sampleDocument("urn:uuid:1");
    const swapped = text.replace(/("type": "document"),\n ("timestamp": "[^"]+")/, "$2,\n $1");
    expect(swapped).not.toBe(text);
    expect(samenessOf(treeOfText(swapped))).toEqual(base);
    expect(samenessOf(treeOfText(text.replace('"type"', '"total": 1.0, "type"'))).canonical).not.toBe(
      samenessOf(treeOfText(text.replace('"type"', '"total": 1.00, "type"'))).canonical,
    );
  });
});
