/** What an entry's row says beside its leaf, and what entries about documents must be. */
import { AppError } from "../../core/errors.ts";
import { wrapperOf } from "../../core/envelope.ts";
import { CUSTODY_KINDS, parseCustodyLeaf } from "../../core/formats/custody.ts";
import { FEED_KIND, parseFeedLeaf, type FeedRecord } from "../../core/formats/identity-feed.ts";
import { parseLeaf } from "../../core/formats/leaf.ts";
import { MASTER_KEY_KINDS, parseMasterKeyLeaf } from "../../core/formats/master-key.ts";
import { LOG_KEY_KINDS, parseLogKeyLeaf } from "../../core/formats/log-key.ts";
import { parseSealKeyLeaf, SEAL_KEY_KINDS } from "../../core/formats/seal-key.ts";
import { parseSettingLeaf, SETTING_KIND } from "../../core/formats/setting.ts";
import { parseSubmissionLeaf, SUBMISSION_KIND } from "../../core/formats/submission.ts";
import { parseNewOrigin } from "../../core/formats/new-origin.ts";
import { LATER_SEAL_KIND, parseLaterSealLeaf } from "../../core/formats/later-seal.ts";
import { EVIDENCE_KIND, EVIDENCE_STATUS_KIND, parseEvidenceLeaf, parseEvidenceStatusLeaf } from "../../core/formats/log-evidence.ts";
import { parseRenewalLeaf, parseRenewalRunLeaf, RENEWAL_KIND, RENEWAL_RUN_KIND } from "../../core/formats/renewal.ts";
import { checkXmlSeal } from "../../core/signatures/xml-seal.ts";
import { openCustodyRecord } from "../custody.ts";
import { beginClaim, endClaim } from "../epochs/epochs.ts";
import { erasureClaim, erasureOf } from "../erasures.ts";
import { feedRecordOf } from "../identity-feed.ts";
import { laterSealClaim, openLaterSeal } from "../later-seals.ts";
import type { DocumentKeys } from "../store/document-keys.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import type { Findings } from "./finding.ts";

/** What a leaf says of its entry, of a kind that is known. */
interface Said {
  readonly id?: string;
  readonly at: string;
  readonly document?: string;
}

const LEAVES: Readonly<Record<string, (leaf: Uint8Array, index: number) => Said>> = {
  deposit: (bytes) => {
    const { id, receivedAt } = parseLeaf(bytes);
    return { id, at: receivedAt };
  },
  "new-origin": (bytes, index) => ({ at: parseNewOrigin(bytes, index).at }),
  [SUBMISSION_KIND]: parseSubmissionLeaf,
  ...Object.fromEntries(MASTER_KEY_KINDS.map((kind) => [kind, parseMasterKeyLeaf])),
  ...Object.fromEntries(SEAL_KEY_KINDS.map((kind) => [kind, parseSealKeyLeaf])),
  ...Object.fromEntries(LOG_KEY_KINDS.map((kind) => [kind, parseLogKeyLeaf])),
  [FEED_KIND]: parseFeedLeaf,
  [SETTING_KIND]: parseSettingLeaf,
  [LATER_SEAL_KIND]: parseLaterSealLeaf,
  [EVIDENCE_KIND]: parseEvidenceLeaf,
  [EVIDENCE_STATUS_KIND]: parseEvidenceStatusLeaf,
  [RENEWAL_KIND]: parseRenewalLeaf,
  [RENEWAL_RUN_KIND]: parseRenewalRunLeaf,
  ...Object.fromEntries(
    CUSTODY_KINDS.map((kind) => [
      kind,
      (bytes: Uint8Array): Said => {
        const leaf = parseCustodyLeaf(bytes);
        return { id: leaf.id, at: leaf.at, document: leaf.document };
      },
    ]),
  ),
};

/** Whether the audit knows what an entry of this kind must be. */
export function isKnownKind(kind: string): boolean {
  return Object.hasOwn(LEAVES, kind);
}

/** Holds the columns of an entry against its leaf. False when the leaf itself can't be read. */
export function auditColumns(entry: LogEntry, findings: Findings): boolean {
  const { id, index, kind, receivedAt, documentId, leaf } = entry;
  const tell = (words: string): void => findings.add({ kind: "changed", what: "entry", id, index, text: `entry ${index} (${id}) ${words}` });
  const read = LEAVES[kind];
  const named = kindIn(leaf);
  if (named !== undefined && named !== kind) {
    tell(`is called a ${kind}, and its leaf says ${named}`);
    return false;
  }
  // Of kinds that later programs have, nothing more is known.
  if (read === undefined) return true;
  try {
    const said = read(leaf, index);
    if (said.id !== undefined && said.id !== id) tell(`has the id of another: its leaf says ${said.id}`);
    if (said.at !== receivedAt) tell(`has another time than its leaf, ${receivedAt} for ${said.at}`);
    if (said.document !== documentId) tell(`is about another document than its leaf says: ${documentId ?? "none"} for ${said.document ?? "none"}`);
    return said.id === undefined || said.id === id;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    tell(`has a leaf that can't be read (${error.message})`);
    return false;
  }
}

/** Claims that an entry about a document must bear. `place`: how many such entries came before; `ends`: the submissions that an erasure is the first to end. */
export function custodyClaims({ kind, documentId = "" }: LogEntry, place: number, ends: readonly string[]): string[] {
  return [`custody:${documentId}:${place}`, ...(kind === "erasure" ? [documentId, ...ends].map(erasureClaim) : [])];
}

