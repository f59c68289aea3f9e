/** What happened to documents by an entry of the log. */
import type { LogEntry } from "../pipeline/store/record-store.ts";
import type { Described, IndexedDocument } from "../search/index-port.ts";
import type { IndexedResources } from "../search/resource-index.ts";
import { ArrivedDocument } from "./arrived-document.ts";
import type { EventKind } from "./subscription.ts";

/** What is asked about documents; nothing of it is asked before somebody wants to know. */
export interface DocumentSource {
  /** What the index takes from a deposit's document; undefined when it was erased, or cannot be read. */
  described(entry: LogEntry): Promise<Pick<Described, "summary" | "header"> | undefined>;
  /** What else stands in it. */
  rest(entry: LogEntry): Promise<IndexedResources | undefined>;
  /** How it stands to those that were in the log before it. */
  relations(entry: LogEntry): Promise<Relations>;
  /** The deposit of a document; undefined when there is none. */
  entry(documentId: string): Promise<LogEntry | undefined>;
}

export interface Relations {
  /** Those that it supersedes. */
  readonly targets: readonly Pick<IndexedDocument, "summary">[];
  /** Whether one of them superseded it, having come before it. */
  readonly isSuperseded: boolean;
}

/** Something that happened to a document. */
export interface Happening {
  readonly kind: EventKind;
  /** The entry's place in the log, and when it was entered. */
  readonly position: number;
  readonly at: string;
  readonly documentId: string;
  /** The document that superseded it. */
  readonly by?: string;
  /**
   * What it is held against; undefined when nothing is left of it.
   * @param isWhole whether what stands in it besides its header is asked for
   */
  document(isWhole: boolean): Promise<ArrivedDocument | undefined>;
}

/** Kinds of which nobody wants to know are not looked for. */
export async function happened(entry: LogEntry, source: DocumentSource, wanted: ReadonlySet<EventKind>): Promise<Happening[]> {
  const { index: position, receivedAt: at, kind, documentId, id } = entry;
  const same = { position, at };
  if (kind === "erasure" && documentId !== undefined)
    return wanted.has("erased") ? [{ ...same, kind: "erased", documentId, document: () => Promise.resolve(undefined) }] : [];
  if (kind !== "deposit" || documentId !== undefined) return [];
  const relations = once(() => source.relations(entry));
  const document = arrived(entry, source, async () => (await relations()).isSuperseded);
  const happenings: Happening[] = [];
  if (wanted.has("deposited")) happenings.push({ ...same, kind: "deposited", documentId: id, document });
  if (wanted.has("retracted") && (await source.described(entry))?.summary.status === RETRACTED)
    happenings.push({ ...same, kind: "retracted", documentId: id, document });
  if (wanted.has("superseded")) {
    const { targets, isSuperseded } = await relations();
    if (isSuperseded) happenings.push({ ...same, kind: "superseded", documentId: id, document });
    for (const { summary } of targets) {
      const earlier = once(() => source.entry(summary.id));
      const about = async (isWhole: boolean): Promise<ArrivedDocument | undefined> => {
        const deposit = await earlier();
        return deposit && arrived(deposit, source, () => Promise.resolve(true))(isWhole);
      };
      happenings.push({ ...same, kind: "superseded", documentId: summary.id, by: id, document: about });
    }
  }
  return happenings;
}

/** Composition.status of what was retracted. */
const RETRACTED = "entered-in-error";

function arrived(entry: LogEntry, source: DocumentSource, isSuperseded: () => Promise<boolean>): Happening["document"] {
  const made = async (isWhole: boolean): Promise<ArrivedDocument | undefined> => {
    const [described, rest] = await Promise.all([source.described(entry), isWhole ? source.rest(entry) : undefined]);
    if (!described || (isWhole && !rest)) return undefined;
    const { id, receivedAt } = entry;
    return new ArrivedDocument({ id, receivedAt, isSuperseded: await isSuperseded() }, rest ? [described.header, rest] : [described.header]);
  };
  const [part, whole] = [once(() => made(false)), once(() => made(true))];
  return (isWhole) => (isWhole ? whole() : part());
}

function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined;
  return () => (made ??= make());
}
