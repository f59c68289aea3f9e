/** The epochs of the master key: whether what wraps the documents' keys is here, and what is to be done about earlier ones. */
import { masterKeyName } from "../../adapters/keys/master-keys.ts";
import type { Keys, MasterEpoch } from "../../core/crypto/keys.ts";
import { epochsInLog, isKeyOf, type EpochsInLog } from "../../pipeline/epochs/epochs.ts";
import { keysByWrapper } from "../../pipeline/epochs/rewrap.ts";
import type { Config } from "../../config.ts";
import { backupsWithMasterKey } from "../backup.ts";
import type { Engine } from "../engine.ts";
import { notice, wrong, type Tell } from "./examination.ts";

const LOST = "restore the key folder from its backup, or document-keys.tar by `chartulary restore`";

/** @param options `isQuick`: whether keys are not counted, which takes a look at each */
export async function lookAtEpochs(
  { store, instances, openInventory }: Pick<Engine, "store" | "instances" | "openInventory">,
  { master }: Keys,
  { config, isQuick, tell }: { readonly config: Config; readonly isQuick: boolean; readonly tell: Tell },
): Promise<void> {
  const log = await epochsInLog(store);
  const epochs = master.epochs();
  const begun = log.begun.get(log.newest);
  if (begun && !isKeyOf(begun, master))
    tell(wrong(`the master key of epoch ${begun.epoch} (${begun.keyId}), begun on ${begun.at}, is not in KEYS_DIR: documents cannot be opened here, and none is taken`, `copy ${masterKeyName(begun.epoch)} there from the machine on which \`chartulary keys rewrap\` was run`)); // prettier-ignore
  for (const { name, keyIds } of (await instances?.live()) ?? [])
    if (begun && !keyIds.includes(begun.keyId)) tell(wrong(`${name} does not have the master key of epoch ${begun.epoch}`, `copy ${masterKeyName(begun.epoch)} into KEYS_DIR on that machine`)); // prettier-ignore
  for (const { epoch, isEnded } of epochs)
    if (log.ended.has(epoch) && !isEnded) tell(wrong(`epoch ${epoch} of the master key has ended, and its key is still here`, `start the service here, or \`chartulary keys end ${epoch}\` once more`)); // prettier-ignore
  for (const epoch of epochs.filter(({ isEnded }) => isEnded))
    for (const folder of await backupsWithMasterKey(config, epoch)) tell(wrong(`the backup ${folder} has the master key of epoch ${epoch.epoch}, which has ended: who has it opens what older backups hold`, `\`chartulary backup ${folder} --with-keys\``)); // prettier-ignore
  if (isQuick) return;
  const inventory = openInventory();
  try {
    tellCounts(await keysByWrapper(inventory), epochs, { log, tell });
  } finally {
    await inventory.close();
  }
}

function tellCounts(
  counts: ReadonlyMap<string, number>,
  epochs: readonly MasterEpoch[],
  { log, tell }: { readonly log: EpochsInLog; readonly tell: Tell },
): void {
  const live = epochs.filter(({ epoch, isEnded }) => !isEnded && !log.ended.has(epoch));
  for (const [keyId, count] of counts) {
    if (live.some((one) => one.keyId === keyId)) continue;
    const ended = epochs.find((one) => one.keyId === keyId);
    const by = ended === undefined ? `a master key that is not here (${keyId === "" ? "in no form that we know" : keyId})` : `the master key of epoch ${ended.epoch}, which has ended`; // prettier-ignore
    tell(wrong(`${count} documents' keys were wrapped by ${by}: these documents cannot be opened`, LOST));
  }
  const newest = live.at(-1);
  if (live.length < 2 || newest === undefined) return;
  const told = live.map(({ epoch, keyId }) => `${counts.get(keyId) ?? 0} keys are of epoch ${epoch}`).join(", ");
  const isDone = live.slice(0, -1).every(({ keyId }) => !counts.has(keyId));
  tell(notice(`${live.length} epochs of the master key live: ${told}`, isDone ? live.slice(0, -1).map(({ epoch }) => `\`chartulary keys end ${epoch}\``).join(", ") : "`chartulary keys rewrap` once more")); // prettier-ignore
}
