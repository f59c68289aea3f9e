/** JSON Web Signatures of a megabyte that are meant to cost more than that. */
import { sign } from "node:crypto";
import { canonicalDocument } from "../../src/core/fhir/canonical.ts";
import type { JsonObject } from "../../src/core/fhir/tree/tree.ts";
import type { Person } from "../../test/core/signatures/people.ts";
import { crowd, der, doctor, ecKey, mallory, many, MEGABYTE, rsaKey, type Hostile, type Signature } from "./actors.ts";
import { hostileAnswer, hostileList, LISTS, type HostileList } from "./revocations.ts";

const url = (text: string | Uint8Array): string => Buffer.from(text).toString("base64url");

function jws(text: string): Signature {
  return { sigFormat: "application/jose", data: Buffer.from(text).toString("base64") };
}

/** A signature over a payload, by somebody; as JSON has it. */
function part(by: Person, payload: string, header: object): { readonly protected: string; readonly signature: string } {
  const head = url(JSON.stringify({ alg: "ES256", ...header }));
  return { protected: head, signature: url(sign("sha256", Buffer.from(`${head}.${url(payload)}`), { key: by.key, dsaEncoding: "ieee-p1363" })) };
}

/** One that is right, over the document, by whom the trust list vouches for, with anything beside it. */
function beside(document: JsonObject, header: object): Signature {
  return jws(JSON.stringify({ ...part(doctor, canonicalDocument(document), { x5c: [der(doctor)] }), header }));
}

/** As many signatures as there may be, each of its own key, with certificates of authorities of their own who vouch for each other. */
function crowds(document: JsonObject, makeKey: () => ReturnType<typeof ecKey>): Signature {
  const signatures = Array.from({ length: 5 }, () => {
    const { signer, certificates } = crowd(3, makeKey);
    return part(signer, canonicalDocument(document), { x5c: [signer, ...certificates].map(der) });
  });
  return jws(JSON.stringify({ signatures }));
}

const withLists = (document: JsonObject, kind: HostileList): Signature =>
  beside(document, {
    etsiU: [{ rVals: { crlVals: Array.from({ length: 5 }, () => ({ val: Buffer.from(hostileList(kind)).toString("base64") })) } }],
  });

export const HOSTILE_JWS: readonly Hostile[] = [
  { name: "JWS: bytes that are no signature", make: () => jws(`${part(mallory, "", { x5c: [der(mallory)] }).protected}..${many(MEGABYTE, "A")}`) },
  {
    name: "JWS: certificates that nothing covers (x5c)",
    make: (document) => beside(document, { x5c: Array.from({ length: 2_000 }, () => der(mallory)) }),
  },
  { name: "JWS: authorities that all vouch for each other, P-256", make: (document) => crowds(document, () => ecKey("P-256")) },
  { name: "JWS: the same, P-521", make: (document) => crowds(document, () => ecKey("P-521")) },
  { name: "JWS: the same, brainpoolP512r1", make: (document) => crowds(document, () => ecKey("brainpoolP512r1")) },
  { name: "JWS: the same, RSA of 4096 bits", make: (document) => crowds(document, () => rsaKey(4_096)) },
  {
    name: "JWS: many signatures in JSON",
    make: (document) => jws(JSON.stringify({ signatures: Array.from({ length: 3_000 }, () => part(mallory, canonicalDocument(document), {})) })),
  },
  { name: "JWS: values in JSON", make: () => jws(`{"signature":"AA","protected":"e30","header":{"a":[${many(MEGABYTE / 2, "1,")}1]}}`) },
  {
    name: "JWS: names in JSON",
    make: () => jws(`{"signature":"AA","protected":"e30","header":{${many(MEGABYTE / 12, (at) => `"n${at}":1,`)}"z":1}}`),
  },
  {
    name: "JWS: levels in JSON",
    make: () => jws(`{"signature":"AA","protected":"e30","header":${many(MEGABYTE / 12, '{"a":')}1${many(MEGABYTE / 12, "}")}}`),
  },
  {
    name: "JWS: a payload that is no document",
    make: () => jws(JSON.stringify({ payload: url(many(MEGABYTE, "[")), ...part(mallory, many(MEGABYTE, "["), { x5c: [der(mallory)] }) })),
  },
  {
    name: "JWS: a payload of numbers",
    make: () => {
      const payload = `{"resourceType":"Bundle","type":"document","a":[${many(MEGABYTE / 8, "1.0e300,")}1]}`;
      return jws(JSON.stringify({ payload: url(payload), ...part(mallory, payload, { x5c: [der(mallory)] }) }));
    },
  },
  {
    name: "JWS: time-stamps that are none (etsiU)",
    make: (document) =>
      beside(document, {
        etsiU: Array.from({ length: 50 }, () => ({ sigTst: { tstTokens: [{ val: Buffer.alloc(MEGABYTE / 50, 0x30).toString("base64") }] } })),
      }),
  },
  {
    name: "JWS: evidence in base64url (etsiU)",
    make: (document) => beside(document, { etsiU: Array.from({ length: 50 }, () => url(`{"a":[${many(MEGABYTE / 150, "[],")}[]]}`)) }),
  },
  ...LISTS.map((kind) => ({ name: `JWS: lists (CRL) ${kind}`, make: (document: JsonObject) => withLists(document, kind) })),
  {
    name: "JWS: answers (OCSP) of many certificates and answers",
    make: (document) =>
      beside(document, {
        etsiU: [{ rVals: { ocspVals: Array.from({ length: 5 }, () => ({ val: Buffer.from(hostileAnswer()).toString("base64") })) } }],
      }),
  },
];
