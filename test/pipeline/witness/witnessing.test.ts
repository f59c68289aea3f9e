/** Our side of witnesses: what they cosign is kept and handed on, one that is away holds nothing up, and what one has seen is a mark that no copy of the machine brings back. */
import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { cosigner } from "../../../src/adapters/keys/note-signer.ts";
import type { TimedLogSigner } from "../../../src/core/crypto/keys.ts";
import { parseAnyVkey } from "../../../src/core/crypto/note-keys.ts";
import { openNote, parseVkey } from "../../../src/core/crypto/signed-note.ts";
import { AppError } from "../../../src/core/errors.ts";
import { parseTlogPolicy } from "../../../src/core/formats/tlog-policy.ts";
import { formatAddCheckpoint, monitoredPath, parseSize } from "../../../src/core/formats/witness-messages.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { Witness } from "../../../src/pipeline/witness/witness.ts";
import type { WitnessPort } from "../../../src/pipeline/witness/witness-port.ts";
import { witnessedBy } from "../../../src/pipeline/witness/witnessed.ts";
import { Witnessing } from "../../../src/pipeline/witness/witnessing.ts";
import { MemoryCosigned } from "../../contracts/memory-cosigned.ts";
import { Memory, MemoryRecord } from "../../contracts/memory-record.ts";
import { newSigner, sealedMany } from "../../contracts/sealed.ts";

let signer: TimedLogSigner;
let memory: Memory;
let store: MemoryRecord;
let cosigned: MemoryCosigned;
let faults: [string, string | undefined][];
let contradictions: string[];
beforeEach(async () => {
  signer = newSigner();
  memory = new Memory();
  store = new MemoryRecord(memory);
  cosigned = new MemoryCosigned();
  faults = [];
  contradictions = [];
  await fill(3);
});

async function fill(count: number, into = store): Promise<void> {
  const ledger = await Ledger.open(into, signer);
  for (const document of sealedMany(count)) await ledger.append([document]);
}

/** A witness of ours, called without a network; `isAway` ends the connection, `hides` shows nothing. */
class Called implements WitnessPort {
  isAway = false;
  hides = false;
  asked = 0;
  readonly name: string;
  readonly vkey: string;
  readonly verifier;
  readonly witness: Witness;

  constructor(name: string, log: TimedLogSigner = signer) {
    this.name = name;
    const key = cosigner(`${name}.example`, "cosignature/v1", randomBytes(32));
    this.vkey = key.vkey;
    this.verifier = parseAnyVkey(key.vkey);
    const states = new Map<string, { readonly size: number; readonly note: string }>();
    this.witness = new Witness({
      logs: new Map([[log.origin, [parseVkey(log.vkey)]]]),
      cosigner: key,
      states: {
        read: (origin) => Promise.resolve(states.get(origin)?.note),
        advance: (origin, size, next) => Promise.resolve(states.get(origin)?.size === size && states.set(origin, next) === states),
      },
    });
  }

  async add(request: Parameters<WitnessPort["add"]>[0]): ReturnType<WitnessPort["add"]> {
    this.asked++;
    if (this.isAway) throw new AppError("unavailable", "it could not be reached");
    const { status, body } = await this.witness.add(formatAddCheckpoint(request));
    if (status === 200) return { kind: "cosigned", lines: body };
    return status === 409 ? { kind: "conflict", size: parseSize(body) ?? -1 } : { kind: "refused", status };
  }

  async shown(origin: string): Promise<string | undefined> {
    if (this.isAway) throw new AppError("unavailable", "it could not be reached");
    const { status, body } = await this.witness.shown(monitoredPath(origin));
    return status === 200 && !this.hides ? body : undefined;
  }
}

const witnessing = (witnesses: readonly WitnessPort[], of: MemoryRecord = store, refresh = 3_600_000): Witnessing =>
  new Witnessing({
    ...{ witnesses, store: of, cosigned, log: signer, pastLogs: [], interval: 1, refresh },
    turn: { take: () => Promise.resolve(true), giveBack: () => Promise.resolve() },
    timeLine: (note) => signer.signTime(note.slice(0, note.indexOf("\n\n") + 1), 1),
    onContradiction: (reason) => contradictions.push(reason),
    onFault: (name, reason) => faults.push([name, reason]),
  });
const validIn = (note: string, by: readonly Called[]): string[] =>
  openNote(note, [parseVkey(signer.vkey), ...by.map(({ verifier }) => verifier)]).signatures.flatMap(({ name, result }) => (result === "valid" ? [name] : [])); // prettier-ignore
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe("a round", () => {
  test("has the newest checkpoint cosigned by all, with the proof from where each stands, and keeps it", async () => {
    const [one, two] = [new Called("one"), new Called("two")];
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
    const one = new Called("one");
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
    const one = new Called("one");
    const asking = witnessing([one], store, 0);
    await asking.round();
    await pause();
    await asking.round();
    expect((await cosigned.from(signer.origin, 0, 10)).map(({ size }) => size)).toEqual([3, 3]);
  });

  test("takes along whoever answers; who is away is told once, let rest and asked later", async () => {
    const [one, two] = [new Called("one"), new Called("two")];
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
    const one = new Called("one");
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
  test.each([false, true])("is known by what a witness has seen of the log (it shows it: %j)", async (shows) => {
    const one = new Called("one");
    one.hides = !shows;
    const older = new MemoryRecord(memory.copy());
    await fill(4);
    await witnessing([one]).round();
    // What we kept was set back, too.
    const kept = cosigned;
    cosigned = new MemoryCosigned();
    await witnessing([one], older).round();
    cosigned = kept;
    expect(contradictions).toHaveLength(1);
    expect(contradictions[0]).toMatch(
      /^the log has 3 entries, and the witness one says that it has cosigned 7|^the log has 3 entries and had 7: the database is older than the checkpoint (of the witness one|that witnesses cosigned)/,
    );
    // And nothing is signed any more that would fork.
    expect((await cosigned.newest(signer.origin))?.size).toBe(7);
  });

  test("is known by what was cosigned, when that alone was not set back, and no witness answers", async () => {
    const one = new Called("one");
    const older = new MemoryRecord(memory.copy());
    await fill(4);
    await witnessing([one]).round();
    one.isAway = true;
    await witnessing([one], older).round();
    expect(contradictions).toEqual([expect.stringMatching(/had 7: the database is older than the checkpoint that witnesses cosigned/)]);
  });

  test("that went on is another tree, and known as such", async () => {
    const one = new Called("one");
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
    const one = new Called("one");
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
    });
    await asking.start(5_000);
    expect(ledger.halt).toMatch(/had 7/);
    await expect(ledger.append([sealedMany(1)[0] as never])).rejects.toMatchObject({ code: "unavailable" });
    await asking.close();
  });

  test("a witness that shows what our log never signed stops nothing", async () => {
    const one = new Called("one");
    one.shown = async () => newSigner(signer.origin).sign(`${signer.origin}\n99\n${"A".repeat(43)}=\n`);
    await witnessing([one]).round();
    expect([contradictions, (await cosigned.newest(signer.origin))?.size]).toEqual([[], 3]);
  });
});

describe("what is handed on", () => {
  test("is the first checkpoint with an entry that enough have cosigned, the same for ever", async () => {
    const [one, two] = [new Called("one"), new Called("two")];
    const policy = parseTlogPolicy(
      [one, two].map(({ name, vkey }) => `witness ${name} ${vkey}`).join("\n") + "\ngroup both all one two\nquorum both",
    );
    const witnessed = witnessedBy(policy, signer.origin, cosigned);
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
