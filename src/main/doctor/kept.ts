/** What is kept: keys, database, log, mark, list of erasures, index. Each is looked at, whatever is wrong with the ones before. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { erasuresFile } from "../../adapters/keys/erasures-file.ts";
import { hasKeys } from "../../adapters/keys/key-folder.ts";
import { watermarkFile } from "../../adapters/keys/watermark-file.ts";
import type { Config } from "../../config.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import { timeOfLeaf } from "../../core/formats/leaf.ts";
import { endsSoon, outsidePeriod, sealerAt } from "../../pipeline/sign/probe.ts";
import { custodyOf } from "../../pipeline/custody.ts";
import { followLogKeys } from "../../pipeline/log/log-keys.ts";
import { erasureOf } from "../../pipeline/erasures.ts";
import { checkEntries, indexesToCheck } from "../../pipeline/log/in-log.ts";
import { verifiedSize } from "../../pipeline/log/tree-head.ts";
import { contradiction } from "../../pipeline/log/watermark.ts";
import { indexTag } from "../../search/describe-document.ts";
import { openEngine, type Engine } from "../engine.ts";
import { lookAtEpochs } from "./epochs.ts";
import { lookAtJobs } from "./jobs.ts";
import { lookAtKeyFiles } from "./key-files.ts";
import { lookAtEvidence } from "./evidence.ts";
import { lookAtSubscriptions } from "./subscriptions.ts";
import { notice, wrong, type Check, type Tell } from "./examination.ts";

/** A database up to this is looked at as a whole at once. Bytes. */
const QUICKLY = 256_000_000;
const RESTORE = "restore it from its backup (`chartulary restore`)";

/** How keys that are there are opened (`record-keeping.ts`). */
export type OpenKeys = (config: Config, options: { readonly mayCreate: false }) => Promise<Keys>;

/** @param isQuick whether a large database is not looked at as a whole */
export function keptChecks(openKeys: OpenKeys, isQuick: boolean): readonly Check[] {
  const whereOpen = (config: Config, work: Opened): Promise<void> => withOpen(openKeys, config, work);
  return [
    { what: "keys", remedy: "restore the folder of the keys from its backup", look: (config, tell) => lookAtKeys(openKeys, config, tell) },
    { what: "files of keys", remedy: "see `docs/operating.md`, No key in a file", look: lookAtKeyFiles },
    { what: "database", remedy: RESTORE, look: (config, tell) => lookAtDatabase(config, tell, isQuick) },
    { what: "master key", remedy: "see `docs/operating.md`, A new master key", look: (config, tell) => whereOpen(config, (engine, keys) => lookAtEpochs(engine, keys, { config, isQuick, tell })) },
    { what: "log", remedy: RESTORE, look: (config, tell) => whereOpen(config, (engine, keys) => lookAtLog(engine, keys, config, tell)) },
    { what: "mark", remedy: "see `docs/operating.md`, Backup and restore", look: (config, tell) => whereOpen(config, (engine, keys) => lookAtMark(engine, keys, config, tell)) },
    { what: "evidence", remedy: "see `docs/operating.md`, Evidence for thirty years", look: (config, tell) => whereOpen(config, (engine) => lookAtEvidence(engine, config, tell)) },
    { what: "subscriptions", remedy: "see `docs/operating.md`, Notifications", look: (config, tell) => whereOpen(config, (engine, keys) => lookAtSubscriptions(engine, keys, config, tell)) },
    { what: "jobs", remedy: "see `docs/operating.md`, Work that goes on", look: (config, tell) => whereOpen(config, (engine, keys) => lookAtJobs(engine, keys, config, tell)) },
    { what: "list of erasures", remedy: "make ERASURES_FILE readable and writable for the service's user", look: (config, tell) => whereOpen(config, (engine) => lookAtErasures(engine, config, tell)) },
    { what: "index", remedy: "run `chartulary rebuild`", look: (config, tell) => whereOpen(config, (engine) => lookAtIndex(engine, config, tell)) },
  ]; // prettier-ignore
}

async function lookAtKeys(openKeys: OpenKeys, config: Config, tell: Tell): Promise<void> {
  const isThere = await hasKeys(config.keysFolder);
  if (!isThere && !(await hasDatabase(config))) return tell(notice("there are no keys and no database: the first start of the service makes both", "start the service")); // prettier-ignore
  const keys = await openKeys(config, { mayCreate: false });
  const now = new Date();
  const sealer = sealerAt(keys, now);
  const outside = typeof sealer === "string" ? sealer : outsidePeriod(sealer, now);
  if (outside !== undefined) return tell(wrong(outside, "`chartulary keys rotate`; or set the clock right"));
  const soon = typeof sealer === "string" ? undefined : endsSoon(sealer, now);
  if (soon !== undefined) tell(notice(soon, "`chartulary keys rotate` before then"));
  if (keys.pastLogs.length > 0)
    tell(
      notice(
        `the log goes on under its ${keys.pastLogs.length + 1}. origin, ${keys.log.origin}`,
        "have /trust.json fetched anew by whoever verifies",
      ),
    );
}

