/** The days' wrapped keys of the audit trail as a backup keeps them, replaced each time as the documents' are: a day that was ended is in the newest no more. */
import { fromBase64, toBase64 } from "../../core/crypto/base64.ts";
import { utf8, utf8Text } from "../../core/crypto/bytes.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import type { DayKey } from "../trail/trail-store.ts";

const MAGIC = "chartulary-audit-keys/1";

/** The format's name, a line for each key with its name and base64 of it, and the digest of all before. */
export function formatTrailKeys(keys: readonly DayKey[]): Uint8Array {
  const text = [MAGIC, ...keys.map(({ name, wrapped }) => `${name} ${toBase64(wrapped)}`), ""].join("\n");
  return utf8(`${text}${digestOf(text)}\n`);
}

/** By name. AppError `damaged`. */
export function parseTrailKeys(bytes: Uint8Array): Map<string, Uint8Array> {
  const lines = utf8Text(bytes).split("\n");
  const [end, digest, text] = [lines.at(-1), lines.at(-2), `${lines.slice(0, -2).join("\n")}\n`];
  const keys = lines.slice(1, -2).map((line) => {
    const at = line.lastIndexOf(" ");
    return [line.slice(0, at), fromBase64(line.slice(at + 1))] as const;
  });
  const isWhole = lines[0] === MAGIC && end === "" && digestOf(text) === digest;
  const whole = keys.flatMap(([name, wrapped]) => (wrapped ? [[name, wrapped] as const] : []));
  if (!isWhole || whole.length !== keys.length)
    throw new AppError("damaged", "the backup's archive of the audit trail's keys is not what was written");
  return new Map(whole);
}
