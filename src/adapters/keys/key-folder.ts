import { AppError } from "../../core/errors.ts";
import type { Keys, LogName } from "../../core/crypto/keys.ts";
import type { NoteSigner } from "../../core/crypto/signed-note.ts";
import { identityKey, personKey, personSecret, secretFor } from "../../core/formats/identifier.ts";
import { auditKeys } from "./audit-keys.ts";
import { KeyTexts } from "./key-texts.ts";
import { newLogKey, newSeal, newSecret, parseLogKey, parseLogName, parseSecret } from "./key-files.ts";
import { MasterKeyFiles, masterKeyName } from "./master-keys.ts";
import type { SealsElsewhere } from "./seal-elsewhere.ts";
import { SealKeyFiles, sealKeyName } from "./seal-keys.ts";

const MASTER = masterKeyName(1);
const IDENTITY = "identity.key";
const LOG = "log.key";
/** The log's first key is `log.key`; `log-0002.key` and following are of the origins that came after it. */
const LATER_LOG = /^log-([0-9]{4})\.key$/;

export interface KeyFolderOptions {
  /** Whether keys are made when the folder is missing or empty; false where documents exist already, which new keys could not open. Default true. */
  readonly mayCreate?: boolean;
  readonly now?: Date;
  /** Signs by seal keys that are not in the folder's files. */
  readonly elsewhere?: SealsElsewhere;
}

/**
 * Keys in a folder of files, for its owner alone, each in clear or wrapped (`KeyTexts`): `master.key` (and `master-0002.key` and following), `identity.key`, `log.key` (and `log-0002.key` and following) and `seal-0001.pem` and following.
 * At the first start they are made, all in one step: a crash leaves all or none, and of two processes that start at once both get the same. A folder with some of them is `damaged`, never completed.
 */
export async function openKeyFolder(at: string | KeyTexts, { mayCreate = true, now = new Date(), elsewhere }: KeyFolderOptions = {}): Promise<Keys> {
  const folder = KeyTexts.at(at);
  if (!(await hasKeys(folder))) {
    if (!mayCreate)
      throw new AppError(
        "damaged",
        `there are no keys in ${folder.folder}. The service makes them at its first start; where documents are kept already, restore the folder from its backup`,
      );
    await folder.createAll({ [MASTER]: newSecret(), [IDENTITY]: newSecret(), [LOG]: newLogKey(), [sealKeyName(1)]: newSeal(now) });
  }
  const master = await MasterKeyFiles.open(folder);
  const identity = parseSecret(await folder.read(IDENTITY));
  const person = personSecret(identity);
  const [log, pastLogs] = await readLogs(folder);
  const sealKeys = await SealKeyFiles.open(folder, elsewhere);
  return {
    sealKeys,
    get seal() {
      return sealKeys.signerAt(new Date());
    },
    get sealCertificates() {
      return sealKeys.certificates(new Date());
    },
    /* eslint-disable @typescript-eslint/require-await -- async, so that a failure is a rejection */
    log: { origin: log.name, vkey: log.vkey, sign: async (text) => log.sign(text), signTime: async (text, at) => log.signTime(text, at) },
    /* eslint-enable @typescript-eslint/require-await */
    pastLogs,
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

/** Makes the key of a log under another origin; from now on the folder's log is that one. AppError `conflict` when somebody else did so at the same moment. */
export async function beginLogKey(at: string | KeyTexts): Promise<void> {
  const folder = KeyTexts.at(at);
  const [newest = 1] = await logNumbers(folder);
  if (!(await folder.create(logName(newest + 1), newLogKey())))
    throw new AppError("conflict", "another origin was begun by somebody else at the same moment");
}

/** Destroys the private keys of logs that ended: nobody signs for them any more. Their names stay, so that what they signed can be checked. */
export async function retireLogKeys(at: string | KeyTexts): Promise<void> {
  const folder = KeyTexts.at(at);
  const [, ...past] = await logNumbers(folder);
  for (const number of past) {
    const text = await folder.read(logName(number));
    if (text.startsWith("PRIVATE")) await folder.replace(logName(number), `${parseLogName(text).vkey}\n`);
  }
}

/** The log's signer, and the names of those that ended, newest first. */
async function readLogs(folder: KeyTexts): Promise<[NoteSigner, LogName[]]> {
  const [newest = 1, ...past] = await logNumbers(folder);
  const log = parseLogKey(await folder.read(logName(newest)));
  return [log, await Promise.all(past.map(async (number) => parseLogName(await folder.read(logName(number)))))];
}

/** Newest first; 1 is always among them, since without `log.key` the folder is damaged. */
async function logNumbers(folder: KeyTexts): Promise<number[]> {
  const later = (await folder.names()).flatMap((name) => Number(LATER_LOG.exec(name)?.[1] ?? Number.NaN));
  return [...later.filter((number) => number > 1), 1].sort((a, b) => b - a);
}

function logName(number: number): string {
  return number === 1 ? LOG : `log-${String(number).padStart(4, "0")}.key`;
}
