/** Keys of the log for the command line, beside services that run: another one, and the end of one. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { logKeyName, makeLogKey } from "../adapters/keys/log-key-files.ts";
import type { EndedLogKey, LogKeyOrder, RotatedLogKey } from "../cli/key-tools.ts";
import type { Config } from "../config.ts";
import type { HeldLogKey, LogKeysTold } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { logKeyText, type LogKeyBegun } from "../core/formats/log-key.ts";
import { reasonOf } from "../core/formats/new-origin.ts";
import { logKeyBegunUnit, logKeyEndedUnit, logKeysTold } from "../pipeline/log/log-keys.ts";
import type { BesideRecord } from "./kept-record.ts";
import { keyTextsOf } from "./keys-elsewhere.ts";
import { waitForInstances } from "./wait-for-instances.ts";

/** How often an entry is tried against somebody who enters the same. */
const ATTEMPTS = 5;
/** For how long both sign where nothing is said, in milliseconds: time for auditors, watchers and witnesses to go over. */
const OVERLAP = 30 * 86_400_000;

interface Stages {
  onStage(text: string): void;
}

/** By which an instance tells that it has a key of the log. */
export function logKeyId({ number, vkey }: Pick<HeldLogKey, "number" | "vkey">): string {
  return `log-${number}-${vkey.split("+")[1] ?? ""}`;
}

/**
 * Begins another key of the log, or goes on with one that was made and not begun. While two sign, nothing is begun, unless another time is asked for: then this tells of that one.
 *
 * @param until when the one before signs no more; undefined: in thirty days
 * @throws AppError `conflict` when an instance lacks it.
 */
export async function rotateLogKey(config: Config, record: BesideRecord, told: Stages, until?: Date): Promise<RotatedLogKey> {
  const { keys, store, engine, logKeys, ledger, gate } = record;
  const closure = await store.closure();
  if (closure !== undefined) throw new AppError("conflict", `the log was closed here on ${closure.at}, and goes on in ${closure.to}: do it there`);
  await logKeys.look();
  const newest = begunKeys(record).at(-1);
  const isAsked = until === undefined || newest?.until.getTime() === until.getTime();
  if (newest !== undefined && newest.until > new Date() && isAsked) return rotated(newest, false);
  const halt = gate.halt();
  // A seal that does not count any more has nothing to do with the log.
  if (halt !== undefined && halt.kind !== "seal") throw new AppError("unavailable", halt.text);
  if ((await store.checkpoint()) === undefined)
    throw new AppError("conflict", "the log is empty: its key signed nothing yet that another one could follow. Deposit something first");
  const key = await pendingKey(config, record, told);
  await waitForInstances({ keyId: logKeyId(key), called: `the log's key ${key.number}`, file: logKeyName(key.number) }, engine, told);
  keys.logKeys.begin(key.vkey);
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { origin, vkey: previous } = keys.log;
      const at = new Date(Math.max(Date.now(), ledger.newestAt?.getTime() ?? 0));
      const end = new Date(Math.max(at.getTime(), until?.getTime() ?? at.getTime() + OVERLAP));
      const { number, vkey } = key;
      const id = randomUUID();
      const begun: LogKeyBegun = {
        ...{ kind: "log-key-begun", id, at: at.toISOString(), number, until: end.toISOString(), origin, vkey, previous },
      };
      const signatures = await keys.logKeys.signedBy(logKeyText(begun), [previous, vkey]);
      const entered = await ledger.append(logKeyBegunUnit(begun, signatures, logKeys.entries.length));
      await logKeys.look();
      const now = begunKeys(record).find((one) => one.vkey === vkey);
      if (now !== undefined) return rotated(now, entered.kind === "stored");
      const other = begunKeys(record).find((one) => one.number === number);
      if (other !== undefined)
        throw new AppError("conflict", `the log's key ${number} was begun on another machine at the same moment: put its ${logKeyName(number)} in the place of ours`); // prettier-ignore
    }
  } finally {
    keys.logKeys.begin(undefined);
  }
  throw again();
}

/** Ends a key of the log that another one has followed: nothing counts any more that is signed by it alone. AppError `conflict` for one that signs alone, or is not there. */
export async function endLogKey({ number, since, reason }: LogKeyOrder, record: BesideRecord): Promise<EndedLogKey> {
  const { keys, store, ledger, gate, logKeys } = record;
  const text = reasonOf(reason);
  if (since.getTime() > Date.now()) throw new AppError("invalid", "a key is ended at a time that has been: since when may somebody else have it?");
  const closure = await store.closure();
  if (closure !== undefined) throw new AppError("conflict", `the log was closed here on ${closure.at}, and goes on in ${closure.to}: do it there`);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await logKeys.look();
    const { origin, keys: ofLog = [], vkey: newest } = keys.log;
    const held = keys.logKeys.held().find((key) => key.number === number && key.origin === origin);
    const known = ofLog.find((key) => key.vkey === held?.vkey && key.after !== Infinity);
    if (held === undefined || (known === undefined && held.vkey !== newest))
      throw new AppError("conflict", `there is no key ${number} of this log that ever signed`);
    const { vkey } = held;
    if (known?.ended) return { number, vkey, since: known.ended.since.toISOString(), reason: known.ended.reason, wasEnded: true };
    if (vkey === newest)
      throw new AppError("conflict", `the log's key ${number} is the newest: begin another one first, \`chartulary keys rotate log --until ${new Date().toISOString()}\``); // prettier-ignore
    const halt = gate.halt();
    if (halt !== undefined && halt.kind !== "seal") throw new AppError("unavailable", halt.text);
    const at = new Date(Math.max(Date.now(), ledger.newestAt?.getTime() ?? 0)).toISOString();
    const ended = { kind: "log-key-ended", id: randomUUID(), at, origin, vkey, since: since.toISOString(), reason: text } as const;
    if ((await ledger.append(logKeyEndedUnit(ended, logKeys.entries.length))).kind !== "stored") continue;
    await logKeys.look();
    return { number, vkey, since: ended.since, reason: text, wasEnded: false };
  }
  throw again();
}

type Begun = LogKeysTold["begun"][number];

/** The keys of the present log that were begun, in their order. */
function begunKeys({ keys, logKeys }: BesideRecord): readonly Begun[] {
  return logKeysTold(logKeys.entries).begun.filter(({ origin }) => origin === keys.log.origin);
}

function rotated({ number, vkey, index, until, previous }: Begun, isNew: boolean): RotatedLogKey {
  return { number, vkey, previous, index, until: until.toISOString(), isNew };
}

/** The next key: one that was made by a run that was interrupted, or a new one. */
async function pendingKey(config: Config, record: BesideRecord, told: Stages): Promise<HeldLogKey> {
  const { logKeys, log } = record.keys;
  const made = (): HeldLogKey | undefined => {
    const pending = (log.keys ?? []).filter(({ after }) => after === Infinity).map(({ vkey }) => vkey);
    return logKeys.held().find(({ vkey, canSign }) => canSign && pending.includes(vkey));
  };
  if (made() === undefined) {
    told.onStage(`made ${logKeyName(await makeLogKey(keyTextsOf(config), log.origin))} in ${config.keysFolder}`);
    await logKeys.refresh();
  }
  const key = made();
  if (key === undefined) throw new AppError("internal", "the log's key was not made");
  return key;
}

function again(): AppError {
  return new AppError("unavailable", "others entered something about the log's keys at the same time, again and again; run this once more");
}
