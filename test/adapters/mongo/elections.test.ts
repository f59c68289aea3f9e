/** What a replica set answers and one node never does: whoever deposits is told the truth or nothing, the log has no gap and no fork, and nothing stands in it twice. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { initialise } from "../../../src/adapters/mongo/init.ts";
import { openMongo, type OpenedMongo } from "../../../src/adapters/mongo/open.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { audit } from "../../contracts/audit.ts";
import { newSigner, sealed } from "../../contracts/sealed.ts";
import { describeOnMongo, newDatabase } from "./server.ts";
import { openWireProxy, type Deed, type Rule, type SentCommand, type WireProxy } from "./wire-proxy.ts";

const refusal = (code: number, codeName: string, isRetried = true) => ({
  ...{ ok: 0, code, codeName, errmsg: codeName },
  ...(isRetried && { errorLabels: ["RetryableWriteError"] }),
});
/** Error codes are those of MongoDB's own list (src/mongo/base/error_codes.yml). */
const NOT_PRIMARY = refusal(10_107, "NotWritablePrimary");
const STEPPED_DOWN = refusal(189, "PrimarySteppedDown");
const INTERRUPTED = refusal(11_602, "InterruptedDueToReplStateChange");
const NO_SECONDARY = refusal(13_435, "NotPrimaryNoSecondaryOk");
const TOO_LATE = refusal(50, "MaxTimeMSExpired", false);
const SHUTDOWN = refusal(91, "ShutdownInProgress");
const DISK_FULL = refusal(14_031, "OutOfDiskSpace", false);
const UNCONFIRMED = { code: 64, codeName: "WriteConcernTimeout", errmsg: "waiting for replication timed out", errInfo: { wtimeout: true } };

const instead = (answer: object): Deed => ({ instead: answer as Record<string, unknown> });
const said = (answer: object): Deed => ({ said: () => answer as Record<string, unknown> });
/** The write has happened, and no majority has confirmed it in time. */
const unconfirmed: Deed = { said: (answer) => ({ ...answer, writeConcernError: UNCONFIRMED }) };

type Which = (command: SentCommand) => boolean;
const writes =
  (collection: string): Which =>
  ({ name, collection: into }) =>
    name === "insert" && into === collection;
const reads =
  (collection: string): Which =>
  ({ name, collection: from }) =>
    name === "find" && from === collection;
const isLinearizable: Which = ({ name, document }) => name === "find" && JSON.stringify(document["readConcern"] ?? null).includes("linearizable");

/** Rules that hold for so many commands each, for ever without a number. */
function rules(...each: readonly { readonly of: Which; readonly deed: Deed; readonly times?: number }[]): Rule {
  const left = each.map(({ times = Infinity }) => times);
  return (command) => {
    const at = each.findIndex(({ of }, number) => (left[number] ?? 0) > 0 && of(command));
    if (at < 0) return undefined;
    left[at] = (left[at] ?? 0) - 1;
    return each[at]?.deed;
  };
}

/**
 * Directly: the server names its own address, by which the driver would pass the proxy. Polled: a real member answers the driver's waiting `hello` as soon as it steps down or up; here nobody does, and the driver would think for ten
 * seconds that there is no primary.
 */
const OPTIONS = "directConnection=true&serverMonitoringMode=poll&heartbeatFrequencyMS=500&serverSelectionTimeoutMS=5000";

/** A deed upon the commit's insert, and from then on no reads of the log. */
function thenNoReads(deed: Deed): Rule {
  let isOver = false;
  return (command) => {
    if (!writes("commits")(command)) return isOver && reads("commits")(command) ? instead(NO_SECONDARY) : undefined;
    isOver = true;
    return deed;
  };
}

