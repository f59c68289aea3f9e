/** Chains that cost nobody more than they measure. */
import { expect, jest, test } from "@jest/globals";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import { canonicalDocument } from "../../../src/core/fhir/canonical.ts";
import { treeOf } from "../../../src/core/fhir/tree/tree.ts";
import { FlattenedSign } from "jose";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { checkDocumentSignatures } from "../../r4.ts";
import { person, type Person } from "./people.ts";

const root = person("Test root", { isAuthority: true });
const doctor = person("Dr A. Meyer", { by: root });
const DOCUMENT = treeOfText(sampleDocument("urn:uuid:1"));

/** The result, and how many signatures of certificates were computed for it. */
async function checkWith(x5c: readonly string[]) {
  const jws = await new FlattenedSign(new TextEncoder().encode(canonicalDocument(DOCUMENT)))
    .setProtectedHeader({ alg: "ES256", x5c: [...x5c] })
    .sign(doctor.key);
  const data = Buffer.from(`${jws.protected ?? ""}..${jws.signature}`).toString("base64");
  const signed = DOCUMENT.without("signature").add("signature", treeOf({ sigFormat: "application/jose", data }));
  const spy = jest.spyOn(Object.getPrototypeOf(root.certificate) as typeof root.certificate, "isSignedBy");
  const [result] = await checkDocumentSignatures(signed, { signers: [root.certificate] });
  const sums = spy.mock.calls.length;
  spy.mockRestore();
  return { result, sums };
}

const own = toBase64(doctor.certificate.raw);

test("an honest chain costs a sum for each step", async () => {
  expect(await checkWith([own])).toMatchObject({ result: { certificate: "valid" }, sums: 1 });
});

test("a megabyte of certificates is not looked at", async () => {
  const many = Array.from({ length: Math.ceil(1_000_000 / own.length) }, () => own);
  expect(await checkWith(many)).toMatchObject({ result: { block: "not-checked", certificate: "not-checked" }, sums: 0 });
  expect(await checkWith([own, "A".repeat(1_000_000)])).toMatchObject({ result: { block: "not-checked", certificate: "not-checked" }, sums: 0 });
});

test("as many as there may be, of authorities that all sign each other, cost no more sums than there may be", async () => {
  const crowd = Array.from({ length: 3 }, (_, at) => person(`Authority ${at}`, { isAuthority: true }));
  const crossed = crowd.flatMap((by) => crowd.map((to) => person(to.name, { by, isAuthority: true, key: to.key })));
  const signer = person("Dr A. Meyer", { by: crowd[0] as Person, key: doctor.key });
  const { result, sums } = await checkWith([signer, ...crossed].map(({ certificate }) => toBase64(certificate.raw)));
  expect(result).toMatchObject({ block: "valid", certificate: "not-checked", standing: "not-trusted" });
  expect(sums).toBeLessThanOrEqual(30);
});
