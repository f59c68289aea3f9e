/** Epochs of the master key for the command line, beside services that run: a new one, and the end of one. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { beginMasterKey, endMasterKey, masterKeyName } from "../adapters/keys/master-keys.ts";
import type { EndedEpoch, EndTold, RewrapOutcome, RewrapTold } from "../cli/command.ts";
import type { Config } from "../config.ts";
import type { MasterEpoch } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import type { MasterKeyKind } from "../core/formats/master-key.ts";
import { entriesOf, epochsInLog, epochUnit, isKeyOf, type EpochsInLog } from "../pipeline/epochs/epochs.ts";
import { keysByWrapper, rewrapKeys } from "../pipeline/epochs/rewrap.ts";
import { rewrapTrail, trailKeysOf } from "../pipeline/trail/rewrap-trail.ts";
import type { TrailStore } from "../pipeline/trail/trail-store.ts";
import { openTrailStore } from "./trail.ts";
import { backupFolders, backupsWithMasterKey, keysInBackup } from "./backup.ts";
import type { BesideRecord } from "./kept-record.ts";
import { keepKeyFiles, wordsOf } from "./key-files.ts";
import { keyTextsOf } from "./keys-elsewhere.ts";
import { waitForInstances } from "./wait-for-instances.ts";

/**
 * Begins an epoch, or goes on with one that was begun, and wraps every key in it.
 *
 * @throws AppError `conflict` when the key of an epoch that was begun elsewhere, or of an instance, is missing: then nothing was wrapped anew.
 */
export async function rewrap(config: Config, record: BesideRecord, told: RewrapTold): Promise<RewrapOutcome> {
  const { keys, engine } = record;
  const { master } = keys;
  await refuseClosed(record);
  const kept = wordsOf(await keepKeyFiles(config));
  if (kept !== undefined) told.onStage(kept);
  const log = await epochsInLog(record.store);
  // After the log: somebody else may begin the same at this moment, and makes the key first.
  await master.refresh();
  const epoch = epochToWrapIn(master.epochs(), log);
  if (!log.begun.has(epoch)) {
    if (await beginMasterKey(keyTextsOf(config), epoch)) told.onStage(`made ${masterKeyName(epoch)} in ${config.keysFolder}`);
    await master.refresh();
    await waitForKey(epoch, record, told);
    await enter("master-key-begun", epoch, record);
    await refuseOther(epoch, record);
    told.onStage(`epoch ${epoch} is begun: every key from now on is wrapped in it`);
  } else await waitForKey(epoch, record, told);
  master.use(epoch);
  const inventory = engine.openInventory();
  try {
    const { store, wrappedKeys, keptKeys } = record;
    const outcome = await rewrapKeys(epoch, { ...{ store, inventory, wrappedKeys, keys }, documentKeys: keptKeys }, told);
    const rewrapped = outcome.rewrapped + (await withTrail(config, (trail) => rewrapTrail(epoch, trail, keys)));
    const older = liveOf(master.epochs(), log).filter((one) => one.epoch < epoch);
    return { epoch, ...outcome, rewrapped, toEnd: older.map((one) => one.epoch) };
  } finally {
    await inventory.close();
  }
}

/**
 * Ends an epoch: nothing may be wrapped in it any more, which is looked for; the log says so; then its key is destroyed here, and by each service where it has it. AppError `conflict` with all that
 * stands against it.
 */
export async function endEpoch(epoch: number, config: Config, record: BesideRecord, told: EndTold): Promise<EndedEpoch> {
  const { keys, store, engine } = record;
  const { master } = keys;
  const log = await epochsInLog(store);
  const known = master.epochs().find((one) => one.epoch === epoch);
  if (known === undefined) throw new AppError("conflict", `there is no epoch ${epoch}: there are ${master.epochs().map((one) => one.epoch).join(", ")}`); // prettier-ignore
  const ended = log.ended.get(epoch);
  const copies = (): Promise<string[]> => backupsWithMasterKey(config, known);
  if (ended !== undefined || known.isEnded) {
    await endMasterKey(keyTextsOf(config), epoch);
    return { epoch, keyId: known.keyId, index: ended?.index, at: ended?.at, wasEnded: true, copies: await copies() };
  }
  if (epoch >= master.current || epoch >= log.newest)
    throw new AppError(
      "conflict",
      `keys are wrapped in epoch ${epoch} now: \`chartulary keys rewrap\` begins another, and then this one can be ended`,
    );
  await refuseClosed(record);
  const inventory = engine.openInventory();
  try {
    const ofTrail = await withTrail(config, (trail) => trailKeysOf(known.keyId, trail));
    const count = ((await keysByWrapper(inventory, told.onProgress)).get(known.keyId) ?? 0) + ofTrail;
    if (count > 0) throw new AppError("conflict", `${count} keys are of epoch ${epoch} still: run \`chartulary keys rewrap\` once more (it names those that cannot be opened: erase these documents, or put their keys back from a backup)`); // prettier-ignore
  } finally {
    await inventory.close();
  }
  const newest = log.begun.get(log.newest);
  await waitForKey(newest?.epoch ?? master.current, record, told);
  if (!told.leavesArchives) await refuseArchives(config, known);
  await enter("master-key-ended", epoch, record);
  const entry = (await entriesOf(store, [], [epoch])).ended[0];
  await endMasterKey(keyTextsOf(config), epoch);
  await master.refresh();
  return { epoch, keyId: known.keyId, index: entry?.index, at: entry?.at, wasEnded: false, copies: await copies() };
}