async function lookAtDatabase(config: Config, tell: Tell, isQuick: boolean): Promise<void> {
  if (config.mongodbUrl !== undefined) {
    const engine = await openEngine(config);
    await engine.store.close();
    if (await stat(join(config.dataFolder, "chartulary.db")).catch(() => undefined)) await lookAtSecond(config, tell);
    return;
  }
  const file = join(config.dataFolder, "chartulary.db");
  if (!(await hasDatabase(config))) {
    if (await hasKeys(config.keysFolder)) tell(wrong(`there is no database ${file}, but there are keys: it was moved or lost`, RESTORE));
    return;
  }
  const log = await stat(`${file}-wal`).catch(() => undefined);
  const { checkSqlite, earlierSchemaOf } = await import("../../adapters/sqlite/open.ts");
  const earlier = await earlierSchemaOf(file);
  if (earlier !== undefined) {
    await checkSqlite(file);
    return tell(notice(`${earlier}. Log, mark, list of erasures and index were not looked at`, "make a backup with the earlier program, or copy the folder of a stopped service; then start the service")); // prettier-ignore
  }
  const engine = await openEngine(config, { mayCreate: false, mayBeOpen: true });
  try {
    if (isQuick && (await stat(file)).size > QUICKLY) return;
    await checkSqlite(file);
    if (log !== undefined && log.size > 0) tell(notice("the database has a write-ahead log: a service has it open, or was not closed as it should; it was looked at as a whole and is whole", "nothing, if a service runs; else start the service: it takes the log in")); // prettier-ignore
  } finally {
    await engine.store.close();
  }
}

/** MONGODB_URL is set, and there is a database in the data folder as well: which of the two goes on? */
async function lookAtSecond(config: Config, tell: Tell): Promise<void> {
  const { earlierSchemaOf } = await import("../../adapters/sqlite/open.ts");
  const earlier = await earlierSchemaOf(join(config.dataFolder, "chartulary.db"));
  if (earlier !== undefined) return tell(wrong(`MONGODB_URL is set, and there is a database in the data folder that the service would not serve: ${earlier}`, "start the service once without MONGODB_URL, then `chartulary copy --from DATA_DIR --to MONGODB_URL`; or unset MONGODB_URL")); // prettier-ignore
  const engine = await openEngine({ ...config, mongodbUrl: undefined }, { mayCreate: false, mayBeOpen: true });
  try {
    const [closure, size] = [await engine.store.closure(), (await engine.store.checkpoint())?.size ?? 0];
    const file = join(config.dataFolder, "chartulary.db");
    if (closure === undefined && size > 0) tell(wrong(`MONGODB_URL is set, and ${file} holds a repository of ${size} entries that is not closed: the service would not serve it`, "`chartulary copy --from DATA_DIR --to MONGODB_URL`, or unset MONGODB_URL")); // prettier-ignore
    else if (closure !== undefined) tell(notice(`${file} was copied and closed on ${closure.at}; keys of what is erased since still stand in it`, "remove it, once the copy has run for a while")); // prettier-ignore
  } finally {
    await engine.store.close();
  }
}

/** Entries at the end of the log, and elsewhere, that are held against the tree. */
const TAIL = 32;
const ELSEWHERE = 32;

