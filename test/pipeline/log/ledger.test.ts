import { describe, expect, test } from "@jest/globals";
import { openNote, parseVkey } from "../../../src/core/crypto/signed-note.ts";
import { AppError } from "../../../src/core/errors.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { LEDGER_LIMITS } from "../../../src/pipeline/log/queue.ts";
import type { Commit, CommitResult } from "../../../src/pipeline/store/record-store.ts";
import { audit } from "../../contracts/audit.ts";
import { Memory, MemoryRecord } from "../../contracts/memory-record.ts";
import { newSigner, sealed, sealedMany } from "../../contracts/sealed.ts";

const signer = newSigner();

/** A store in memory whose commits a test may hold back, and answer in its own way. */
class ScriptedStore extends MemoryRecord {
  readonly sizes: number[] = [];
  /** For how long each commit may be tried, in milliseconds. */
  readonly times: number[] = [];
  /** Runs instead of the next commits, one each. */
  readonly script: ((commit: Commit, really: () => Promise<CommitResult>) => Promise<CommitResult>)[] = [];

  override async commit(commit: Commit, deadline: number): Promise<CommitResult> {
    this.sizes.push(commit.ids.length);
    this.times.push(deadline - performance.now());
    const really = (): Promise<CommitResult> => super.commit(commit, deadline);
    const step = this.script.shift();
    return step ? step(commit, really) : really();
  }
}

/** A commit that waits until `release` is called. */
function held(): { readonly step: ScriptedStore["script"][number]; readonly begun: Promise<void>; release(): void } {
  let release = (): void => undefined;
  let begin = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const begun = new Promise<void>((resolve) => (begin = resolve));
  return {
    begun,
    release,
    step: async (_, really) => {
      begin();
      await released;
      return really();
    },
  };
}

describe("group commit", () => {
  test("takes everybody who is ready at once, and whoever arrives while a commit runs with the next", async () => {
    const store = new ScriptedStore();
    const ledger = await Ledger.open(store, signer);
    const first = held();
    store.script.push(first.step);
    const early = sealedMany(3).map((document) => ledger.append([document]));
    await first.begun;
    const late = sealedMany(5).map((document) => ledger.append([document]));
    first.release();
    await Promise.all([...early, ...late]);
    expect(store.sizes).toEqual([3, 5]);
    expect((await audit(store, signer)).map((entry) => entry.treeSize)).toEqual([3, 3, 3, 8, 8, 8, 8, 8]);
  });

  test("answers with the position that was stored, in order of arrival", async () => {
    const store = new ScriptedStore();
    const ledger = await Ledger.open(store, signer);
    const documents = sealedMany(4);
    const entered = await Promise.all(documents.map((document) => ledger.append([document])));
    for (const [index, result] of entered.entries()) {
      if (result.kind !== "stored") throw new Error("not stored");
      expect(result.entries[0].index).toBe(index);
      expect(result.entries[0]).toEqual(await store.entry(documents[index]?.id ?? ""));
    }
  });

  test("takes no more than a batch, by number and by bytes, and always at least one document", async () => {
    const store = new ScriptedStore();
    const ledger = await Ledger.open(store, signer, { limits: { ...LEDGER_LIMITS, batchEntries: 4, batchBytes: 3_000 } });
    const sizes = [10, 10, 10, 10, 10, 9_000, 2_000, 2_000];
    await Promise.all(sizes.map((size) => ledger.append([sealed({ size })])));
    expect(store.sizes).toEqual([4, 1, 1, 1, 1]);
    await audit(store, signer);
  });

  test("refuses what it has no room for, and takes it when there is room again", async () => {
    const store = new ScriptedStore();
    const ledger = await Ledger.open(store, signer, { limits: { ...LEDGER_LIMITS, batchEntries: 1, queueEntries: 2 } });
    const first = held();
    store.script.push(first.step);
    const running = ledger.append([sealed()]);
    await first.begun;
    const waiting = [ledger.append([sealed()]), ledger.append([sealed()])];
    await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable" });
    first.release();
    await Promise.all([running, ...waiting]);
    await ledger.append([sealed()]);
    expect(await audit(store, signer)).toHaveLength(4);
  });

  test("bounds the bytes that wait, but lets a single large document pass", async () => {
    const store = new ScriptedStore();
    const ledger = await Ledger.open(store, signer, { limits: { ...LEDGER_LIMITS, queueBytes: 1_000 } });
    const first = held();
    store.script.push(first.step);
    const large = ledger.append([sealed({ size: 5_000 })]);
    await first.begun;
    const small = ledger.append([sealed({ size: 500 })]);
    await expect(ledger.append([sealed({ size: 500 })])).rejects.toMatchObject({ code: "unavailable" });
    first.release();
    await Promise.all([large, small]);
    expect(await audit(store, signer)).toHaveLength(2);
  });
});

