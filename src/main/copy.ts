/** Copies a repository from one engine to the other, while it takes documents, and closes it at its end. A part of the composition root. */
import { erasuresFile } from "../adapters/keys/erasures-file.ts";
import { watermarkFile } from "../adapters/keys/watermark-file.ts";
import type { Copied } from "../cli/told.ts";
import type { Config } from "../config.ts";
import { parseCheckpoint } from "../core/crypto/checkpoint.ts";
import { knownByAnyKey } from "../core/crypto/log-keys.ts";
import { AppError } from "../core/errors.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { copyRecord } from "../pipeline/backup/copy-record.ts";
import { TrailCopy, type CopiedTrail } from "../pipeline/backup/copy-trail.ts";
import type { Closure } from "../pipeline/store/record-store.ts";
import type { TrailStore } from "../pipeline/trail/trail-store.ts";
import { openArrival } from "./arrival.ts";
import type { AuditHere } from "./audit.ts";
import { auditArrival } from "./audit-arrival.ts";
import { openEngine } from "./engine.ts";
import { bringCosigned } from "./kept-cosigned.ts";
import { bringEvents } from "./kept-events.ts";
import type { KeptRecord } from "./kept-record.ts";
import { openKeptTrail } from "./kept-trail.ts";
import { configAt, nameOf, type RepositoryAddress } from "./repository-address.ts";
import { beginOwnLog, openTrailStore, spoolOf } from "./trail.ts";

export interface CopyHere extends Pick<AuditHere, "module" | "told"> {
  /** That of the source: with its keys, its mark and its list of erasures, which stay where they are. */
  readonly config: Config;
  readonly from: RepositoryAddress;
  readonly to: RepositoryAddress;
  /** Told what is done now. */
  onStage(text: string): void;
}

export async function copyHere(source: KeptRecord, here: CopyHere): Promise<Copied> {
  const { config, from, to, onStage } = here;
  if (nameOf(from) === nameOf(to)) throw new AppError("invalid", `${nameOf(from)} is to be copied onto itself`);
  const { store, keys } = source;
  const newest = await store.checkpoint();
  if (newest === undefined) throw new AppError("conflict", `there is nothing to copy in ${nameOf(from)}: begin in ${nameOf(to)} with the same keys`);
  const before = await store.closure();
  if (before !== undefined && (await isThere(before, newest.note, here))) return { ...copiedAs(before, newest.note, { wasCopied: true, to }), ...(await bringRest(keys, here)) }; // prettier-ignore
  const arrival = await openArrival(to, { keys, keeps: true });
  const inventory = source.engine.openInventory();
  const trail = await openTrails(keys, here, () => arrival.openTrail()).catch(async (error: unknown) => {
    await inventory.close();
    await arrival.close();
    throw error;
  });
  let brought: CopiedTrail | undefined;
  try {
    const erased = new Set((await erasuresFile(config.erasuresFile).read()).map(({ documentId }) => documentId));
    const closure = await copyRecord({ store, inventory }, arrival, {
      logs: [keys.log, ...keys.pastLogs].map(knownByAnyKey),
      erased,
      now: () => new Date(),
      newestEpoch: async () => {
        await source.watch.look();
        const { master } = keys;
        return { epoch: master.current, keyId: master.epochs().find(({ epoch }) => epoch === master.current)?.keyId ?? "" };
      },
      onProgress: (done, all) => here.told.onProgress(done, all),
      verify: async (openFrom) => {
        onStage(openFrom === 0 ? "copied; now everything in the copy is audited" : "the source is closed; what came last is audited");
        const { module, told } = here;
        await auditArrival(config, { ...arrival, keys }, { ...{ module, told, openFrom, erased }, against: [] });
        onStage("now the audit trail is copied, and verified");
        brought = await trail?.copy.bring();
      },
    });
    const note = (await store.checkpoint())?.note ?? "";
    // Whoever puts an older state of the copy in its place is found out by the mark, as before.
    await watermarkFile(config.watermarkFile).write(note);
    await trail?.close();
    if (to.kind === "folder") await beginOwnLog({ dataFolder: to.folder });
    await bringCosigned(config, { engine: source.engine, keys, arrival, size: closure.size });
    await bringEvents(config, { engine: source.engine, arrival, size: closure.size });
    await arrival.finish();
    return { ...copiedAs(closure, note, { wasCopied: false, to }), trail: brought, spooled: await spooledAt(here) };
  } finally {
    await trail?.close();
    await inventory.close();
    await arrival.close();
  }
}

interface OpenedTrails {
  readonly copy: TrailCopy;
  close(): Promise<void>;
}

/** Undefined where the source has no trail. */
async function openTrails(keys: Keys, { config, to, told }: CopyHere, openTarget: () => Promise<TrailStore>): Promise<OpenedTrails | undefined> {
  const source = await openKeptTrail(config);
  if (!source) return undefined;
  const target = await openTarget().catch(async (error: unknown) => {
    await source.close();
    throw error;
  });
  let isClosed = false;
  return {
    copy: new TrailCopy({ ...{ source, target, keys, name: nameOf(to) }, onProgress: (done, all) => told.onProgress(done, all) }),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await target.close();
      await source.close();
    },
  };
}

/** What was read in the source since it was closed is in its own trail: it is brought after. */
async function bringRest(keys: Keys, here: CopyHere): Promise<Pick<Copied, "trail" | "spooled">> {
  const trail = await openTrails(keys, here, () => openTrailStore(configAt(here.config, here.to)));
  try {
    return { trail: await trail?.copy.bring(), spooled: await spooledAt(here) };
  } finally {
    await trail?.close();
  }
}

async function spooledAt({ config }: CopyHere): Promise<number> {
  return (await spoolOf(config).waiting()).length;
}

/** Whether an earlier run came to its end: what is in the place has the closed log, and services open it. */
async function isThere({ size }: Closure, note: string, { config, to }: Pick<CopyHere, "config" | "to">): Promise<boolean> {
  try {
    const { store } = await openEngine({ ...configAt(config, to), keysFolder: config.keysFolder }, { mayCreate: false, mayBeOpen: true });
    try {
      return (await store.checkpoint(size))?.note === note;
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof AppError && error.code !== "unavailable") return false;
    throw error;
  }
}

function copiedAs(
  { size, at }: Closure,
  note: string,
  { wasCopied, to }: { readonly wasCopied: boolean; readonly to: RepositoryAddress },
): Omit<Copied, "trail" | "spooled"> {
  const [text = ""] = note.split("\n\n", 1);
  return { size, root: parseCheckpoint(`${text}\n`).root, closedAt: at, to: nameOf(to), wasCopied, isFolder: to.kind === "folder" };
}
