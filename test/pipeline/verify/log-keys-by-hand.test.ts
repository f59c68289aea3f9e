/** docs/formats.md, "Verifying by hand", where the log's key was ended or is one that the trust file does not know: what the lines say is what `verify` says. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { formatCheckpoint } from "../../../src/core/crypto/checkpoint.ts";
import { GrowingTree } from "../../../src/core/crypto/growing-tree.ts";
import type { LogKey, LogSigner } from "../../../src/core/crypto/keys.ts";
import { inclusionProof, leafHash, rootOf, type FetchNodes } from "../../../src/core/crypto/merkle.ts";
import { parseVkey } from "../../../src/core/crypto/signed-note.ts";
import { formatLogKeyBegun, formatLogKeyEnded, logKeyText, type LogKeyBegun } from "../../../src/core/formats/log-key.ts";
import { formatReceipt, parseReceipt, type ProvenEntry } from "../../../src/core/formats/receipt.ts";
import { formatTrust, type Trust } from "../../../src/core/formats/trust.ts";
import { leadTrust } from "../../../src/pipeline/verify/led-trust.ts";
import { checkCheckpoint, type OpenReceipt } from "../../../src/pipeline/verify/log-checks.ts";
import { newSigner } from "../../contracts/sealed.ts";

const [, section = ""] = readFileSync("docs/formats.md", "utf8").split("## Verifying by hand");
const [, steps = ""] = /```sh\n([^]*?)```/.exec(section) ?? [];
const from = (step: number, until?: number): string =>
  steps.slice(steps.indexOf(`\n# ${step}. `), until === undefined ? undefined : steps.indexOf(`\n# ${until}. `));
const linesFor = (times: number): string => `jq -rj .leaf receipt.json > leaf\n${from(4, 6)}\n${`echo STEP 12\n${from(12)}\n`.repeat(times)}\nexit 0`;
const isThere = ["bash", "jq", "openssl", "basenc", "xxd"].every((tool) => spawnSync(tool, ["--version"]).error === undefined);
const folder = mkdtempSync(join(tmpdir(), "log-keys-by-hand-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const [one, two, thief] = [newSigner(), newSigner(), newSigner()] as const;
const { origin } = one;
const AT = "2026-11-29T10:00:00.000Z";
const OK = "Signature Verified Successfully";
const ENDED = { since: new Date(AT), reason: "an old disk was sold" };
const begun: LogKeyBegun = { ...{ kind: "log-key-begun", id: "00000000-0000-4000-8000-000000000001", at: AT, number: 2, until: AT, origin }, vkey: two.vkey, previous: one.vkey }; // prettier-ignore
const ending = formatLogKeyEnded({ kind: "log-key-ended", id: "00000000-0000-4000-8000-000000000002", at: AT, origin, vkey: one.vkey, since: AT, reason: "an old disk was sold" }); // prettier-ignore
const linesOf = async (by: LogSigner): Promise<string> => (await by.sign(logKeyText(begun))).split("\n\n")[1] ?? "";

/** A log of two documents, the entry that begins the second key, one that ends the first, and a document. */
const logWith = (signatures: string): ReturnType<typeof logOf> =>
  logOf(['{"n":0}', '{"n":1}', formatLogKeyBegun(begun, signatures), ending, '{"n":4}']);

/** Its entries, each under a tree of a size that somebody signed. */
function logOf(texts: readonly (string | Uint8Array)[]): (index: number, treeSize: number, by: LogSigner) => Promise<ProvenEntry> {
  const leaves = texts.map((text) => Buffer.from(text));
  const [growing, nodes] = [new GrowingTree(), new Map<string, Uint8Array>()];
  for (const leaf of leaves) for (const { level, index, hash } of growing.append(leafHash(leaf))) nodes.set(`${level}/${index}`, hash);
  const fetch: FetchNodes = (positions) => Promise.resolve(positions.map(({ level, index }) => nodes.get(`${level}/${index}`) ?? new Uint8Array()));
  return async (index, treeSize, by) => ({
    leaf: leaves[index] ?? new Uint8Array(),
    ...{ index, treeSize, inclusionProof: await inclusionProof(index, treeSize, fetch) },
    checkpoint: await by.sign(formatCheckpoint({ origin, size: treeSize, root: await rootOf(treeSize, fetch) })),
  });
}

const trusting = (...keys: readonly LogKey[]): Trust => ({ log: { origin, keys, verifiers: keys.map(({ vkey }) => parseVkey(vkey)) }, seals: [], signers: [] }); // prettier-ignore

