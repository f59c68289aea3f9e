/**
 * The offline verifier of a bulk export: its manifest, the files that somebody holds of it, and the trust file that they had before. It says whether each file is what the manifest tells, whether each document is the one in
 * the log, and, where all documents were asked for, whether one of the log is missing.
 */
import { utf8Text } from "../../core/crypto/bytes.ts";
import { digestOf, equalBytes } from "../../core/crypto/digest.ts";
import { GrowingTree } from "../../core/crypto/growing-tree.ts";
import { faultOfSignature, logOf, openedUnder } from "../../core/crypto/log-keys.ts";
import { leafHash, nodesForRoot } from "../../core/crypto/merkle.ts";
import { AppError } from "../../core/errors.ts";
import { canonicalDocument } from "../../core/fhir/canonical.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { STORED_READ_LIMITS } from "../../core/fhir/reading/read-limits.ts";
import { readResource } from "../../core/fhir/reading/read-resource.ts";
import { isError } from "../../core/fhir/issue.ts";
import { parseCustodyLeaf } from "../../core/formats/custody.ts";
import { parseManifest, signerOfManifest, type ExportedFile, type OpenedManifest } from "../../core/formats/export-manifest.ts";
import { parseLeaf } from "../../core/formats/leaf.ts";
import { logsOf, parseTrust, type Trust } from "../../core/formats/trust.ts";
import { sealCertificateState } from "../../core/signatures/seal.ts";
import { itemsIn } from "./exported-lines.ts";
import { verdictOf, type VerificationCheck, type Verdict } from "./report.ts";

/** A file that somebody holds, unpacked, with the digest that was made of it. */
export interface HeldFile {
  readonly name: string;
  /** `sha256:` and hex; undefined of what cannot be read, or unpacked. */
  readonly digest: string | undefined;
  read(): AsyncIterable<Uint8Array>;
}

export interface ExportVerification {
  readonly manifest: Uint8Array;
  readonly trust?: Uint8Array | undefined;
  readonly files: readonly HeldFile[];
  readonly definitions: Definitions;
}

/** One line of the verification of an export. */
export interface ExportCheck extends Pick<VerificationCheck, "result" | "text"> {
  readonly name: "manifest" | "manifest signature" | "checkpoint" | "files" | "documents" | "completeness";
}

export interface ExportReport {
  readonly verdict: Verdict;
  readonly exitCode: 0 | 1 | 2;
  readonly checks: readonly ExportCheck[];
}

/** So many are named of those about which there is something to say. */
const NAMED = 5;

/** Never throws for what the files hold: every fault is a line of the report. */
export async function verifyExport({ manifest: bytes, trust: given, files, definitions }: ExportVerification): Promise<ExportReport> {
  const checks: ExportCheck[] = [];
  const manifest = read("manifest", bytes, parseManifest, checks);
  const trust = given && read("manifest signature", given, parseTrust, checks);
  if (manifest) {
    checks.push(await checkSigner(manifest, trust), checkCheckpoint(manifest, trust));
    const held = new Map(files.flatMap((file) => (file.digest === undefined ? [] : [[file.digest, file]])));
    checks.push(...checkFiles(manifest, held), ...alteredFiles(manifest, files, held));
    const documents = await documentsIn(manifest, held, definitions);
    checks.push(...documents.checks, ...(await checkLeaves(manifest, held, documents)));
  }
  return { ...verdictOf(checks), checks };
}

function read<Value>(name: ExportCheck["name"], bytes: Uint8Array, parse: (text: string) => Value, checks: ExportCheck[]): Value | undefined {
  try {
    return parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof AppError ? error.message : "it is not UTF-8 text";
    checks.push({ name, result: name === "manifest" ? "fail" : "not-made", text: `It cannot be read: ${reason}.` });
    return undefined;
  }
}

async function checkSigner(manifest: OpenedManifest, trust: Trust | undefined): Promise<ExportCheck> {
  const name = "manifest signature";
  const signer = await signerOfManifest(manifest);
  if (!signer) return { name, result: "fail", text: "The manifest is not what was signed." };
  if (!trust)
    return {
      name,
      result: "not-confirmed",
      text: "The manifest is whole; whose signature it bears was not checked: that takes a trust file (--trust).",
    };
  const state = sealCertificateState(signer.certificate, signer.at, trust.seals);
  if (state === "trusted") return { name, result: "pass", text: `The repository signed the manifest at ${signer.at.toISOString()}.` };
  if (state === "ended") return { name, result: "not-confirmed", text: "The manifest is signed by a key that was ended: it may be somebody else's." };
  return { name, result: "fail", text: "The manifest is signed by a key that the trust file does not name, or that did not count then." };
}

