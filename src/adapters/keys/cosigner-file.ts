/** A witness's key in a file: `PRIVATE+KEY+name+keyid+base64(type || seed)`, as Go's package note writes keys. */
import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fromBase64, toBase64 } from "../../core/crypto/base64.ts";
import type { Cosigner } from "../../core/crypto/cosigner.ts";
import type { CosignatureType } from "../../core/crypto/note-keys.ts";
import { AppError } from "../../core/errors.ts";
import { createFile, isCode } from "../../core/files/durable-files.ts";
import { cosigner } from "./note-signer.ts";

const BYTES: Readonly<Record<CosignatureType, number>> = { "cosignature/v1": 0x04, "ml-dsa-44": 0x06 };
const SEED = 32;

/**
 * Opens the key, and makes it when there is none and a name is given. AppError `invalid` without a name, or when the key has another name or algorithm than the one asked for; `damaged`.
 */
export async function openCosignerFile(
  file: string,
  wanted: { readonly name: string | undefined; readonly type: CosignatureType | undefined },
): Promise<Cosigner> {
  const text = await readIfThere(file);
  if (text === undefined) {
    if (wanted.name === undefined)
      throw new AppError("invalid", `there is no key ${file} yet: give the witness a name (--name), such as witness.example.org/w1`);
    const type = wanted.type ?? "cosignature/v1";
    const seed = randomBytes(SEED);
    const [, keyId] = cosigner(wanted.name, type, seed).vkey.slice(wanted.name.length).split("+");
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await createFile(file, `PRIVATE+KEY+${wanted.name}+${keyId ?? ""}+${toBase64(Uint8Array.of(BYTES[type], ...seed))}\n`);
    // Another process may have been quicker.
    return openCosignerFile(file, wanted);
  }
  const opened = parse(text, file);
  if ((wanted.name ?? opened.name) !== opened.name || (wanted.type ?? opened.type) !== opened.type)
    throw new AppError("invalid", `the key ${file} is of ${opened.name} (${opened.type}): a witness has one name and one algorithm for ever`);
  return opened;
}

function parse(text: string, file: string): Cosigner {
  const [, name, keyId, encoded] = /^PRIVATE\+KEY\+([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\s*$/u.exec(text) ?? [];
  const key = encoded === undefined ? undefined : fromBase64(encoded);
  const type = (Object.keys(BYTES) as CosignatureType[]).find((each) => BYTES[each] === key?.[0]);
  if (name === undefined || key?.length !== 1 + SEED || type === undefined)
    throw new AppError("damaged", `the key ${file} is in no form that we know`);
  const opened = cosigner(name, type, key.subarray(1));
  if (!opened.vkey.startsWith(`${name}+${keyId ?? ""}+`))
    throw new AppError("damaged", `the key ${file} does not have the key id that stands beside it`);
  return opened;
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  });
}
