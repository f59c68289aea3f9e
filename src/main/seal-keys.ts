/** Seal keys for the command line, beside services that run: another one, and the end of one. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { parseSeal } from "../adapters/keys/key-files.ts";
import { makeSealKey, sealKeyName } from "../adapters/keys/seal-keys.ts";
import type { EndedSealKey, RotatedSealKey, SealKeyOrder, SealKeyChoice } from "../cli/key-tools.ts";
import type { Config } from "../config.ts";
import { isSameCertificate } from "../core/crypto/certificate.ts";
import type { HeldSealKey, SealKeysTold, SealSigner } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { reasonOf } from "../core/formats/new-origin.ts";
import { certificateDigest } from "../core/formats/seal-key.ts";
import { signedBeginning } from "../core/signatures/seal-key-link.ts";
import { outsidePeriod, sealerAt } from "../pipeline/sign/probe.ts";
import { beginningUnit, endingUnit, entriesBefore, sealKeyEntries, toldBy } from "../pipeline/seal-keys/seal-key-log.ts";
import { handover, type Handover } from "../pipeline/seal-keys/seal-key-watch.ts";
import type { BesideRecord } from "./kept-record.ts";
import { keyTextsOf, newSealElsewhere } from "./keys-elsewhere.ts";
import { waitForInstances } from "./wait-for-instances.ts";

/** How often an entry is tried against somebody who enters the same. */
const ATTEMPTS = 5;

interface Stages {
  onStage(text: string): void;
}

/** By which an instance tells that it has a seal key. */
export function sealKeyId({ number, chain }: Pick<HeldSealKey, "number" | "chain">): string {
  return `seal-${number}-${certificateDigest(chain[0]).slice(7, 15)}`;
}

/**
 * Begins another seal key, made here or elsewhere, or goes on with one that was made and not begun. While one is on its way to its time, nothing is begun: then this tells of that one.
 *
 * @throws AppError `conflict` when an instance lacks it, or another machine began another one of its number.
 */
export async function rotateSealKey(config: Config, record: BesideRecord, told: Stages, place: SealKeyChoice = {}): Promise<RotatedSealKey> {
  const { keys, store, engine, sealing } = record;
  const closure = await store.closure();
  if (closure !== undefined) throw new AppError("conflict", `the log was closed here on ${closure.at}, and goes on in ${closure.to}: do it there`);
  await sealing.look();
  const before = toldBy(sealing.entries);
  const newest = before.begun.at(-1);
  if (newest !== undefined && newest.from > new Date()) return rotated(newest, false);
  const key = await pendingKey(config, record, { before, place, told });
  await waitForInstances({ keyId: sealKeyId(key), called: `the seal key ${key.number}`, file: sealKeyName(key.number) }, engine, told);
  const time = handover(engine.instances === undefined ? undefined : config.maxClockSkew);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await enterBeginning(key, record, time)) break;
    const other = toldBy(await sealKeyEntries(store)).begun.find(({ number }) => number === key.number);
    if (other === undefined) continue;
    if (isSameCertificate(other.chain[0], key.chain[0])) break;
    throw new AppError("conflict", `the seal key ${key.number} was begun on another machine at the same moment: put its ${sealKeyName(key.number)} in the place of ours`); // prettier-ignore
  }
  await sealing.look();
  const begun = toldBy(sealing.entries).begun.find(({ number }) => number === key.number);
  if (begun === undefined)
    throw new AppError("unavailable", "others entered something about the seal keys at the same time, again and again; run this once more");
  keys.sealKeys.follow(toldBy(sealing.entries));
  return rotated(begun, true);
}

function rotated({ number, from, chain }: SealKeysTold["begun"][number], isNew: boolean): RotatedSealKey {
  return { number, from: from.toISOString(), certificate: chain[0], isNew };
}

/** The next key: one that was made by a run that was interrupted, or a new one, which may be elsewhere. */
async function pendingKey(
  config: Config,
  { keys }: BesideRecord,
  { before: { begun }, place, told }: { readonly before: SealKeysTold; readonly place: SealKeyChoice; readonly told: Stages },
): Promise<HeldSealKey> {
  const { sealKeys } = keys;
  const text = (place.p12 ?? place.signer) === undefined ? undefined : await newSealElsewhere(place, config);
  const least = begun.at(-1)?.number ?? sealKeys.held().find(({ signer }) => signer)?.number ?? 0;
  const made = (): HeldSealKey | undefined => sealKeys.held().find(({ number, signer }) => number > least && signer);
  const [earlier, wanted] = [made(), text === undefined ? undefined : parseSeal(text).certificate];
  if (earlier !== undefined && wanted !== undefined && !isSameCertificate(earlier.chain[0], wanted))
    throw new AppError(
      "conflict",
      `${sealKeyName(earlier.number)} was made before, and nothing has begun it: run \`chartulary keys rotate\` without --p12 and --signer to go on with it, or remove the file`,
    );
  if (earlier === undefined) {
    const number = Math.max(least, ...sealKeys.held().map((one) => one.number)) + 1;
    if (await makeSealKey(keyTextsOf(config), number, new Date(), text)) told.onStage(`made ${sealKeyName(number)} in ${config.keysFolder}`);
    await sealKeys.refresh();
  }
  const key = made();
  if (key === undefined) throw new AppError("internal", "the seal key was not made");
  return key;
}

