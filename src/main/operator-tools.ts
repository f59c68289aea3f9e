/** What the operator's commands work with. A part of the composition root. */
import type { Tools } from "../cli/command.ts";
import type { Config } from "../config.ts";
import { AppError } from "../core/errors.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { SearchParameters } from "../core/fhir/r4/search-parameters.ts";
import { moduleBeside } from "../core/threads/thread.ts";
import type { IndexKnowledge } from "./describer.ts";
import type { BesideRecord, KeptRecord } from "./kept-record.ts";

export interface OperatorNeeds {
  readonly knowledge: Knowledge;
  openParameters(): SearchParameters;
  config(): Config;
  /** What is kept, opened beside a service that may run: to be looked at, and to enter something in the log. */
  openKept(config: Config): Promise<KeptRecord>;
  openBeside(config: Config): Promise<BesideRecord>;
}

const AUDIT_WORKER = moduleBeside(import.meta.url, "./audit-worker");

type OperatorTools = Pick<Tools, "openCustody" | "openRetention" | "rebuildIndex" | "audit" | "auditFrom" | "backup" | "restore">;

export function operatorTools({ knowledge, openParameters, config: load, openKept, openBeside }: OperatorNeeds): OperatorTools {
  const by = (): IndexKnowledge => ({ knowledge, parameters: openParameters() });
  return {
    openCustody: async () => {
      const config = load();
      const { openCustody } = await import("./custody.ts");
      return openCustody(config, await openBeside(config), by());
    },
    openRetention: async (told) => {
      const config = load();
      const { readRetention } = await import("./setting-files.ts");
      const policy = await readRetention(config);
      const { openRetention } = await import("./custody.ts");
      return openRetention(config, await openBeside(config), { by: by(), policy, told });
    },
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
    audit: async (against, told) => {
      const config = onFiles(load(), "Audit it from outside: `chartulary audit --url`.");
      const { auditHere } = await import("./audit.ts");
      const record = await openKept(config);
      try {
        return await auditHere(config, record, { by: by(), module: AUDIT_WORKER, against, told });
      } finally {
        await record.store.close();
      }
    },
    backup: async (folder, options) => {
      const config = onFiles(load(), "Back it up by the means of MongoDB, and the folder of the keys apart from it.");
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
      const config = onFiles(load(), "Restore it by the means of MongoDB.");
      return restoreFrom(folder, config, { by: by(), module: AUDIT_WORKER, against, told });
    },
    auditFrom: async (url, options) => (await import("./audit-url.ts")).auditFrom(url, options),
  };
}

/** Refuses a repository that is kept in MongoDB, with what is done there instead. */
function onFiles(config: Config, instead: string): Config {
  if (config.mongodbUrl !== undefined) throw new AppError("unsupported", `This command works on SQLite alone, and MONGODB_URL is set. ${instead}`);
  return config;
}
