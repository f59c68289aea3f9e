/**
 * The composition root's part for what is kept: keys, database, mark and log, opened in the order in which they need each other. Here and in main.ts alone adapters are chosen.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Config } from "./config.ts";
import type { KeyTexts } from "./adapters/keys/key-texts.ts";
import type { Keys } from "./core/crypto/keys.ts";
import { AppError } from "./core/errors.ts";
import type { NewOrigin } from "./core/formats/new-origin.ts";
import type { DepositGate } from "./pipeline/gate.ts";
import type { Ledger } from "./pipeline/log/ledger.ts";
import type { OpenedIndex } from "./adapters/sqlite/open-index.ts";
import type { EventRows } from "./events/event-rows.ts";
import type { JobRows } from "./jobs/job-rows.ts";
import type { FollowerPositions } from "./followers/position-port.ts";
import type { ErasureList } from "./pipeline/custody.ts";
import type { SealNotes } from "./pipeline/sign/seal.ts";
import type { DocumentKeys } from "./pipeline/store/document-keys.ts";
import type { RecordStore } from "./pipeline/store/record-store.ts";
import type { SessionRows } from "./pipeline/store/session-rows.ts";
import type { WatchedPorts } from "./main/telemetry.ts";
import type { BesideRecord, KeptRecord } from "./main/kept-record.ts";
import type { EpochService } from "./main/epoch-service.ts";
import type { Looks } from "./main/looks.ts";
import type { Samples } from "./main/samples.ts";
import type { EntriesInLog } from "./pipeline/log/entries-in-log.ts";
import type { OpenEvidence } from "./main/evidence.ts";
import type { OpenWitnessing, ServedWitnesses } from "./main/witnesses.ts";
import { keysAt, openKeptKeys, openLogKeys, openSealing } from "./main/watched-keys.ts";

/** Everything that a service keeps, and the room of what is derived from it, each closed by itself. */
export interface OpenRecord {
  readonly keys: Keys;
  readonly store: RecordStore;
  readonly documentKeys: DocumentKeys;
  readonly positions: FollowerPositions;
  readonly openedIndex: OpenedIndex;
  /** What is kept for a time; to be closed before the store. */
  openSessions(): Promise<SessionRows>;
  /** What subscriptions were told and are to be told; to be closed before the store. */
  openEvents(): Promise<EventRows>;
  /** Work that goes on behind requests; to be closed before the store. */
  openJobs(): Promise<JobRows>;
  readonly ledger: Ledger;
  readonly gate: DepositGate;
  readonly erasures: ErasureList;
  /** Told by which key each entry was sealed. */
  readonly seals: SealNotes;
  /** Holds what is read against the tree. */
  readonly inLog: EntriesInLog;
  /** What looks at what is kept have found, */
  readonly looks: Looks;
  /** and who looks at documents and their rows of the index: to be started. */
  readonly samples: Samples;
  /** To be started. */
  readonly epochs: EpochService;
  /** Who watches the log from elsewhere. */
  readonly witnessing: OpenWitnessing;
  /** What the log has from others, as proofs of documents hand it on. */
  readonly proving: ServedWitnesses & Pick<OpenEvidence, "evidence">;
  /** What goes on behind requests; to be closed before the ledger. */
  readonly behind: readonly { close(): Promise<void> }[];
}

/**
 * Opens what is kept, and makes it at the first start.
 *
 * @param options `watched`: the ports as somebody looks on at them. `onCheck`: told when the database was looked at as a whole, because it was not closed as it should, and how many milliseconds
 *   that took. `onFault`: told of what fails behind the scenes
 */
