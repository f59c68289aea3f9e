import { describe, expect, test } from "@jest/globals";
import { checkPath } from "../../../src/core/crypto/certificate-path.ts";
import { webPlatform } from "../../../src/core/crypto/platform/web.ts";
import { AUTHORITIES, bytesOf, certificateOf, MOMENT, ROOT, VERDICTS } from "./certificate-fixtures.ts";

/** OpenSSL's errors (x509_vfy.h) as we call them. */
const STATES: Readonly<Record<string, string>> = {
  OK: "trusted",
  "10": "expired",
  "25": "refused", // path length
  "26": "refused", // purpose or key usage
  "34": "undecided", // a critical extension that is not known
  "43": "refused", // policies
  "47": "refused", // names that are not permitted
  "48": "refused", // names that are excluded
  "68": "undecided", // a signature that is too weak
};

/** What tells the reason to a person. */
const REASONS: Readonly<Record<string, RegExp>> = {
  server: /other purposes \(extended key usage\)/,
  usage: /not one for this use \(key usage\)/,
  authority: /an authority's, whose key signs certificates, not documents/,
  deep: /\(path length\)/,
  "by-servers": /^servers issues certificates for other purposes/,
  unknown: /critical extension that is not known here \(2\.999\.7\)/,
  "other-policy": /\(certificate policies\)/,
  "by-late": /^the certificate of late on the way to the trust file was not valid then/,
  "by-md5": /signed in a way that is not checked here/,
  "by-sha1": /signed over SHA-1/,
  "limited-mail-outside": /\(name constraints\)/,
};

const CASES = VERDICTS.filter(([name]) => !name.includes(":"));

describe("checkPath says of each certificate what OpenSSL says", () => {
  test("and there are as many as there should be", () => expect(CASES.length).toBe(32));

  test.each(CASES)("%s (%s)", async (name, verdict) => {
    const { state, reason } = await checkPath({ chain: [certificateOf(name), ...AUTHORITIES], anchors: [ROOT], moment: MOMENT });
    // Who is no authority issues nothing: OpenSSL says which one it is not (79), and we that nobody vouches.
    expect(state).toBe(verdict === "79" ? "not-trusted" : STATES[verdict]);
    expect(reason ?? "").toMatch(REASONS[name] ?? /^/);
  });
});

test("and so it does in a browser", async () => {
  const read = (name: string) => webPlatform.readCertificate(bytesOf(`${name}.pem`));
  const others = AUTHORITIES.flatMap(({ raw }) => webPlatform.readCertificate(raw) ?? []);
  const root = read("root");
  for (const [name, verdict] of CASES) {
    const own = read(name);
    const { state } = await checkPath({ chain: own ? [own, ...others] : [], anchors: root ? [root] : [], moment: MOMENT });
    // There an algorithm that is not known is nobody's: it does not even name its issuer.
    const isNobodys = verdict === "79" || name === "by-md5";
    expect([name, state]).toEqual([name, isNobodys ? "not-trusted" : STATES[verdict]]);
  }
});
