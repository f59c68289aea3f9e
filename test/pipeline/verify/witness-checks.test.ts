/** What a verification says of witnesses: enough, too few, forged, or not checked; and that without a policy it says nothing. */
import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { cosigner } from "../../../src/adapters/keys/note-signer.ts";
import { inclusionProof } from "../../../src/core/crypto/merkle.ts";
import { parseVkey } from "../../../src/core/crypto/signed-note.ts";
import { formatReceipt, parseReceipt } from "../../../src/core/formats/receipt.ts";
import { parseTlogPolicy, type TlogPolicy } from "../../../src/core/formats/tlog-policy.ts";
import { formatTrust, parseTrust, type Trust } from "../../../src/core/formats/trust.ts";
import type { OpenReceipt } from "../../../src/pipeline/verify/log-checks.ts";
import { checkWitnesses } from "../../../src/pipeline/verify/witness-checks.ts";
import { newSigner } from "../../contracts/sealed.ts";
import { Tree } from "../witness/tree.ts";

const signer = newSigner();
const tree = new Tree(signer);
for (let at = 0; at < 9; at++) tree.append(`leaf ${at}`);
const [one, two, other] = ["one", "two", "other"].map((name, at) => cosigner(`${name}.example`, at === 1 ? "ml-dsa-44" : "cosignature/v1", randomBytes(32))); // prettier-ignore
const AT = 1_764_400_000;
const policyOf = (quorum: string): TlogPolicy => parseTlogPolicy(`witness one ${one?.vkey ?? ""}\nwitness two ${two?.vkey ?? ""}\ngroup both all one two\ngroup any any one two\nquorum ${quorum}\n`); // prettier-ignore
const trusting = (quorum: string): Trust => ({
  log: { origin: signer.origin, verifiers: [parseVkey(signer.vkey)] },
  seals: [],
  signers: [],
  witnesses: policyOf(quorum),
});

let note: string;
let text: string;
beforeEach(async () => {
  note = await tree.note(9);
  text = note.slice(0, note.indexOf("\n\n") + 1);
});
/** A receipt of leaf 4, as it is written and read, under a checkpoint with some lines more. */
async function receiptWith(checkpoint: string | undefined, index = 4): Promise<OpenReceipt> {
  const place = { treeSize: 9, inclusionProof: await inclusionProof(index, 9, tree.fetch) };
  const written = formatReceipt({
    ...{ leaf: Buffer.from(`leaf ${index}`), index, ...place, checkpoint: note, seals: ["x"], salt: new Uint8Array(32) },
    witnessed: checkpoint === undefined ? undefined : { ...place, checkpoint },
  });
  const { leaf, ...rest } = parseReceipt(written);
  return { ...rest, leaf: {} as OpenReceipt["leaf"], leafBytes: leaf };
}
const said = async (checkpoint: string | undefined, quorum: string, isRequired = false): Promise<string> => {
  const [line] = checkWitnesses(await receiptWith(checkpoint), trusting(quorum), isRequired);
  return line === undefined ? "nothing" : `${line.result}: ${line.text}`;
};