describeOnMongo("a replica set", (server) => {
  const signer = newSigner();
  let direct: string;
  let proxy: WireProxy;
  let room: OpenedMongo;
  let ledger: Ledger;

  beforeAll(async () => {
    direct = newDatabase(server);
    await initialise(direct, undefined);
    proxy = await openWireProxy(Number(new URL(direct).port));
    room = await openMongo(`mongodb://127.0.0.1:${proxy.port}${new URL(direct).pathname}?${OPTIONS}`);
    ledger = await Ledger.open(room.store, signer);
    await ledger.append([sealed()]);
  });
  afterAll(async () => {
    proxy.rule = undefined;
    await room.store.close();
    await proxy.close();
  });

  /** A deposit under a rule; then everything is quiet, whoever was refused tries again, and the whole log is audited. */
  const depositUnder = async (rule: Rule): Promise<{ readonly first: unknown; readonly again: unknown }> => {
    const key = `identity:${randomUUID()}`;
    const before = (await room.store.checkpoint())?.size ?? 0;
    const deedsBefore = proxy.deeds;
    proxy.rule = rule;
    const first: unknown = await ledger.append([sealed({ claims: [key] })]).then(
      ({ kind }) => kind,
      (error: unknown) => error,
    );
    proxy.rule = undefined;
    expect(proxy.deeds).toBeGreaterThan(deedsBefore);
    const { kind: again } = await ledger.append([sealed({ claims: [key] })]);
    expect(ledger.halt).toBeUndefined();
    const entries = await audit(room.store, signer);
    // Once, whatever was told.
    expect(entries.length).toBe(before + 1);
    expect((await room.store.claimed([key])).get(key)?.entry.index).toBe(before);
    return { first, again };
  };

  const commits = writes("commits");
  test.each<[string, Rule]>([
    ["an election before the commit's insert", rules({ of: commits, deed: instead(NOT_PRIMARY), times: 1 })],
    ["one before it is staged", rules({ of: writes("staged"), deed: instead(STEPPED_DOWN), times: 1 })],
    ["one after it, which takes its answer", rules({ of: commits, deed: said(STEPPED_DOWN), times: 1 })],
    ["one after it, and again after the second try", rules({ of: commits, deed: said(INTERRUPTED) })],
    ["a majority that does not confirm the commit in time", rules({ of: commits, deed: unconfirmed })],
    ["a commit that was made and answered as a shutdown", rules({ of: commits, deed: said(SHUTDOWN) })],
    [
      "a lost answer, and a primary that nobody confirms",
      rules({ of: commits, deed: said(STEPPED_DOWN) }, { of: isLinearizable, deed: instead(TOO_LATE) }),
    ],
    [
      "an unconfirmed commit, and a primary that nobody confirms",
      rules({ of: commits, deed: unconfirmed }, { of: isLinearizable, deed: instead(NOT_PRIMARY) }),
    ],
    ["reads that are interrupted once", rules({ of: reads("commits"), deed: instead(INTERRUPTED), times: 1 })],
  ])("is stored by itself after %s", async (_, rule) => {
    expect(await depositUnder(rule)).toEqual({ first: "stored", again: "taken" });
  });

  test.each<[string, Rule, string]>([
    ["elections that do not end", rules({ of: commits, deed: instead(NOT_PRIMARY) }), "stored"],
    ["a majority that does not confirm what is staged", rules({ of: writes("staged"), deed: unconfirmed }), "stored"],
    ["a full disk", rules({ of: commits, deed: instead(DISK_FULL) }), "stored"],
    ["no primary to read from", rules({ of: reads("commits"), deed: instead(NO_SECONDARY) }), "stored"],
    // It was made, and nobody can be asked: whoever tries again finds it.
    ["a lost answer, and no primary to read from", thenNoReads(said(STEPPED_DOWN)), "taken"],
    ["an unconfirmed commit, and no primary to read from", thenNoReads(unconfirmed), "taken"],
  ])("is refused for the moment by %s; a second try finds what there is", async (_, rule, expected) => {
    const { first, again } = await depositUnder(rule);
    expect(first).toMatchObject({ name: "AppError", code: "unavailable" });
    expect(again).toBe(expected);
  }); // prettier-ignore

  test("goes on from what is newest, however long reads are behind: the insert decides", async () => {
    const other = await openMongo(direct);
    const elsewhere = await Ledger.open(other.store, signer);
    const before = (await room.store.checkpoint())?.size ?? 0;
    // As it was before the other instance moved on.
    let left = 2;
    proxy.rule = (command) => {
      if (!reads("commits")(command) || left <= 0) return undefined;
      return {
        said: (answer) => {
          const cursor = answer["cursor"] as { readonly firstBatch: readonly Record<string, unknown>[] };
          const known = cursor.firstBatch.filter(({ size }) => Number(size) <= before);
          if (known.length < cursor.firstBatch.length) left--;
          return { ...answer, cursor: { ...cursor, firstBatch: known } };
        },
      };
    };
    await elsewhere.append([sealed()]);
    await elsewhere.append([sealed()]);
    const { kind } = await ledger.append([sealed()]);
    proxy.rule = undefined;
    expect([kind, left]).toEqual(["stored", 0]);
    expect(await audit(room.store, signer)).toHaveLength(before + 3);
    await elsewhere.close();
    await other.store.close();
  });

  test("a key that no majority confirms is not taken for kept", async () => {
    proxy.rule = rules({ of: writes("keys"), deed: unconfirmed });
    await expect(room.wrappedKeys.keep(randomUUID(), new Uint8Array(65))).rejects.toMatchObject({ code: "unavailable" });
    proxy.rule = undefined;
  });
});