describe("a unit with a condition", () => {
  test("is entered alone, and asked about the very log that it is entered in", async () => {
    const memory = new Memory();
    const store = new ScriptedStore(memory);
    const ledger = await Ledger.open(store, signer);
    const theirs = await Ledger.open(new MemoryRecord(memory), signer);
    // Another process moves the log between the question and the commit: it is asked again.
    store.script.push(async (_, really) => {
      await theirs.append([sealed()]);
      return really();
    });
    const asked: number[] = [];
    const condition = (size: number): Promise<boolean> => Promise.resolve(asked.push(size) > 0);
    const entered = await Promise.all([ledger.append([sealed()], condition), ledger.append([sealed()]), ledger.append([sealed(), sealed()])]);
    expect(entered.map(({ kind }) => kind)).toEqual(["stored", "stored", "stored"]);
    expect(asked).toEqual([0, 1]);
    expect(await audit(store, signer)).toHaveLength(5);
    expect(entered[0]).toMatchObject({ entries: [{ index: 1, treeSize: 2 }] });
  });

  test("that does not hold stores nothing, and keeps nobody waiting", async () => {
    const store = new ScriptedStore();
    const ledger = await Ledger.open(store, signer);
    const entered = await Promise.all([
      ledger.append([sealed()]),
      ledger.append([sealed(), sealed()], (size) => Promise.resolve(size === 0)),
      ledger.append([sealed()], () => Promise.resolve(true)),
    ]);
    expect(entered.map(({ kind }) => kind)).toEqual(["stored", "refused", "stored"]);
    await expect(ledger.append([sealed()], () => Promise.reject(new AppError("unavailable", "nobody knows")))).rejects.toMatchObject({
      code: "unavailable",
    });
    expect(await ledger.append([sealed()])).toMatchObject({ kind: "stored" });
    expect(await audit(store, signer)).toHaveLength(3);
  });
});

test("a unit that must be committed soon is tried for so long and no longer, and no other for less than all", async () => {
  const store = new ScriptedStore();
  const ledger = await Ledger.open(store, signer);
  const condition = (): Promise<boolean> => Promise.resolve(true);
  await Promise.all([ledger.append([sealed()], condition, 4_000), ledger.append([sealed()]), ledger.append([sealed()], condition)]);
  const [short = 0, ...others] = store.times;
  expect([short <= 4_000, others.every((time) => time > 4_000 && time <= LEDGER_LIMITS.patience)]).toEqual([true, true]);
});

