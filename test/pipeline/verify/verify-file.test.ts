import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { FlattenedSign } from "jose";
import { openKeyFolder, rotateSealKey } from "../../../src/adapters/keys/key-folder.ts";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import { canonicalDocument, canonicalJson } from "../../../src/core/fhir/canonical.ts";
import { treeOf, type JsonArray, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { STORED_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import { openKeptDocument } from "../../../src/core/formats/kept-document.ts";
import type { Sealed } from "../../../src/pipeline/document-forms.ts";
import { servedSignature } from "../../../src/pipeline/sign/seal-resources.ts";
import { person } from "../../core/signatures/people.ts";
import { signedXml } from "../../core/signatures/xml-fixtures.ts";
import { idOf, keyOf, receiptsOf, sampleDocument, seal, temporaryKeys, treeOfText, trustText } from "../sign/deposited.ts";
import { readXml, type VerificationRequest, verifyFile, writeXml } from "../../r4.ts";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import { pemOf } from "../../../src/core/crypto/certificate.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const doctor = person("Dr A. Meyer");
/** Milliseconds: some thousand verifications take two seconds, on a machine that does nothing else. */
const A_LOADED_MACHINE = 120_000;

let keys: Keys;
let trust: Uint8Array;
let unsigned: Deposited;
let signedBySender: Deposited;
let coveringId: Deposited;

interface Deposited {
  readonly text: string;
  readonly receipt: Uint8Array;
  readonly jws: string;
}

async function signed(value: string, form: (bundle: JsonObject) => string): Promise<string> {
  const bundle = treeOfText(sampleDocument(value));
  const jws = await new FlattenedSign(encode(form(bundle)))
    .setProtectedHeader({ alg: "ES256", x5c: [toBase64(doctor.certificate.raw)], sigT: "2026-03-14T08:00:00Z" })
    .sign(doctor.key);
  const isOurs = form === canonicalDocument;
  const targetFormat = `application/fhir+json;canonicalization=http://hl7.org/fhir/canonicalization/json${isOurs ? "#document" : ""}`;
  const data = Buffer.from(`${jws.protected ?? ""}..${jws.signature}`).toString("base64");
  const signature = {
    type: [{ code: "1.2.840.10065.1.12.1.1" }],
    when: "2026-03-14T08:00:00Z",
    who: { display: "A. Meyer, MD" },
    targetFormat,
    sigFormat: "application/jose",
    data,
  };
  return writeJson(bundle.add("signature", treeOf(signature)), { pretty: true });
}

beforeAll(async () => {
  keys = await temporaryKeys();
  trust = encode(trustText(keys));
  const texts = [
    sampleDocument("urn:uuid:1"),
    await signed("urn:uuid:2", canonicalDocument),
    await signed("urn:uuid:3", canonicalJson),
    sampleDocument("urn:uuid:4"),
    sampleDocument("urn:uuid:5"),
  ];
  const sealed: Sealed[] = [];
  for (const [at, text] of texts.entries()) sealed.push(await seal(text, idOf(at), keys));
  const receipts = await receiptsOf(sealed, keys);
  const deposited = sealed.map((document, at): Deposited => {
    const { evidence } = openKeptDocument(document.id, document, keyOf(document.id));
    return { text: texts[at] as string, receipt: encode(receipts[at] as string), jws: evidence.seal };
  });
  [unsigned, signedBySender, coveringId] = deposited as [Deposited, Deposited, Deposited];
});

/** As `GET /fhir/Bundle/{id}` gives it: with the server's id and meta, and sealed where it came unsigned. */
function served({ text, jws }: Deposited): JsonObject {
  const submitted = treeOfText(text);
  const bundle = submitted.without("id", "meta");
  const meta = treeOf({ versionId: "1", lastUpdated: "2026-03-14T08:31:00.123Z" }) as JsonObject;
  const kept = submitted.object("meta")?.without("versionId", "lastUpdated");
  kept?.names.forEach((name, at) => meta.add(name, kept.values[at] ?? null));
  bundle.add("id", idOf(9)).add("meta", meta);
  return bundle.has("signature") ? bundle : bundle.add("signature", servedSignature(jws));
}

async function results(request: VerificationRequest): Promise<Record<string, string>> {
  const { checks, exitCode, verdict } = await verifyFile(request);
  for (const check of checks) expect(check.text).toMatch(/^[A-Z].*\S$/s);
  expect(exitCode).toBe({ proven: 0, false: 1, "not-confirmed": 2, incomplete: 2 }[verdict]);
  return { ...Object.fromEntries(checks.map(({ name, result }) => [name, result])), verdict };
}

const ALL_GOOD = {
  document: "info",
  digest: "pass",
  seal: "pass",
  "seal certificate": "pass",
  inclusion: "pass",
  checkpoint: "pass",
  identifier: "pass",
  "signature and meta": "pass",
  verdict: "proven",
};

/** Of a seal that is false the certificate is not asked about. */
function withoutSealCertificate({ "seal certificate": _, ...rest }: Record<string, string>): Record<string, string> {
  return rest;
}

describe("verifyFile passes", () => {
  test("the submitted bytes", async () => {
    expect(await results({ bytes: encode(unsigned.text), receipt: unsigned.receipt, trust })).toEqual(ALL_GOOD);
    const { checks } = await verifyFile({ bytes: encode(unsigned.text), receipt: unsigned.receipt, trust });
    expect(checks.find(({ name }) => name === "digest")?.text).toContain("byte for byte");
  });

  test.each<[string, (bundle: JsonObject) => string]>([
    ["JSON", (bundle) => writeJson(bundle)],
    ["pretty JSON", (bundle) => writeJson(bundle, { pretty: true })],
    ["JSON with a byte order mark", (bundle) => `\uFEFF${writeJson(bundle)}`],
    ["XML", (bundle) => writeXml(bundle)],
    ["pretty XML", (bundle) => writeXml(bundle, { pretty: true })],
  ])("what is served, as %s", async (_, write) => {
    const bytes = encode(write(served(unsigned)));
    expect(await results({ bytes, receipt: unsigned.receipt, trust })).toEqual(ALL_GOOD);
    expect(await results({ bytes, trust })).toEqual({
      document: "info",
      seal: "pass",
      "seal certificate": "pass",
      inclusion: "not-made",
      verdict: "incomplete",
    });
  });

  test("what a sender signed, once the signer is confirmed", async () => {
    for (const bytes of [encode(signedBySender.text), encode(writeJson(served(signedBySender))), encode(writeXml(served(signedBySender)))]) {
      const request = { bytes, receipt: signedBySender.receipt, trust };
      expect(await results(request)).toEqual({ ...ALL_GOOD, signature: "pass", signer: "not-confirmed", verdict: "not-confirmed" });
      expect(await results({ ...request, requireTrusted: true })).toMatchObject({ signature: "pass", signer: "fail", verdict: "false" });
      const trusting = encode(trustText(keys).replace('"signers": []', `"signers": [${JSON.stringify(pemOf(doctor.certificate))}]`));
      expect(await results({ ...request, trust: trusting, requireTrusted: true })).toEqual({ ...ALL_GOOD, signature: "pass", signer: "pass" });
    }
  });

  test("a sender with --require-trusted alone where there is one, and the party it names is that of the certificate", async () => {
    const trusting = encode(trustText(keys).replace('"signers": []', `"signers": [${JSON.stringify(pemOf(doctor.certificate))}]`));
    for (const bytes of [encode(unsigned.text), encode(writeJson(served(unsigned)))])
      expect(await results({ bytes, receipt: unsigned.receipt, trust: trusting, requireTrusted: true })).toMatchObject({
        signature: "fail",
        verdict: "false",
      });
    const bytes = encode(signedBySender.text.replace("A. Meyer, MD", "B. Meyer, MD"));
    expect(await results({ bytes, trust: trusting })).toMatchObject({ signature: "pass", signer: "not-confirmed" });
    expect(await results({ bytes, trust: trusting, requireTrusted: true })).toMatchObject({ signature: "pass", signer: "fail", verdict: "false" });
    expect(await results({ bytes, requireTrusted: true })).toMatchObject({ signer: "fail", verdict: "false" });
  });

  test("what it found of each signature, in the words of all", async () => {
    const { signatures } = await verifyFile({ bytes: encode(signedBySender.text), receipt: signedBySender.receipt, trust });
    expect(signatures).toMatchObject([
      { place: "Bundle.signature", form: "jws", block: "valid", content: "valid", certificate: "not-checked", signer: "not-checked" },
    ]);
    expect((await verifyFile({ bytes: encode(writeJson(served(unsigned))), receipt: unsigned.receipt, trust })).signatures).toEqual([]);
  });

  test("a signed Provenance within an unsigned document is a signature that was not checked", async () => {
    const bundle = treeOfText(sampleDocument("urn:uuid:7"));
    (bundle.get("entry") as JsonArray).add(treeOf({ resource: { resourceType: "Provenance", signature: [{ data: "AAAA" }] } }));
    const report = await verifyFile({ bytes: encode(writeJson(bundle)), trust });
    expect(report.signatures.map(({ place }) => place)).toEqual(["Bundle.entry[3].resource.signature[0]"]);
    expect(report.checks).toContainEqual({ name: "signature", result: "not-made", text: expect.stringMatching(/^Bundle\.entry\[3\].*not checked/) });
  });

  test("a signature that covers the id on the submitted bytes, and says where else it cannot be checked", async () => {
    expect(await results({ bytes: encode(coveringId.text), receipt: coveringId.receipt, trust })).toEqual({
      ...ALL_GOOD,
      signature: "pass",
      signer: "not-confirmed",
      verdict: "not-confirmed",
    });
    expect(await results({ bytes: encode(writeJson(served(coveringId))), receipt: coveringId.receipt, trust })).toEqual({
      ...ALL_GOOD,
      signature: "not-made",
      verdict: "incomplete",
    });
  });

  test("a signature over XML as it was submitted, and says of the same content written otherwise why it was not checked", async () => {
    const text = signedXml(readFileSync("fixtures/signatures/xml/jdk-enveloped-p256.xml", "utf8"));
    const bundle = readXml(new SourceText(text), STORED_READ_LIMITS).resource;
    if (bundle === undefined) throw new Error("the fixture cannot be read");
    const [receipt = ""] = await receiptsOf([await seal(text, idOf(6), keys, "application/fhir+xml", bundle)], keys);
    const about = { receipt: encode(receipt), trust };
    expect((await verifyFile({ bytes: encode(text), ...about })).signatures).toMatchObject([{ block: "valid", content: "valid" }]);
    const { signatures } = await verifyFile({ bytes: encode(writeXml(bundle.without("id").add("id", "elsewhere"))), ...about });
    const reason = expect.stringMatching(/^it may cover the Bundle's id and meta.*or how the document was written/);
    expect(signatures).toMatchObject([{ block: "valid", content: "not-checked", reasons: { content: reason } }]);
  });
});

describe("verifyFile passes over the years", () => {
  test("a document that came as XML, in XML and in JSON", async () => {
    const bundle = treeOfText(sampleDocument("urn:uuid:6"));
    const text = writeXml(bundle, { pretty: true });
    const document = await seal(text, idOf(6), keys, "application/fhir+xml", bundle);
    const [receipt = ""] = await receiptsOf([document], keys);
    for (const file of [text, writeXml(bundle), writeJson(bundle)]) {
      expect(await results({ bytes: encode(file), receipt: encode(receipt), trust })).toEqual(ALL_GOOD);
    }
  });

  test("a document that was sealed before the seal key was rotated", async () => {
    const folder = await mkdtemp(join(tmpdir(), "keys-"));
    try {
      const before = await openKeyFolder(join(folder, "keys"), { now: new Date("2026-01-01T00:00:00Z") });
      const document = await seal(unsigned.text, idOf(1), before);
      const [receipt = ""] = await receiptsOf([document], before);
      await rotateSealKey(join(folder, "keys"));
      const after = encode(trustText(await openKeyFolder(join(folder, "keys"))));
      expect(await results({ bytes: encode(unsigned.text), receipt: encode(receipt), trust: after })).toEqual(ALL_GOOD);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("verifyFile could not make every check", () => {
  test("without a trust file", async () => {
    expect(await results({ bytes: encode(unsigned.text), receipt: unsigned.receipt })).toEqual({
      ...ALL_GOOD,
      "seal certificate": "not-confirmed",
      checkpoint: "not-confirmed",
      verdict: "not-confirmed",
    });
  });

  test("without anything", async () => {
    expect(await results({ bytes: encode(unsigned.text) })).toEqual({
      document: "info",
      seal: "not-made",
      inclusion: "not-made",
      verdict: "incomplete",
    });
    expect(await results({ bytes: encode(writeJson(served(unsigned))) })).toEqual({
      document: "info",
      seal: "pass",
      "seal certificate": "not-confirmed",
      inclusion: "not-made",
      verdict: "incomplete",
    });
  });

  test.each([[""], ["{"], ["<Bundle"], ["{}"], ["hello"], ['{"resourceType":"Patient"}'], ["\u0000"]])(
    "of a file that cannot be read: %j",
    async (text) => {
      expect(await results({ bytes: encode(text), trust })).toMatchObject({ document: "not-made", verdict: "incomplete" });
    },
  );

  test("with a trust file that is none", async () => {
    expect(await results({ bytes: encode(unsigned.text), receipt: unsigned.receipt, trust: encode("{}") })).toMatchObject({
      "trust file": "not-made",
      verdict: "incomplete",
    });
  });

  test("of a signature in a form that is not checked", async () => {
    const text = sampleDocument("urn:uuid:7", { signature: { sigFormat: "image/jpeg", data: "/9j/4AAQ" } });
    expect(await results({ bytes: encode(text) })).toMatchObject({ signature: "not-made", verdict: "incomplete" });
  });
});

describe("verifyFile fails", () => {
  test("a file that cannot be read, beside a receipt: by its digest, and nothing is said of what it may hold", async () => {
    expect(await results({ bytes: encode("<Bundle"), receipt: unsigned.receipt, trust })).toEqual({
      document: "not-made",
      digest: "fail",
      seal: "not-made",
      inclusion: "pass",
      checkpoint: "pass",
      identifier: "not-made",
      "signature and meta": "not-made",
      verdict: "false",
    });
  });

  test("a file with half of a surrogate pair, of which there is no digest: told, not thrown, wherever it stands", async () => {
    for (const at of ["Discharge summary", "urn:uuid:1", "http://example.org/profile"]) {
      const text = unsigned.text.replace(at, String.raw`\uD800`);
      expect(text).not.toBe(unsigned.text);
      const report = await verifyFile({ bytes: encode(text), receipt: unsigned.receipt, trust });
      expect(report.verdict).toBe("false");
      expect(report.checks[0]).toMatchObject({ name: "document", text: expect.stringMatching(/surrogate/) });
      expect((await verifyFile({ bytes: encode(text) })).verdict).toBe("incomplete");
    }
  });

  test("the receipt of another document", async () => {
    expect(await results({ bytes: encode(unsigned.text), receipt: signedBySender.receipt, trust })).toEqual({
      ...withoutSealCertificate(ALL_GOOD),
      digest: "fail",
      seal: "fail",
      "signature and meta": "fail",
      identifier: "fail",
      verdict: "false",
    });
  });

  test("a signature or a meta that is not the one it came with, though the content is", async () => {
    const { receipt } = signedBySender;
    const outer = { ...ALL_GOOD, "signature and meta": "fail", verdict: "false" };
    const relabelled = served(unsigned)
      .without("meta")
      .add("meta", treeOf({ security: [{ code: "N" }] }));
    expect(await results({ bytes: encode(writeJson(relabelled)), receipt: unsigned.receipt, trust })).toEqual(outer);
    const stripped = treeOfText(signedBySender.text).without("signature");
    expect(await results({ bytes: encode(writeJson(stripped)), receipt, trust })).toEqual(outer);
    const retyped = signedBySender.text.replace('"1.2.840.10065.1.12.1.1"', '"1.2.840.10065.1.12.1.2"');
    expect(await results({ bytes: encode(retyped), receipt, trust })).toEqual({ ...outer, signature: "pass", signer: "not-confirmed" });
  });

  test("the trust file of another repository", async () => {
    const others = encode(trustText(await temporaryKeys()));
    expect(await results({ bytes: encode(unsigned.text), receipt: unsigned.receipt, trust: others })).toEqual({
      ...ALL_GOOD,
      "seal certificate": "not-confirmed",
      checkpoint: "fail",
      verdict: "false",
    });
  });

  test("a file that is not readable, with a receipt that says it was", async () => {
    expect(await results({ bytes: encode("{"), receipt: unsigned.receipt, trust })).toMatchObject({
      document: "not-made",
      digest: "fail",
      verdict: "false",
    });
  });

  test("a file in which a name stands twice", async () => {
    const text = unsigned.text.replace('"type": "document"', '"type": "document", "type": "message"');
    expect(await results({ bytes: encode(text), receipt: unsigned.receipt, trust })).toMatchObject({ document: "fail", verdict: "false" });
  });

  test("a file in which a name stands twice, of which a sender signed what one reader sees", async () => {
    const text = signedBySender.text.replace('"type": "document"', '"type": "document", "type": "message"');
    for (const receipt of [undefined, signedBySender.receipt]) {
      const { signatures } = await verifyFile({ bytes: encode(text), ...(receipt && { receipt }), trust });
      const reason = expect.stringMatching(/other readers may see another document/);
      expect(signatures).toMatchObject([{ block: "valid", content: "not-checked", reasons: { content: reason }, explanation: reason }]);
    }
  });

  test("a seal that was made before its certificate, or after it, is not confirmed", async () => {
    const late = await temporaryKeys(new Date("2026-03-20T00:00:00Z"));
    const document = await seal(unsigned.text, idOf(1), late);
    const [receipt] = await receiptsOf([document], late);
    expect(await results({ bytes: encode(unsigned.text), receipt: encode(receipt as string), trust: encode(trustText(late)) })).toEqual({
      ...ALL_GOOD,
      "seal certificate": "not-confirmed",
      verdict: "not-confirmed",
    });
  });

  test("our seal on other content, also without a receipt", async () => {
    const altered = writeJson(served(unsigned)).replace("K&#160;4.0", "K&#160;6.0");
    expect(await results({ bytes: encode(altered), trust })).toMatchObject({ seal: "fail", verdict: "false" });
    expect(await results({ bytes: encode(altered), receipt: unsigned.receipt, trust })).toMatchObject({
      digest: "fail",
      seal: "fail",
      verdict: "false",
    });
  });

  test("a sender's signature on other content, or over other content", async () => {
    const altered = signedBySender.text.replace("K&#160;4.0", "K&#160;6.0");
    expect(await results({ bytes: encode(altered), trust })).toMatchObject({ signature: "fail", verdict: "false" });
    const forged = await signed("urn:uuid:8", () => canonicalDocument(treeOfText(sampleDocument("urn:uuid:9"))));
    expect(await results({ bytes: encode(forged) })).toMatchObject({ signature: "fail", verdict: "false" });
  });
});

describe("verifyFile notices any byte that was flipped", () => {
  test(
    "in the receipt",
    async () => {
      const bytes = encode(unsigned.text);
      const original: unknown = JSON.parse(Buffer.from(unsigned.receipt).toString());
      for (let at = 0; at < unsigned.receipt.length; at += 1) {
        const receipt = unsigned.receipt.with(at, (unsigned.receipt[at] as number) ^ 1);
        const { exitCode } = await verifyFile({ bytes, receipt, trust });
        if (exitCode === 0) expect({ at, value: JSON.parse(Buffer.from(receipt).toString()) as unknown }).toEqual({ at, value: original });
        else expect({ at, exitCode }).toEqual({ at, exitCode: 1 });
      }
    },
    A_LOADED_MACHINE,
  );

  test(
    "in the submitted bytes, unless the content is the same",
    async () => {
      const bytes = encode(unsigned.text);
      const content = canonicalDocument(treeOfText(unsigned.text));
      for (let at = 0; at < bytes.length; at += 1) {
        const flipped = bytes.with(at, (bytes[at] as number) ^ 1);
        const { exitCode } = await verifyFile({ bytes: flipped, receipt: unsigned.receipt, trust });
        if (exitCode === 0) expect({ at, content: canonicalDocument(treeOfText(Buffer.from(flipped).toString())) }).toEqual({ at, content });
        else expect({ at, exitCode }).toEqual({ at, exitCode: 1 });
      }
    },
    A_LOADED_MACHINE,
  );
});
