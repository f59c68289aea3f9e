/** Backup and restore for the command line. A part of the composition root. */
import { mkdir, readFile, readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { TarFile } from "../adapters/archive/tar-file.ts";
import { backupsFile } from "../adapters/keys/backups-file.ts";
import { createFolder } from "../core/files/durable-files.ts";
import { erasuresFile } from "../adapters/keys/erasures-file.ts";
import { openKeyFolder, hasKeys } from "../adapters/keys/key-folder.ts";
import { isEndedKey, masterKeyName } from "../adapters/keys/master-keys.ts";
import { isInClear } from "../adapters/keys/wrapped-text.ts";
import type { AuditTold } from "../cli/command.ts";
import type { BackedUp, Restored } from "../cli/told.ts";
import type { Config } from "../config.ts";
import { keyTextsOf, sealsElsewhere } from "./keys-elsewhere.ts";
import { equalBytes } from "../core/crypto/digest.ts";
import { GrowingTree } from "../core/crypto/growing-tree.ts";
import { leafHash } from "../core/crypto/merkle.ts";
import { knownByAnyKey, knownLog, logOf, signedEver } from "../core/crypto/log-keys.ts";
import { AppError } from "../core/errors.ts";
import type { Keys, MasterEpoch } from "../core/crypto/keys.ts";
import { wrapperOf } from "../core/envelope.ts";
import { formatKeptKeys, parseKeptKeys } from "../pipeline/backup/kept-keys.ts";
import { readSegments } from "../pipeline/backup/read-backup.ts";
import { commitsOf, Replay } from "../pipeline/backup/replay.ts";
import { writeBackup } from "../pipeline/backup/write-backup.ts";
import { edgeOf } from "../pipeline/log/next-commit.ts";
import { onlyMember, replaceArchive } from "./archives.ts";
import { openArrival, refuseDatabase, type Arrival } from "./arrival.ts";
import { auditArrival } from "./audit-arrival.ts";
import { backupTrail, restoreTrail, TRAIL_KEYS, trailKeysIn } from "./backup-trail.ts";
import { backupCosigned, restoreCosigned } from "./kept-cosigned.ts";
import { backupEvents, restoreEvents } from "./kept-events.ts";
import type { KeptRecord } from "./kept-record.ts";
import type { RepositoryAddress } from "./repository-address.ts";
import { codeOf } from "./surroundings.ts";

/** The folders into which it was backed up from here. */
export function backupFolders(config: Config): Promise<readonly string[]> {
  return backupsFile(backupsAt(config)).read();
}

/** Those of them that have the master key of an epoch itself, as far as they can be read: it was put there while it lived, and is there until it is backed up with keys once more. */
export async function backupsWithMasterKey(config: Config, epoch: Pick<MasterEpoch, "epoch" | "keyId">): Promise<string[]> {
  const folders = await backupFolders(config);
  const found = await Promise.all(folders.map((folder) => keysInBackup(folder, epoch).catch(() => undefined)));
  return folders.filter((_, at) => found[at]?.hasMasterKey === true);
}

/** Those of them that have keys of the repository in clear, as far as they can be read: from before these were wrapped, and until it is backed up with keys once more. */
export async function backupsInClear(config: Config): Promise<string[]> {
  const isClear = async (folder: string): Promise<boolean> => {
    const archive = await TarFile.open(join(folder, REPOSITORY_KEYS), "r");
    try {
      for (const member of archive.members) if (isInClear(new TextDecoder().decode(await archive.read(member)))) return true;
      return false;
    } finally {
      await archive.close();
    }
  };
  const folders = await backupFolders(config);
  const found = await Promise.all(folders.map((folder) => isClear(folder).catch(() => false)));
  return folders.filter((_, at) => found[at]);
}

/** Beside the list of erasures, which is written by the same commands. */
function backupsAt({ erasuresFile: file }: Config): string {
  return join(dirname(file), BACKUPS);
}

/** What a backup holds of an epoch of the master key: keys that it wrapped, and whether its key is among those of the repository. AppError `damaged` when it cannot be read. */
export async function keysInBackup(
  folder: string,
  { epoch, keyId }: Pick<MasterEpoch, "epoch" | "keyId">,
): Promise<{ readonly wrapped: number; readonly hasMasterKey: boolean }> {
  const keys = [...parseKeptKeys(await onlyMember(join(folder, DOCUMENT_KEYS))).values(), ...(await trailKeysIn(folder)).values()];
  const wrapped = keys.filter((key) => wrapperOf(key) === keyId).length;
  if (!(await stat(join(folder, REPOSITORY_KEYS)).catch(() => undefined))) return { wrapped, hasMasterKey: false };
  const archive = await TarFile.open(join(folder, REPOSITORY_KEYS), "r");
  try {
    const member = archive.members.find(({ name }) => name === masterKeyName(epoch));
    const text = member && new TextDecoder().decode(await archive.read(member));
    return { wrapped, hasMasterKey: text !== undefined && !isEndedKey(text) };
  } finally {
    await archive.close();
  }
}

/** What a backup's folder holds. */
const RECORD = "record.tar";
const DOCUMENT_KEYS = "document-keys.tar";
const REPOSITORY_KEYS = "repository-keys.tar";
/** Files beside the keys that belong to this machine alone. */
const BACKUPS = "backups";
const NO_KEYS = new Set(["watermark", "erasures", BACKUPS]);

export async function backupTo(
  folder: string,
  config: Config,
  { keys, store, engine }: KeptRecord,
  { withKeys, told }: { readonly withKeys: boolean; readonly told: AuditTold },
): Promise<BackedUp> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new AppError("unavailable", `${folder} can't be made (${codeOf(cause)})`, { cause });
  });
  await backupsFile(backupsAt(config)).add(resolve(folder));
  const inventory = engine.openInventory();
  const archive = await TarFile.open(join(folder, RECORD), "w");
  try {
    const written = await writeBackup({ store, inventory }, archive, told.onProgress);
    await replaceArchive(join(folder, DOCUMENT_KEYS), [{ name: "document-keys", bytes: await formatKeptKeys(inventory, written.size) }]);
    if (withKeys) await replaceArchive(join(folder, REPOSITORY_KEYS), await keyFiles(config.keysFolder));
    const trail = await backupTrail(folder, config, { keys, told });
    const cosigned = await backupCosigned(folder, config, { engine, keys, size: written.size });
    const events = await backupEvents(folder, config, { engine, size: written.size });
    return { ...written, cosigned, events, trail, bytes: archive.members.reduce((sum, { bytes }) => sum + bytes, 0) };
  } finally {
    await archive.close();
    await inventory.close();
  }
}