describe("witnesses", () => {
  test("that are enough are named, with the time of the first", async () => {
    const lines = (one?.cosign(text, AT) ?? "") + (two?.cosign(text, AT + 60) ?? "");
    expect(await said(note + lines, "both")).toBe(
      `pass: one, two (2 of 2 witnesses) saw the log with this entry, the first at ${new Date(AT * 1_000).toISOString()}. The trust file asks for 2 of one, two.`,
    );
    expect(await said(note + (two?.cosign(text, AT) ?? ""), "any", true)).toMatch(/^pass: two \(1 of 2/);
  });

  test("that are too few are told; whoever asks for them gets no proof", async () => {
    const few = note + (one?.cosign(text, AT) ?? "") + (other?.cosign(text, AT) ?? "");
    expect(await said(few, "both")).toMatch(/^info: one \(1 of 2 witnesses\) saw .* not enough\. The trust file asks for 2 of one, two\.$/);
    expect(await said(few, "both", true)).toMatch(/^not-confirmed:/);
    expect(await said(undefined, "both")).toMatch(/^info: No witness/);
    expect(await said(undefined, "both", true)).toMatch(/^not-confirmed: No witness/);
    expect(await said(undefined, "none")).toBe("nothing");
  });

  test("whose signature is false, or under another checkpoint or entry, are a failure", async () => {
    const later = `${signer.origin}\n8\n${text.split("\n")[2] ?? ""}\n`;
    const moved = one?.cosign(later, AT) ?? "";
    expect(await said(note + moved, "any")).toBe("fail: The cosignature of the witness one is not its own.");
    const forged = (await newSigner(signer.origin).sign(text)) + (one?.cosign(text, AT) ?? "");
    for (const checkpoint of [forged, "no note", note.replace("\n9\n", "\n8\n")])
      expect(await said(checkpoint, "any")).toMatch(/^fail: The checkpoint for witnesses/);
    const receipt = await receiptWith(note + (one?.cosign(text, AT) ?? ""));
    expect(checkWitnesses({ ...receipt, index: 5 }, trusting("any"), false)).toMatchObject([{ result: "fail" }]);
  });

  test("under a checkpoint of a key that was ended since prove nothing, and are no failure; of one that had been followed they are", async () => {
    const next = newSigner();
    const ended = { since: new Date("2026-11-29T10:00:00Z"), reason: "an old disk was sold" };
    const knowing = (after: number): Trust => ({
      ...trusting("any"),
      log: {
        origin: signer.origin,
        verifiers: [signer, next].map(({ vkey }) => parseVkey(vkey)),
        keys: [
          { vkey: signer.vkey, after: 0, ended },
          { vkey: next.vkey, after },
        ],
      },
    });
    const receipt = await receiptWith(note + (one?.cosign(text, AT) ?? ""));
    const told = { name: "witnesses", text: expect.stringMatching(/a key alone that was ended, .*: fetch the receipt anew\.$/) as unknown };
    expect(checkWitnesses(receipt, knowing(9), false)).toEqual([{ ...told, result: "info" }]);
    expect(checkWitnesses(receipt, knowing(9), true)).toEqual([{ ...told, result: "not-confirmed" }]);
    const isFalse = [{ result: "fail" }];
    expect(checkWitnesses(receipt, knowing(8), false)).toMatchObject(isFalse);
    expect(checkWitnesses({ ...receipt, index: 5 }, knowing(9), false)).toMatchObject(isFalse);
    const forged = await receiptWith(note + (one?.cosign(`${text}x\n`, AT) ?? ""));
    expect(checkWitnesses(forged, knowing(9), false)).toMatchObject(isFalse);
  });

  test("of a kind that cannot be checked here are not checked, where it takes them", async () => {
    const policy = policyOf("both");
    const unable: TlogPolicy = { ...policy, witnesses: policy.witnesses.map((each) => (each.name === "two" ? { ...each, verifier: { ...each.verifier, check: () => ({ result: "not-checked" as const, at: AT }) } } : each)) }; // prettier-ignore
    const receipt = await receiptWith(note + (one?.cosign(text, AT) ?? "") + (two?.cosign(text, AT) ?? ""));
    expect(checkWitnesses(receipt, { ...trusting("both"), witnesses: unable }, false)).toMatchObject([{ result: "not-made", text: expect.stringContaining("two cannot be checked here") as unknown }]); // prettier-ignore
    expect(checkWitnesses(receipt, { ...trusting("any"), witnesses: { ...unable, isQuorum: policyOf("any").isQuorum } }, false)).toMatchObject([{ result: "pass" }]); // prettier-ignore
  });

  test("are asked for in vain where the trust file names none", async () => {
    const { witnesses: _, ...trust } = trusting("any");
    const receipt = await receiptWith(note);
    expect(checkWitnesses(receipt, trust, false)).toEqual([]);
    expect(checkWitnesses(receipt, trust, true)).toMatchObject([{ result: "not-confirmed" }]);
    expect(checkWitnesses(receipt, undefined, false)).toEqual([]);
  });

  test("stand in a trust file of the second number, and come out as they went in", () => {
    const written = formatTrust(trusting("both"));
    expect(JSON.parse(written)).toMatchObject({ format: "chartulary-trust/2", witnesses: expect.stringContaining("quorum both") as unknown });
    expect(parseTrust(written).witnesses).toMatchObject({ rule: "2 of one, two" });
    expect(() => parseTrust(written.replace("quorum both", "quorum all"))).toThrow(/policy for witnesses/);
  });
});
