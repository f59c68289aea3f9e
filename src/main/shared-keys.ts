/**
 * Several instances on one database must have the same keys: another identity key would not recognise repeats, another master key could not open what the others keep. The
 * first instance lays down something that only these keys give, and each one that starts holds its own against it. The log's key is held against the newest checkpoint
 * (`pipeline/log/tree-head.ts`), because a log may go on under another.
 */
import type { Keys } from "../core/crypto/keys.ts";
import { wrapperOf } from "../core/envelope.ts";
import { AppError } from "../core/errors.ts";

/** A text that is laid down once for all instances. */
export interface LaidDown {
  /** Lays it down unless there is one; gives the one that stands. */
  lay(text: string): Promise<string>;
}

const FORMAT = "chartulary-keys/1";
/** What the master key wraps, under this name in a document's place: 32 bytes that say nothing. */
const NAME = "repository";
const SYSTEM = "urn:chartulary:keys";

export type HeldKeys = Pick<Keys, "wrap" | "unwrap" | "identityKeyOf" | "master">;

/** @throws AppError `damaged` when the repository has other keys. */
export async function holdKeys(keys: HeldKeys, laidDown: LaidDown): Promise<void> {
  const identity = await keys.identityKeyOf(SYSTEM, NAME);
  const wrapped = Buffer.from(await keys.wrap(new Uint8Array(32), NAME)).toString("base64");
  const [format, theirs, key] = (await laidDown.lay(`${FORMAT} ${identity} ${wrapped}`)).split(" ");
  if (format !== FORMAT || theirs === undefined || key === undefined)
    throw new AppError("unsupported", "the database knows its repository by keys in a form of a newer version of Chartulary");
  const laid = new Uint8Array(Buffer.from(key, "base64"));
  const isSameMaster = await keys.unwrap(laid, NAME).then(
    () => true,
    // What was laid down stays as it is when its epoch has ended; that the later ones are there, the log's entries show (pipeline/epochs).
    () => keys.master.epochs().some(({ keyId, isEnded }) => isEnded && keyId === wrapperOf(laid)),
  );
  if (theirs !== identity || !isSameMaster)
    throw new AppError(
      "damaged",
      "the database (MONGODB_URL) belongs to a repository with other keys: every instance needs the same ones (KEYS_DIR). Copy the folder of the instance that came first, or give this one a database of its own",
    );
}
