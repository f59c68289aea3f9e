/** The audit trail as this installation keeps it. A part of the composition root. */
import type { PreparingNeeds } from "../interactions/fhir/subscriptions/prepare-notifications.ts";
import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createFile } from "../core/files/durable-files.ts";
import { watermarkFile } from "../adapters/keys/watermark-file.ts";
import { spoolFolder } from "../adapters/trail-spool/spool-folder.ts";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import { openAuditFeed, type AuditFeed } from "./audit-feed.ts";
import { tellPolicy } from "./told-policy.ts";
import type { Look } from "../telemetry/figures.ts";
import { auditPages, type AuditPagesNeeds } from "../interactions/trail/audit-pages.ts";
import { trailQuestions } from "../interactions/trail/search-trail.ts";
import { TrailReading } from "../pipeline/trail/read-trail.ts";
import { TrailKeys } from "../pipeline/trail/trail-keys.ts";
import { Trail } from "../pipeline/trail/trail.ts";
import { contradictsMark } from "../pipeline/trail/trail-mark.ts";
import type { TrailSpool } from "../pipeline/trail/trail-spool.ts";
import type { TrailStore } from "../pipeline/trail/trail-store.ts";
import type { OwnPatientNeeds } from "../reader/own-patient.ts";
import { trailFacts } from "../reader/trail-facts.ts";
import type { AuditOptions } from "../http/trail/audit-answers.ts";
import { byTrust } from "../search/same-person.ts";
import type { Access } from "../security/access.ts";
import type { PatientOf } from "../security/trail/notes.ts";
import { notingAccess } from "../security/trail/noting-access.ts";

/** Milliseconds between two marks: what was written since the last one is missed only by whoever removes it at once. */
const MARK = 1_000;

/** On SQLite every process appends to one log; of two at once one tries again. */
export const TRAIL_LOG = "service";

/** By what the name of an instance's log begins on MongoDB. */
const INSTANCE = "i";

export interface OpenedTrail {
  readonly trail: Trail;
  readonly store: TrailStore;
  close(): Promise<void>;
}

export interface TrailNeeds {
  readonly keys: Pick<Keys, "audit" | "wrap" | "unwrap">;
  /** Whether SQLite works in a thread of its own: for a service. */
  readonly inThread: boolean;
  readonly onFault: (error: unknown) => void;
}

