import { describe, expect, test } from "@jest/globals";
import { CheckedSums } from "../../../src/core/crypto/certificate-path.ts";
import type { Certificate } from "../../../src/core/crypto/certificate.ts";
import { revocationOf } from "../../../src/core/revocation/path-revocation.ts";
import { isRevocation, shelfOf, type RevocationSource } from "../../../src/core/revocation/revocation-shelf.ts";
import { BRAIN, bytesOf, certificateOf, MOMENT, ROOT } from "../crypto/certificate-fixtures.ts";

const NOW = new Date("2026-12-01T00:00:00Z");
const LISTS = ["brain.crl", "root.crl"];

interface Asked {
  readonly files?: readonly string[];
  readonly raw?: readonly Uint8Array[];
  readonly moment?: Date;
  readonly existedBy?: Date;
  readonly isRequired?: boolean;
  readonly source?: RevocationSource;
  readonly now?: Date;
}

/** What is found about a certificate that `brain` issued. */
function ask(name: string, { files = [], raw = [], moment = MOMENT, existedBy = moment, isRequired = false, source, now = NOW }: Asked) {
  return revocationOf([ROOT, BRAIN, certificateOf(name)], {
    ...{ shelves: [shelfOf([...files.map(bytesOf), ...raw])], moment, existedBy, now, isRequired, source },
    ...{ others: [BRAIN, ROOT], sums: new CheckedSums() },
  });
}

describe("revocationOf, by lists", () => {
  test("without anything it says that nothing is known; asked for, that does not count", async () => {
    expect(await ask("good", {})).toEqual({ kind: "unknown", evidence: [] });
    expect(await ask("good", { isRequired: true })).toMatchObject({
      state: "undecided",
      reason: expect.stringContaining("the operator asks for it"),
    });
    expect(await ask("good", { files: LISTS, isRequired: true })).toMatchObject({ kind: "good" });
  });

  test("tells of everybody below the anchor, with what it rests on", async () => {
    expect(await ask("good", { files: LISTS })).toEqual({ kind: "good", evidence: [bytesOf("root.crl"), bytesOf("brain.crl")] });
    expect(await ask("good", { files: ["brain.crl"] })).toEqual({ kind: "unknown", evidence: [bytesOf("brain.crl")] });
  });

  test.each([
    ["revoked", "the certificate was revoked on 2025-05-01T00:00:00Z (its key was compromised)"],
    ["held", "the certificate was revoked on 2025-05-02T00:00:00Z (on hold)"],
  ])("%s before it was signed is proved, also by a list of any age", async (name, reason) => {
    for (const files of [LISTS, ["brain.crl"], ["later.brain.crl"], ["early.brain.crl", "brain.crl"]])
      expect(await ask(name, { files })).toEqual({ state: "revoked", reason });
    expect(await ask(name, { files: LISTS, moment: new Date("2025-08-01") })).toMatchObject({ state: "revoked" });
  });

  test("revoked after the signature was there it was good; between the time that the signer states and that, nobody knows", async () => {
    const files = [...LISTS, "later.brain.crl"];
    expect(await ask("revoked-later", { files })).toMatchObject({ kind: "good" });
    expect(await ask("revoked-later", { files, existedBy: new Date("2025-10-01") })).toEqual({
      state: "undecided",
      reason:
        "the certificate was revoked on 2025-09-01T00:00:00Z (it was superseded), and that it was signed before then only the signature itself says",
    });
    expect(await ask("revoked-later", { files, moment: new Date("2025-10-01") })).toMatchObject({ state: "revoked" });
  });

  test("an old list says nothing for a certificate, a newer one does", async () => {
    expect(await ask("good", { files: ["root.crl", "early.brain.crl"] })).toMatchObject({ kind: "unknown", reason: "it is too old" });
    expect(await ask("good", { files: ["root.crl", "early.brain.crl", "later.brain.crl"] })).toMatchObject({ kind: "good" });
    expect(await ask("good", { files: LISTS, now: new Date("2025-06-01") })).toMatchObject({ reason: "it is of a time that is still to come" });
  });

  test("a list of another authority, or one that was altered, says nothing", async () => {
    expect(await ask("revoked", { files: ["root.crl"] })).toEqual({ kind: "unknown", evidence: [bytesOf("root.crl")] });
    const altered = bytesOf("brain.crl");
    // The serial number of whom it revokes: then it would be another.
    const at = altered.findIndex((byte, index) => byte === 0x02 && altered[index + 1] === 2 && altered[index + 2] === 0x10);
    altered[at + 3] = (altered[at + 3] ?? 0) ^ 1;
    const found = await ask("revoked", { files: ["root.crl"], raw: [altered] });
    expect(found).toMatchObject({ kind: "unknown", reason: "it is not signed by a key that the authority has for it" });
  });

  test("what is no list and no answer is passed over, however it is cut", async () => {
    const list = bytesOf("brain.crl");
    const cuts = Array.from({ length: list.length }, (_, length) => list.slice(0, length));
    expect(cuts.filter(isRevocation)).toEqual([]);
    expect(await ask("good", { raw: [...cuts.slice(-20), new Uint8Array(), certificateOf("good").raw] })).toMatchObject({ kind: "unknown" });
  });

  test("whoever stands on the list itself has nobody to be asked about", async () => {
    const question = { shelves: [], moment: MOMENT, existedBy: MOMENT, now: NOW, isRequired: true, others: [], sums: new CheckedSums() };
    expect(await revocationOf([certificateOf("good")], question)).toEqual({ kind: "none", evidence: [] });
  });
});

