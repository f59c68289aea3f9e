import { afterEach, describe, expect, test } from "@jest/globals";
import type { ServerResponse } from "node:http";
import { openTimeAuthority, type TimeAuthorityLimits } from "../../../src/adapters/tsa/time-authority.ts";
import { checkTimeStamp } from "../../../src/core/cms/check-time-stamp.ts";
import { parseCertificate } from "../../../src/core/crypto/certificate.ts";
import { CRITICAL, HAS_OPENSSL, openAuthority, P384, POLICY, RSA, type Authority, type AuthorityOptions } from "./authority.ts";

const VALUE = new TextEncoder().encode("the value of a signature");
const PSS = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"];

let open: Authority[] = [];

afterEach(async () => {
  for (const authority of open) await authority.close();
  open = [];
});

interface Asking extends AuthorityOptions {
  readonly policy?: string;
  readonly limits?: Partial<TimeAuthorityLimits>;
  /** Whose certificates are trusted: its own issuer's, or another authority's. */
  readonly isStranger?: boolean;
  readonly times?: number;
}

/** What came of asking: how long the last token is, what was told, how often it was asked. */
async function ask({
  policy,
  limits,
  isStranger,
  times = 1,
  ...options
}: Asking): Promise<{ token: Uint8Array | undefined; told: string[]; asked: number }> {
  const authority = await openAuthority(options);
  const other = isStranger ? await openAuthority() : authority;
  open.push(authority, ...(isStranger ? [other] : []));
  const told: string[] = [];
  const stamp = openTimeAuthority({
    ...{ url: authority.url, policy, limits },
    anchors: [parseCertificate(other.issuer)],
    onFault: (reason) => told.push(reason),
  });
  let token: Uint8Array | undefined;
  for (let time = 0; time < times; time += 1) token = await stamp(VALUE);
  return { token, told, asked: authority.asked() };
}

const judged = HAS_OPENSSL ? describe : describe.skip;
judged(`a time-stamp authority (OpenSSL's${HAS_OPENSSL ? "" : ", which is not here"})`, () => {
  test.each<[string, AuthorityOptions]>([
    ["RSA", { key: RSA }],
    ["RSA and SHA-512, named by SHA-1", { key: RSA, digest: "sha512", named: "sha1" }],
    ["ECDSA on P-384, named by SHA-384", { key: P384, digest: "sha384", named: "sha384" }],
    ["RSASSA-PSS", { key: RSA, signing: PSS }],
    ["ECDSA, signed by general means", { key: P384, extensions: `${CRITICAL}\nkeyUsage=nonRepudiation` }],
  ])("gives a stamp by %s", async (_, options) => {
    const { token, told } = await ask({ ...options, policy: POLICY });
    expect(told).toEqual([]);
    const checked = await checkTimeStamp(token ?? new Uint8Array(), VALUE);
    expect(checked).toMatchObject({ kind: "valid", stamp: { accuracy: 1_500, policy: POLICY } });
    if (checked.kind === "valid") expect(checked.stamp.chain[0].subject).toBe("O=Office of time\nCN=Clock 1");
    if (checked.kind === "valid") expect(Math.abs(checked.stamp.at.getTime() - Date.now())).toBeLessThan(60_000);
    expect(await checkTimeStamp(token ?? new Uint8Array(), VALUE.subarray(1))).toEqual({ kind: "invalid", reason: "it is about something else" });
  });

  test("no byte of a token can be changed", async () => {
    const { token = new Uint8Array() } = await ask({ key: P384 });
    let changed = 0;
    for (let at = 0; at < token.length; at += 1) {
      const altered = Uint8Array.from(token);
      altered[at] = (altered[at] ?? 0) ^ 1;
      const { kind } = await checkTimeStamp(altered, VALUE);
      // The certificates that came along and are not the signer's, and what only names the hashes beforehand, are not signed.
      if (kind === "valid") changed += 1;
    }
    const issuer = open[0] ? parseCertificate(open[0].issuer).raw.length : 0;
    expect(changed).toBeLessThan(issuer + 120);
  });

  test.each<[string, RegExp, Asking]>([
    ["of somebody whom nobody vouches for", /none that TSA_TRUST_FILE vouches for/, { isStranger: true }],
    ["by a certificate that is not for time alone", /not one for time-stamps/, { extensions: `${CRITICAL},codeSigning` }],
    ["by a certificate that is not critically for time", /not one for time-stamps/, { extensions: "extendedKeyUsage=timeStamping" }],
    ["by a certificate that says nothing of its use", /not one for time-stamps/, { extensions: "subjectKeyIdentifier=hash" }],
    ["by a certificate that also issues others", /not one for time-stamps/, { extensions: `${CRITICAL}\nkeyUsage=digitalSignature,keyCertSign` }],
    ["under another policy", /refused \(status 2\)|given under the policy/, { policy: "1.2.3.4" }],
    ["of another time", /which is not now/, { limits: { skew: -1 } }],
    ["too late", /did not answer within 300 ms/, { limits: { time: 300 }, answer: () => undefined }],
    [
      "piece by piece, too late",
      /did not answer within 300 ms/,
      { limits: { time: 300 }, answer: (made, response) => void response.write(made.subarray(0, 9)) },
    ],
    ["without end", /larger than a time-stamp may be/, { answer: (_, response) => pour(response) }],
    ["that is an error", /answered 500/, { answer: (_, response) => void response.writeHead(500).end("no") }],
    [
      "that leads elsewhere",
      /could not be reached/,
      { answer: (_, response) => void response.writeHead(307, { Location: "http://127.0.0.1:1/" }).end() },
    ],
    ["that is a page", /not ASN.1/, { answer: () => Buffer.from("<html>Sign in first</html>") }],
    ["with something behind it", /something follows it/, { answer: (made) => Buffer.concat([made, Buffer.from("\0")]) }],
    ["that is empty", /no value/, { answer: () => Buffer.alloc(0) }],
  ])("an answer %s gives no stamp, and says why", async (_, reason, options) => {
    const { token, told, asked } = await ask({ ...options, times: 3 });
    expect(token).toBeUndefined();
    expect(told).toEqual([expect.stringMatching(reason)]);
    // It rests for a moment, so that not everybody waits for it.
    expect(asked).toBe(1);
  });

  test("the answer to an earlier question is no answer", async () => {
    let first: Buffer | undefined;
    const { told } = await ask({ times: 2, answer: (made) => (first ??= made) });
    expect(told).toEqual([expect.stringMatching(/answers another question/)]);
  });

  test("after its rest it is asked again", async () => {
    let isWell = false;
    const answer = (made: Buffer): Buffer => (isWell ? made : ((isWell = true), Buffer.alloc(0)));
    const { token, told, asked } = await ask({ times: 2, limits: { rest: 0 }, answer });
    expect([token === undefined, told.length, asked]).toEqual([false, 1, 2]);
  });

  test("one that is not there is told of", async () => {
    const told: string[] = [];
    const stamp = openTimeAuthority({ url: "http://127.0.0.1:1/", anchors: [], onFault: (reason) => told.push(reason) });
    expect([await stamp(VALUE), told]).toEqual([undefined, ["it could not be reached"]]);
  });
});

function pour(response: ServerResponse): undefined {
  const more = (): void => {
    if (!response.destroyed) response.write(Buffer.alloc(65_536), more);
  };
  more();
}
