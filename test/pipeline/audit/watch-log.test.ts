/** A log that is followed from outside: it goes on, forks, is set back, grows stale; whoever answers is believed in nothing. */
import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { cosigner } from "../../../src/adapters/keys/note-signer.ts";
import type { TimedLogSigner } from "../../../src/core/crypto/keys.ts";
import { consistencyProof, rootOf } from "../../../src/core/crypto/merkle.ts";
import { verifyConsistency } from "../../../src/core/crypto/merkle-verify.ts";
import { parseCheckpoint } from "../../../src/core/crypto/checkpoint.ts";
import { parseVkey } from "../../../src/core/crypto/signed-note.ts";
import { nodesOfTiles } from "../../../src/core/formats/log-tiles.ts";
import { parseTlogPolicy } from "../../../src/core/formats/tlog-policy.ts";
import type { Trust } from "../../../src/core/formats/trust.ts";
import { tileAt } from "../../../src/interactions/log/read-tile.ts";
import { watchLog, type Watched } from "../../../src/pipeline/audit/watch-log.ts";
import type { RemoteAnswer } from "../../../src/pipeline/audit/audit-remote.ts";
import { newSigner } from "../../contracts/sealed.ts";
import { Tree } from "../witness/tree.ts";

const NOW = 1_764_400_000_000;
const HOUR = 3_600_000;
let signer: TimedLogSigner;
let tree: Tree;
let trust: Trust;
beforeEach(() => {
  signer = newSigner();
  tree = treeOf("leaf", 700);
  trust = { log: { origin: signer.origin, verifiers: [parseVkey(signer.vkey)] }, seals: [], signers: [] };
});

function treeOf(word: string, size: number): Tree {
  const made = new Tree(signer);
  for (let at = 0; at < size; at++) made.append(`${word} ${at}`);
  return made;
}
const timed = async (note: string, at = NOW): Promise<string> => note + (await signer.signTime(note.slice(0, note.indexOf("\n\n") + 1), at / 1_000));
/** A repository that shows a tree at a size; its tiles are made as ours are. */
const showing =
  (of: Tree, size: number, note: string, alter: (path: string, bytes: Uint8Array) => Uint8Array = (_path, bytes) => bytes) =>
  async (path: string): Promise<RemoteAnswer> => {
    if (path === "/log/checkpoint") return { status: 200, bytes: new TextEncoder().encode(note) };
    const store = { nodes: async (places: Parameters<Tree["fetch"]>[0]) => [...(await of.fetch(places))], entries: () => Promise.resolve([]) };
    const tile = await tileAt(path.replace("/log/tile/", ""), size, store);
    return tile ? { status: 200, bytes: alter(path, tile.bytes) } : { status: 404, bytes: new Uint8Array() };
  };
const look = (get: (path: string) => Promise<RemoteAnswer>, last?: string): Promise<Watched> =>
  watchLog({ get, trust, last, now: NOW, maxAge: 24 * HOUR });

describe("tiles", () => {
  test.each([1, 2, 255, 256, 257, 300, 511, 512, 700])("of a tree of %i give every root and proof of it", async (size) => {
    const asked: string[] = [];
    const get = showing(tree, size, "");
    const nodes = nodesOfTiles(size, async (path) => {
      asked.push(path);
      return (await get(`/log/tile/${path}`)).bytes;
    });
    expect(await rootOf(size, nodes)).toEqual(await rootOf(size, tree.fetch));
    for (const old of [1, 2, 100, 255, 256, 257, 512, 699].filter((one) => one <= size)) {
      const proof = await consistencyProof(old, size, nodes);
      expect(verifyConsistency(old, await rootOf(old, tree.fetch), size, await rootOf(size, tree.fetch), proof)).toBe(true);
    }
    expect(new Set(asked).size).toBe(asked.length);
  });
});

