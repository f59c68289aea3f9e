/** The witness: it cosigns what goes on from what it cosigned, by the specification's statuses (c2sp.org/tlog-witness), and nothing else, whatever is asked at once. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { cosigner } from "../../../src/adapters/keys/note-signer.ts";
import { openWitnessFile } from "../../../src/adapters/sqlite/witness-file.ts";
import { formatCheckpoint } from "../../../src/core/crypto/checkpoint.ts";
import type { LogSigner } from "../../../src/core/crypto/keys.ts";
import { sha256 } from "../../../src/core/crypto/digest.ts";
import { parseAnyVkey } from "../../../src/core/crypto/note-keys.ts";
import { openNote, parseVkey } from "../../../src/core/crypto/signed-note.ts";
import { formatAddCheckpoint, monitoredPath } from "../../../src/core/formats/witness-messages.ts";
import { Witness } from "../../../src/pipeline/witness/witness.ts";
import { newSigner } from "../../contracts/sealed.ts";
import { Tree } from "./tree.ts";

const folder = mkdtempSync(join(tmpdir(), "chartulary-witness-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const key = cosigner("witness.example/w1", "cosignature/v1", randomBytes(32));
const NOW = 1_764_400_000_000;

let log: LogSigner;
let tree: Tree;
let witness: Witness;
let file: string;
let files = 0;
beforeEach(async () => {
  log = newSigner();
  tree = new Tree(log);
  for (let at = 0; at < 20; at++) tree.append(`leaf ${at}`);
  file = join(folder, `${++files}.db`);
  witness = await open();
});
async function open(): Promise<Witness> {
  const logs = new Map([[log.origin, [parseVkey(log.vkey)]]]);
  return new Witness({ logs, cosigner: key, states: await openWitnessFile(file), now: () => NOW });
}
const asked = async (oldSize: number, size: number, more: Partial<{ proof: Uint8Array[]; checkpoint: string }> = {}) => {
  const body = formatAddCheckpoint({ oldSize, proof: await tree.proof(oldSize, size), checkpoint: await tree.note(size), ...more });
  return witness.add(body);
};

describe("what goes on", () => {
  test("is cosigned, from nothing, step by step, and once more at the same size; and stays so after a restart", async () => {
    const first = await asked(0, 3);
    expect(first).toMatchObject({ status: 200 });
    expect(openNote((await tree.note(3)) + first.body, [parseAnyVkey(key.vkey)]).signatures[1]).toMatchObject({ result: "valid", at: NOW / 1_000 });
    expect(await asked(3, 8)).toMatchObject({ status: 200 });
    expect(await asked(8, 8)).toMatchObject({ status: 200 });
    witness = await open();
    expect(await asked(0, 9)).toEqual({ status: 409, type: "text/x.tlog.size", body: "8\n" });
    expect(await asked(8, 20)).toMatchObject({ status: 200 });
    const shown = await witness.shown(monitoredPath(log.origin));
    expect(openNote(shown.body, [parseVkey(log.vkey), parseAnyVkey(key.vkey)])).toMatchObject({
      text: expect.stringMatching(/^[^\n]+\n20\n/) as unknown,
      signatures: [{ result: "valid" }, { result: "valid" }],
    });
  });

  test("what was cosigned last and cannot be read is damaged: nothing is cosigned upon it", async () => {
    const logs = new Map([[log.origin, [parseVkey(log.vkey)]]]);
    const states = { read: () => Promise.resolve("noise"), advance: () => Promise.resolve(true) };
    witness = new Witness({ logs, cosigner: key, states, now: () => NOW });
    await expect(asked(0, 3)).rejects.toMatchObject({ code: "damaged", message: expect.stringContaining("cannot be read") as unknown });
  });

  test("is shown with one line of each key, though a stranger repeats the log's until nobody could read the note", async () => {
    const note = await tree.note(3);
    const line = `${note.trimEnd().split("\n").at(-1) ?? ""}\n`;
    expect(await asked(0, 3, { checkpoint: note + line.repeat(99) })).toMatchObject({ status: 200 });
    const { body } = await witness.shown(monitoredPath(log.origin));
    expect(openNote(body, [parseVkey(log.vkey), parseAnyVkey(key.vkey)]).signatures.map(({ result }) => result)).toEqual(["valid", "valid"]);
  });

  test("of two that ask at once from the same size one is told where it stands", async () => {
    await asked(0, 3);
    const [one, other] = await Promise.all([asked(3, 10), asked(3, 12)]);
    expect([one.status, other.status].sort()).toEqual([200, 409]);
    const refused = one.status === 409 ? one : other;
    expect(refused.body).toBe(one.status === 409 ? "12\n" : "10\n");
  });
});

describe("what is refused", () => {
  beforeEach(async () => {
    await asked(0, 7);
  });
  afterEachUnchanged();

  test("404 for a log that is not watched", async () => {
    const strange = new Tree(newSigner("strange.example/log"));
    strange.append("x");
    expect(await asked(0, 1, { checkpoint: await strange.note(1), proof: [] })).toMatchObject({ status: 404 });
    expect(await witness.shown(monitoredPath("strange.example/log"))).toMatchObject({ status: 404 });
  });

  test("403 for a checkpoint that the log did not sign, or whose signature is not its own", async () => {
    const forger = newSigner(log.origin);
    const text = (await tree.note(9)).split("\n\n")[0] ?? "";
    expect(await asked(7, 9, { checkpoint: await forger.sign(`${text}\n`) })).toMatchObject({ status: 403 });
    const note = await tree.note(9);
    expect(await asked(7, 9, { checkpoint: note.replace("\n9\n", "\n8\n") })).toMatchObject({ status: 403 });
    // Beside one that is good too.
    const bad = (await tree.note(8)).split("\n\n")[1] ?? "";
    expect(await asked(7, 9, { checkpoint: note + bad })).toMatchObject({ status: 403 });
    // Of somebody else's it knows nothing.
    expect(await asked(7, 9, { checkpoint: note + ((await forger.sign(`${text}\n`)).split("\n\n")[1] ?? "") })).toMatchObject({ status: 200 });
    expect(await asked(9, 9)).toMatchObject({ status: 200 });
  });

  test("409 for another old size, 400 for one that is above the checkpoint's", async () => {
    expect(await asked(5, 9)).toMatchObject({ status: 409, body: "7\n" });
    expect(await asked(0, 9)).toMatchObject({ status: 409, body: "7\n" });
    expect(await asked(7, 5, { proof: [] })).toMatchObject({ status: 400 });
    // A smaller tree, honestly asked for.
    expect(await asked(5, 5)).toMatchObject({ status: 409, body: "7\n" });
  });

  test("422 for a proof that does not prove it, too long or too short, and for another tree of the same or a larger size", async () => {
    const proof = await tree.proof(7, 9);
    for (const wrong of [[], proof.slice(1), [...proof, randomBytes(32)], proof.map(() => randomBytes(32))])
      expect(await asked(7, 9, { proof: wrong })).toMatchObject({ status: 422 });
    const fork = new Tree(log);
    for (let at = 0; at < 20; at++) fork.append(`other ${at}`);
    expect(await asked(7, 7, { checkpoint: await fork.note(7) })).toMatchObject({ status: 422 });
    expect(await asked(7, 9, { checkpoint: await fork.note(9), proof: await fork.proof(7, 9) })).toMatchObject({ status: 422 });
    expect(await asked(7, 7, { proof: [randomBytes(32)] })).toMatchObject({ status: 422 });
  });

  test.each([
    "",
    "old 7",
    "old 07\n\nx",
    "old -1\n\n",
    "old 7\n\n",
    "old 7\nAAAA\n\nx\n",
    `old 7\n${"A".repeat(43)}=\n`.repeat(2),
    `old 7\n${`${"A".repeat(43)}=\n`.repeat(64)}\nx\n`,
  ])("400 or 404 for what is no request: %j", async (body) => expect([400, 404]).toContain((await witness.add(body)).status));

  test("400 for a note of the log that is no checkpoint", async () => {
    expect(await witness.add(`old 7\n\n${await log.sign(`${log.origin}\nseven\nAAAA\n`)}`)).toMatchObject({ status: 400 });
  });

  function afterEachUnchanged(): void {
    test("leaves the log where it stood", async () => {
      await asked(7, 9, { proof: [] });
      expect(await asked(0, 9)).toMatchObject({ status: 409, body: "7\n" });
    });
  }
});

test("an empty log is cosigned with the root of the empty tree alone, and goes on from there", async () => {
  const text = (root: Uint8Array): Promise<string> => log.sign(formatCheckpoint({ origin: log.origin, size: 0, root }));
  expect(await asked(0, 0, { checkpoint: await text(randomBytes(32)), proof: [] })).toMatchObject({ status: 422 });
  expect(await asked(0, 3, { proof: [randomBytes(32)] })).toMatchObject({ status: 422 });
  expect(await asked(0, 0, { checkpoint: await text(sha256()), proof: [] })).toMatchObject({ status: 200 });
  expect(await asked(0, 3)).toMatchObject({ status: 200 });
});
