import { AppError } from "../../core/errors.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import { identityKey, personKey, personSecret, secretFor } from "../../core/formats/identifier.ts";
import { auditKeys } from "./audit-keys.ts";
import { KeyTexts } from "./key-texts.ts";
import { newLogKey, newSeal, newSecret, parseSecret } from "./key-files.ts";
import { LOG, LogKeyFiles } from "./log-key-files.ts";
import { MasterKeyFiles, masterKeyName } from "./master-keys.ts";
import type { SealsElsewhere } from "./seal-elsewhere.ts";
import { SealKeyFiles, sealKeyName } from "./seal-keys.ts";

const MASTER = masterKeyName(1);
const IDENTITY = "identity.key";

export interface KeyFolderOptions {
  /** Whether keys are made when the folder is missing or empty; false where documents exist already, which new keys could not open. Default true. */
  readonly mayCreate?: boolean;
  readonly now?: Date;
  /** Under which name the log begins, when keys are made. Undefined: one that nobody else has. */
  readonly origin?: string | undefined;
  /** Signs by seal keys that are not in the folder's files. */
  readonly elsewhere?: SealsElsewhere;
}

/**
 * Keys in a folder of files, for its owner alone, each in clear or wrapped (`KeyTexts`): `master.key` (and `master-0002.key` and following), `identity.key`, `log.key` (and `log-0002.key` and following) and `seal-0001.pem` and following.
 * At the first start they are made, all in one step: a crash leaves all or none, and of two processes that start at once both get the same. A folder with some of them is `damaged`, never completed.
 */
export async function openKeyFolder(
  at: string | KeyTexts,
  { mayCreate = true, now = new Date(), origin, elsewhere }: KeyFolderOptions = {},
): Promise<Keys> {
  const folder = KeyTexts.at(at);
  if (!(await hasKeys(folder))) {
    if (!mayCreate)
      throw new AppError(
        "damaged",
        `there are no keys in ${folder.folder}. The service makes them at its first start; where documents are kept already, restore the folder from its backup`,
      );
    await folder.createAll({ [MASTER]: newSecret(), [IDENTITY]: newSecret(), [LOG]: newLogKey(origin), [sealKeyName(1)]: newSeal(now) });
  }
  const master = await MasterKeyFiles.open(folder);
  const identity = parseSecret(await folder.read(IDENTITY));
  const person = personSecret(identity);
  const logKeys = await LogKeyFiles.open(folder);
  const sealKeys = await SealKeyFiles.open(folder, elsewhere);
  return {
    sealKeys,
    get seal() {
      return sealKeys.signerAt(new Date());
    },
    get sealCertificates() {
      return sealKeys.certificates(new Date());
    },
    log: logKeys.log,
    logKeys,
    get pastLogs() {
      return logKeys.pastLogs;
    },
    master,
    audit: auditKeys(identity),
    wrap: (documentKey, id) => master.wrapUnder(master.current, documentKey, id),
    unwrap: (wrappedKey, id) => master.unwrap(wrappedKey, id),
    identityKeyOf: (system, value) => Promise.resolve(identityKey({ value, ...(system !== undefined && { system }) }, identity)),
    personKeyOf: (system, value) => Promise.resolve(personKey({ system, value }, person)),
    secretFor: (purpose) => Promise.resolve(secretFor(purpose, identity)),
  };
}

/** Whether there is anything in the folder. */
export async function hasKeys(folder: string | KeyTexts): Promise<boolean> {
  return (await KeyTexts.at(folder).names()).length > 0;
}
