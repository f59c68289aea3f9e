import type { Keys } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { openSettingRecord, settingLeafOf } from "../setting-record.ts";
import { settingClaim, settingHash, SETTINGS_SECRET } from "../settings.ts";
import type { DocumentKeys } from "../store/document-keys.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import type { Findings } from "./finding.ts";

interface SettingAuditSource {
  readonly store: Pick<RecordStore, "evidence">;
  readonly documentKeys: Pick<DocumentKeys, "read">;
  readonly keys: Pick<Keys, "secretFor">;
  readonly findings: Findings;
}

/** Settings: each stands in the order of all, is what its leaf says, and is one version further than the one before; by these it is known who may sign in. */
export class SettingAudit {
  readonly #source: SettingAuditSource;
  /** Of each setting, by its hash. */
  readonly #versions = new Map<string, number>();
  #count = 0;

  constructor(source: SettingAuditSource) {
    this.#source = source;
  }

  /** Opens what was set, and gives the claims that its entry must bear, in order of the log. What is wrong is told. */
  async take(entry: LogEntry): Promise<string[]> {
    const { id, index } = entry;
    const tell = (words: string): void =>
      this.#source.findings.add({ kind: "changed", what: "entry", id, index, text: `the setting ${id} (entry ${index}) ${words}` });
    const claims = [settingClaim(this.#count++)];
    try {
      const { about, version } = settingLeafOf(entry);
      const before = this.#versions.get(about) ?? 0;
      this.#versions.set(about, version);
      if (version !== before + 1) tell(`is version ${version}, and the one before it was ${before}`);
      const { setting } = await openSettingRecord(entry, this.#source);
      if (settingHash(setting.kind, setting.name, await this.#source.keys.secretFor(SETTINGS_SECRET)) !== about)
        tell("is of another name than its leaf says");
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      tell(`can't be read: ${error.message}`);
    }
    return claims;
  }
}
