/** What is set while the program runs, opened once for all who ask. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { Settings, type SettingsContext } from "../pipeline/settings.ts";

/** AppErrors `unavailable`, `damaged` */
export function openSettings({ store, documentKeys, keys, ledger, gate }: Omit<SettingsContext, "newId">): Promise<Settings> {
  return Settings.open({ store, documentKeys, keys, ledger, gate, newId: () => randomUUID() });
}