describe("documents of one identity", () => {
  test("that arrive together: the first is stored, the others learn of it after its commit", async () => {
    const store = new ScriptedStore();
    const ledger = await Ledger.open(store, signer);
    const [one, other, stranger] = [sealed({ claims: ["identity:aa"] }), sealed({ claims: ["identity:aa"] }), sealed()];
    const entered = await Promise.all([ledger.append([one]), ledger.append([other]), ledger.append([stranger])]);
    expect(entered.map((result) => result.kind)).toEqual(["stored", "taken", "stored"]);
    expect(entered[1]).toMatchObject({ kind: "taken", by: { entry: { id: one.id, index: 0 }, value: one.claims[0]?.value } });
    expect(store.sizes).toEqual([2]);
  });

  test("of which the first fails: the second takes its place", async () => {
    const store = new ScriptedStore();
    const ledger = await Ledger.open(store, signer);
    store.script.push(() => Promise.reject(new AppError("unavailable", "the disk is full")));
    const [one, other] = [sealed({ claims: ["identity:aa"] }), sealed({ claims: ["identity:aa"] })];
    const entered = await Promise.allSettled([ledger.append([one]), ledger.append([other])]);
    expect(entered[0]).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
    expect(entered[1]).toMatchObject({ status: "fulfilled", value: { kind: "stored", entries: [{ id: other.id }] } });
    await audit(store, signer);
  });

  test("of which another process stores one between the question and the commit", async () => {
    const memory = new Memory();
    const store = new ScriptedStore(memory);
    const ledger = await Ledger.open(store, signer);
    const theirs = await Ledger.open(new MemoryRecord(memory), signer);
    const rival = sealed({ claims: ["identity:aa"] });
    store.script.push(async (_, really) => {
      await theirs.append([rival]);
      return really();
    });
    const entered = await Promise.all([ledger.append([sealed({ claims: ["identity:aa"] })]), ledger.append([sealed()])]);
    expect(entered).toMatchObject([{ kind: "taken", by: { entry: { id: rival.id } } }, { kind: "stored" }]);
    expect(await audit(store, signer)).toHaveLength(2);
  });

  test("which the store reports as taken: the rest of the batch is stored", async () => {
    const store = new ScriptedStore();
    const ledger = await Ledger.open(store, signer);
    store.script.push(() => Promise.resolve({ kind: "taken", keys: ["identity:aa"] }));
    expect(await Promise.all(sealedMany(2).map((document) => ledger.append([document])))).toMatchObject([{ kind: "stored" }, { kind: "stored" }]);
    expect(store.sizes).toEqual([2, 2]);
    await audit(store, signer);
  });
});

describe("a commit", () => {
  test("that others were quicker than is made again upon theirs", async () => {
    const memory = new Memory();
    const store = new ScriptedStore(memory);
    const ledger = await Ledger.open(store, signer);
    const theirs = await Ledger.open(new MemoryRecord(memory), signer);
    const overtake: ScriptedStore["script"][number] = async (_, really) => {
      await theirs.append([sealed()]);
      return really();
    };
    store.script.push(overtake, overtake, overtake);
    expect(await ledger.append([sealed()])).toMatchObject({ kind: "stored", entries: [{ index: 3 }] });
    expect(await audit(store, signer)).toHaveLength(4);
  });

  test("that is never quick enough gives up as unavailable", async () => {
    const store = new ScriptedStore();
    const ledger = await Ledger.open(store, signer, { limits: { ...LEDGER_LIMITS, attempts: 5 } });
    store.script.push(...Array.from({ length: 5 }, () => () => Promise.resolve<CommitResult>({ kind: "behind" })));
    await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable" });
    expect(await ledger.append([sealed()])).toMatchObject({ kind: "stored" });
  });

  test("that took place although its answer was lost is acknowledged, and the next stands upon it", async () => {
    const store = new ScriptedStore();
    const ledger = await Ledger.open(store, signer);
    store.script.push(async (_, really) => {
      await really();
      throw new AppError("unavailable", "the connection broke");
    });
    const entered = await Promise.all(sealedMany(2).map((document) => ledger.append([document])));
    expect(entered.map((result) => result.kind)).toEqual(["stored", "stored"]);
    await ledger.append([sealed()]);
    expect(await audit(store, signer)).toHaveLength(3);
  });

  test("that fails refuses its own documents and no others", async () => {
    const store = new ScriptedStore();
    const ledger = await Ledger.open(store, signer);
    store.script.push(() => Promise.reject(new Error("something nobody thought of")));
    await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "internal" });
    expect(await ledger.append([sealed()])).toMatchObject({ kind: "stored" });
    expect(await audit(store, signer)).toHaveLength(1);
  });
});

