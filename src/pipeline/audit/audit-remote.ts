/**
 * The audit of a repository from outside: the tree is made again from the tiles of its entries, the tiles of its hashes and its checkpoint must fit, and of each document the receipt must be
 * that of its entry. Whoever answers is not believed in anything but what the log's key signed.
 */
import { faultOfSignature, logOf, openedUnder, signedEver } from "../../core/crypto/log-keys.ts";
import { equalBytes } from "../../core/crypto/digest.ts";
import { GrowingTree } from "../../core/crypto/growing-tree.ts";
import { leafHash } from "../../core/crypto/merkle.ts";
import { verifyInclusion } from "../../core/crypto/merkle-verify.ts";
import { AppError } from "../../core/errors.ts";
import { parseCustodyLeaf } from "../../core/formats/custody.ts";
import { leavesIn, TILE_WIDTH as TILE, tilePath } from "../../core/formats/log-tiles.ts";
import { parseLeaf } from "../../core/formats/leaf.ts";
import { parseReceipt } from "../../core/formats/receipt.ts";
import { logsOf, type Trust } from "../../core/formats/trust.ts";
import { Findings } from "./finding.ts";
import { leadRemote } from "./lead-remote.ts";

export interface RemoteAnswer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

export interface RemoteAuditOptions {
  /** Asks for a path of the repository. */
  get(path: string): Promise<RemoteAnswer>;
  readonly trust: Trust;
  readonly against: readonly string[];
  onProgress(done: number, all: number): void;
}

export interface RemoteAudit {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly documents: number;
  readonly erased: number;
  readonly others: number;
  readonly notShown: number;
  readonly findings: Findings;
}

interface Deposit {
  readonly id: string;
  readonly index: number;
  readonly leaf: Uint8Array;
}

/** Receipts that are asked for at once. */
const AT_ONCE = 8;

export async function auditRemote({ get, trust: given, against, onProgress }: RemoteAuditOptions): Promise<RemoteAudit> {
  const findings = new Findings();
  const note = new TextDecoder().decode(await need(get, "/log/checkpoint"));
  const trust = await leadRemote(note, given, get);
  const { origin, size, root } = signedCheckpoint(note, trust);
  const held = against.map((one) => heldCheckpoint(one, trust));
  const tree = new GrowingTree();
  const roots = new Map<number, Uint8Array>();
  const deposits: Deposit[] = [];
  const erasures = new Map<string, number>();
  let others = 0;
  for (let from = 0; from < size; from += TILE) {
    const count = Math.min(TILE, size - from);
    const leaves = leavesIn(await need(get, `/log/tile/entries/${tilePath(from / TILE, count)}`), count);
    const hashes = await need(get, `/log/tile/0/${tilePath(from / TILE, count)}`);
    leaves.forEach((leaf, at) => {
      const index = from + at;
      const hash = leafHash(leaf);
      tree.append(hash);
      if (held.some((one) => one.size === index + 1)) roots.set(index + 1, tree.root());
      if (!equalBytes(hashes.subarray(32 * at, 32 * at + 32), hash))
        findings.add({ kind: "changed", what: "node", index, text: `the tile of hashes has another hash than the leaf of entry ${index}` });
      const { id, erased } = readLeaf(leaf, index, findings);
      if (id !== undefined) deposits.push({ id, index, leaf });
      else others++;
      if (erased !== undefined) erasures.set(erased, index);
    });
    onProgress(Math.min(size, from + TILE), 2 * size);
  }
  if (!equalBytes(tree.root(), root))
    findings.add({
      kind: "changed",
      what: "checkpoint",
      text: `the root of the checkpoint of ${size} entries, which the log signed, is not that of its entries`,
    });
  for (const one of held) tellHeld(one, { size, root: roots.get(one.size) }, findings);

  let notShown = 0;
  for (let at = 0; at < deposits.length; at += AT_ONCE) {
    const shown = await Promise.all(deposits.slice(at, at + AT_ONCE).map((deposit) => auditReceipt(deposit, { get, trust, erasures, findings })));
    notShown += shown.filter((isShown) => !isShown).length;
    onProgress(size + (deposits[at]?.index ?? 0), 2 * size);
  }
  return {
    origin,
    size,
    root: tree.root(),
    documents: deposits.length,
    erased: deposits.filter(({ id }) => erasures.has(id)).length,
    others,
    notShown,
    findings,
  };
}

