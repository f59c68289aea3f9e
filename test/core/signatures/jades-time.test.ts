/** What a JWS brings beside it (JAdES `etsiU`) arrives where certificates are judged. */
import { sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openTimeAuthority } from "../../../src/adapters/tsa/time-authority.ts";
import { toBase64, toBase64Url } from "../../../src/core/crypto/base64.ts";
import { utf8 } from "../../../src/core/crypto/bytes.ts";
import { parseCertificate, type Certificate } from "../../../src/core/crypto/certificate.ts";
import { canonicalDocument } from "../../../src/core/fhir/canonical.ts";
import { treeOf } from "../../../src/core/fhir/tree/tree.ts";
import { protectedHeaderOf, signingInput } from "../../../src/core/signatures/jws.ts";
import { HAS_OPENSSL, openAuthority, type Authority } from "../../adapters/tsa/authority.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { checkDocumentSignatures } from "../../r4.ts";
import { person } from "./people.ts";

const HOUR = 3_600_000;
const document = treeOfText(sampleDocument("urn:uuid:1"));
const root = person("Test root", { isAuthority: true });
/** Whose certificate ends before the document is received. */
const doctor = person("Dr A", { by: root, validTo: new Date(Date.now() + HOUR) });
const receivedAt = new Date(Date.now() + 2 * HOUR);

const judged = HAS_OPENSSL ? describe : describe.skip;
judged(`the time-stamp of a JWS${HAS_OPENSSL ? "" : " (not judged: there is no OpenSSL)"}`, () => {
  let authority: Authority;
  let clock: Certificate;
  beforeAll(async () => {
    authority = await openAuthority();
    clock = parseCertificate(authority.issuer);
  });
  afterAll(() => authority.close());

  /** The results about a JWS that covers no time, with a time-stamp over what is made of its signature. */
  async function check(stampedOf: (signature: string) => string, timeAuthorities: readonly Certificate[]) {
    const named = protectedHeaderOf({ alg: "ES256", x5c: [toBase64(doctor.certificate.raw)] });
    const value = sign("sha256", signingInput(named, utf8(canonicalDocument(document))), { key: doctor.key, dsaEncoding: "ieee-p1363" });
    const signature = toBase64Url(new Uint8Array(value));
    const onFault = (reason: string): never => {
      throw new Error(reason);
    };
    const token = await openTimeAuthority({ url: authority.url, anchors: [clock], onFault })(utf8(stampedOf(signature)));
    const header = { etsiU: [{ sigTst: { tstTokens: [{ val: toBase64(token ?? new Uint8Array()) }] } }] };
    const data = toBase64(utf8(JSON.stringify({ protected: named, header, signature })));
    const signed = document.without("signature").add("signature", treeOf({ data, sigFormat: "application/jose" }));
    return checkDocumentSignatures(signed, { signers: [root.certificate], timeAuthorities }, { receivedAt });
  }

  test("says when its certificate had to be valid", async () => {
    const whole = { form: "jws", block: "valid", content: "valid" };
    expect(await check((signature) => signature, [clock])).toMatchObject([{ ...whole, certificate: "valid", judged: { basis: "stamped" } }]);
    const received = { ...whole, certificate: "not-checked", standing: "unknown" };
    // Nobody trusts the authority; or it stamped something else.
    expect(await check((signature) => signature, [])).toMatchObject([received]);
    expect(await check((signature) => `${signature}A`, [clock])).toMatchObject([received]);
  });
});