/** Opens the trail to be written. AppErrors as of `openTrail`; `damaged` when its log was changed. */
export async function openTrailToWrite(config: Config, { keys, inThread, onFault }: TrailNeeds): Promise<OpenedTrail> {
  const store = await openTrailStore(config, inThread);
  const log = await logOf(config);
  const mark = watermarkFile(trailMarkFile(config, log));
  let newest: string | undefined;
  let isContradicted = false;
  const write = async (): Promise<void> => {
    const note = newest;
    newest = undefined;
    // A mark that the trail contradicts is left as it is: it alone tells of what is missing.
    if (note !== undefined && !isContradicted) await mark.write(note).catch(onFault);
  };
  try {
    const spool = spoolOf(config);
    const trail = await Trail.open({ store, spool, keys, log, onFault, onCheckpoint: (note) => (newest = note) });
    isContradicted = await contradictsMark(log, { store, keys: keys.audit, mark: await mark.read().catch(() => undefined) });
    if (isContradicted)
      onFault(
        new AppError("damaged", "the audit trail is not the one that its mark was taken of: `chartulary audit --trail` tells more; the mark is left"),
      );
    const timer = setInterval(() => void write(), MARK).unref();
    return {
      trail,
      store,
      close: async () => {
        clearInterval(timer);
        await trail.close();
        await write();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The trail where it is kept; on MongoDB by a connection of its own, so that nothing else holds it up. */
export async function openTrailStore({ dataFolder, mongodbUrl }: Pick<Config, "dataFolder" | "mongodbUrl">, inThread = false): Promise<TrailStore> {
  if (mongodbUrl !== undefined) return (await import("../adapters/mongo/open.ts")).openMongoTrail(mongodbUrl);
  const file = trailFile({ dataFolder });
  if (inThread) return (await import("../adapters/sqlite/thread/trail-thread.ts")).openTrailThread(file);
  return (await import("../adapters/sqlite/trail/open-trail.ts")).openTrail(file);
}

/** The audit log that this installation appends to. On MongoDB each has its own, named at its first start: then no instance waits for another. */
async function logOf({ dataFolder, mongodbUrl }: Pick<Config, "dataFolder" | "mongodbUrl">): Promise<string> {
  if (mongodbUrl !== undefined) return nameIn(join(dataFolder, "audit-instance"), INSTANCE);
  const own = await readFile(ownLogFile({ dataFolder }), "utf8").catch(() => undefined);
  return own?.trim() ?? TRAIL_LOG;
}

/** A folder whose trail came from elsewhere appends to a log of its own from now on: the one that came may go on where it was. */
export async function beginOwnLog(place: Pick<Config, "dataFolder">): Promise<void> {
  await nameIn(ownLogFile(place), "c");
}

function ownLogFile({ dataFolder }: Pick<Config, "dataFolder">): string {
  return join(dataFolder, "audit-log");
}

/** The name of a log that a file has; a new one where there is none. */
async function nameIn(file: string, initial: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await createFile(file, `${initial}${randomBytes(4).toString("hex")}\n`);
  return (await readFile(file, "utf8")).trim();
}

export function trailFile({ dataFolder }: Pick<Config, "dataFolder">): string {
  return join(dataFolder, "audit.db");
}

/** Where events wait that could not be written into the trail. */
export function spoolOf(config: Pick<Config, "dataFolder">): TrailSpool {
  return spoolFolder(spoolFolderOf(config));
}

export function spoolFolderOf({ dataFolder }: Pick<Config, "dataFolder">): string {
  return join(dataFolder, "audit-spool");
}

/** Where the newest checkpoint of an audit log is marked, beside the keys. */
export function trailMarkFile({ keysFolder }: Pick<Config, "keysFolder">, log: string): string {
  return join(keysFolder, `audit-watermark-${log}`);
}

/** The trail of a service: every decision about a document is taken down, and every answer waits for what it tells. */
export async function openAuditing(
  config: Config,
  decided: Access,
  {
    keys,
    onFault,
    positions,
    ...owning
  }: OwnPatientNeeds & { readonly keys: TrailNeeds["keys"]; readonly positions: FollowerPositions; onFault(error: unknown, what: string): void },
): Promise<{
  readonly access: Access;
  readonly trail: Trail;
  /** What is disclosed without being asked for. */
  readonly disclosing: NonNullable<PreparingNeeds["disclosing"]>;
  auditAt(fhirBase: string, listed: AuditPagesNeeds["listed"]): AuditOptions;
  /** Begins to feed the trail to a repository elsewhere, where one is named; gives what is asked of the feed at each look. */
  feedTrail(fhirBase: string): readonly Look[];
  closeTrail(): Promise<void>;
}> {
  const told = (error: unknown): void =>
    onFault(error, error === undefined ? "the audit trail is written again" : "the audit trail cannot be written: what is told waits in DATA_DIR/audit-spool"); // prettier-ignore
  const { trail, store, close } = await openTrailToWrite(config, { keys, inThread: true, onFault: told });
  const policyReading = new TrailReading(store, keys.audit, new TrailKeys(keys, store));
  await tellPolicy(config, { reading: policyReading, trail }).catch((error: unknown) =>
    onFault(error, "a change of the access policy could not be told"),
  );
  const patientOf: PatientOf = async (own) => {
    const [first] = byTrust(own, config.patientSystems);
    return first === undefined ? undefined : owning.personIdOf(first);
  };
  const access = notingAccess(decided);
  const shelf = openedLater(() => openTrailStore(config, true));
  const dayKeys = new TrailKeys(keys, shelf);
  const reading = new TrailReading(shelf, keys.audit, dayKeys);
  // A log by its instance: what came by a copy from a folder has another initial, and nobody writes it any more.
  const hasOthers = async (): Promise<boolean> =>
    config.mongodbUrl !== undefined && (await shelf.logs()).some((log) => log.startsWith(INSTANCE) && log !== trail.log);
  const facts = trailFacts({ ...owning, systems: config.patientSystems });
  const auditAt = (fhirBase: string, listed: AuditPagesNeeds["listed"]): AuditOptions => ({
    ...{ trail, patientOf, questions: trailQuestions({ reading, access, facts, fhirBase }) },
    pages: auditPages({ reading, hasOthers, endedDays: () => shelf.endedDays(), access, facts, listed, waiting: () => trail.spooled }),
  });
  let feed: AuditFeed | undefined;
  const feedTrail = (fhirBase: string): readonly Look[] => {
    feed = openAuditFeed(config, { store: shelf, dayKeys, positions, trail, fhirBase, onFault });
    return feed?.looks ?? [];
  };
  const closeTrail = async (): Promise<void> => {
    await feed?.close();
    await close();
    await shelf.close();
  };
  return { access, trail, disclosing: { record: (events) => trail.record(events), patientOf }, auditAt, feedTrail, closeTrail };
}

/** The trail for auditors' questions and for the feed, opened by the first of them: what they cost holds up nobody whose answer waits for the trail. */
function openedLater(
  open: () => Promise<TrailStore>,
): Pick<TrailStore, "find" | "key" | "keepKey" | "endedDays" | "logs" | "batches" | "checkpoint" | "close"> {
  let opened: Promise<TrailStore> | undefined;
  const ask = async (): Promise<TrailStore> => {
    opened ??= open();
    return opened.catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
  };
  return {
    endedDays: async () => (await ask()).endedDays(),
    find: async (...given) => (await ask()).find(...given),
    key: async (...given) => (await ask()).key(...given),
    keepKey: async (...given) => (await ask()).keepKey(...given),
    logs: async () => (await ask()).logs(),
    batches: async (...given) => (await ask()).batches(...given),
    checkpoint: async (...given) => (await ask()).checkpoint(...given),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}