describe("when it is opened", () => {
  const filled = async (count = 5): Promise<Memory> => {
    const memory = new Memory();
    const ledger = await Ledger.open(new MemoryRecord(memory), signer);
    for (const document of sealedMany(count)) await ledger.append([document]);
    return memory;
  };
  const expectDamage = async (memory: Memory, message: RegExp, by = signer): Promise<void> => {
    const refusal = expect.objectContaining({ code: "damaged", message: expect.stringMatching(message) });
    await expect(Ledger.open(new MemoryRecord(memory), by)).rejects.toEqual(refusal);
  };

  test("goes on where the log ends", async () => {
    const memory = await filled();
    const store = new MemoryRecord(memory);
    expect(await (await Ledger.open(store, signer)).append([sealed()])).toMatchObject({ entries: [{ index: 5, treeSize: 6 }] });
    await audit(store, signer);
  });

  test("refuses a checkpoint that another key signed, or of another log", async () => {
    await expectDamage(await filled(), /the log's signature/, newSigner());
    const { vkey, sign } = newSigner("documents.example/other");
    const memory = new Memory();
    await (await Ledger.open(new MemoryRecord(memory), { origin: "documents.example/other", vkey, sign })).append([sealed()]);
    await expectDamage(memory, /another log/, { ...signer, vkey, sign });
  });

  test("refuses a tree of which a node was changed or is missing", async () => {
    const changed = await filled();
    changed.alterNewest({ nodes: changed.newest.nodes.map((node) => ({ ...node, hash: new Uint8Array(32) })) });
    await expectDamage(changed, /root hash/);
    const missing = await filled();
    missing.alterNewest({ nodes: [] });
    await expectDamage(missing, /node/);
  });

  test("refuses a checkpoint that is altered, stored as another, or no note", async () => {
    const altered = await filled();
    const { note } = altered.newest.checkpoint;
    altered.alterNewest({ checkpoint: { size: 5, note: note.replace("\n5\n", "\n4\n") } });
    await expectDamage(altered, /the log's signature/);
    altered.alterNewest({ checkpoint: { size: 6, note } });
    await expectDamage(altered, /stored as the one of 6/);
    altered.alterNewest({ checkpoint: { size: 5, note: "five" } });
    await expectDamage(altered, /cannot be read/);
  });

  test("notices while it runs that an older copy took the log's place", async () => {
    const memory = await filled(3);
    const ledger = await Ledger.open(new MemoryRecord(memory), signer);
    await ledger.append([sealed()]);
    memory.alterNewest(undefined);
    await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("an older copy") });
    expect(ledger.halt).toContain("an older copy");
    await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable" });
  });
});

test("gives a signed checkpoint of a log without leaves too", async () => {
  const ledger = await Ledger.open(new MemoryRecord(), signer);
  const opened = openNote(await ledger.checkpoint(), [parseVkey(signer.vkey)]);
  expect(opened.signatures[0]?.result).toBe("valid");
  expect(opened.text).toBe("documents.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
  await ledger.append([sealed()]);
  expect((await ledger.checkpoint()).split("\n")[1]).toBe("1");
});

test("that is closed finishes what was accepted and refuses the rest", async () => {
  const store = new ScriptedStore();
  const ledger = await Ledger.open(store, signer);
  const first = held();
  store.script.push(first.step);
  const accepted = sealedMany(3).map((document) => ledger.append([document]));
  await first.begun;
  accepted.push(ledger.append([sealed()]));
  const closed = ledger.close();
  await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable" });
  first.release();
  await closed;
  expect((await Promise.all(accepted)).every((result) => result.kind === "stored")).toBe(true);
  expect(await audit(store, signer)).toHaveLength(4);
  await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable" });
});
