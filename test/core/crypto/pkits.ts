/**
 * NIST's Public Key Interoperability Test Suite (PKITS, 2011): certificates and lists of revoked ones, whose file names say what is expected. They are read from the
 * folders `pkits/certs` and `pkits/crls` in CASES; without them nothing is tested.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CheckedSums, checkPath, type CheckedPath } from "../../../src/core/crypto/certificate-path.ts";
import type { PolicyQuestion } from "../../../src/core/crypto/certificate-policies.ts";
import { readCertificate, type Certificate } from "../../../src/core/crypto/certificate.ts";
import { FOR_DOCUMENTS } from "../../../src/core/crypto/path-rules.ts";
import { revocationOf } from "../../../src/core/revocation/path-revocation.ts";
import { shelfOf, type RevocationShelf } from "../../../src/core/revocation/revocation-shelf.ts";

const FOLDER = join(process.env["CASES"] ?? "../shared/cases", "pkits");
/** Where the suite lies; undefined where it is not at hand. */
export const PKITS = existsSync(join(FOLDER, "certs")) ? FOLDER : undefined;

/** Policies of the suite. */
const [P1, P2, P3, P6] = [1, 2, 3, 6].map((number) => `2.16.840.1.101.3.2.1.48.${number}`) as [string, string, string, string];
const of = (...accepted: string[]): PolicyQuestion => ({ accepted: new Set(accepted) });

type Expectation = readonly [isTrusted: boolean, policies?: PolicyQuestion];

/** What names alone do not say (sections 4.8 to 4.12 of the suite's document). */
const EXPECTED: Readonly<Record<string, readonly Expectation[]>> = {
  ValidCertificatePathTest1: [
    [true, { isExplicit: true }],
    [true, { ...of(P1), isExplicit: true }],
    [false, { ...of(P2), isExplicit: true }],
    [true, { ...of(P1, P2), isExplicit: true }],
  ],
  AllCertificatesNoPoliciesTest2: [[true], [false, { isExplicit: true }]],
  DifferentPoliciesTest3: [[true], [false, { isExplicit: true }], [false, { ...of(P1, P2), isExplicit: true }]],
  DifferentPoliciesTest4: [[false]],
  DifferentPoliciesTest5: [[false]],
  OverlappingPoliciesTest6: [[true], [true, of(P1)], [false, of(P2)]],
  DifferentPoliciesTest7: [[false]],
  DifferentPoliciesTest8: [[false]],
  DifferentPoliciesTest9: [[false]],
  AllCertificatesSamePoliciesTest10: [[true, of(P1)], [true, of(P2)], [true]],
  AllCertificatesanyPolicyTest11: [[true], [true, of(P1)]],
  DifferentPoliciesTest12: [[false]],
  AllCertificatesSamePoliciesTest13: [
    [true, of(P1)],
    [true, of(P2)],
    [true, of(P3)],
  ],
  AnyPolicyTest14: [
    [true, of(P1)],
    [false, of(P2)],
  ],
  UserNoticeQualifierTest15: [[true]],
  UserNoticeQualifierTest16: [[true]],
  UserNoticeQualifierTest17: [[true]],
  UserNoticeQualifierTest18: [
    [true, of(P1)],
    [true, of(P2)],
  ],
  UserNoticeQualifierTest19: [[true]],
  CPSPointerQualifierTest20: [[true, { isExplicit: true }]],
  ValidPolicyMappingTest1: [
    [true, of(P1)],
    [false, of(P2)],
    [false, { isMappingInhibited: true }],
  ],
  InvalidPolicyMappingTest2: [[false], [false, { isMappingInhibited: true }]],
  ValidPolicyMappingTest3: [
    [false, of(P1)],
    [true, of(P2)],
  ],
  ValidPolicyMappingTest5: [
    [true, of(P1)],
    [false, of(P6)],
  ],
  ValidPolicyMappingTest6: [
    [true, of(P1)],
    [false, of(P6)],
  ],
  ValidPolicyMappingTest12: [
    [true, of(P1)],
    [true, of(P2)],
  ],
  inhibitAnyPolicyTest3: [[true], [false, { isAnyInhibited: true }]],
  MissingCRLTest1: [[false]],
  InvalidMissingCRLTest1: [[false]],
};

export interface Suite {
  readonly anchor: Certificate;
  readonly authorities: readonly Certificate[];
  readonly shelf: RevocationShelf;
  readonly cases: readonly { readonly name: string; readonly signer: Certificate | undefined; readonly expected: readonly Expectation[] }[];
}

export function readSuite(folder: string): Suite {
  const names = readdirSync(join(folder, "certs")).filter((name) => name.endsWith(".crt"));
  const read = (name: string): Certificate | undefined => readCertificate(readFileSync(join(folder, "certs", name)));
  const cases = names
    .filter((name) => /EE\.crt$/.test(name))
    .map((file) => {
      const name = file.replace(/EE\.crt$/, "");
      return { name, signer: read(file), expected: EXPECTED[name] ?? [[name.startsWith("Valid")] as const] };
    });
  const lists = readdirSync(join(folder, "crls")).map((name) => new Uint8Array(readFileSync(join(folder, "crls", name))));
  const anchor = read("TrustAnchorRootCertificate.crt");
  if (anchor === undefined) throw new Error("PKITS without its anchor");
  const authorities = names.filter((name) => !/EE\.crt$/.test(name)).flatMap((name) => read(name) ?? []);
  return { anchor, authorities, shelf: shelfOf(lists), cases };
}

/** As the suite asks: at this time, and with every certificate's standing known. */
export function checkCase(
  { anchor, authorities, shelf }: Suite,
  signer: Certificate | undefined,
  policies: PolicyQuestion | undefined,
  moment: Date,
): Promise<CheckedPath> {
  const sums = new CheckedSums();
  return checkPath({
    ...{ use: { ...FOR_DOCUMENTS, mayBeAuthority: true }, chain: signer ? [signer, ...authorities] : [], anchors: [anchor], moment, policies, sums },
    objection: async (path) => {
      const found = await revocationOf(path, {
        shelves: [shelf],
        moment,
        existedBy: moment,
        now: moment,
        isRequired: true,
        others: authorities,
        sums,
      });
      return "state" in found ? found : undefined;
    },
  });
}
