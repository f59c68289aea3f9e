/** Our side of witnesses: what they cosign is kept and handed on, one that is away holds nothing up, and what one has seen is a mark that no copy of the machine brings back. */
import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { cosigner } from "../../../src/adapters/keys/note-signer.ts";
import type { TimedLogSigner } from "../../../src/core/crypto/keys.ts";
import { openNote, parseVkey } from "../../../src/core/crypto/signed-note.ts";
import { parseTlogPolicy } from "../../../src/core/formats/tlog-policy.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import type { WitnessPort } from "../../../src/pipeline/witness/witness-port.ts";
import { witnessedBy } from "../../../src/pipeline/witness/witnessed.ts";
import { Witnessing } from "../../../src/pipeline/witness/witnessing.ts";
import { MemoryCosigned } from "../../contracts/memory-cosigned.ts";
import { Memory, MemoryRecord } from "../../contracts/memory-record.ts";
import { newSigner, sealedMany } from "../../contracts/sealed.ts";
import { Called } from "./called.ts";

let signer: TimedLogSigner;
let memory: Memory;
let store: MemoryRecord;
let cosigned: MemoryCosigned;
let faults: [string, string | undefined][];
let contradictions: string[];
let unproving: string[];
beforeEach(async () => {
  signer = newSigner();
  memory = new Memory();
  store = new MemoryRecord(memory);
  cosigned = new MemoryCosigned();
  faults = [];
  contradictions = [];
  unproving = [];
  await fill(3);
});

async function fill(count: number, into = store): Promise<void> {
  const ledger = await Ledger.open(into, signer);
  for (const document of sealedMany(count)) await ledger.append([document]);
}

const witnessing = (witnesses: readonly WitnessPort[], of: MemoryRecord = store, refresh = 3_600_000): Witnessing =>
  new Witnessing({
    ...{ witnesses, store: of, cosigned, log: signer, pastLogs: [], interval: 1, refresh },
    turn: { take: () => Promise.resolve(true), giveBack: () => Promise.resolve() },
    timeLine: (note) => signer.signTime(note.slice(0, note.indexOf("\n\n") + 1), 1),
    onContradiction: (reason) => contradictions.push(reason),
    onFault: (name, reason) => faults.push([name, reason]),
    onUnproving: (name) => unproving.push(name),
  });