export interface RestoreOptions {
  /** Of the audit's threads. */
  readonly module: URL;
  readonly against: readonly string[];
  readonly told: AuditTold;
}

/**
 * Makes the database anew from a backup, where nobody serves it; it is put in its place when all of it was made again and audited. AppError `conflict` when there is one already, or the backup
 * ends before a checkpoint that it is shown; `damaged` when anything in it is not what was written.
 */
export async function restoreFrom(folder: string, config: Config, options: RestoreOptions): Promise<Restored> {
  const { mongodbUrl, dataFolder } = config;
  const place: RepositoryAddress = mongodbUrl === undefined ? { kind: "folder", folder: dataFolder } : { kind: "mongodb", url: mongodbUrl };
  if (place.kind === "folder") await refuseDatabase(place.folder);
  if (!(await hasKeys(config.keysFolder))) await restoreKeys(join(folder, REPOSITORY_KEYS), config.keysFolder);
  const keys = await openKeyFolder(keyTextsOf(config), { mayCreate: false, elsewhere: sealsElsewhere(config) });
  const documentKeys = parseKeptKeys(await onlyMember(join(folder, DOCUMENT_KEYS)));
  refuseUnreadable(documentKeys.values(), keys.master.epochs(), DOCUMENT_KEYS);
  refuseUnreadable((await trailKeysIn(folder)).values(), keys.master.epochs(), TRAIL_KEYS);
  const arrival = await openArrival(place, { keys, keeps: place.kind === "mongodb" });
  try {
    const erased = new Set((await erasuresFile(config.erasuresFile).read()).map(({ documentId }) => documentId));
    const made = await replay(folder, arrival, { keys, documentKeys, erased, told: options.told });
    holdAgainst(options.against, keys, made);
    await auditArrival(config, { ...arrival, keys }, { ...options, erased });
    const cosigned = await restoreCosigned(folder, { arrival, keys, roots: made.roots });
    const events = await restoreEvents(folder, arrival);
    const trail = await restoreTrail(folder, config, { arrival, keys, told: options.told });
    await arrival.finish();
    return { size: made.size, root: made.root, withheld: made.withheld, cosigned, events, trail };
  } finally {
    await arrival.close();
  }
}

interface Made {
  readonly size: number;
  readonly root: Uint8Array;
  /** Roots of the trees that checkpoints were taken of. */
  readonly roots: ReadonlyMap<number, Uint8Array>;
  /** Documents that the list of erasures names, whose keys stayed away. */
  readonly withheld: number;
}

interface ReplayOptions {
  readonly keys: Keys;
  /** By place. */
  readonly documentKeys: ReadonlyMap<number, Uint8Array>;
  readonly erased: ReadonlySet<string>;
  readonly told: AuditTold;
}

/**
 * Keys that no master key here opens: AppError `conflict` when its epoch has ended, for ever; `damaged` when it may be elsewhere. Before anything is made.
 */
