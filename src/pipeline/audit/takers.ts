import type { Keys } from "../../core/crypto/keys.ts";
import { LOG_KEY_KINDS } from "../../core/formats/log-key.ts";
import { LATER_SEAL_KIND } from "../../core/formats/later-seal.ts";
import { EVIDENCE_KIND, EVIDENCE_STATUS_KIND } from "../../core/formats/log-evidence.ts";
import { SEAL_KEY_KINDS } from "../../core/formats/seal-key.ts";
import { RENEWAL_KIND, RENEWAL_RUN_KIND } from "../../core/formats/renewal.ts";
import { SETTING_KIND } from "../../core/formats/setting.ts";
import type { DocumentKeys } from "../store/document-keys.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import { auditLaterSeal } from "./entry-audit.ts";
import { EvidenceAudit } from "./evidence-audit.ts";
import type { Findings } from "./finding.ts";
import { LogKeyAudit } from "./log-key-audit.ts";
import { RenewalAudit } from "./renewal-audit.ts";
import { SealKeyAudit } from "./seal-key-audit.ts";
import { SettingAudit } from "./setting-audit.ts";

export interface TakerSource {
  readonly store: RecordStore;
  readonly documentKeys: Pick<DocumentKeys, "read">;
  readonly keys: Pick<Keys, "secretFor">;
  readonly findings: Findings;
}

/** Who looks at entries of a kind, in order of the log, each by itself: the claims that it must bear. */
export function takersOf(source: TakerSource): ReadonlyMap<string, (entry: LogEntry) => Promise<string[]>> {
  const [settings, evidence, renewals] = [new SettingAudit(source), new EvidenceAudit(source), new RenewalAudit(source)];
  const [sealKeys, logKeys] = [new SealKeyAudit(), new LogKeyAudit()];
  return new Map<string, (entry: LogEntry) => Promise<string[]>>([
    ...SEAL_KEY_KINDS.map((kind) => [kind, (entry: LogEntry) => sealKeys.take(entry, source.findings)] as const),
    ...LOG_KEY_KINDS.map((kind) => [kind, (entry: LogEntry) => Promise.resolve(logKeys.take(entry, source.findings))] as const),
    [SETTING_KIND, (entry) => settings.take(entry)],
    [EVIDENCE_KIND, (entry) => evidence.stamp(entry)],
    [EVIDENCE_STATUS_KIND, (entry) => evidence.status(entry)],
    [RENEWAL_RUN_KIND, (entry) => renewals.run(entry)],
    [RENEWAL_KIND, (entry) => renewals.stamp(entry)],
    [LATER_SEAL_KIND, (entry) => auditLaterSeal(entry, source)],
  ]);
}