const validIn = (note: string, by: readonly Called[]): string[] =>
  openNote(note, [parseVkey(signer.vkey), ...by.map(({ verifier }) => verifier)]).signatures.flatMap(({ name, result }) => (result === "valid" ? [name] : [])); // prettier-ignore
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe("a round", () => {
  test("has the newest checkpoint cosigned by all, with the proof from where each stands, and keeps it", async () => {
    const [one, two] = [new Called("one", signer), new Called("two", signer)];
    const asking = witnessing([one, two]);
    await asking.round();
    await fill(4);
    await asking.round();
    await asking.round();
    const kept = await cosigned.from(signer.origin, 0, 10);
    expect(kept.map(({ size }) => size)).toEqual([3, 7]);
    for (const { note } of kept) expect(validIn(note, [one, two])).toEqual([signer.origin, "one.example", "two.example"]);
    // Nothing new, nobody asked.
    expect([one.asked, two.asked, faults]).toEqual([2, 2, []]);
  });

  test("after a restart goes on, with no state or with an older one, by what the witness says (409)", async () => {
    const one = new Called("one", signer);
    await witnessing([one]).round();
    await fill(2);
    await witnessing([one]).round();
    one.hides = true;
    cosigned = new MemoryCosigned();
    await fill(2);
    await witnessing([one]).round();
    expect((await cosigned.newest(signer.origin))?.size).toBe(7);
    expect(one.asked).toBe(1 + 1 + 2);
    // Another instance knows what this one had cosigned.
    await witnessing([one]).round();
    expect(one.asked).toBe(4);
  });

  test("cosigns once more what did not change, so that its time stays of the day", async () => {
    const one = new Called("one", signer);
    const asking = witnessing([one], store, 0);
    await asking.round();
    await pause();
    await asking.round();
    expect((await cosigned.from(signer.origin, 0, 10)).map(({ size }) => size)).toEqual([3, 3]);
  });

  test("takes along whoever answers; who is away is told once, let rest and asked later", async () => {
    const [one, two] = [new Called("one", signer), new Called("two", signer)];
    two.isAway = true;
    const asking = witnessing([one, two]);
    for (let at = 0; at < 3; at++) await asking.round().then(pause);
    expect((await cosigned.newest(signer.origin))?.note).toContain("one.example");
    expect(faults).toEqual([["two", "it could not be reached"]]);
    two.isAway = false;
    for (let at = 0; at < 12; at++) await asking.round().then(pause);
    expect(validIn((await cosigned.newest(signer.origin))?.note ?? "", [one, two])).toContain("two.example");
    expect(faults).toEqual([["two", "it could not be reached"], ["two", undefined]]); // prettier-ignore
    expect(contradictions).toEqual([]);
  });

  test("takes nothing that is not the witness's own cosignature of this checkpoint", async () => {
    const one = new Called("one", signer);
    const answers = [
      "",
      "no line\n",
      `— ${one.verifier.name} AAAAAAAA\n`,
      cosigner("two.example", "cosignature/v1", randomBytes(32)).cosign("x\n", 1),
    ];
    for (const lines of answers) {
      const lying: WitnessPort = { name: "one", verifier: one.verifier, add: () => Promise.resolve({ kind: "cosigned", lines }), shown: () => Promise.resolve(undefined) }; // prettier-ignore
      await witnessing([lying]).round();
    }
    expect(await cosigned.newest(signer.origin)).toBeUndefined();
    expect(faults.map(([, reason]) => reason)).toEqual(answers.map(() => "what it answers is not its cosignature"));
  });
});