function refuseUnreadable(wrapped: Iterable<Uint8Array>, epochs: readonly MasterEpoch[], file: string): void {
  const unreadable = new Map<string, number>();
  let all = 0;
  for (const key of wrapped) {
    all++;
    const keyId = wrapperOf(key);
    if (!epochs.some((epoch) => epoch.keyId === keyId && !epoch.isEnded)) unreadable.set(keyId, (unreadable.get(keyId) ?? 0) + 1);
  }
  for (const [keyId, count] of unreadable) {
    const ended = epochs.find((epoch) => epoch.keyId === keyId);
    if (ended)
      throw new AppError(
        "conflict",
        `${count} of the ${all} keys in the backup's ${file} were wrapped in epoch ${ended.epoch} of the master key, which has ended: nobody can open them, and so nothing that they are for. Put the newest ${file} of this repository in its place: each backup since makes one`,
      );
    throw new AppError(
      "damaged",
      `${count} of the ${all} keys in the backup's ${file} were wrapped by a master key (${keyId}) that is not in KEYS_DIR: it is another repository's, or of an epoch whose master-NNNN.key is missing there`,
    );
  }
}

/** Makes the commits that an interrupted run has not made: those before are compared. */
async function replay(folder: string, { store, wrappedKeys }: Arrival, { keys, documentKeys, erased, told }: ReplayOptions): Promise<Made> {
  const archive = await TarFile.open(join(folder, RECORD), "r");
  const logs = [keys.log, ...keys.pastLogs].map(knownByAnyKey);
  const begun = (await store.checkpoint())?.size ?? 0;
  const edge = await edgeOf(begun, (places) => store.nodes(places));
  const again = new Replay({ store, wrappedKeys }, logs, GrowingTree.of(begun, edge));
  const tree = new GrowingTree();
  const roots = new Map<number, Uint8Array>();
  let withheld = 0;
  try {
    for await (const { segment, all } of readSegments(archive)) {
      for (const { checkpoint, entries } of commitsOf(segment.entries, segment.checkpoints)) {
        const first = tree.size;
        for (const { leaf } of entries) tree.append(leafHash(leaf));
        withheld += entries.filter(({ id }) => erased.has(id)).length;
        if (checkpoint.size <= begun && (await store.checkpoint(checkpoint.size))?.note !== checkpoint.note)
          throw new AppError(
            "conflict",
            `what an earlier run restored is not of this backup: its checkpoint of ${checkpoint.size} entries is another`,
          );
        if (first >= begun) await again.commit(checkpoint, entries, (id, index) => (erased.has(id) ? undefined : documentKeys.get(index)));
        roots.set(tree.size, tree.root());
      }
      told.onProgress(segment.to, all);
    }
    return { size: tree.size, root: tree.root(), roots, withheld };
  } finally {
    await archive.close();
  }
}

function holdAgainst(against: readonly string[], keys: Keys, { size, roots }: Made): void {
  for (const note of against) {
    const log = logOf(note, [keys.log, ...keys.pastLogs]);
    if (log === undefined) throw new AppError("invalid", "the checkpoint to hold against is of another log than these keys'");
    const held = signedEver(note, knownLog(log));
    if (held === undefined) throw new AppError("invalid", "the checkpoint to hold against does not bear the log's signature");
    if (held.size > size)
      throw new AppError(
        "conflict",
        `the backup has ${size} entries, and the checkpoint that it is held against ${held.size}: it would go back behind it`,
      );
    const root = roots.get(held.size);
    if (root !== undefined && !equalBytes(root, held.root))
      throw new AppError("conflict", `the backup's first ${held.size} entries are not those of the checkpoint that it is held against`);
  }
}

/** Names of files that hold a key or a certificate. */
const KEY_FILE = /^[a-z0-9-]+\.(?:key|pem)$/;

async function keyFiles(folder: string): Promise<{ readonly name: string; readonly bytes: Uint8Array }[]> {
  // What else lies there, such as marks of logs, is of this place.
  const names = (await readdir(folder)).filter((name) => KEY_FILE.test(name) && !NO_KEYS.has(name)).sort();
  return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })));
}

async function restoreKeys(file: string, folder: string): Promise<void> {
  if (!(await stat(file).catch(() => undefined)))
    throw new AppError(
      "damaged",
      `there are no keys in ${folder}, and none in the backup (it was made without --with-keys): put the keys there first`,
    );
  const archive = await TarFile.open(file, "r");
  try {
    const files: Record<string, string> = {};
    for (const member of archive.members) {
      if (!KEY_FILE.test(member.name)) throw new AppError("damaged", `${file} holds ${member.name}, which is no key`);
      files[member.name] = new TextDecoder().decode(await archive.read(member));
    }
    await createFolder(folder, files);
  } finally {
    await archive.close();
  }
}