describe("what a log shows", () => {
  test("goes on from what it showed before, whatever the sizes", async () => {
    for (const [old, size] of [
      [0, 0],
      [0, 5],
      [3, 3],
      [3, 300],
      [256, 257],
      [257, 700],
      [512, 513],
    ] as const)
      // prettier-ignore
      expect(await look(showing(tree, size, await timed(await tree.note(size))), await tree.note(old))).toMatchObject({ result: "fine", size });
  });

  test("seen for the first time is fine, and is told as such", async () => {
    expect(await look(showing(tree, 9, await timed(await tree.note(9))))).toMatchObject({
      result: "fine",
      text: expect.stringContaining("first time") as unknown,
    });
  });

  test("of the same size with another root is a fork, and so is what does not begin with it", async () => {
    const other = treeOf("other", 700);
    expect(await look(showing(other, 9, await timed(await other.note(9))), await tree.note(9))).toMatchObject({ result: "forked", isProven: true, text: expect.stringContaining("two trees of one size") as unknown }); // prettier-ignore
    expect(await look(showing(other, 700, await timed(await other.note(700))), await tree.note(300))).toMatchObject({ result: "forked" });
  });

  test("with fewer entries was set back, where it has no more or says later that these are all", async () => {
    const before = await tree.note(300);
    expect(await look(showing(tree, 9, await timed(await tree.note(9))), before)).toMatchObject({ result: "rolled-back", keep: before });
    const said = await timed(before, NOW - HOUR);
    expect(await look(showing(tree, 700, await timed(await tree.note(9))), said)).toMatchObject({ result: "rolled-back", isProven: true });
    expect(await look(showing(tree, 700, await tree.note(0)), before)).toMatchObject({ result: "rolled-back" });
  });

  test("with fewer entries, and still all that was seen, is an older checkpoint: what was seen is kept", async () => {
    const before = await timed(await tree.note(300), NOW - 60_000);
    for (const shown of [await timed(await tree.note(9)), await tree.note(256)])
      expect(await look(showing(tree, 700, shown), before)).toMatchObject({ result: "stale", keep: before });
    const other = treeOf("other", 700);
    expect(await look(showing(other, 700, await other.note(9)), before)).toMatchObject({ result: "forked", keep: before });
  });

  test("with a time that is too old, none, or one in the future is stale", async () => {
    const note = await tree.note(9);
    for (const shown of [await timed(note, NOW - 25 * HOUR), note, await timed(note, NOW + HOUR)])
      expect(await look(showing(tree, 9, shown), await tree.note(7))).toMatchObject({ result: "stale" });
  });

  test("that the log did not sign, or under a time that is not its own, is nothing", async () => {
    const note = await tree.note(9);
    const strange = newSigner(signer.origin);
    const text = note.slice(0, note.indexOf("\n\n") + 1);
    const forgedTime = (await timed(note)).replace(/(— \S+ \S{20})(\S)([^]*)$/, (all) => all.replace(/AAA|[a-z](?=[^a-z]*$)/, "Z"));
    for (const shown of [
      await strange.sign(text),
      "no note",
      note.replace("\n9\n", "\n8\n"),
      note.replace(signer.origin, "other.example/log"),
      forgedTime,
    ])
      expect(await look(showing(tree, 9, shown))).toMatchObject({ result: "false" });
  });

  test("cut short or missing in its tiles is not answered, and never fine", async () => {
    const shown = await timed(await tree.note(700));
    const before = await tree.note(300);
    await expect(
      look(
        showing(tree, 700, shown, (_path, bytes) => bytes.subarray(32)),
        before,
      ),
    ).rejects.toMatchObject({ code: "unavailable" });
    await expect(look(showing(tree, 500, shown), before)).rejects.toMatchObject({ code: "unavailable" });
    const altered = showing(tree, 700, shown, (_path, bytes) => Uint8Array.from(bytes, (byte, at) => (at === 5 ? byte ^ 1 : byte)));
    expect(await look(altered, before)).toMatchObject({ result: "forked", isProven: false });
  });

  test("under another origin is another log", async () => {
    const next = newSigner("next.example/log");
    trust = { ...trust, log: { origin: next.origin, verifiers: [parseVkey(next.vkey)] }, pastLogs: [trust.log] };
    const grown = new Tree(next);
    for (let at = 0; at < 9; at++) grown.append(`leaf ${at}`);
    expect(await look(showing(grown, 9, await grown.note(9)), await tree.note(9))).toMatchObject({ result: "other-log", origin: "next.example/log" });
  });

  test("tells which witnesses saw it, whether they are enough, and takes their time", async () => {
    const witness = cosigner("w.example", "ml-dsa-44", randomBytes(32));
    const away = cosigner("x.example", "cosignature/v1", randomBytes(32));
    const witnesses = (quorum: string) =>
      parseTlogPolicy(`witness w ${witness.vkey}\nwitness x ${away.vkey}\ngroup both all w x\ngroup one any w x\nquorum ${quorum}`);
    const note = await tree.note(9);
    const shown = note + witness.cosign(note.slice(0, note.indexOf("\n\n") + 1), NOW / 1_000 - 60);
    trust = { ...trust, witnesses: witnesses("both") };
    expect(await look(showing(tree, 9, shown))).toMatchObject({
      result: "fine",
      witnesses: { seen: ["w"], isEnough: false },
      signedAt: NOW - 60_000,
    });
    trust = { ...trust, witnesses: witnesses("one") };
    expect((await look(showing(tree, 9, shown))).witnesses).toEqual({ seen: ["w"], isEnough: true });
    expect(parseCheckpoint(note.slice(0, note.indexOf("\n\n") + 1)).size).toBe(9);
  });
});