/** A checkpoint that one of the trusted logs signed. AppError `invalid`. */
function signedCheckpoint(note: string, trust: Trust): { readonly origin: string; readonly size: number; readonly root: Uint8Array } {
  const log = logOf(note, logsOf(trust));
  if (log === undefined) throw new AppError("invalid", "a checkpoint is of a log that the trust file does not name");
  const { checkpoint, signed } = openedUnder(note, log);
  const fault = faultOfSignature(signed);
  if (fault !== undefined) throw new AppError("invalid", `a checkpoint of ${log.origin} ${fault}`);
  return checkpoint;
}

/** One that somebody kept: what the log said then, by whichever of its keys. AppError `invalid`. */
function heldCheckpoint(note: string, trust: Trust): { readonly size: number; readonly root: Uint8Array } {
  const log = logOf(note, logsOf(trust));
  if (log === undefined) throw new AppError("invalid", "a checkpoint is of a log that the trust file does not name");
  const held = signedEver(note, log);
  if (held === undefined) throw new AppError("invalid", `a checkpoint of ${log.origin} does not bear the log's signature`);
  return held;
}

function tellHeld(
  held: { readonly size: number; readonly root: Uint8Array },
  { size, root }: { readonly size: number; readonly root: Uint8Array | undefined },
  findings: Findings,
): void {
  if (held.size === 0) return;
  const fault =
    held.size > size
      ? `it has ${size} entries and had ${held.size}`
      : root && equalBytes(root, held.root)
        ? undefined
        : `its first ${held.size} entries are others`;
  if (fault !== undefined) findings.add({ kind: "changed", what: "log", text: `the log is not the one that the checkpoint was taken of: ${fault}` });
}

/** Of a deposit its id, of an erasure the document that it erased. */
function readLeaf(leaf: Uint8Array, index: number, findings: Findings): { readonly id?: string; readonly erased?: string } {
  const text = new TextDecoder().decode(leaf);
  try {
    if (text.includes('"kind":"deposit"')) return { id: parseLeaf(leaf).id };
    if (text.includes('"kind":"erasure"')) return { erased: parseCustodyLeaf(leaf).document };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    findings.add({ kind: "changed", what: "entry", index, text: `the leaf of entry ${index} can't be read: ${error.message}` });
  }
  return {};
}

/** False when the repository does not show the document to us. */
async function auditReceipt(
  { id, index, leaf }: Deposit,
  {
    get,
    trust,
    erasures,
    findings,
  }: { readonly get: RemoteAuditOptions["get"]; readonly trust: Trust; readonly erasures: ReadonlyMap<string, number>; readonly findings: Findings },
): Promise<boolean> {
  const tell = (kind: "changed" | "removed" | "added", words: string): void =>
    findings.add({ kind, what: "document", id, index, text: `document ${id} (entry ${index}) ${words}` });
  const { status, bytes } = await get(`/documents/${id}/receipt`);
  const isErased = erasures.has(id);
  if (status === 410) {
    if (!isErased) tell("removed", "is said to be erased, and the log does not say so");
    return true;
  }
  if (status === 404 || status === 403 || status === 401) return false;
  if (isErased) tell("added", `was erased (entry ${erasures.get(id) ?? ""}), and is still answered for`);
  if (status !== 200) {
    tell("changed", `has no receipt: it was answered with ${status}`);
    return true;
  }
  try {
    const receipt = parseReceipt(new TextDecoder().decode(bytes));
    const { size, root } = signedCheckpoint(receipt.checkpoint, trust);
    const isOurs = equalBytes(receipt.leaf, leaf) && receipt.index === index && receipt.treeSize === size;
    if (!isOurs || !verifyInclusion(leafHash(leaf), index, size, receipt.inclusionProof, root))
      tell("changed", "has a receipt that is not of its entry");
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    tell("changed", `has a receipt that proves nothing: ${error.message}`);
  }
  return true;
}

async function need(get: RemoteAuditOptions["get"], path: string): Promise<Uint8Array> {
  const { status, bytes } = await get(path);
  if (status !== 200) throw new AppError("unavailable", `${path} was answered with ${status}`);
  return bytes;
}