async function lookAtLog({ store, wrappedKeys }: Engine, keys: Keys, { maxClockSkew }: Config, tell: Tell): Promise<void> {
  const { log, pastLogs } = keys;
  const size = await verifiedSize(store, log, pastLogs);
  const { missing } = keys.logKeys;
  if (missing !== undefined) tell(wrong(missing, "put the file there, or the newest database"));
  const both = keys.log.keys?.find(({ until, ended }) => until !== undefined && until > new Date() && ended === undefined);
  if (both?.until) tell(notice(`two keys of the log sign side by side until ${both.until.toISOString()}, the new one being ${keys.log.vkey}`, "have it entered at every witness by then (`docs/operating.md`, A new key of the log)")); // prettier-ignore
  const note = (await store.checkpoint(size))?.note;
  const isKeyInOrder = async (id: string): Promise<boolean> =>
    (await wrappedKeys.read(id)) !== undefined || (await erasureOf(id, store)) !== undefined;
  const looked = note === undefined ? [] : await checkEntries(indexesToCheck(size, TAIL, ELSEWHERE), note, { store, log, pastLogs, isKeyInOrder });
  const fault = looked.find((one) => one.fault)?.fault;
  if (fault)
    tell(
      wrong(`${fault.text} (${TAIL + ELSEWHERE} entries at most were looked at)`, `\`chartulary audit\` tells all that was altered; then ${RESTORE}`),
    );
  const closure = await store.closure();
  if (closure !== undefined) tell(wrong(`the log was closed here on ${closure.at}, for ever, and goes on in ${closure.to}`, "run the service there, and remove what is here when that has run for a while")); // prettier-ignore
  const [newest] = size === 0 ? [] : await store.entries(size - 1, 1);
  const at = newest && timeOfLeaf(newest.leaf);
  const behind = at === undefined ? 0 : at.getTime() - Date.now();
  if (behind > maxClockSkew) tell(wrong(`this machine's clock says ${new Date().toISOString()}, and the newest entry of the log is of ${at?.toISOString() ?? ""}`, "set the clock right, by NTP; if the entry's time is wrong, wait or raise MAX_CLOCK_SKEW_SECONDS")); // prettier-ignore
}

async function lookAtMark({ store }: Engine, keys: Keys, { watermarkFile: file }: Config, tell: Tell): Promise<void> {
  const mark = await watermarkFile(file).read();
  const size = (await store.checkpoint())?.size ?? 0;
  if (mark === undefined) {
    if (size > 0) tell(notice(`there is no mark (${file}): an older copy of the database would not be noticed until the service has started once`, "start the service; keep WATERMARK_FILE out of the database's backups")); // prettier-ignore
    return;
  }
  const fault = await contradiction(mark, { size, log: keys.log, pastLogs: keys.pastLogs }, store);
  if (fault !== undefined) tell(wrong(fault, "put the newest database in its place; if it is lost: `chartulary log new-origin --reason …`"));
}

async function lookAtErasures({ store, wrappedKeys }: Engine, { erasuresFile: file }: Config, tell: Tell): Promise<void> {
  for (const { documentId } of await erasuresFile(file).read()) {
    if ((await store.entry(documentId))?.kind !== "deposit") continue;
    const isErased = (await custodyOf(documentId, store)).erasure !== undefined;
    const hasKey = (await wrappedKeys.read(documentId)) !== undefined;
    if (isErased && !hasKey) continue;
    const what = isErased ? "its key is still there" : "the log does not know of it: an older copy of the database took its place";
    tell(
      wrong(
        `document ${documentId} was erased by ${file}, and ${what}`,
        "start the service: it erases it anew before it serves; or erase it once more",
      ),
    );
  }
}

async function lookAtIndex(engine: Engine, { patientSystems, hasFullText }: Config, tell: Tell): Promise<void> {
  const tag = await engine.heldIndexTag();
  const size = (await engine.store.checkpoint())?.size ?? 0;
  if (tag === undefined) {
    if (size > 0) tell(notice("there is no index: the service makes it at its start, and lists say meanwhile that they are incomplete", "start the service, or `chartulary rebuild`")); // prettier-ignore
    return;
  }
  if (tag !== indexTag(patientSystems, hasFullText)) return tell(notice("the index was made by another version, or under other settings (PATIENT_SYSTEMS, FULL_TEXT): it is emptied and made anew when it is opened", "give the same settings as the service has; else let the service make it anew")); // prettier-ignore
  const { index } = await engine.figures();
  if (index !== undefined && (index.size < size || index.depth < size)) tell(notice(`the index is at ${index.size} of ${size} entries, and for what stands in documents at ${index.depth}`, "the service brings it up; where it does not, `chartulary rebuild`")); // prettier-ignore
}

type Opened = (engine: Engine, keys: Keys) => Promise<void>;

/** Does something with what is kept; where it can't be opened, that was told before. */
async function withOpen(openKeys: OpenKeys, config: Config, work: Opened): Promise<void> {
  if (config.mongodbUrl === undefined && !(await hasDatabase(config))) return;
  const keys = await openKeys(config, { mayCreate: false }).catch(() => undefined);
  const engine = keys && (await openEngine(config, { mayCreate: false, mayBeOpen: true }).catch(() => undefined));
  if (!keys || !engine) return;
  try {
    await followLogKeys({ keys, store: engine.store });
    await work(engine, keys);
  } finally {
    await engine.store.close();
  }
}

async function hasDatabase({ dataFolder }: Config): Promise<boolean> {
  return ((await stat(join(dataFolder, "chartulary.db")).catch(() => undefined))?.size ?? 0) > 0;
}