/** What the lines print in step 5 and in step 12, and what `verify` says of the same checkpoint. @param times that step 12 is done, of which the last is told */
async function byHand(entry: ProvenEntry, trust: Trust, keyEntries: readonly ProvenEntry[] = [], times = 1) {
  const receipt = formatReceipt({ ...entry, seals: ["x"], salt: new Uint8Array(32), keyEntries });
  writeFileSync(join(folder, "receipt.json"), receipt);
  writeFileSync(join(folder, "trust.json"), formatTrust(trust));
  const output = execFileSync("bash", ["-c", linesFor(times)], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const told = output.split("STEP 12\n").map((text) => text.trim());
  const [five = "", twelve = ""] = [told[0], told.at(-1)];
  const led = await leadTrust(trust, keyEntries);
  const { result } = checkCheckpoint(parseReceipt(receipt) as unknown as OpenReceipt, led.trust, led);
  return { five: five.split("\n").slice(5).join("\n"), twelve: twelve.split("\n"), verify: result };
}

(isThere ? test : test.skip)("a checkpoint by a key that was ended proves nothing by hand either; by the one that counts it does", async () => {
  const at = logWith("");
  const ended = trusting({ vkey: one.vkey, after: 0, ended: ENDED }, { vkey: two.vkey, after: 2 });
  expect(await byHand(await at(0, 2, one), ended)).toMatchObject({ five: `ENDED since ${AT} (an old disk was sold): proves nothing by itself`, verify: "not-confirmed" }); // prettier-ignore
  expect(await byHand(await at(0, 5, two), ended)).toMatchObject({ five: OK, verify: "pass" });
  expect(await byHand(await at(0, 5, one), ended)).toMatchObject({ five: "", verify: "fail" });
  expect(await byHand(await at(0, 2, one), trusting({ vkey: one.vkey, after: 0 }))).toMatchObject({ five: OK, verify: "pass" });
});

(isThere ? test : test.skip)(
  "a kept trust file leads to the log's new key by the entry that both signed, and to the end of the old one",
  async () => {
    const at = logWith((await linesOf(one)) + (await linesOf(two)));
    const kept = trusting({ vkey: one.vkey, after: 0 });
    const entries = [await at(2, 3, two), await at(3, 4, two)];
    const said = await byHand(await at(4, 5, two), kept, entries);
    expect([said.five, said.verify]).toEqual(["", "pass"]);
    const [hash, root, ...more] = said.twelve;
    expect([hash, more.slice(0, 3), more.at(-1)]).toEqual([root, [OK, OK, OK], OK]);
    const old = await byHand(await at(0, 2, one), kept, entries);
    expect([old.twelve.at(-1), old.verify]).toEqual([expect.stringMatching(/^ENDED since/), "not-confirmed"]);
  },
);

(isThere ? test : test.skip)("not to one that the key before it did not sign, or that itself did not, nor from one that was ended", async () => {
  const both = (await linesOf(one)) + (await linesOf(two));
  const kept = trusting({ vkey: one.vkey, after: 0 });
  for (const [signatures, trust] of [
    [await linesOf(two), kept],
    [(await linesOf(one)) + (await linesOf(one)), kept],
    [(await linesOf(thief)) + (await linesOf(two)), kept],
    [both, trusting({ vkey: one.vkey, after: 0, ended: ENDED })],
    [both, trusting({ vkey: one.vkey, after: 0 }, { vkey: thief.vkey, after: 1 })],
  ] as const) {
    const at = logWith(signatures);
    const { twelve, verify } = await byHand(await at(4, 5, two), trust, [await at(2, 3, two)]);
    expect([twelve.includes("LEADS NOWHERE"), twelve.at(-1), verify]).toEqual([true, expect.not.stringContaining(OK), "fail"]);
  }
});

(isThere ? test : test.skip)(
  "a trust file that is two rotations old is led by both; where the key between them was ended, by doing step 12 once more",
  async () => {
    const three = newSigner();
    const following = async (number: number, by: LogSigner, before: LogSigner): Promise<Uint8Array> => {
      const said = { ...begun, id: `00000000-0000-4000-8000-00000000000${number}`, number, vkey: by.vkey, previous: before.vkey };
      const signatures = await Promise.all([before, by].map(async (each) => (await each.sign(logKeyText(said))).split("\n\n")[1] ?? ""));
      return formatLogKeyBegun(said, signatures.join(""));
    };
    const second = { id: "00000000-0000-4000-8000-000000000009", at: AT, origin, vkey: two.vkey, since: AT, reason: "stolen" };
    const endOfTwo = formatLogKeyEnded({ kind: "log-key-ended", ...second });
    const at = logOf(['{"n":0}', '{"n":1}', await following(2, two, one), await following(3, three, two), endOfTwo, '{"n":5}']);
    const kept = trusting({ vkey: one.vkey, after: 0 });
    const led = await byHand(await at(5, 6, three), kept, [await at(2, 3, two), await at(3, 4, three)]);
    expect([led.twelve.filter((line) => line === OK).length, led.twelve.at(-1), led.verify]).toEqual([7, OK, "pass"]);
    // The first time the log's signature of the first entry is missing; the second time both keys are known already, and all three have it.
    const shown = [await at(2, 4, three), await at(3, 4, three), await at(4, 5, three)];
    const ended = await byHand(await at(5, 6, three), kept, shown);
    const again = await byHand(await at(5, 6, three), kept, shown, 2);
    expect([ended, again].map(({ twelve, verify }) => [twelve.filter((line) => line === OK).length, verify])).toEqual([
      [7, "pass"],
      [4, "pass"],
    ]);
  },
);
