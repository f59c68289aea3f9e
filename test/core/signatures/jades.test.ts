import { expect, test } from "@jest/globals";
import { toBase64, toBase64Url } from "../../../src/core/crypto/base64.ts";
import { SIGNATURE_LIMITS } from "../../../src/core/crypto/signature-limits.ts";
import { commitmentsOf, evidenceOf } from "../../../src/core/signatures/jades.ts";
import { parseJwsJson, type Jws } from "../../../src/core/signatures/jws.ts";

const der = (byte: number) => Uint8Array.of(0x30, 1, byte);
const pki = (byte: number) => ({ val: toBase64(der(byte)) });

function jwsOf(etsiU: readonly unknown[], header: object = {}): Jws {
  const text = JSON.stringify({ protected: toBase64Url(JSON.stringify({ alg: "ES256", ...header })), signature: "AAAA", header: { etsiU } });
  const [jws] = parseJwsJson(text);
  if (typeof jws !== "object") throw new Error(jws);
  return jws;
}

test("time-stamps are over the signature's value as it is written; revocations are found wherever they stand, in clear or in base64url", () => {
  const elements = [
    { sigTst: { tstTokens: [pki(1)] } },
    { rVals: { crlVals: [pki(2)], ocspVals: [pki(3)] } },
    { tstVD: { rVals: { ocspVals: [pki(4)] } } },
  ];
  for (const etsiU of [elements, elements.map((element) => toBase64Url(JSON.stringify(element)))]) {
    const { timeStamps, revocation } = evidenceOf(jwsOf(etsiU));
    expect(timeStamps).toEqual([{ token: der(1), over: new TextEncoder().encode("AAAA") }]);
    expect(revocation).toEqual({ crls: [der(2)], ocsp: [der(3), der(4)] });
  }
});

test("what cannot be read is passed over, and no more is read than a signature may bring", () => {
  const many = Array.from({ length: 60 }, () => ({ rVals: { crlVals: [pki(2)] }, xVals: [{ x509Cert: { val: "%" } }, 1] }));
  const { certificates, revocation } = evidenceOf(jwsOf([1, "%", "e30", null, ...many]));
  expect(certificates).toEqual([]);
  expect(revocation.crls).toHaveLength(SIGNATURE_LIMITS.revocations);
});

test("commitments are object identifiers", () => {
  const srCms = [{ commId: { id: "urn:oid:1.2.840.10065.1.12.1.1" } }, { commId: { id: "proof" } }, {}];
  expect(commitmentsOf(jwsOf([], { srCms }))).toEqual(["1.2.840.10065.1.12.1.1"]);
});