export async function openRecord(
  config: Config,
  { watched, onCheck, onFault }: { readonly watched: WatchedPorts; onCheck(milliseconds: number): void; onFault(error: unknown, what: string): void },
): Promise<OpenRecord> {
  const { hasKeys } = await import("./adapters/keys/key-folder.ts");
  const { retirePastLogs } = await import("./adapters/keys/log-key-files.ts");
  const { keyTextsOf } = await import("./main/keys-elsewhere.ts");
  const { watermarkFile } = await import("./adapters/keys/watermark-file.ts");
  const { openEngine } = await import("./main/engine.ts");
  const { Ledger } = await import("./pipeline/log/ledger.ts");
  const { DepositGate } = await import("./pipeline/gate.ts");
  const { openWitnessing } = await import("./main/witnesses.ts");
  const { openSpotChecks } = await import("./main/spot-checks.ts");
  const { Looks } = await import("./main/looks.ts");
  const { Samples } = await import("./main/samples.ts");
  const { EntriesInLog } = await import("./pipeline/log/entries-in-log.ts");
  const { EpochService, keyIdsOf } = await import("./main/epoch-service.ts");
  const { allFences } = await import("./pipeline/log/ledger-options.ts");
  const { erasuresFile } = await import("./adapters/keys/erasures-file.ts");
  const { applyErasures } = await import("./pipeline/custody.ts");
  const { honourErasures } = await import("./pipeline/erasures.ts");
  // The database first: once there are keys, one that is missing was lost, and an empty one in its place would begin another log under the same origin.
  const mayCreate = !(await keysAt(config, () => hasKeys(config.keysFolder)));
  const engine = await openEngine(config, { mayCreate, onCheck, inThreads: true });
  const { positions } = engine;
  const store = watched.record(engine.store);
  const wrappedKeys = watched.keys(engine.wrappedKeys);
  try {
    // Fresh keys beside documents that were encrypted with others would hide that those are lost.
    const texts = keyTextsOf(config);
    const keys = await openKeys(config, { mayCreate: await engine.isNew(), origin: config.logOrigin, texts });
    refuseOtherOrigin(config, keys);
    await engine.holdKeys(keys);
    if (mayCreate && config.logOrigin === undefined)
      onFault(undefined, `the keys were made in ${config.keysFolder}, and the log's origin is ${keys.log.origin} for ever: \`chartulary init --origin NAME\`, or LOG_ORIGIN, chooses it before the first start`); // prettier-ignore
    const { watch, keptKeys } = await openKeptKeys(config, { keys, store, texts, wrappedKeys });
    const logKeys = await openLogKeys(config, { keys, store, texts, onFault });
    const { sealing, seals } = await openSealing(config, { keys, store, texts, logKeys, onFault });
    const { pastLogs } = keys;
    const fence = allFences([keptKeys, seals, logKeys]);
    const ledger = await Ledger.open(store, keys.log, { watermark: watermarkFile(config.watermarkFile), fence, pastLogs });
    if (ledger.halt === undefined) await keysAt(config, () => retirePastLogs(texts));
    const looks = new Looks(onFault);
    const spotChecks = await openSpotChecks({ store, wrappedKeys, keys, logKeys, ledger, looks });
    const inLog = new EntriesInLog({ logs: keys, logKeys, store, onFault: (index) => spotChecks.suspect(index) });
    const witnessing = await openWitnessing(config, { keys, store, engine, positions, ledger, onFault });
    const onWarning = (text: string): void => onFault(undefined, text);
    const gate = await DepositGate.open({
      ledger,
      store,
      keys,
      epochs: watch,
      logKeys,
      sealing,
      maxSkew: config.maxClockSkew,
      claim: () => [witnessing.claim(), looks.warning()].filter((text) => text !== undefined).join("; ") || undefined,
      onWarning,
    });
    const erasures = erasuresFile(config.erasuresFile);
    await applyErasures({ ...{ store, ledger, gate, erasures }, documentKeys: keptKeys, newId: () => randomUUID() });
    const documentKeys = honourErasures(keptKeys, store);
    const { openEvidence } = await import("./main/evidence.ts");
    const evidence = await openEvidence(config, { keys, store, positions, ledger, gate, onFault });
    const epochs = new EpochService({
      watches: [watch, sealing, logKeys],
      keyIds: () => keyIdsOf(keys),
      instances: engine.instances,
      onFault: (error) => onFault(error, "what the log says of the keys cannot be looked at"),
    });
    const openedIndex = watched.openedIndex(await engine.openIndex());
    const samples = new Samples({ config, engine, store, documentKeys, keys, looks, index: openedIndex.index });
    return {
      ...{ keys, store, documentKeys, positions, ledger, gate, erasures, epochs, witnessing, seals, inLog, looks, samples, openedIndex },
      proving: { ...witnessing.served, evidence: evidence.evidence },
      behind: [epochs, witnessing, samples, spotChecks, evidence],
      openSessions: () => engine.openSessions(),
      openEvents: () => engine.openEvents(),
      openJobs: () => engine.openJobs(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What is kept, opened to be looked at beside a service that may run; nothing is made. Close its store. */
export async function openKept(config: Config): Promise<KeptRecord> {
  const { openEngine } = await import("./main/engine.ts");
  const { keyTextsOf } = await import("./main/keys-elsewhere.ts");
  const texts = keyTextsOf(config);
  const keys = await openKeys(config, { mayCreate: false, texts });
  refuseOtherOrigin(config, keys);
  const engine = await openEngine(config, { mayCreate: false, mayBeOpen: true });
  const { store, wrappedKeys } = engine;
  try {
    await engine.holdKeys(keys);
    const { keptKeys, watch } = await openKeptKeys(config, { keys, store, texts, wrappedKeys });
    const logKeys = await openLogKeys(config, { keys, store, texts });
    const { sealing } = await openSealing(config, { keys, store, texts, logKeys });
    return { keys, store, wrappedKeys, engine, keptKeys, watch, sealing, logKeys };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The same, to enter something in the log. */
export async function openBeside(config: Config): Promise<BesideRecord> {
  const { watermarkFile } = await import("./adapters/keys/watermark-file.ts");
  const { Ledger } = await import("./pipeline/log/ledger.ts");
  const { DepositGate } = await import("./pipeline/gate.ts");
  const kept = await openKept(config);
  const { allFences } = await import("./pipeline/log/ledger-options.ts");
  const { keys, store, logKeys } = kept;
  const fence = allFences([kept.keptKeys, logKeys]);
  try {
    const ledger = await Ledger.open(store, keys.log, { watermark: watermarkFile(config.watermarkFile), fence, pastLogs: keys.pastLogs });
    return { ...kept, ledger, gate: await DepositGate.open({ ledger, store, keys, sealing: kept.sealing, logKeys, maxSkew: config.maxClockSkew }) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** @param options `origin`: under which name the log begins, if keys are made; `texts`: the folder of the keys, where somebody goes on with it */
export async function openKeys(
  config: Config,
  { mayCreate, origin, texts }: { readonly mayCreate: boolean; readonly origin?: string | undefined; readonly texts?: KeyTexts },
): Promise<Keys> {
  const { hasKeys, openKeyFolder } = await import("./adapters/keys/key-folder.ts");
  return keysAt(config, async () => {
    const former = join(config.dataFolder, "keys");
    if (former !== config.keysFolder && !(await hasKeys(config.keysFolder)) && (await hasKeys(former)))
      throw new AppError("damaged", `KEYS_DIR ${config.keysFolder} holds no keys, but ${former} does: move them there, or unset KEYS_DIR`);
    const { keyTextsOf, sealsElsewhere } = await import("./main/keys-elsewhere.ts");
    return openKeyFolder(texts ?? keyTextsOf(config), { mayCreate, origin, elsewhere: sealsElsewhere(config) });
  });
}

/** The origin is set once, when the keys are made. AppError `invalid` when the setting is another one. */
export function refuseOtherOrigin({ logOrigin }: Pick<Config, "logOrigin">, { log: { origin } }: Pick<Keys, "log">): void {
  if (logOrigin !== undefined && logOrigin !== origin)
    throw new AppError("invalid", `LOG_ORIGIN is ${logOrigin}, and the log's origin is ${origin}: it was set when its keys were made, and stays so for ever. Set LOG_ORIGIN to that, or unset it; \`chartulary log new-origin\` begins another log`); // prettier-ignore
}

/** Lets the log go on under another origin: a key, the first entry, the mark; then the old key is destroyed. After an interruption it is simply run again. */
export async function beginNewOrigin(config: Config, reason: string, origin?: string): Promise<NewOrigin & { readonly index: number }> {
  const { makeLogKey, retirePastLogs } = await import("./adapters/keys/log-key-files.ts");
  const { watermarkFile } = await import("./adapters/keys/watermark-file.ts");
  const { openEngine } = await import("./main/engine.ts");
  const { keyTextsOf } = await import("./main/keys-elsewhere.ts");
  const origins = await import("./pipeline/log/new-origin.ts");
  const texts = keyTextsOf(config);
  let keys = await openKeys(config, { mayCreate: false, texts });
  const watermark = watermarkFile(config.watermarkFile);
  const engine = await openEngine(config);
  const { store } = engine;
  try {
    await engine.holdKeys(keys);
    await openLogKeys(config, { keys, store, texts });
    const closure = await store.closure();
    // Before a key is made that nothing is ever signed with.
    if (closure !== undefined)
      throw new AppError("conflict", `the log was closed here for ever on ${closure.at}, and goes on in ${closure.to}: begin the new origin there`);
    if (origin !== undefined && [keys.log, ...keys.pastLogs].some((one) => one.origin === origin))
      throw new AppError("conflict", `${origin} is the name of a log that is here: two logs under one name would contradict each other`);
    if (keys.pastLogs.length === 0 || (await origins.hasBegun(keys.log, store, watermark))) {
      await keysAt(config, () => makeLogKey(texts, origin));
      keys = await openKeys(config, { mayCreate: false, texts });
      await openLogKeys(config, { keys, store, texts });
    }
    const [previous] = keys.pastLogs;
    if (previous === undefined) throw new AppError("internal", "the key of the new log was not made");
    const begun = await origins.beginNewOrigin({ store, watermark, previous, signer: keys.log, reason, now: new Date() });
    await keysAt(config, () => retirePastLogs(texts));
    return begun;
  } finally {
    await store.close();
  }
}