describe("an older copy of everything", () => {
  /** A witness has seen the newer one; the machine was set back, and what was cosigned with it. */
  async function setBack(): Promise<{ readonly one: Called; readonly asking: Witnessing }> {
    const one = new Called("one", signer);
    const older = new MemoryRecord(memory.copy());
    await fill(4);
    await witnessing([one]).round();
    cosigned = new MemoryCosigned();
    return { one, asking: witnessing([one], older) };
  }

  test("is known by what a witness shows: a checkpoint that our log signed", async () => {
    const { one, asking } = await setBack();
    await asking.round();
    expect(contradictions).toEqual([expect.stringMatching(/^the log has 3 entries and had 7: the database is older than the checkpoint of the witness one/)]); // prettier-ignore
    // And nothing is signed any more that would fork: it was not even asked.
    expect([one.asked, await cosigned.newest(signer.origin)]).toEqual([1, undefined]);
  });

  test("that a witness only speaks of stops nothing, is told, and counted; it stops when the witness shows it", async () => {
    const { one, asking } = await setBack();
    one.hides = true;
    await asking.round();
    const said = expect.stringMatching(/^the witness one says that it has cosigned 7 entries, of which the log has 3, and does not prove it/);
    expect([contradictions, asking.claim, faults]).toEqual([[], said, [["one", said]]]);
    expect(asking.witnesses).toEqual([{ name: "one", size: 0, cosignedAt: 0, failed: 1, claims: 1 }]);
    // What was said once stands, though the witness is away now: it is asked for what it shows before anything else.
    one.isAway = true;
    await pause().then(() => asking.round());
    expect([contradictions, asking.claim]).toEqual([[], said]);
    [one.isAway, one.hides] = [false, false];
    await pause().then(() => asking.round());
    expect(contradictions).toEqual([expect.stringContaining("had 7: the database is older than the checkpoint of the witness one")]);
  });

  test("that went on and that a witness only speaks of (422) is told too, until it cosigns again", async () => {
    const one = new Called("one", signer);
    const older = new MemoryRecord(memory.copy());
    await fill(4);
    await witnessing([one]).round();
    cosigned = new MemoryCosigned();
    await fill(9, older);
    one.hides = true;
    const asking = witnessing([one], older);
    await asking.round();
    expect([contradictions, asking.claim]).toEqual([[], expect.stringMatching(/^the witness one says that it has cosigned another tree/)]);
    const other = new Called("one", signer);
    one.add = (request) => other.add(request);
    Object.assign(one, { verifier: other.verifier });
    await pause().then(() => asking.round());
    expect(asking.claim).toBeUndefined();
  });

  test("a witness that cosigns and does not show what is told of once: it could prove nothing", async () => {
    const [one, two] = [new Called("one", signer), new Called("two", signer)];
    one.hides = true;
    const asking = witnessing([one, two], store, 0);
    for (let at = 0; at < 3; at++) await asking.round().then(pause);
    expect(unproving).toEqual(["one"]);
  });

  test("is known by what was cosigned, when that alone was not set back, and no witness answers", async () => {
    const one = new Called("one", signer);
    const older = new MemoryRecord(memory.copy());
    await fill(4);
    await witnessing([one]).round();
    one.isAway = true;
    await witnessing([one], older).round();
    expect(contradictions).toEqual([expect.stringMatching(/had 7: the database is older than the checkpoint that witnesses cosigned/)]);
  });

  test("that went on is another tree, and known as such", async () => {
    const one = new Called("one", signer);
    const older = new MemoryRecord(memory.copy());
    await fill(4);
    await witnessing([one]).round();
    await fill(9, older);
    const asking = witnessing([one], older);
    await asking.start(5_000);
    await asking.close();
    expect(contradictions[0]).toMatch(/first 7 entries are not those that the checkpoint (of the witness one|that witnesses cosigned) was taken of/);
  });

  test("stops the log at the start", async () => {
    const one = new Called("one", signer);
    const older = new MemoryRecord(memory.copy());
    await fill(4);
    await witnessing([one]).round();
    const ledger = await Ledger.open(older, signer);
    const asking = new Witnessing({
      ...{ witnesses: [one], store: older, cosigned, log: signer, pastLogs: [], interval: 60_000, refresh: 3_600_000 },
      turn: { take: () => Promise.resolve(true), giveBack: () => Promise.resolve() },
      timeLine: () => Promise.resolve(""),
      onContradiction: (reason) => ledger.stop(reason),
      onFault: () => undefined,
      onUnproving: () => undefined,
    });
    await asking.start(5_000);
    expect(ledger.halt).toMatch(/had 7/);
    await expect(ledger.append([sealedMany(1)[0] as never])).rejects.toMatchObject({ code: "unavailable" });
    await asking.close();
  });

  test("a witness that shows what our log never signed stops nothing", async () => {
    const one = new Called("one", signer);
    one.shown = async () => newSigner(signer.origin).sign(`${signer.origin}\n99\n${"A".repeat(43)}=\n`);
    await witnessing([one]).round();
    expect([contradictions, (await cosigned.newest(signer.origin))?.size]).toEqual([[], 3]);
  });
});

describe("what is handed on", () => {
  test("is the first checkpoint with an entry that enough have cosigned, the same for ever", async () => {
    const [one, two] = [new Called("one", signer), new Called("two", signer)];
    const policy = parseTlogPolicy(
      [one, two].map(({ name, vkey }) => `witness ${name} ${vkey}`).join("\n") + "\ngroup both all one two\nquorum both",
    );
    const witnessed = witnessedBy(policy, signer, cosigned);
    two.isAway = true;
    await witnessing([one, two]).round();
    expect([await witnessed.firstWith(0), await witnessed.newest()]).toEqual([undefined, undefined]);
    two.isAway = false;
    await fill(1);
    await witnessing([one, two]).round();
    const first = await witnessed.firstWith(0);
    expect(first?.size).toBe(4);
    await fill(3);
    await witnessing([one, two]).round();
    expect(await witnessed.firstWith(0)).toEqual(first);
    expect((await witnessed.firstWith(4))?.size).toBe(7);
    expect([await witnessed.firstWith(7), (await witnessed.newest())?.size]).toEqual([undefined, 7]);
  });
});
