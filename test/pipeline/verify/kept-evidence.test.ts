/** What the judgement of a sender's certificate rested on at receipt is kept in the deposit record, and by it the judgement can be made again by somebody who can ask nobody. */
import { sign } from "node:crypto";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { FlattenedSign } from "jose";
import { AUTHORITY, certificateWith, ecKey } from "../../../bench/hostile/actors.ts";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import { digestOf } from "../../../src/core/crypto/digest.ts";
import { bitString, integer, objectIdentifier, sequence, setOf, time, utf8String } from "../../../src/core/der/write-der.ts";
import { canonicalDocument } from "../../../src/core/fhir/canonical.ts";
import { treeOf } from "../../../src/core/fhir/tree/tree.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { parseDepositRecord } from "../../../src/core/formats/deposit-record.ts";
import { openKeptDocument } from "../../../src/core/formats/kept-document.ts";
import { formatTrust, trustOf } from "../../../src/core/formats/trust.ts";
import { shelfOf } from "../../../src/core/revocation/revocation-shelf.ts";
import { checkDocumentSignatures } from "../../../src/core/signatures/document-signature.ts";
import type { SignatureCheck } from "../../../src/core/signatures/signature-check.ts";
import { keptOnce } from "../../../src/core/signatures/signer-certificate.ts";
import { idOf, keyOf, RECEIVED_AT, receiptsOf, sampleDocument, seal, temporaryKeys, treeOfText } from "../sign/deposited.ts";
import { R4, verifyFile } from "../../r4.ts";

const ALGORITHM = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
const key = ecKey("P-256");
const authority = certificateWith({ subject: "Root", key, issuer: "Root", issuerKey: key, extensions: [AUTHORITY] });
const doctorKey = ecKey("P-256");
const doctor = certificateWith({ subject: "Dr A. Meyer", key: doctorKey, issuer: "Root", issuerKey: key, extensions: [] });

/** A list that revokes nobody. */
function list(): Uint8Array {
  const name = sequence(setOf(sequence(objectIdentifier("2.5.4.3"), utf8String("Root"))));
  const body = sequence(integer(1), ALGORITHM, name, time(new Date("2026-03-01")), time(new Date("2026-04-01")));
  return sequence(body, ALGORITHM, bitString(new Uint8Array(sign("sha256", body, key))));
}

let record: string;
let found: readonly SignatureCheck[];
let judge: (record?: string) => ReturnType<typeof verifyFile>;
const LIST = list();

beforeAll(async () => {
  const keys = await temporaryKeys();
  const bundle = treeOfText(sampleDocument("kept"));
  const jws = await new FlattenedSign(new TextEncoder().encode(canonicalDocument(bundle)))
    .setProtectedHeader({ alg: "ES256", x5c: [toBase64(doctor.raw)], sigT: "2026-03-14T08:00:00Z" })
    .sign(doctorKey);
  const signature = {
    type: [{ code: "1.2.840.10065.1.12.1.1" }],
    ...{ when: "2026-03-14T08:00:00Z", who: { display: "A. Meyer, MD" }, sigFormat: "application/jose" },
    targetFormat: "application/fhir+json;canonicalization=http://hl7.org/fhir/canonicalization/json#document",
    data: Buffer.from(`${jws.protected ?? ""}..${jws.signature}`).toString("base64"),
  };
  const text = writeJson(bundle.add("signature", treeOf(signature)), { pretty: true });
  const trust = { signers: [authority], source: () => Promise.resolve(shelfOf([LIST])) };
  found = await checkDocumentSignatures(treeOfText(text), trust, { definitions: R4.definitions, receivedAt: RECEIVED_AT });
  const sealed = await seal(text, idOf(1), keys, "application/fhir+json", treeOfText(text), found);
  const [receipt = ""] = await receiptsOf([sealed], keys);
  record = openKeptDocument(sealed.id, sealed, keyOf(sealed.id)).evidence.deposit;
  const encode = (one: string): Uint8Array => new TextEncoder().encode(one);
  const trustFile = encode(formatTrust(trustOf(keys, [authority], [], { needsRevocation: true })));
  judge = (kept) =>
    verifyFile({ bytes: encode(text), receipt: encode(receipt), trust: trustFile, ...(kept !== undefined && { record: encode(kept) }) });
});

describe("the deposit record", () => {
  test("keeps the way to the trust list and what tells that nobody on it had been revoked, each by its digest", () => {
    const { restsOn = [], signatures } = parseDepositRecord(record);
    expect(restsOn.map(({ kind, digest }) => [kind, digest])).toEqual([
      ["certificate", digestOf(authority.raw)],
      ["certificate", digestOf(doctor.raw)],
      ["revocation", digestOf(LIST)],
    ]);
    expect(restsOn.map(({ der }) => der && digestOf(der))).toEqual(restsOn.map(({ digest }) => digest));
    // It is told there alone.
    expect(signatures.map(({ restsOn: own }) => own)).toEqual([undefined]);
  });

  test("lets somebody who can ask nobody judge the certificate again", async () => {
    const without = await judge();
    expect(without.signatures).toMatchObject([{ certificate: "not-checked" }]);
    const { signatures, checks, verdict } = await judge(record);
    expect(signatures).toMatchObject([{ block: "valid", content: "valid", certificate: "valid" }]);
    expect(checks).toContainEqual(expect.objectContaining({ result: "pass", text: expect.stringContaining("1 lists or answers about certificates that it keeps were used") })); // prettier-ignore
    expect([without.verdict, verdict]).toEqual(["not-confirmed", "proven"]);
  });

  test("of another document, or altered, is a failure, and nothing of it counts", async () => {
    const { signatures, verdict } = await judge(record.replace('"requestId":"r-1"', '"requestId":"r-2"'));
    expect([verdict, signatures[0]?.certificate]).toEqual(["false", "not-checked"]);
  });
});

test("what several signatures rest on is kept once, and no more of it than there is room for", () => {
  const [check] = found;
  const large = (byte: number) => ({ kind: "revocation", digest: `sha256:${byte}`, der: new Uint8Array(40_000).fill(byte) }) as const;
  const checks = [
    { ...check!, restsOn: [large(1), large(2)] },
    { ...check!, restsOn: [large(1), large(3)] },
  ];
  const kept = keptOnce(checks).map(({ restsOn = [] }) => restsOn.map(({ digest, der }) => [digest, der?.length]));
  expect(kept).toEqual([
    [
      ["sha256:1", 40_000],
      ["sha256:2", 40_000],
    ],
    [["sha256:3", undefined]],
  ]);
});
