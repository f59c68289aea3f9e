/** Keys of a log: which of them a tree must be signed by, how a kept trust file leads to those that came since, and everything that does not. */
import { expect, test } from "@jest/globals";
import { formatCheckpoint } from "../../../src/core/crypto/checkpoint.ts";
import type { LogKey, TimedLogSigner } from "../../../src/core/crypto/keys.ts";
import { knownLog, openedUnder, signedEver, type KnownLog } from "../../../src/core/crypto/log-keys.ts";
import { inclusionProof, leafHash, nodesCompletedBy, rootOf, withNodes } from "../../../src/core/crypto/merkle.ts";
import { parseVkey } from "../../../src/core/crypto/signed-note.ts";
import { formatLogKeyBegun, formatLogKeyEnded, logKeyText, parseLogKeyLeaf, type LogKeyBegun } from "../../../src/core/formats/log-key.ts";
import type { ProvenEntry } from "../../../src/core/formats/receipt.ts";
import { formatTrust, parseTrust, trustOf, type Trust } from "../../../src/core/formats/trust.ts";
import { leadLogs } from "../../../src/core/signatures/led-logs.ts";
import { newSigner } from "../../contracts/sealed.ts";

const AT = "2026-11-29T10:00:00.000Z";
const UNTIL = "2026-12-29T10:00:00.000Z";
const ORIGIN = "documents.example/log";
const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const [one, two, three, thief] = [newSigner(), newSigner(), newSigner(), newSigner()] as const;
const foreign = newSigner("others.example/log");

const linesOf = async (text: string, by: readonly TimedLogSigner[]): Promise<string> =>
  (await Promise.all(by.map(async (signer) => (await signer.sign(text)).slice(text.length + 1)))).join("");
const sign = async (text: string, by: readonly TimedLogSigner[]): Promise<string> => `${text}\n${await linesOf(text, by)}`;

/** What begins a key, signed by the one before and itself unless by others. */
async function beginning(
  previous: TimedLogSigner,
  next: TimedLogSigner,
  { by = [previous, next], origin = ORIGIN, number = 2 } = {},
): Promise<Uint8Array> {
  const begun: LogKeyBegun = {
    ...{ kind: "log-key-begun", id: id(number), at: AT, number, until: UNTIL, origin, vkey: next.vkey, previous: previous.vkey },
  };
  return formatLogKeyBegun(begun, await linesOf(logKeyText(begun), by));
}

const ending = (key: TimedLogSigner): Uint8Array =>
  formatLogKeyEnded({ kind: "log-key-ended", id: id(9), at: AT, origin: ORIGIN, vkey: key.vkey, since: AT, reason: "stolen" });

/** A leaf as the last entry of a tree, behind so many others, under a checkpoint that some keys signed. */
async function entry(leaf: Uint8Array, index: number, by: readonly TimedLogSigner[], origin = ORIGIN): Promise<ProvenEntry> {
  const [size, hash] = [index + 1, leafHash(leaf)];
  const empty = (places: readonly unknown[]) => (places.length === 0 ? Promise.resolve([]) : Promise.reject(new Error("the log was empty")));
  const others = Array.from({ length: index }, (_, at) => leafHash(new TextEncoder().encode(`other ${at}`)));
  const fetch = withNodes(await nodesCompletedBy(0, [...others, hash], empty), empty);
  const checkpoint = await sign(formatCheckpoint({ origin, size, root: await rootOf(size, fetch) }), by);
  return { leaf, index, treeSize: size, inclusionProof: await inclusionProof(index, size, fetch), checkpoint };
}

const old: Trust = { log: knownLog({ origin: ORIGIN, vkey: one.vkey }), seals: [], signers: [] };
const known = (...keys: readonly LogKey[]): KnownLog => ({ origin: ORIGIN, keys, verifiers: keys.map(({ vkey }) => parseVkey(vkey)) });
const keysLedTo = (entries: readonly ProvenEntry[], trust = old) => {
  const { logs, led, faults } = leadLogs(trust, entries);
  return { keys: logs[0]?.keys?.map(({ vkey, after }) => [vkey, after]), led: [...led.keys()], faults: [...faults.values()] };
};