/** Whether it was entered; not when somebody else entered something about the seal keys first, or too little of its time was left. */
async function enterBeginning(key: HeldSealKey, { keys, ledger, gate, store }: BesideRecord, time: Handover): Promise<boolean> {
  const entries = await sealKeyEntries(store);
  if (toldBy(entries).begun.some(({ number }) => number >= key.number)) return false;
  keys.sealKeys.follow(toldBy(entries));
  const halt = gate.halt();
  // A seal that does not count any more is what this mends.
  if (halt !== undefined && halt.kind !== "seal") throw new AppError("unavailable", halt.text);
  const at = new Date(Math.max(Date.now(), ledger.newestAt?.getTime() ?? 0));
  const sealer = sealerAt(keys, at);
  const previous = typeof sealer === "string" ? undefined : sealer;
  const isIdle = previous === undefined || outsidePeriod(previous, at) !== undefined;
  const from = new Date(at.getTime() + (isIdle ? 0 : time.whole));
  const itself = key.signer;
  if (itself === undefined) throw new AppError("internal", "a seal key that cannot sign came to be begun");
  const id = randomUUID();
  const leaf = await signedBeginning(
    {
      ...{ kind: "seal-key-begun", id, at: at.toISOString(), number: key.number, from: from.toISOString(), chain: key.chain },
      previous: certificateDigest(previousOf(previous, keys.sealKeys.held(), key)),
    },
    { itself, previous },
  );
  const isInTime = (): Promise<boolean> => Promise.resolve(isIdle || from.getTime() - Date.now() >= time.least);
  const entered = await ledger.append(beginningUnit({ id, at: at.toISOString(), leaf, place: entries.length }), isInTime, time.patience);
  return entered.kind === "stored";
}

/** The certificate that a key follows: of one that cannot sign any more, the newest that there is. */
function previousOf(signer: SealSigner | undefined, held: readonly HeldSealKey[], key: HeldSealKey) {
  const certificate = signer?.chain[0] ?? held.filter(({ number }) => number < key.number).at(-1)?.chain[0];
  if (certificate === undefined) throw new AppError("damaged", "no seal key came before this one");
  return certificate;
}

/** Ends a seal key at a time: what the log does not prove to be before is believed no more. AppError `conflict` for a number that there is not. */
export async function endSealKey(
  { number, since, reason }: SealKeyOrder,
  { keys, store, ledger, gate, sealing }: BesideRecord,
): Promise<EndedSealKey> {
  const text = reasonOf(reason);
  if (since.getTime() > Date.now())
    throw new AppError("invalid", "a seal key is ended at a time that has been: since when may somebody else have it?");
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await sealing.look();
    const { begun, ended } = toldBy(sealing.entries);
    const known = [...keys.sealKeys.held(), ...begun].find((one) => one.number === number);
    if (known === undefined) throw new AppError("conflict", `there is no seal key ${number}`);
    const before = ended.find((one) => one.number === number);
    if (before !== undefined)
      return { number, since: before.since.toISOString(), before: before.before, reason: before.reason, wasEnded: true, isSealing: isSealing() };
    const halt = gate.halt();
    if (halt !== undefined && halt.kind !== "seal") throw new AppError("unavailable", halt.text);
    const at = new Date(Math.max(Date.now(), ledger.newestAt?.getTime() ?? 0));
    const facts = { since: since.toISOString(), before: await entriesBefore(since, store), reason: text };
    const entry = {
      kind: "seal-key-ended",
      id: randomUUID(),
      at: at.toISOString(),
      number,
      certificate: certificateDigest(known.chain[0]),
      ...facts,
    } as const;
    if ((await ledger.append(endingUnit(entry, sealing.entries.length))).kind !== "stored") continue;
    await sealing.look();
    return { number, ...facts, wasEnded: false, isSealing: isSealing() };
  }
  throw new AppError("unavailable", "others entered something about the seal keys at the same time, again and again; run this once more");

  function isSealing(): boolean {
    return typeof sealerAt(keys, new Date()) !== "string";
  }
}
