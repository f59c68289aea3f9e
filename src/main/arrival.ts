/** A repository that comes from elsewhere: filled where no service opens it, and put in its place when all of it is there. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import type { EventRows } from "../events/event-rows.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import type { WrappedKeys } from "../pipeline/store/document-keys.ts";
import type { RecordInventory } from "../pipeline/store/record-inventory.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { CosignedStore } from "../pipeline/witness/witness-port.ts";
import type { TrailStore } from "../pipeline/trail/trail-store.ts";
import { syncFolder } from "./archives.ts";
import { nameOf, type RepositoryAddress } from "./repository-address.ts";
import { holdKeys } from "./shared-keys.ts";
import { codeOf } from "./surroundings.ts";

export interface Arrival {
  readonly store: RecordStore;
  readonly wrappedKeys: WrappedKeys;
  readonly positions: FollowerPositions;
  readonly name: string;
  /** By what it is known, over all runs that fill it. */
  readonly id: string;
  openInventory(): RecordInventory;
  /** Its audit trail, to be filled: where the place has one already, that one. Close it before `finish`. */
  openTrail(): Promise<TrailStore>;
  /** What witnesses cosigned of it, to be filled in the same way. Close it before `finish`. */
  openCosigned(): Promise<CosignedStore>;
  /** Events of subscriptions, to be filled; those that the place has already are not gone on with. Close it before `finish`. */
  openEvents(): Promise<EventRows>;
  /** Everything is there: from now on a service may open it. It is closed then. */
  finish(): Promise<void>;
  /** What is there stays, for the next run. */
  close(): Promise<void>;
}

/** `keeps`: what an earlier run left is gone on with; else it is begun anew, where that can be done. */
export interface ArrivalOptions {
  readonly keys: Keys;
  readonly keeps: boolean;
}

/** @throws AppError `conflict` when there is a repository already. */
export function openArrival(place: RepositoryAddress, options: ArrivalOptions): Promise<Arrival> {
  return place.kind === "folder" ? arriveInFolder(place, options) : arriveInDatabase(place, options);
}

const DRAFT = ".arriving";
const DATABASE = "chartulary.db";
const TRAIL = "audit.db";
const COSIGNED = "cosigned.db";
const EVENTS = "events.db";

/** In a folder beside, and then renamed. */
async function arriveInFolder(place: RepositoryAddress & { readonly kind: "folder" }, { keeps }: ArrivalOptions): Promise<Arrival> {
  const { folder } = place;
  const [target, draft] = [join(folder, DATABASE), join(folder, DRAFT)];
  await refuseDatabase(folder);
  if (!keeps) await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new AppError("unavailable", `${folder} can't be made or written (${codeOf(cause)})`, { cause });
  });
  const id = await idIn(join(draft, "id"));
  const file = join(draft, DATABASE);
  const { openSqlite } = await import("../adapters/sqlite/open.ts");
  const { openInventory } = await import("../adapters/sqlite/inventory.ts");
  const { store, wrappedKeys, positions } = await openSqlite(file);
  return {
    ...{ store, wrappedKeys, positions, id, name: nameOf(place) },
    openInventory: () => openInventory(file),
    // One that is there may be newer than what arrives: it is gone on with, and never replaced.
    openTrail: async () => {
      const { openTrail } = await import("../adapters/sqlite/trail/open-trail.ts");
      return openTrail((await stat(join(folder, TRAIL)).catch(() => undefined)) ? join(folder, TRAIL) : join(draft, TRAIL));
    },
    openCosigned: async () => {
      const { openCosignedFile } = await import("../adapters/sqlite/cosigned-file.ts");
      return openCosignedFile((await stat(join(folder, COSIGNED)).catch(() => undefined)) ? join(folder, COSIGNED) : join(draft, COSIGNED));
    },
    openEvents: async () => (await import("../adapters/sqlite/event-rows.ts")).openEventRows(join(draft, EVENTS)),
    finish: async () => {
      // Closing brings the write-ahead log into the file.
      await store.close();
      // The database comes last: with it the place is taken.
      await putInPlace(join(draft, TRAIL), join(folder, TRAIL));
      await putInPlace(join(draft, COSIGNED), join(folder, COSIGNED));
      // What was told beside another record would be taken for matched, and hold up what comes.
      await removeDatabases(folder, [EVENTS]);
      await putInPlace(join(draft, EVENTS), join(folder, EVENTS));
      await putInPlace(file, target);
      await syncFolder(folder);
      // It is made anew from the record that is there now.
      await removeDatabases(folder, ["index.db", "sessions.db", "jobs.db"]);
      await rm(draft, { recursive: true, force: true });
    },
    close: async () => {
      await store.close();
      if (!keeps) await rm(draft, { recursive: true, force: true });
    },
  };
}

