/** `chartulary log watch`: follows a log from outside, and keeps what it saw. A part of the composition root. */
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { WatchGiven } from "../cli/log-tools.ts";
import { AppError } from "../core/errors.ts";
import { createFile, isCode, replaceFile } from "../core/files/durable-files.ts";
import { optionalText, readOpenFormat, textField } from "../core/formats/fields.ts";
import { formatTrust, parseTrust } from "../core/formats/trust.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { watchLog, type Watched } from "../pipeline/audit/watch-log.ts";
import { remoteAt, textOf } from "./audit-url.ts";
import { codeOf } from "./surroundings.ts";

const FORMAT = "chartulary-watch/1";
const SHAPE = { format: FORMAT, required: ["checkpoint", "trust"], optional: ["contradiction"] };

/** What a watcher keeps: the newest checkpoint that went on from all before, and the trust file that it goes by. */
interface Kept {
  readonly checkpoint: string;
  readonly trust: string;
  /** A note that the log signed and that contradicts `checkpoint`: the first that was seen. */
  readonly contradiction: string | undefined;
}

/** Looks once; what was seen is durable when it resolves. AppErrors `unavailable`, `invalid`. */
export async function watchOnce(url: string, { stateFile, trustFile, maxAge }: WatchGiven): Promise<Watched> {
  const { get } = remoteAt(url);
  const kept = await readKept(stateFile);
  // A trust file that was given counts; else the one of the first time, which was believed then.
  const trust = trustFile === undefined ? (kept?.trust ?? textOf(await get("/trust.json"))) : await readGiven(trustFile);
  const given = parseTrust(trust);
  const watched = await watchLog({ get, trust: given, last: kept?.checkpoint, now: Date.now(), maxAge });
  const isGood = watched.result === "fine" || watched.result === "stale";
  const isProof = watched.result === "forked" || watched.result === "rolled-back";
  // The first, unless another proves by itself what the log did.
  const isKept = isProof && (kept?.contradiction === undefined || watched.isProven === true);
  const contradiction = isKept ? watched.note : kept?.contradiction;
  const checkpoint = isGood ? watched.keep : kept?.checkpoint;
  // Keys to which a kept trust file was led are kept with it; one that was given stays as it is.
  const isLed = isGood && trustFile === undefined && watched.trust.log !== given.log;
  if (checkpoint !== undefined) await writeKept(stateFile, { checkpoint, trust: isLed ? formatTrust(watched.trust) : trust, contradiction });
  return watched;
}

async function readKept(file: string): Promise<Kept | undefined> {
  try {
    const object = readOpenFormat(await readFile(file, "utf8"), SHAPE);
    return { checkpoint: textField(object, "checkpoint"), trust: textField(object, "trust"), contradiction: optionalText(object, "contradiction") };
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    if (error instanceof AppError) throw new AppError("invalid", `--state ${file}: ${error.message}`, { cause: error });
    throw new AppError("invalid", `--state ${file} can't be read (${codeOf(error)})`, { cause: error });
  }
}

async function writeKept(file: string, { checkpoint, trust, contradiction }: Kept): Promise<void> {
  const fields = { format: FORMAT, checkpoint, trust, ...(contradiction !== undefined && { contradiction }) };
  const text = `${writeJson(treeOf(fields), { pretty: true })}\n`;
  try {
    await mkdir(dirname(file), { recursive: true });
    if (!(await createFile(file, text))) await replaceFile(file, text);
  } catch (cause) {
    throw new AppError("unavailable", `--state ${file} can't be written (${codeOf(cause)})`, { cause });
  }
}

async function readGiven(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw new AppError("invalid", `--trust ${file} can't be read`, { cause });
  });
}