test("a tree must be signed by the key that had begun when it was made; which one says its size, and a signature that is false says no", async () => {
  const log = known({ vkey: one.vkey, after: 0 }, { vkey: two.vkey, after: 5 }, { vkey: three.vkey, after: 9 });
  const signed = async (size: number, by: readonly TimedLogSigner[], of = log): Promise<string> =>
    openedUnder(await sign(formatCheckpoint({ origin: ORIGIN, size, root: new Uint8Array(32) }), by), of).signed;
  expect([await signed(0, [one]), await signed(5, [one]), await signed(5, [one, two]), await signed(5, [two])]).toEqual(Array(4).fill("signed"));
  expect([await signed(6, [one]), await signed(6, [one, two]), await signed(6, [two, thief]), await signed(6, [thief])]).toEqual(["followed", "signed", "signed", "unsigned"]); // prettier-ignore
  expect([await signed(10, [one, two]), await signed(10, [three])]).toEqual(["followed", "signed"]);
  const ended = known({ vkey: one.vkey, after: 0, ended: { since: new Date(AT), reason: "stolen" } }, { vkey: two.vkey, after: 5 });
  expect([await signed(5, [one], ended), await signed(5, [one, two], ended), await signed(6, [one], ended)]).toEqual(["ended", "signed", "followed"]);
  const text = formatCheckpoint({ origin: ORIGIN, size: 6, root: new Uint8Array(32) });
  const forged = (await sign(text, [two])) + (await linesOf(text.replace("6", "7"), [one]));
  expect(openedUnder(forged, log).signed).toBe("unsigned");
  expect(openedUnder(await sign(formatCheckpoint({ origin: "others.example/log", size: 6, root: new Uint8Array(32) }), [foreign]), log).signed).toBe("unsigned"); // prettier-ignore
  // What somebody kept was said by the log, whichever key it had.
  expect(signedEver(await sign(text, [one]), log)?.size).toBe(6);
  expect(signedEver(await sign(text, [thief]), log)).toBeUndefined();
});

test("an entry is read when both keys of one log signed all that it says", async () => {
  const leaf = await beginning(one, two);
  expect(parseLogKeyLeaf(leaf)).toMatchObject({ vkey: two.vkey, previous: one.vkey, until: UNTIL });
  const text = new TextDecoder().decode(leaf);
  const refused: readonly Uint8Array[] = [
    await beginning(one, two, { by: [one] }),
    await beginning(one, two, { by: [two] }),
    await beginning(one, two, { by: [two, thief] }),
    await beginning(one, two, { origin: "others.example/log" }),
    await beginning(one, foreign),
    await beginning(one, one),
    ...[text.replace(UNTIL, "2036-12-29T10:00:00.000Z"), text.replace(id(2), id(3)), text.replace('"number":2', '"number":3')].map((one) => new TextEncoder().encode(one)), // prettier-ignore
    new TextEncoder().encode(text.replace('{"', '{ "')),
  ];
  for (const one of refused) expect(() => parseLogKeyLeaf(one)).toThrow(expect.objectContaining({ code: "malformed" }));
  // A checkpoint of a log is no beginning of a key, and the other way round.
  expect(() => openedUnder(`${logKeyText(parseLogKeyLeaf(leaf) as LogKeyBegun)}\n— a AAAAAAA=\n`, old.log)).toThrow(expect.objectContaining({ code: "malformed" })); // prettier-ignore
});

test("a kept trust file leads from key to key, in the order of the log", async () => {
  const first = await entry(await beginning(one, two), 5, [one, two]);
  const second = await entry(await beginning(two, three, { number: 3 }), 9, [two, three]);
  expect(keysLedTo([first, second])).toEqual({ keys: [[one.vkey, 0], [two.vkey, 5], [three.vkey, 9]], led: [two.vkey, three.vkey], faults: [] }); // prettier-ignore
  expect(keysLedTo([second])).toMatchObject({ keys: undefined, led: [], faults: ["the trust file leads to no key that came before it"] });
  // Under a later checkpoint, which the newest alone signed, as somebody sees it who was away for long.
  const late = await Promise.all([first, second].map(async ({ leaf, index }) => entry(leaf, index, [three])));
  expect(keysLedTo(late).led).toEqual([two.vkey, three.vkey]);
  expect(keysLedTo(late.slice(0, 1)).led).toEqual([]);
});