async function removeDatabases(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) for (const suffix of ["", "-wal", "-shm"]) await rm(join(folder, `${name}${suffix}`), { force: true });
}

/** Renames a database that is closed, where there is one. */
async function putInPlace(file: string, target: string): Promise<void> {
  if (!(await stat(file).catch(() => undefined))) return;
  if ((await stat(`${file}-wal`).catch(() => undefined))?.size)
    throw new AppError("unavailable", `somebody else has ${file} open: run it again when nobody has`);
  await rename(file, target).catch((cause: unknown) => {
    throw new AppError("unavailable", `${file} can't be renamed to ${target} (${codeOf(cause)}): run it again`, { cause });
  });
}

/** AppError `conflict` when there is a database in a folder. */
export async function refuseDatabase(folder: string): Promise<void> {
  const target = join(folder, DATABASE);
  if (await stat(target).catch(() => undefined)) throw new AppError("conflict", `there is a database already, ${target}: move it away first`);
}

/** The id that an earlier run gave. */
async function idIn(file: string): Promise<string> {
  const known = await readFile(file, "utf8").catch(() => "");
  if (/^[0-9a-f-]{36}\n$/.test(known)) return known.trim();
  const id = randomUUID();
  await writeFile(file, `${id}\n`, { mode: 0o600, flush: true }).catch((cause: unknown) => {
    throw new AppError("unavailable", `${file} can't be written (${codeOf(cause)})`, { cause });
  });
  return id;
}

/** In the database itself, which says that it is being filled: services refuse it until it says that this is done. */
async function arriveInDatabase(place: RepositoryAddress & { readonly kind: "mongodb" }, { keys }: ArrivalOptions): Promise<Arrival> {
  const { openMongo, openMongoTrail } = await import("../adapters/mongo/open.ts");
  const name = nameOf(place);
  const room = await openMongo(place.url, { isArriving: true });
  const { store, wrappedKeys, positions, openInventory } = room;
  const [arriving, arrived, laidKeys] = [room.laidDown("arriving"), room.laidDown("arrived"), room.laidDown("keys")];
  const isTaken = (): AppError => new AppError("conflict", `there is a repository already in ${name}: name another database, or drop this one`);
  try {
    if ((await arrived.read()) !== undefined) throw isTaken();
    if ((await arriving.read()) === undefined && ((await store.checkpoint()) ?? (await laidKeys.read())) !== undefined) throw isTaken();
    const text = await arriving.lay(`${keys.log.origin} ${randomUUID()}`);
    const [origin, id = ""] = text.split(" ");
    if (origin !== keys.log.origin) throw new AppError("conflict", `${name} is being filled with another repository, ${origin ?? ""}`);
    // A service that came to the empty database at this moment laid down its keys before it looked whether somebody fills it.
    if ((await laidKeys.read()) !== undefined) await holdKeys(keys, laidKeys);
    if ((await laidKeys.read()) !== undefined && (await store.checkpoint()) === undefined) throw isTaken();
    return {
      ...{ store, wrappedKeys, positions, id, name, openInventory },
      openTrail: () => openMongoTrail(place.url),
      openCosigned: () => Promise.resolve(room.cosigned),
      openEvents: () => Promise.resolve(room.events),
      finish: async () => {
        await holdKeys(keys, laidKeys);
        await arrived.lay(text);
        await store.close();
      },
      close: () => store.close(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