/** The claim that an entry about an epoch of the master key must bear, and by which key what it holds was wrapped; undefined when its leaf can't be read, or it is about something else. */
export function epochClaim({ kind, leaf }: LogEntry): { readonly claim: string; readonly keyId: string } | undefined {
  if (!(MASTER_KEY_KINDS as readonly string[]).includes(kind)) return undefined;
  try {
    const { epoch, keyId } = parseMasterKeyLeaf(leaf);
    return { claim: kind === "master-key-begun" ? beginClaim(epoch) : endClaim(epoch), keyId };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return undefined;
  }
}

/** Tells of the claim of an entry about an epoch whose value another master key wrapped than its leaf names. */
export function tellOtherKey(
  { id, index }: LogEntry,
  { claim, keyId }: { readonly claim: string; readonly keyId: string },
  value: Uint8Array,
  findings: Findings,
): void {
  const text = `the claim ${claim} of ${id} (entry ${index}) is of another master key than its leaf says`;
  if (wrapperOf(value) !== keyId) findings.add({ kind: "changed", what: "claim", id, index, text });
}

/** Holds that an entry is about a document that came before it; gives the way to tell what else is wrong with it. */
async function aboutDocument(
  { id, index, kind, documentId = "" }: LogEntry,
  { store, findings }: { readonly store: Pick<RecordStore, "entry">; readonly findings: Findings },
): Promise<(words: string) => void> {
  const tell = (words: string): void =>
    findings.add({ kind: "changed", what: "entry", id, index, text: `the ${kind} ${id} (entry ${index}) ${words}` });
  const about = await store.entry(documentId);
  if (about?.kind !== "deposit" || about.index >= index) tell(`is about ${documentId}, which is no document that came before it`);
  return tell;
}

/** The record of a hold, a release or an erasure, and what an erasure leaves behind. */
export async function auditCustody(
  entry: LogEntry,
  {
    store,
    documentKeys,
    findings,
  }: { readonly store: Pick<RecordStore, "entry" | "evidence">; readonly documentKeys: Pick<DocumentKeys, "read">; readonly findings: Findings },
): Promise<void> {
  const { id, index, kind, documentId = "" } = entry;
  const tell = await aboutDocument(entry, { store, findings });
  try {
    const key = await documentKeys.read(id);
    if (key === undefined)
      findings.add({
        kind: "removed",
        what: "key",
        id,
        index,
        text: `the key of the ${kind} ${id} (entry ${index}) is not there: nobody can tell who ordered it`,
      });
    else openCustodyRecord(entry, await store.evidence(id), key);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    tell(`has a record that is not what was committed: ${error.message}`);
  }
  if (kind !== "erasure") return;
  const isThere = await documentKeys.read(documentId).then(
    (key) => key !== undefined,
    () => true,
  );
  if (isThere)
    findings.add({
      kind: "added",
      what: "key",
      id: documentId,
      text: `document ${documentId} was erased (entry ${index}), and its key is still there: run \`chartulary erase\` once more`,
    });
}

/** The claims of an entry that holds a seal made behind its document's deposit, which is opened under the document's key as long as that is there. */
export async function auditLaterSeal(
  entry: LogEntry,
  {
    store,
    documentKeys,
    findings,
  }: { readonly store: Pick<RecordStore, "entry" | "evidence">; readonly documentKeys: Pick<DocumentKeys, "read">; readonly findings: Findings },
): Promise<string[]> {
  const { id, documentId = "" } = entry;
  const tell = await aboutDocument(entry, { store, findings });
  try {
    // Of a key that is lost the document itself is told.
    const key = await documentKeys.read(documentId).catch(() => undefined);
    const seal = key && openLaterSeal(entry, await store.evidence(id), key);
    const isIntact = !seal || "none" in seal || (await checkXmlSeal(seal.xades, "it is not read here", undefined)).block === "valid";
    if (!isIntact) tell("holds a seal that is not what its certificate's key signed");
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    tell(`has a record that is not what was committed: ${error.message}`);
  }
  return [laterSealClaim(documentId)];
}

/** What a message of an identity feed said; undefined when that can't be read, which is told. */
export async function auditFeed(
  entry: LogEntry,
  {
    store,
    documentKeys,
    findings,
  }: { readonly store: Pick<RecordStore, "evidence">; readonly documentKeys: Pick<DocumentKeys, "read">; readonly findings: Findings },
): Promise<FeedRecord | undefined> {
  const { id, index, kind } = entry;
  try {
    return await feedRecordOf(entry, { store, documentKeys });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    findings.add({ kind: "changed", what: "entry", id, index, text: `the ${kind} ${id} (entry ${index}) can't be read: ${error.message}` });
    return undefined;
  }
}

/** Whether the log says that a document was erased, by the claim or, where that was removed, by the entries about it. */
export async function isErased(documentId: string, store: Pick<RecordStore, "claimed" | "entriesAbout">): Promise<boolean> {
  if ((await erasureOf(documentId, store)) !== undefined) return true;
  return (await store.entriesAbout(documentId)).some(({ kind }) => kind === "erasure");
}

function kindIn(leaf: Uint8Array): string | undefined {
  return /"kind":"([a-z-]+)"/.exec(new TextDecoder().decode(leaf))?.[1];
}