describe("revocationOf, by answers", () => {
  test("of a responder that the authority named, or of the authority itself", async () => {
    for (const file of ["good.ocsp", "good-by-issuer.ocsp"])
      expect(await ask("good", { files: ["root.crl", file] })).toMatchObject({ kind: "good", evidence: [bytesOf("root.crl"), bytesOf(file)] });
    expect(await ask("revoked", { files: ["revoked.ocsp"] })).toMatchObject({ state: "revoked" });
  });

  test("not of anybody else with a certificate of the same authority, and not about another certificate", async () => {
    const reason = "it is not signed by the authority, nor by whom it named for that";
    expect(await ask("good", { files: ["root.crl", "good-by-stranger.ocsp"] })).toMatchObject({ kind: "unknown", reason });
    expect(await ask("revoked-later", { files: ["root.crl", "good.ocsp"] })).toEqual({ kind: "unknown", evidence: [bytesOf("root.crl")] });
  });

  test("an answer that says good does not undo a list that says revoked", async () => {
    expect(await ask("revoked", { files: ["brain.crl", "good.ocsp"] })).toMatchObject({ state: "revoked" });
  });

  test("no byte of an answer can be altered so that it says the contrary", async () => {
    const answer = bytesOf("revoked.ocsp");
    let good = 0;
    for (let at = 0; at < answer.length; at += 1) {
      const altered = answer.slice();
      altered[at] = (altered[at] ?? 0) ^ 0x21;
      const found = await ask("revoked", { files: ["root.crl"], raw: [altered] });
      if ("kind" in found && found.kind === "good") good += 1;
    }
    expect(good).toBe(0);
  });
});

test("a source is asked only about what is not known, with the certificate and its issuer", async () => {
  const asked: string[] = [];
  const source: RevocationSource = (certificate: Certificate, issuer: Certificate) => {
    asked.push(`${certificate.subject} by ${issuer.subject}`);
    return Promise.resolve(shelfOf([bytesOf("brain.crl")]));
  };
  expect(await ask("good", { files: ["root.crl"], source })).toMatchObject({ kind: "good" });
  expect(asked).toEqual(["CN=good by CN=brain"]);
  expect(await ask("revoked", { files: ["root.crl"], source })).toMatchObject({ state: "revoked" });
  expect(await ask("good", { files: LISTS, source })).toMatchObject({ kind: "good" });
  expect(asked.length).toBe(2);
});