function checkCheckpoint({ log }: OpenedManifest, trust: Trust | undefined): ExportCheck {
  const name = "checkpoint";
  if (log.size === 0) return { name, result: "info", text: "The log had no entry." };
  if (!trust)
    return { name, result: "not-confirmed", text: "Whether the log signed its checkpoint was not checked: that takes a trust file (--trust)." };
  const known = logOf(log.checkpoint, logsOf(trust));
  try {
    const opened = known && openedUnder(log.checkpoint, known);
    if (!opened || opened.checkpoint.size !== log.size)
      return { name, result: "fail", text: "The checkpoint is not one of the log that the trust file names." };
    const fault = faultOfSignature(opened.signed);
    if (fault === undefined) return { name, result: "pass", text: `The log ${opened.checkpoint.origin} signed that it had ${log.size} entries.` };
    return { name, result: opened.signed === "ended" ? "not-confirmed" : "fail", text: `The checkpoint ${fault}.` };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { name, result: "fail", text: "The checkpoint cannot be read." };
  }
}

function checkFiles({ output, errors, deleted }: OpenedManifest, held: ReadonlyMap<string, HeldFile>): ExportCheck[] {
  const name = "files";
  const all = [...output, ...errors, ...deleted];
  const missing = all.filter(({ digest }) => !held.has(digest));
  if (missing.length === 0) return [{ name, result: "pass", text: `All ${all.length} files are what the manifest tells, byte for byte.` }];
  const text = `${missing.length} of ${all.length} files are not here, or are not what the manifest tells: ${named(missing.map(({ url }) => url))}.`;
  return [{ name, result: "not-made", text }];
}

/** What bears the name of a file of the manifest and is another one, where the one that the manifest tells is nowhere. */
function alteredFiles(
  { output, errors, deleted, log: { leaves } }: OpenedManifest,
  files: readonly HeldFile[],
  held: ReadonlyMap<string, HeldFile>,
): ExportCheck[] {
  const missing = [...output, ...errors, ...deleted, ...(leaves ? [leaves] : [])].filter(({ digest }) => !held.has(digest));
  const names = new Set(missing.map(({ url }) => nameIn(url)));
  const altered = files.filter(({ name }) => names.has(nameIn(name)));
  if (altered.length === 0) return [];
  const text = `${altered.length} files were altered, or are of another export: they bear names of the manifest and are not what it tells: ${named(altered.map(({ name }) => name))}.`;
  return [{ name: "files", result: "fail", text }];
}

/** What a file is called wherever it lies; packed, it may be called so. */
function nameIn(place: string): string {
  return (place.split(/[/\\]/).at(-1) ?? "").replace(/\.gz$/, "");
}

/** What was found out about documents: by id the digest of the canonical form. */
interface FoundDocuments {
  readonly checks: readonly ExportCheck[];
  readonly digests: ReadonlyMap<string, string>;
  /** Whether all files of documents are here. */
  readonly isWhole: boolean;
}

async function documentsIn({ output }: OpenedManifest, held: ReadonlyMap<string, HeldFile>, definitions: Definitions): Promise<FoundDocuments> {
  const digests = new Map<string, string>();
  const faults: string[] = [];
  for (const exported of output) {
    const file = held.get(exported.digest);
    if (file) faults.push(...(await faultsIn(exported, file, digests, definitions)));
  }
  const isWhole = output.every(({ digest }) => held.has(digest));
  const result = faults.length === 0 ? [] : [{ name: "files", result: "fail", text: `Lines are not what they must be: ${named(faults)}.` } as const];
  return { checks: result, digests, isWhole };
}

async function faultsIn({ type, count }: ExportedFile, file: HeldFile, digests: Map<string, string>, definitions: Definitions): Promise<string[]> {
  const faults: string[] = [];
  let lines = 0;
  for await (const line of itemsIn(file.read(), "lines")) {
    lines++;
    if (type !== "Bundle") continue;
    const { resource, issues } = readResource(line, "application/fhir+json", STORED_READ_LIMITS, definitions);
    const id = resource?.string("id");
    if (!resource || id === undefined || issues.some(isError)) faults.push(`line ${lines} of ${file.name} cannot be read as a document`);
    else if (digests.has(id)) faults.push(`document ${id} stands twice`);
    else digests.set(id, digestOf(new TextEncoder().encode(canonicalDocument(resource))));
  }
  if (lines !== count) faults.push(`${file.name} has ${lines} lines, and the manifest tells ${count}`);
  return faults;
}

