/** From a trust file that was kept to keys that came since, and everything that does not lead there. */
import { beforeAll, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { makeSealKey } from "../../../src/adapters/keys/seal-keys.ts";
import { formatCheckpoint } from "../../../src/core/crypto/checkpoint.ts";
import type { HeldSealKey, Keys, SealSigner } from "../../../src/core/crypto/keys.ts";
import { inclusionProof, leafHash, nodesCompletedBy, rootOf, withNodes } from "../../../src/core/crypto/merkle.ts";
import type { ProvenEntry } from "../../../src/core/formats/receipt.ts";
import { certificateDigest, formatSealKeyEnded } from "../../../src/core/formats/seal-key.ts";
import { parseTrust, type Trust } from "../../../src/core/formats/trust.ts";
import { signedBeginning } from "../../../src/core/signatures/seal-key-link.ts";
import { leadTrust } from "../../../src/pipeline/verify/led-trust.ts";
import { trustText } from "../sign/deposited.ts";

const AT = "2026-11-29T10:00:00.000Z";
const FROM = "2026-11-29T10:01:00.000Z";
const NEXT = "2026-11-30T10:00:00.000Z";
const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

let keys: Keys;
let foreign: Keys;
let old: Trust;
let seals: readonly (HeldSealKey & { readonly signer: SealSigner })[];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "led-"));
  try {
    keys = await openKeyFolder(join(folder, "keys"), { now: new Date("2026-01-01T00:00:00Z") });
    foreign = await openKeyFolder(join(folder, "foreign"), { now: new Date("2026-01-01T00:00:00Z") });
    old = parseTrust(trustText(keys));
    for (const number of [2, 3]) await makeSealKey(join(folder, "keys"), number, new Date("2026-01-01T00:00:00Z"));
    await keys.sealKeys.refresh();
    seals = keys.sealKeys.held().map((seal) => ({ ...seal, signer: seal.signer! }));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Key `number` follows the one before it. @param by who signs in the place of the two */
async function beginning(
  number: number,
  by: { readonly previous?: SealSigner | undefined; readonly itself?: SealSigner } = {},
  at = AT,
  from = FROM,
): Promise<Uint8Array> {
  const [before, key] = [seals[number - 2]!, seals[number - 1]!];
  const signers = { itself: by.itself ?? key.signer, previous: "previous" in by ? by.previous : before.signer };
  const begun = { kind: "seal-key-begun", id: id(number), at, number, from, chain: key.chain, previous: certificateDigest(before.chain[0]) } as const;
  return signedBeginning(begun, signers);
}

function ending(number: number, before: number): Uint8Array {
  const certificate = certificateDigest(seals[number - 1]!.chain[0]);
  return formatSealKeyEnded({ kind: "seal-key-ended", id: id(9), at: NEXT, number, certificate, since: AT, before, reason: "stolen" });
}

/** A leaf as the last entry of a tree, behind so many others, under the checkpoint of its own commit. */
async function entry(leaf: Uint8Array, index = 0, log: Keys["log"] = keys.log): Promise<ProvenEntry> {
  const [size, hash] = [index + 1, leafHash(leaf)];
  const empty = (places: readonly unknown[]) => (places.length === 0 ? Promise.resolve([]) : Promise.reject(new Error("the log was empty")));
  const others = Array.from({ length: index }, (_, at) => leafHash(new TextEncoder().encode(`other ${at}`)));
  const fetch = withNodes(await nodesCompletedBy(0, [...others, hash], empty), empty);
  const checkpoint = await log.sign(formatCheckpoint({ origin: log.origin, size, root: await rootOf(size, fetch) }));
  return { leaf, index, treeSize: size, inclusionProof: await inclusionProof(index, size, fetch), checkpoint };
}

async function ledTo(number: number, entries: readonly ProvenEntry[], trust = old) {
  const led = await leadTrust(trust, entries);
  const [certificate] = seals[number - 1]!.chain;
  return { by: led.ledBy(certificate), fault: led.faultOf(certificate), seals: led.trust.seals.length };
}

test("one key leads to the next, whatever the order of the entries, and each has its end", async () => {
  const entries = [await entry(await beginning(3, {}, NEXT, NEXT), 7), await entry(await beginning(2), 3)];
  expect(await ledTo(2, entries)).toMatchObject({ by: `entry 3 of the log, of ${AT}`, fault: undefined });
  expect(await ledTo(3, entries)).toMatchObject({ by: `entry 3 of the log, of ${AT}, then by entry 7 of the log, of ${NEXT}`, seals: 3 });
  const { trust } = await leadTrust(old, entries);
  expect(trust.seals.map(({ until }) => until?.toISOString())).toEqual([undefined, NEXT, FROM]);
  expect(await ledTo(3, [entries[0]!])).toMatchObject({ by: undefined, fault: expect.stringContaining("leads to no key") });
});

test("what is forged leads nowhere, and says why", async () => {
  const [, , third] = seals;
  const honest = await entry(await beginning(2), 3);
  const text = new TextDecoder().decode(honest.leaf);
  const later = await entry(await beginning(2, {}, "2036-11-29T10:00:00.000Z", "2036-11-29T10:00:00.000Z"), 3);
  const altered = await entry(new TextEncoder().encode(text.replace(FROM, AT)), 3);
  const forged: readonly (readonly [ProvenEntry, RegExp])[] = [
    [await entry(await beginning(2, { previous: undefined }), 3), /did not sign/],
    [await entry(await beginning(2, { previous: third!.signer }), 3), /not that of the key before/],
    [await entry(await beginning(2, { previous: foreign.seal }), 3), /not that of the key before/],
    [await entry(await beginning(2, { itself: third!.signer }), 3), /not that of the key that it begins/],
    [altered, /not that of the key before/],
    [{ ...honest, leaf: altered.leaf }, /did not sign that it holds/],
    [{ ...honest, index: 2 }, /did not sign that it holds/],
    [{ ...honest, checkpoint: (await entry(honest.leaf, 3, foreign.log)).checkpoint }, /did not sign that it holds/],
    [await entry(honest.leaf, 3, foreign.log), /did not sign that it holds/],
    [later, /was not valid then/],
  ];
  for (const [one, words] of forged) expect(await ledTo(2, [one])).toEqual({ by: undefined, fault: expect.stringMatching(words), seals: 1 });
  // The same search finds the honest one.
  expect(await ledTo(2, [honest])).toMatchObject({ by: expect.any(String), seals: 2 });
  expect(await ledTo(2, [await entry(new TextEncoder().encode('{"kind":"seal-key-begun"}'), 3)])).toMatchObject({ by: undefined, seals: 1 });
});

test("as many entries as a receipt holds cost in proportion to them, however many seals there are", async () => {
  let reads = 0;
  const counted = ({ certificate, ...seal }: Trust["seals"][number]): Trust["seals"][number] => ({
    ...seal,
    certificate: new Proxy(certificate, {
      get(of, name) {
        if (name === "raw") reads += 1;
        return Reflect.get(of, name) as unknown;
      },
    }),
  });
  const [first] = old.seals;
  const others = Array.from({ length: 40 }, (_, at) => ({ ...first!, certificate: { ...first!.certificate, raw: Uint8Array.of(at) } }));
  const honest = await entry(await beginning(2), 3);
  const many = Array.from({ length: 60 }, () => honest);
  const led = await leadTrust({ ...old, seals: [...others, ...old.seals].map(counted) }, many);
  expect(led.trust.seals).toHaveLength(42);
  expect(led.ledBy(seals[1]!.chain[0])).toBe(`entry 3 of the log, of ${AT}`);
  // Each seal a few times, and the one before a few times for each entry.
  expect(reads).toBeLessThan(4 * (41 + many.length));
});

test("a key that was ended vouches for none behind its end, and for those before it still; an end that the log does not hold says nothing", async () => {
  const begun = await entry(await beginning(2), 3);
  expect(await ledTo(2, [begun, await entry(ending(1, 3), 8)])).toEqual({
    by: undefined,
    fault: expect.stringContaining("(stolen), and vouches for none"),
    seals: 1,
  });
  expect(await ledTo(2, [begun, await entry(ending(1, 4), 8)])).toMatchObject({ by: expect.any(String) });
  expect(await ledTo(2, [begun, await entry(ending(1, 3), 8, foreign.log)])).toMatchObject({ by: expect.any(String) });
  const { trust } = await leadTrust(old, [begun, await entry(ending(2, 4), 8)]);
  expect(trust.seals.map(({ ended }) => ended?.before)).toEqual([4, undefined]);
});
