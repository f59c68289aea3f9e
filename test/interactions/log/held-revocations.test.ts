/** Lists of revoked certificates out of the operator's folder, in the trust file that auditors fetch: the newest, as many as there is room for. */
import { expect, test } from "@jest/globals";
import { parseTrust } from "../../../src/core/formats/trust.ts";
import { shelfOf, type RevocationShelf } from "../../../src/core/revocation/revocation-shelf.ts";
import { rawOf } from "../../../src/core/signatures/signer-trust.ts";
import { LARGEST_HELD, logInteractions } from "../../../src/interactions/log/read-log.ts";
import { bytesOf, certificateOf } from "../../core/crypto/certificate-fixtures.ts";
import { temporaryKeys } from "../../pipeline/sign/deposited.ts";

const none = (): never => {
  throw new Error("nobody asks for it");
};

test("the trust file names what lies in the folder at that moment beside what TRUST_FILE names", async () => {
  let held: RevocationShelf = shelfOf([bytesOf("brain.crl"), bytesOf("later.brain.crl")]);
  const log = logInteractions({
    ...{ keys: await temporaryKeys(), signers: [certificateOf("root")], revocations: shelfOf([bytesOf("root.crl")]) },
    ...{ heldRevocations: () => Promise.resolve(held), ledger: { checkpoint: none }, store: { nodes: none, entries: none } },
  });
  const told = async (): Promise<readonly Uint8Array[]> => rawOf(parseTrust(await log.trust()).revocations);
  expect(await told()).toEqual([bytesOf("root.crl"), bytesOf("later.brain.crl"), bytesOf("brain.crl")]);
  held = shelfOf([bytesOf("good.ocsp")]);
  expect(await told()).toEqual([bytesOf("root.crl"), bytesOf("good.ocsp")]);
  // What there is no room for is left out, and what is older and smaller is not.
  const [later, brain] = [bytesOf("later.brain.crl"), bytesOf("brain.crl")].map((raw) => shelfOf([raw]).lists[0]!);
  held = { lists: [brain!, { ...later!, raw: new Uint8Array(LARGEST_HELD + 1) }], answers: [] };
  expect(await told()).toEqual([bytesOf("root.crl"), bytesOf("brain.crl")]);
});
