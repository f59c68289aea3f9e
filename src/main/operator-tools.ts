/** What the operator's commands work with. A part of the composition root. */
import { resolve } from "node:path";
import type { Tools } from "../cli/command.ts";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { SearchParameters } from "../core/fhir/r4/search-parameters.ts";
import { moduleBeside } from "../core/threads/thread.ts";
import type { IndexKnowledge } from "./describer.ts";
import type { BesideRecord, KeptRecord } from "./kept-record.ts";
import { versionOf } from "./surroundings.ts";

export interface OperatorNeeds {
  readonly knowledge: Knowledge;
  openParameters(): SearchParameters;
  config(): Config;
  openKeys(config: Config, options: { readonly mayCreate: boolean }): Promise<Keys>;
  /** What the settings are read from. */
  environment(): Readonly<Record<string, string | undefined>>;
  /** What is kept, opened beside a service that may run: to be looked at, and to enter something in the log. */
  openKept(config: Config): Promise<KeptRecord>;
  openBeside(config: Config): Promise<BesideRecord>;
}

const AUDIT_WORKER = moduleBeside(import.meta.url, "./audit-worker");

type OperatorTools = Pick<
  Tools,
  | "openCustody"
  | "openRetention"
  | "openTrailRetention"
  | "rewrapKeys"
  | "endEpoch"
  | "openKeys"
  | "keyFiles"
  | "keepKeyFiles"
  | "rotateSealKey"
  | "endSealKey"
  | "rotateLogKey"
  | "endLogKey"
  | "rebuildIndex"
  | "audit"
  | "auditFrom"
  | "auditTrail"
  | "watchLog"
  | "openEvidence"
  | "openMessages"
  | "runSigner"
  | "runWitness"
  | "backup"
  | "restore"
  | "copy"
  | "stats"
  | "doctor"
  | "explainAccess"
  | "openAccounts"
  | "openNotifications"
  | "openJobs"
  | "tellTrail"
  | "openArchives"
  | "openProfileSets"
>;