test("nothing else does: a forged entry, one of another tree or log, one behind the end of the key before, a second one after it", async () => {
  const leaf = await beginning(one, two);
  const honest = await entry(leaf, 5, [one, two]);
  const stolen = await entry(await beginning(one, thief), 7, [one, thief]);
  const attempts: readonly (readonly [ProvenEntry, RegExp | undefined])[] = [
    [await entry(await beginning(two, thief), 5, [one, thief]), /no key that came before/],
    [await entry(await beginning(one, thief, { by: [thief] }), 5, [one, thief]), undefined],
    [await entry(leaf, 5, [one]), /did not sign that it holds/],
    [await entry(leaf, 5, [thief]), /did not sign that it holds/],
    [{ ...honest, index: 4 }, /did not sign that it holds/],
    [{ ...honest, checkpoint: (await entry(await beginning(one, three), 5, [one, two])).checkpoint }, /did not sign that it holds/],
    [await entry(leaf, 5, [foreign], "others.example/log"), undefined],
  ];
  for (const [attempt, words] of attempts)
    expect(keysLedTo([attempt])).toEqual({ keys: undefined, led: [], faults: words === undefined ? [] : [expect.stringMatching(words)] });
  expect(keysLedTo([honest, stolen])).toMatchObject({ led: [two.vkey], faults: [expect.stringContaining("another key followed")] });
  const { logs } = leadLogs(old, [honest, await entry(ending(one), 6, [two])]);
  expect(keysLedTo([stolen], { ...old, log: logs[0]! }).faults).toEqual([expect.stringContaining("(stolen)")]);
  // A trust file of another origin leads nowhere.
  expect(keysLedTo([honest], { ...old, log: knownLog({ origin: foreign.origin, vkey: foreign.vkey }) })).toMatchObject({ led: [], faults: [] });
});

test("what brings many entries costs in proportion to them: each is read once, of two about the same keys the first counts, and behind a hundred none", async () => {
  let reads = 0;
  const counted = (given: ProvenEntry): ProvenEntry => ({
    ...given,
    get leaf() {
      reads += 1;
      return given.leaf;
    },
  });
  const thieves = Array.from({ length: 110 }, () => newSigner());
  const stolen = await Promise.all(thieves.map(async (one) => beginning(thief, one)));
  const unheld = await Promise.all(stolen.map(async (leaf, at) => counted(await entry(leaf, 10 + at, [foreign]))));
  expect(leadLogs(old, unheld)).toMatchObject({ omitted: 10, faults: { size: 100 } });
  expect(reads).toBe(unheld.length);
  // Those that a trust file tells of are none of the hundred.
  const honest = await entry(await beginning(one, two), 5, [one, two]);
  const told = leadLogs(old, [honest]).logs[0]!;
  const second = await entry(await beginning(two, three, { number: 3 }), 9, [two, three]);
  expect(leadLogs({ ...old, log: told }, [...Array<ProvenEntry>(100).fill(honest), second])).toMatchObject({ omitted: 0, led: new Map([[three.vkey, expect.any(String)]]) }); // prettier-ignore
  // The same words again, at another place.
  reads = 0;
  const again = Array.from({ length: 90 }, (_, at) => counted({ ...honest, index: 10 + at }));
  expect(leadLogs(old, again)).toMatchObject({ omitted: 0, faults: new Map([[two.vkey, expect.stringContaining("entry 10 of the receipt")]]) });
  // And once more in the tree, for the first.
  expect(reads).toBe(again.length + 1);
});

test("a key is ended under the signature of one that came after it: a thief ends none", async () => {
  const honest = await entry(await beginning(one, two), 5, [one, two]);
  const endedIn = async (key: TimedLogSigner, by: readonly TimedLogSigner[]) =>
    leadLogs(old, [honest, await entry(ending(key), 6, by)]).logs[0]?.keys?.map(({ ended }) => ended?.reason);
  expect(await endedIn(one, [one, two])).toEqual(["stolen", undefined]);
  expect(await endedIn(one, [one])).toEqual([undefined, undefined]);
  expect(await endedIn(two, [one, two])).toEqual([undefined, undefined]);
  expect(await endedIn(two, [one])).toEqual([undefined, undefined]);
});

test("the trust file says for which trees each key counts; one that was ended stands where readers that do not know of that do not trust it", () => {
  const ended = { since: new Date(AT), reason: "stolen" };
  const keys: readonly LogKey[] = [{ vkey: one.vkey, after: 0, until: new Date(UNTIL), ended }, { vkey: two.vkey, after: 5 }, { vkey: three.vkey, after: Infinity }]; // prettier-ignore
  const text = formatTrust(trustOf({ log: { origin: ORIGIN, vkey: two.vkey, keys }, sealCertificates: [] }));
  const file = JSON.parse(text) as { format: string; logs: { vkeys: string[] }[] };
  expect(file).toMatchObject({ format: "chartulary-trust/2", logs: [{ vkeys: [two.vkey] }] });
  expect(parseTrust(text).log.keys).toEqual([
    { vkey: one.vkey, after: 0, until: new Date(UNTIL), ended },
    { vkey: two.vkey, after: 5 },
  ]);
  for (const vkeys of [[three.vkey], [two.vkey, three.vkey]])
    expect(() => parseTrust(JSON.stringify({ ...file, logs: [{ ...file.logs[0], vkeys }] }))).toThrow(expect.objectContaining({ code: "malformed" }));
});