/** What the log's leaves say: each document that was deposited, and which were erased. */
async function checkLeaves({ log }: OpenedManifest, held: ReadonlyMap<string, HeldFile>, found: FoundDocuments): Promise<ExportCheck[]> {
  const documents = found.digests.size;
  if (!log.leaves) {
    if (documents === 0) return [];
    const text = `${documents} documents are told by the signed manifest alone: not all were asked for, so that it has no leaves of the log; the receipt of each proves it (/documents/ID/receipt).`;
    return [{ name: "documents", result: "info", text }];
  }
  const file = held.get(log.leaves.digest);
  if (!file) return [{ name: "documents", result: "not-made", text: `The leaves of the log are not here: fetch ${log.leaves.url}.` }];
  const tree = treeBefore(log.from, log.leaves.edge);
  const erased = new Set<string>();
  const [altered, absent, unknown]: [string[], string[], Set<string>] = [[], [], new Set(found.digests.keys())];
  let deposits = 0;
  for await (const bytes of itemsIn(file.read(), "leaves")) {
    tree?.append(leafHash(bytes));
    const said = saidBy(bytes);
    if (said?.erased !== undefined) erased.add(said.erased);
    if (said?.deposited === undefined) continue;
    deposits++;
    const digest = found.digests.get(said.deposited);
    if (digest === undefined) absent.push(said.deposited);
    else if (digest !== said.digest) altered.push(said.deposited);
    unknown.delete(said.deposited);
  }
  if (!tree || tree.size !== log.size || !equalBytes(tree.root(), rootIn(log.checkpoint)))
    return [{ name: "documents", result: "fail", text: "The leaves of the log do not lead to the checkpoint's root." }];
  const strange = [...altered, ...unknown];
  const proved: ExportCheck =
    strange.length > 0
      ? { name: "documents", result: "fail", text: `${strange.length} documents are not those in the log: ${named(strange)}.` }
      : {
          name: "documents",
          result: "pass",
          text: `Each of the ${documents} documents is the one that was deposited: its canonical form has the digest in the log.`,
        };
  return [proved, completeness({ deposits, absent, erased, from: log.from }, found.isWhole)];
}

function completeness(
  {
    deposits,
    absent,
    erased,
    from,
  }: { readonly deposits: number; readonly absent: readonly string[]; readonly erased: ReadonlySet<string>; readonly from: number },
  isWhole: boolean,
): ExportCheck {
  const name = "completeness";
  if (!isWhole) return { name, result: "not-made", text: "Not all files are here, so that documents cannot be counted." };
  const withheld = absent.filter((id) => !erased.has(id));
  const gone = absent.length - withheld.length;
  const where = from === 0 ? "" : ` since entry ${from}`;
  const erasures = gone === 0 ? "" : `, but for ${gone} that the log says were erased`;
  if (withheld.length === 0)
    return { name, result: "pass", text: `No document is missing: all ${deposits} that the log holds${where} are here${erasures}.` };
  const text = `${withheld.length} of ${deposits} documents that the log holds${where} are not here${erasures}: whoever exported may not see them, or the files of errors say why. ${named(withheld)}.`;
  return { name, result: "not-confirmed", text };
}

function treeBefore(size: number, edge: readonly Uint8Array[]): GrowingTree | undefined {
  const places = nodesForRoot(size);
  if (size > 0 && places.length !== edge.length) return undefined;
  return GrowingTree.of(size, size === 0 ? [] : places.map((place, at) => ({ ...place, hash: edge[at] ?? new Uint8Array() })));
}

function rootIn(checkpoint: string): Uint8Array {
  const [, , root = ""] = checkpoint.split("\n");
  return Uint8Array.from(atob(root), (character) => character.charCodeAt(0));
}

/** What a leaf says of a document. Leaves of other kinds, and of later programs, say nothing here. */
function saidBy(leaf: Uint8Array): { readonly deposited?: string; readonly digest?: string; readonly erased?: string } | undefined {
  const [, kind] = /"kind":"([a-z-]+)"/.exec(utf8Text(leaf)) ?? [];
  try {
    if (kind === "deposit") {
      const { id, canonicalDigest } = parseLeaf(leaf);
      return { deposited: id, digest: canonicalDigest };
    }
    return kind === "erasure" ? { erased: parseCustodyLeaf(leaf).document } : undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return kind === "deposit" ? { deposited: "one whose entry is of a form that is not known here" } : undefined;
  }
}

function named(all: readonly string[]): string {
  return all.length <= NAMED ? all.join(", ") : `${all.slice(0, NAMED).join(", ")} and ${all.length - NAMED} more`;
}