export function operatorTools({
  knowledge,
  openParameters,
  config: load,
  environment,
  openKeys,
  openKept,
  openBeside,
}: OperatorNeeds): OperatorTools {
  /** Where the trail is that is told what a command came to; by the settings, unless it says otherwise. */
  let place: Config | undefined;
  const tellTrail: OperatorTools["tellTrail"] = async (deed) => {
    const { toldCommands } = await import("./told-commands.ts");
    const onFault = (text: string): void => void process.stderr.write(`chartulary: ${text}\n`);
    return toldCommands({ config: () => place ?? load(), openKeys: (config) => openKeys(config, { mayCreate: false }), onFault })(deed);
  };
  const by = (): IndexKnowledge => ({ knowledge, parameters: openParameters() });
  const beside = async <Result>(work: (config: Config, record: BesideRecord) => Promise<Result>): Promise<Result> => {
    const config = load();
    const record = await openBeside(config);
    try {
      return await work(config, record);
    } finally {
      await record.ledger.close();
      await record.store.close();
    }
  };
  const tell = (text: string): void => void process.stderr.write(`chartulary: ${text}\n`);
  return {
    openArchives: async () => (await import("./held-packages.ts")).openHeldArchives(load(), tell),
    openProfileSets: async (folder) => {
      const { cacheFolder, packagesFolder } = load();
      const { openHeldPackages } = await import("./held-packages.ts");
      const chosen = folder === undefined ? packagesFolder : resolve(folder);
      return (await openHeldPackages({ cacheFolder, packagesFolder: chosen }, tell))?.sets;
    },
    openCustody: async () => {
      const config = load();
      const { openCustody } = await import("./custody.ts");
      return openCustody(config, await openBeside(config), by());
    },
    openEvidence: async () => {
      const config = load();
      const { openEvidenceTools } = await import("./evidence.ts");
      return openEvidenceTools(config, await openBeside(config), knowledge.definitions);
    },
    openMessages: async () => (await import("./messages.ts")).openMessageTools(await openKept(load())),
    openRetention: async (told) => {
      const config = load();
      const { readRetention } = await import("./setting-files.ts");
      const policy = await readRetention(config);
      const { openRetention } = await import("./custody.ts");
      return openRetention(config, await openBeside(config), { by: by(), policy, told });
    },
    openTrailRetention: async (keptDays) => (await import("./trail-retention.ts")).openTrailRetention(load(), keptDays),
    openAccounts: async () => {
      const config = load();
      const { openAccountsBeside } = await import("./accounts.ts");
      return openAccountsBeside(config, await openBeside(config));
    },
    openNotifications: async () => {
      const { openNotificationsBeside } = await import("./notifications-beside.ts");
      const [config, software] = [load(), `chartulary/${await versionOf()}`];
      return openNotificationsBeside(config, await openBeside(config), { definitions: knowledge.definitions, software });
    },
    openJobs: async () => {
      const { openJobsBeside } = await import("./jobs.ts");
      return openJobsBeside(await openKept(load()));
    },
    openKeys: async () => {
      const config = load();
      const keys = await openKeys(config, { mayCreate: false });
      // The log tells more of them. Where it cannot be asked, the folder is told by itself.
      const record = await openKept(config).catch(() => undefined);
      await record?.store.close();
      return record?.keys ?? keys;
    },
    rewrapKeys: (told) => beside(async (config, record) => (await import("./epochs.ts")).rewrap(config, record, told)),
    keyFiles: async () => (await import("./key-files.ts")).keyFilesHere(load()),
    keepKeyFiles: async () => {
      const config = load();
      // A folder that is not whole is not wrapped.
      await openKeys(config, { mayCreate: false });
      return (await import("./key-files.ts")).keepKeyFiles(config);
    },
    endEpoch: (epoch, told) => beside(async (config, record) => (await import("./epochs.ts")).endEpoch(epoch, config, record, told)),
    rotateSealKey: (told, place) => beside(async (config, record) => (await import("./seal-keys.ts")).rotateSealKey(config, record, told, place)),
    endSealKey: (order) => beside(async (_, record) => (await import("./seal-keys.ts")).endSealKey(order, record)),
    rotateLogKey: (told, until) => beside(async (config, record) => (await import("./log-keys.ts")).rotateLogKey(config, record, told, until)),
    endLogKey: (order) => beside(async (_, record) => (await import("./log-keys.ts")).endLogKey(order, record)),
    rebuildIndex: async (told) => {
      const config = load();
      const { rebuildIndexOf } = await import("./derived.ts");
      const record = await openKept(config);
      try {
        return await rebuildIndexOf(config, record, by(), told);
      } finally {
        await record.store.close();
      }
    },
    audit: async (against, options) => {
      const config = load();
      const { auditHere } = await import("./audit.ts");
      const record = await openKept(config);
      try {
        return await auditHere(config, record, { ...options, module: AUDIT_WORKER, against, by });
      } finally {
        await record.store.close();
      }
    },
    backup: async (folder, options) => {
      const config = load();
      const { backupTo } = await import("./backup.ts");
      const record = await openKept(config);
      try {
        return await backupTo(folder, config, record, options);
      } finally {
        await record.store.close();
      }
    },
    restore: async (folder, { against, told }) => {
      const { restoreFrom } = await import("./backup.ts");
      return restoreFrom(folder, load(), { module: AUDIT_WORKER, against, told });
    },
    copy: async (from, to, { told, onStage }) => {
      const settings = load();
      const { configAt, addressOf, nameOf } = await import("./repository-address.ts");
      const source = addressOf(from ?? (settings.mongodbUrl === undefined ? "DATA_DIR" : "MONGODB_URL"), settings);
      const target = addressOf(to, settings);
      const config = configAt(settings, source);
      const { copyHere } = await import("./copy.ts");
      const record = await openKept(config);
      try {
        place = config;
        const line = `chartulary copy --from ${nameOf(source)} --to ${nameOf(target)} (begins)`;
        await tellTrail({ kind: "command", action: "E", outcome: 0, line, documents: [] });
        const copied = await copyHere(record, { config, from: source, to: target, told, onStage, module: AUDIT_WORKER });
        // What is told from now on the source's trail could not give to the copy any more.
        const { keysFolder, watermarkFile, erasuresFile } = config;
        place = { ...configAt(settings, target), keysFolder, watermarkFile, erasuresFile };
        return copied;
      } finally {
        await record.store.close();
      }
    },
    stats: async () => {
      const config = load();
      const { statsOf } = await import("./stats.ts");
      const record = await openKept(config);
      try {
        return await statsOf(config, record);
      } finally {
        await record.store.close();
      }
    },
    explainAccess: async (document, caller) => {
      const config = load();
      const { explainAccess } = await import("./access-explain.ts");
      return explainAccess(config, document, caller, { definitions: knowledge.definitions, openKept: () => openKept(config) });
    },
    tellTrail,
    doctor: async (options) => (await import("./doctor.ts")).diagnose(openKeys, environment(), options),
    auditTrail: async (told) => (await import("./audit-trail.ts")).auditTrailHere(load(), await openKeys(load(), { mayCreate: false }), told),
    watchLog: async (url, given) => (await import("./log-watch.ts")).watchOnce(url, given),
    runSigner: async (given) => (await import("./signer-service.ts")).runSigner(given),
    runWitness: async (given) => (await import("./witness-service.ts")).runWitness(given),
    auditFrom: async (url, options) => (await import("./audit-url.ts")).auditFrom(url, options),
  };
}