/** The audit trail's keys are wrapped by the same master keys, and would be lost with them. */
async function withTrail(config: Config, work: (store: TrailStore) => Promise<number>): Promise<number> {
  const store = await openTrailStore(config);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Epochs whose keys are here and that the log does not say have ended. */
function liveOf(epochs: readonly MasterEpoch[], { ended }: EpochsInLog): MasterEpoch[] {
  return epochs.filter(({ epoch, isEnded }) => !isEnded && !ended.has(epoch));
}

/** The newest one, as long as an older one lives; else one more. */
function epochToWrapIn(epochs: readonly MasterEpoch[], log: EpochsInLog): number {
  const begun = log.begun.get(log.newest);
  const live = liveOf(epochs, log);
  if (begun && !live.some(({ epoch, keyId }) => epoch === begun.epoch && keyId === begun.keyId))
    throw new AppError("conflict", `epoch ${begun.epoch} was begun with a master key (${begun.keyId}) that is not in KEYS_DIR: copy ${masterKeyName(begun.epoch)} there from the machine on which it was begun`); // prettier-ignore
  const newest = Math.max(...epochs.map(({ epoch }) => epoch));
  return live.length > 1 ? newest : newest + 1;
}

/** AppError `conflict` when the epoch was begun elsewhere at the same moment, with another key. */
async function refuseOther(epoch: number, { store, keys }: BesideRecord): Promise<void> {
  const [entry] = (await entriesOf(store, [epoch], [])).begun;
  if (entry === undefined) throw new AppError("internal", `epoch ${epoch} was not begun`);
  if (!isKeyOf(entry, keys.master))
    throw new AppError("conflict", `epoch ${epoch} was begun on another machine at the same moment, with another key (${entry.keyId}): put its ${masterKeyName(epoch)} in the place of ours`); // prettier-ignore
}

/** Of two that enter the same, one does; the other is content with that. */
async function enter(kind: MasterKeyKind, epoch: number, { keys, ledger, gate }: BesideRecord): Promise<void> {
  const at = (await gate.admit(new Date())).toISOString();
  await ledger.append(await epochUnit({ kind, epoch }, { master: keys.master, id: randomUUID(), at }));
}

/** AppError `conflict` that names every instance that has not found the key of an epoch. */
async function waitForKey(epoch: number, { keys, engine }: BesideRecord, told: Pick<RewrapTold, "onStage">): Promise<void> {
  const keyId = keys.master.epochs().find((one) => one.epoch === epoch)?.keyId ?? "";
  await waitForInstances({ keyId, called: `the master key of epoch ${epoch}`, file: masterKeyName(epoch) }, engine, told);
}

async function refuseClosed({ store }: BesideRecord): Promise<void> {
  const closure = await store.closure();
  if (closure !== undefined) throw new AppError("conflict", `the log was closed here on ${closure.at}, and goes on in ${closure.to}: do it there`);
}

/** AppError `conflict` that names each backup whose keys could not be read any more. */
async function refuseArchives(config: Config, { epoch, keyId }: MasterEpoch): Promise<void> {
  const faults: string[] = [];
  for (const folder of await backupFolders(config)) {
    const found = await keysInBackup(folder, { epoch, keyId }).catch(() => undefined);
    if (found === undefined) faults.push(`${folder} is not there, or cannot be read`);
    else if (found.wrapped > 0) faults.push(`${folder} has ${found.wrapped} keys of it`);
  }
  if (faults.length > 0)
    throw new AppError(
      "conflict",
      `backups would hold keys that nobody can read: ${faults.join("; ")}. Run \`chartulary backup\` for each once more, or give --leave-archives`,
    );
}
