/** What patients say about who may read, and whose glass is broken. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { ConsentRecords } from "../interactions/fhir/consents/consent-records.ts";
import { Settings, type SettingsContext } from "../pipeline/settings.ts";

/** AppErrors `unavailable`, `damaged` */
export async function openConsents({
  store,
  documentKeys,
  keys,
  ledger,
  gate,
}: Omit<SettingsContext, "newId">): Promise<{ readonly consentRecords: ConsentRecords }> {
  const settings = await Settings.open({ store, documentKeys, keys, ledger, gate, newId: () => randomUUID() });
  return { consentRecords: new ConsentRecords(settings) };
}
