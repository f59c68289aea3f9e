/** What a witness may answer whom somebody hostile runs: nothing of it harms other witnesses, receipts or deposits. */
import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { cosigner } from "../../../src/adapters/keys/note-signer.ts";
import type { TimedLogSigner } from "../../../src/core/crypto/keys.ts";
import { parseAnyVkey } from "../../../src/core/crypto/note-keys.ts";
import { openNote } from "../../../src/core/crypto/signed-note.ts";
import { parseTlogPolicy } from "../../../src/core/formats/tlog-policy.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import type { CosignedCheckpoint, WitnessPort } from "../../../src/pipeline/witness/witness-port.ts";
import { witnessedBy } from "../../../src/pipeline/witness/witnessed.ts";
import { Witnessing } from "../../../src/pipeline/witness/witnessing.ts";
import { MemoryCosigned } from "../../contracts/memory-cosigned.ts";
import { Memory, MemoryRecord } from "../../contracts/memory-record.ts";
import { newSigner, sealedMany } from "../../contracts/sealed.ts";
import { Called } from "./called.ts";

let signer: TimedLogSigner;
let store: MemoryRecord;
let cosigned: MemoryCosigned;
let faults: [string, string | undefined][];
let contradictions: string[];
beforeEach(async () => {
  signer = newSigner();
  store = new MemoryRecord(new Memory());
  cosigned = new MemoryCosigned();
  [faults, contradictions] = [[], []];
  await fill(3);
});

async function fill(count: number): Promise<void> {
  const ledger = await Ledger.open(store, signer);
  for (const document of sealedMany(count)) await ledger.append([document]);
}

const witnessing = (witnesses: readonly WitnessPort[]): Witnessing =>
  new Witnessing({
    ...{ witnesses, store, cosigned, log: signer, pastLogs: [], interval: 1, refresh: 3_600_000 },
    turn: { take: () => Promise.resolve(true), giveBack: () => Promise.resolve() },
    timeLine: (note) => signer.signTime(note.slice(0, note.indexOf("\n\n") + 1), 1),
    onContradiction: (reason) => contradictions.push(reason),
    onFault: (name, reason) => faults.push([name, reason]),
    onUnproving: () => undefined,
  });

describe("a hostile witness", () => {
  const answering = (lines: (text: string) => string, key = cosigner("one.example", "cosignature/v1", randomBytes(32))): WitnessPort => ({
    ...{ name: "one", verifier: parseAnyVkey(key.vkey), shown: () => Promise.resolve(undefined) },
    add: ({ checkpoint }) => Promise.resolve({ kind: "cosigned", lines: lines(checkpoint.slice(0, checkpoint.lastIndexOf("\n\n") + 1)) }),
  });

  test("of whose many lines one is kept: others' have room in the note, and who asks for it can read it", async () => {
    const key = cosigner("one.example", "cosignature/v1", randomBytes(32));
    const now = Math.floor(Date.now() / 1_000);
    const two = new Called("two", signer);
    await witnessing([answering((text) => Array.from({ length: 99 }, (_, at) => key.cosign(text, now - at)).join(""), key), two]).round();
    const { note = "" } = (await cosigned.newest(signer.origin)) ?? {};
    expect(openNote(note, []).signatures.map(({ name }) => name)).toEqual([signer.origin, signer.origin, "one.example", "two.example"]);
  });

  test.each([1, Math.floor(Date.now() / 1_000) + 86_400, Number.MAX_SAFE_INTEGER])("whose time (%d) is not ours is not kept", async (at) => {
    const key = cosigner("one.example", "cosignature/v1", randomBytes(32));
    await witnessing([answering((text) => key.cosign(text, at), key)]).round();
    expect([faults, await cosigned.newest(signer.origin)]).toEqual([[["one", "the time that it signs is not that of our clock"]], undefined]);
  });

  test.each([
    ["more signatures than a note may have", (note: string) => note + `${note.split("\n").at(-2) ?? ""}\n`.repeat(120)],
    ["no note", () => "nothing"],
    ["the note of another size", (note: string) => note.replace("\n3\n", "\n2\n")],
  ])("what was kept and is %s hides no receipt and stops no round", async (_, altered) => {
    const one = new Called("one", signer);
    await witnessing([one]).round();
    const [good] = await cosigned.from(signer.origin, 0, 1);
    const policy = parseTlogPolicy(`witness one ${one.vkey}\nquorum none`);
    cosigned = new MemoryCosigned();
    await cosigned.put({ ...(good as CosignedCheckpoint), note: altered(good?.note ?? "") });
    expect(await witnessedBy(policy, signer, cosigned).newest()).toBeUndefined();
    await fill(1);
    await witnessing([one]).round();
    expect((await witnessedBy(policy, signer, cosigned).firstWith(0))?.size).toBe(4);
  });

  test.each([4_000, Number.MAX_SAFE_INTEGER])("a hostile witness's word for %d entries keeps no other witness from cosigning", async (size) => {
    const [one, two] = [new Called("one", signer), new Called("two", signer)];
    one.add = () => Promise.resolve({ kind: "conflict", size });
    await witnessing([one, two]).round();
    expect([contradictions, (await cosigned.newest(signer.origin))?.note]).toEqual([[], expect.stringContaining("two.example")]);
  });
});
