/** From a trust file that was kept to keys of a log that came since, by what a repository shows of its log: nobody is believed in anything but what keys of the trust file, or those that they vouch for, signed. */
import { parseCheckpoint } from "../../core/crypto/checkpoint.ts";
import { logOf } from "../../core/crypto/log-keys.ts";
import { inclusionProof } from "../../core/crypto/merkle.ts";
import { openNote } from "../../core/crypto/signed-note.ts";
import { AppError } from "../../core/errors.ts";
import { leavesIn, nodesOfTiles, TILE_WIDTH, tilePath } from "../../core/formats/log-tiles.ts";
import type { ProvenEntry } from "../../core/formats/receipt.ts";
import { logsOf, parseTrust, type Trust } from "../../core/formats/trust.ts";
import { leadLogs, MOST_LOG_KEY_ENTRIES } from "../../core/signatures/led-logs.ts";

/** Asks for a path of the repository. */
type Get = (path: string) => Promise<{ readonly status: number; readonly bytes: Uint8Array }>;

/** The trust file with what it leads to; itself where it leads to nothing new. @param note the checkpoint that is shown */
export async function leadRemote(note: string, trust: Trust, get: Get): Promise<Trust> {
  const known = logOf(note, logsOf(trust));
  try {
    const { text, signatures } = openNote(note, known?.verifiers ?? []);
    // What is signed by keys that are known alone needs no other.
    if (known === undefined || !signatures.some(({ name, result }) => name === known.origin && result === "unknown")) return trust;
    const { size } = parseCheckpoint(text);
    const entries: ProvenEntry[] = [];
    for (const index of await beginningsIn(note, size, get)) entries.push(await provenAt(index, { size, note }, get));
    const [log = trust.log, ...pastLogs] = leadLogs(trust, entries).logs;
    return { ...trust, log, ...(trust.pastLogs && { pastLogs }) };
  } catch (error) {
    if (error instanceof AppError) return trust;
    throw error;
  }
}

/** Where the repository says that keys were begun: no more than where to look. */
async function beginningsIn(note: string, size: number, get: Get): Promise<readonly number[]> {
  const said = parseTrust(new TextDecoder().decode(await need(get, "/trust.json")));
  const keys = logOf(note, logsOf(said))?.keys ?? [];
  return keys.flatMap(({ after }) => (after > 0 && after < size ? after : [])).slice(0, MOST_LOG_KEY_ENTRIES);
}

async function provenAt(index: number, { size, note }: { readonly size: number; readonly note: string }, get: Get): Promise<ProvenEntry> {
  const from = Math.floor(index / TILE_WIDTH);
  const count = Math.min(TILE_WIDTH, size - from * TILE_WIDTH);
  const leaf = leavesIn(await need(get, `/log/tile/entries/${tilePath(from, count)}`), count)[index - from * TILE_WIDTH];
  if (leaf === undefined) throw new AppError("malformed", "a tile lacks an entry");
  const nodes = nodesOfTiles(size, (path) => need(get, `/log/tile/${path}`));
  return { leaf, index, treeSize: size, inclusionProof: await inclusionProof(index, size, nodes), checkpoint: note };
}

async function need(get: Get, path: string): Promise<Uint8Array> {
  const { status, bytes } = await get(path);
  if (status !== 200) throw new AppError("unavailable", `${path} was answered with ${status}`);
  return bytes;
}
