/** A small repository in a folder of its own, with everything in it that the log may hold; and its audit, in this thread. */
import { randomBytes, randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { openInventory } from "../../../src/adapters/sqlite/inventory.ts";
import { openIndexInventory } from "../../../src/adapters/sqlite/index-inventory.ts";
import { openIndex } from "../../../src/adapters/sqlite/open-index.ts";
import { openSqlite } from "../../../src/adapters/sqlite/open.ts";
import { askedByProgram } from "../../../src/core/asked.ts";
import { knownLog } from "../../../src/core/crypto/log-keys.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { FEED_KIND } from "../../../src/core/formats/identity-feed.ts";
import { personId } from "../../../src/core/formats/person-id.ts";
import { describerOf } from "../../../src/main/describer.ts";
import { identityFeed } from "../../../src/main/feed.ts";
import type { FeedOrder } from "../../../src/pipeline/identity-feed.ts";
import { indexSource } from "../../../src/main/derived.ts";
import { auditDocument } from "../../../src/pipeline/audit/audit-document.ts";
import { faultOfNote } from "../../../src/pipeline/audit/audit-note.ts";
import { auditRecord } from "../../../src/pipeline/audit/audit-record.ts";
import { createSealAuditor } from "../../../src/pipeline/audit/audit-seal.ts";
import type { AuditFinding } from "../../../src/pipeline/audit/finding.ts";
import { eraseDocument, holdDocument, releaseDocument, type CustodyContext } from "../../../src/pipeline/custody.ts";
import { submit } from "../../../src/pipeline/submit.ts";
import { honourErasures } from "../../../src/pipeline/erasures.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import { createDocumentKeys, type WrappedKeys } from "../../../src/pipeline/store/document-keys.ts";
import type { RecordInventory } from "../../../src/pipeline/store/record-inventory.ts";
import type { RecordStore } from "../../../src/pipeline/store/record-store.ts";
import { describeWithHeader, named } from "../../../src/search/describe-with-header.ts";
import { describeWhole, namedWhole } from "../../../src/search/describe-whole.ts";
import { ResourceDescriber, withPersonIds } from "../../../src/search/describe-resources.ts";
import { IndexAudit } from "../../../src/search/index-audit.ts";
import type { IndexDifference, IndexInventory, MadeDocument } from "../../../src/search/index-inventory.ts";
import type { IndexPort } from "../../../src/search/index-port.ts";
import { Indexer, type IndexerOptions } from "../../../src/search/indexer.ts";
import { personIds } from "../../../src/search/person-ids.ts";
import { resourceStep } from "../../../src/search/resource-indexer.ts";
import { tamperWith } from "../../adapters/sqlite/tamper.ts";
import { MemoryErasures } from "../../contracts/memory-erasures.ts";
import { submission } from "../../http/fhir/mhd-submission.ts";
import { documentJson } from "../../journeys/documents.ts";
import { R4, SEARCH_PARAMETERS } from "../../r4.ts";
import { depositingInto } from "./depositing.ts";

export interface Repository {
  /** Ids of documents, in order: one that another replaced, that one, one that is held, one that was held, one that was erased, one more. */
  readonly ids: readonly string[];
  /** A checkpoint of the log when it had 3 entries. */
  readonly earlier: string;
  /** A copy of all of it, to be altered. */
  copy(): Copy;
  remove(): void;
}

export interface Copy {
  /** With the keys in `keys`. */
  readonly folder: string;
  /** Runs SQL on one of its files as a stranger would (tamperWith). */
  tamper(file: "chartulary.db" | "index.db", sql: string): void;
  /** Several statements on one connection. */
  tamperAll(file: "chartulary.db" | "index.db", sql: readonly string[]): void;
  audit(against?: readonly string[]): Promise<readonly AuditFinding[]>;
  auditIndex(areResourcesCompared?: boolean): Promise<readonly IndexDifference[]>;
  remove(): void;
}

const definitions = R4.definitions;
/** That of the patients of journeys/documents.ts: they are persons. */
export const systems = new Set(["urn:oid:2.16.756.5.32.99"]);
const describer = new ResourceDescriber(R4, SEARCH_PARAMETERS, { systems, hasFullText: true });

/** A repository on any engine, open. */
export interface OpenedRepository {
  readonly keys: Keys;
  readonly store: RecordStore;
  readonly wrappedKeys: WrappedKeys;
  openInventory(): RecordInventory;
  openIndex(): Promise<{ readonly index: IndexPort; close(): Promise<void> }>;
  openIndexInventory(): IndexInventory;
}

export async function makeRepository(): Promise<Repository> {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-audit-"));
  const data = join(folder, "data");
  const opened = await openedIn(data, true);
  const filled = await fill(opened);
  await opened.store.close();
  return { ...filled, copy: () => copyOf(data), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export async function openedIn(data: string, mayCreate: boolean): Promise<OpenedRepository> {
  const keys = await openKeyFolder(join(data, "keys"), { mayCreate });
  const file = join(data, "chartulary.db");
  const { store, wrappedKeys } = await openSqlite(file, { mayCreate, mayBeOpen: !mayCreate });
  return {
    ...{ keys, store, wrappedKeys },
    openInventory: () => openInventory(file),
    openIndex: () => openIndex(join(data, "index.db"), { tag: "test" }),
    openIndexInventory: () => openIndexInventory(join(data, "index.db")),
  };
}

/** Puts in all that a log may hold; `largest`: one more document at the end, with so many random characters. */
export async function fill({ keys, store, wrappedKeys, ...engine }: OpenedRepository, largest = 0): Promise<Pick<Repository, "ids" | "earlier">> {
  const documentKeys = createDocumentKeys(keys, wrappedKeys);
  const ledger = await Ledger.open(store, keys.log);
  const { gate, work, context, put } = depositingInto({ keys, store, wrappedKeys }, ledger);
  const using: CustodyContext = { store, documentKeys, ledger, gate, erasures: new MemoryErasures(), newId: () => randomUUID() };
  const order = (documentId: string) => ({ documentId, by: "A. Smith", text: "case 1" });
  const identifier = `urn:uuid:${randomUUID()}`;
  const ids = [await put(documentJson({ identifier })), await put(documentJson({ replaces: identifier })), await put(documentJson())];
  const earlier = (await store.checkpoint())?.note ?? "";
  // These are one commit.
  ids.push(...(await Promise.all([put(documentJson()), put(documentJson()), put(documentJson())])));
  const [, , held = "", released = "", erased = ""] = ids;
  await holdDocument(order(held), using);
  await holdDocument(order(released), using);
  await releaseDocument(order(released), using);
  await eraseDocument({ ...order(erased), reason: "misfiled" }, using);
  // One submission of two documents, and one of which a document was erased, which ended what was kept of it.
  const provide = async (): Promise<readonly string[]> => {
    const documents = [{ text: documentJson(), as: "bundle" } as const, { text: documentJson(), as: "binary" } as const];
    const bytes = Buffer.from(submission({ documents, folder: true }));
    const read = await work.do("unpack", { bytes, mediaType: "application/fhir+json", limits: DEFAULT_READ_LIMITS }, { bytes: bytes.length });
    if (read.kind !== "submission") throw new Error(`not read: ${read.kind}`);
    const check = () => ({ warnings: [], patient: undefined });
    const done = await submit(read, { receivedAt: new Date(), asked: askedByProgram("a test"), check }, context);
    if (done.kind !== "submitted") throw new Error(`not submitted: ${done.kind}`);
    return done.documents;
  };
  await provide();
  const [, last = ""] = await provide();
  await eraseDocument({ ...order(last), reason: "misfiled" }, using);
  const feed = identityFeed({ ...using, store, definitions, systems, personIdOf: personIds(keys, systems) });
  for (const [value, replacedBy] of [["1"], ["2"], ["2", "1"]] as const) await feed.take(await messageAbout(value, replacedBy, keys));
  if (largest > 0) ids.push(await put(documentJson({ words: randomBytes(largest).toString("hex").slice(0, largest) })));
  await makeIndex(engine, keys, { store, documentKeys: honourErasures(documentKeys, store) });
  await ledger.close();
  return { ids, earlier };
}

function copyOf(original: string): Copy {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-audited-"));
  cpSync(original, folder, { recursive: true });
  const withOpen = async <Result>(work: (opened: OpenedRepository) => Promise<Result>): Promise<Result> => {
    const opened = await openedIn(folder, false);
    try {
      return await work(opened);
    } finally {
      await opened.store.close();
    }
  };
  const tamperAll: Copy["tamperAll"] = (file, statements) => tamperWith(join(folder, file), statements);
  return {
    folder,
    tamper: (file, sql) => tamperAll(file, [sql]),
    tamperAll,
    audit: (against) => withOpen((opened) => audit(opened, against)),
    auditIndex: (areResourcesCompared) => withOpen((opened) => auditIndex(opened, areResourcesCompared)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What a feed says of a person, and by whom they are replaced. */
async function messageAbout(value: string, replacedBy: string | undefined, keys: Keys): Promise<FeedOrder> {
  const [system = ""] = systems;
  const link = replacedBy === undefined ? [] : [{ type: "replaced-by", other: { identifier: { system, value: replacedBy } } }];
  const patient = { resourceType: "Patient", identifier: [{ system, value }], active: replacedBy === undefined, ...(link.length > 0 && { link }) };
  const idOf = async (one: string): Promise<string> => personId(await keys.personKeyOf(system, one));
  return {
    ...{ person: await idOf(value), identifier: { system, value }, mediaType: "application/fhir+json" },
    ...{ message: Buffer.from(JSON.stringify(patient)), asked: askedByProgram("a test") },
    replacedBy: replacedBy === undefined ? undefined : await idOf(replacedBy),
  };
}

export function feedDescriber(keys: Keys, record: Parameters<typeof describerOf>[3]): IndexerOptions["describeFeed"] {
  return describerOf({ patientSystems: systems, hasFullText: true }, keys, { knowledge: R4, parameters: SEARCH_PARAMETERS }, record).describeFeed;
}

/** The whole of it, as a service does. */
async function makeIndex(
  engine: Pick<OpenedRepository, "openIndex">,
  keys: Keys,
  record: Pick<CustodyContext, "documentKeys"> & { readonly store: RecordStore },
): Promise<void> {
  const room = await engine.openIndex();
  const source = indexSource(record.store, record.documentKeys, definitions);
  const idOf = personIds(keys, systems);
  const indexer = new Indexer(room.index, {
    source,
    describe: (document, facts) => named(describeWithHeader(document, facts, { describer, systems }), idOf),
    describeFeed: feedDescriber(keys, record),
    onFault: () => undefined,
  });
  await indexer.reach(undefined, 10_000);
  await indexer.close();
  for (;;) {
    const step = await resourceStep(await room.index.depth(), {
      ...{ size: source.size, entries: source.entries },
      describe: async ({ id }) => {
        const opened = await source.open(id);
        return opened && withPersonIds(describer.rest(opened.document, opened.submitted).resources, idOf);
      },
    });
    if (!step) break;
    await room.index.deepen(step);
  }
  await room.close();
}

/** The record alone, in this thread. */
export async function audit(
  { keys, store, wrappedKeys, ...engine }: OpenedRepository,
  against: readonly string[] = [],
): Promise<readonly AuditFinding[]> {
  const inventory = engine.openInventory();
  const faultOfSeal = createSealAuditor(keys.sealCertificates);
  try {
    const { findings } = await auditRecord(
      {
        ...{ store, documentKeys: createDocumentKeys(keys, wrappedKeys), inventory, keys },
        examine: (documents) => Promise.all(documents.map((one) => auditDocument(one, { definitions, faultOfSeal }))),
        examineNotes: (notes) => Promise.resolve(notes.map((note) => faultOfNote(note, [knownLog(keys.log)]))),
      },
      { against, onProgress: () => undefined },
    );
    return findings.kept;
  } finally {
    await inventory.close();
  }
}

/** What documents make does not change while an index is altered a hundred times. */
const made = new Map<string, MadeDocument | undefined>();

/** Every row of the index, of a record that nobody altered. */
export async function auditIndex(
  { keys, store, wrappedKeys, ...engine }: OpenedRepository,
  areResourcesCompared = true,
): Promise<readonly IndexDifference[]> {
  const documentKeys = honourErasures(createDocumentKeys(keys, wrappedKeys), store);
  const source = indexSource(store, documentKeys, definitions);
  const describeFeed = feedDescriber(keys, { store, documentKeys });
  const idOf = personIds(keys, systems);
  const inventory = engine.openIndexInventory();
  try {
    const index = new IndexAudit({ ...{ inventory, source, areResourcesCompared, most: 100 } });
    const entries = await source.entries(0, await source.size());
    for (const entry of entries) {
      const { id, kind, receivedAt } = entry;
      if (kind === FEED_KIND && !made.has(id)) {
        const { header, ...summarised } = await describeFeed(entry);
        made.set(id, { ...summarised, resources: { header, rest: [] } });
      }
      const opened = kind !== "deposit" || made.has(id) ? undefined : await source.open(id);
      if (opened) made.set(id, await namedWhole(describeWhole(opened.document, { id, receivedAt, ...opened }, { systems, describer }), idOf));
    }
    await index.take(entries, entries.length, (id) => made.get(id));
    return (await index.finish()).differences;
  } finally {
    await inventory.close();
  }
}
