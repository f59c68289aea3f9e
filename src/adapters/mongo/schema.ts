/**
 * The collections, what they are indexed by, and what the service may do to each: docs/design/mongo.md. No index but that of `_id` is unique, so that all of this holds on a
 * sharded cluster too.
 */

/** What is laid down below. A database with a higher number was made by a newer program. */
export const SCHEMA_VERSION = 1;

/** The name of the role that `chartulary mongo init` makes. */
export const ROLE = "chartularyService";

export interface IndexPlan {
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  /** Whether documents without the field are left out. */
  readonly sparse?: true;
}

export interface CollectionPlan {
  readonly name: string;
  readonly indexes: readonly IndexPlan[];
  /** What the service does there. The record knows no update and no remove. */
  readonly actions: readonly ("find" | "insert" | "update" | "remove")[];
}

const ALL = ["find", "insert", "update", "remove"] as const;
const INSERT_ONLY = ["find", "insert"] as const;

export const COLLECTIONS: readonly CollectionPlan[] = [
  {
    // `_id`: the size that the commit was made upon. What says that an entry exists, and where, is in here alone.
    name: "commits",
    indexes: [
      { name: "entries", key: { "entries.id": 1 } },
      { name: "claims", key: { "claims.key": 1 } },
      { name: "nodes", key: { "nodes.at": 1 } },
      { name: "about", key: { "entries.about": 1 }, sparse: true },
    ],
    actions: INSERT_ONLY,
  },
  // `_id`: the entry's id. Its parts, or where they lie in `chunks`.
  { name: "staged", indexes: [], actions: INSERT_ONLY },
  // `_id`: `{entry's id}/{attempt}/{part}/{number}`.
  { name: "chunks", indexes: [], actions: INSERT_ONLY },
  // `_id`: the document's id. To remove one is to erase the document.
  { name: "keys", indexes: [], actions: ["find", "insert", "remove"] },
  // What is laid down once: the schema's version, by which keys the repository is known.
  { name: "repository", indexes: [], actions: INSERT_ONLY },
  // `_id`: the follower's name.
  { name: "followers", indexes: [], actions: ALL },
  // `_id`: `{generation}/{position}`.
  {
    name: "index_documents",
    indexes: [
      { name: "newest", key: { generation: 1, receivedAt: -1, from: -1 } },
      { name: "id", key: { generation: 1, id: 1 } },
      { name: "terms", key: { generation: 1, terms: 1 } },
      { name: "own", key: { generation: 1, own: 1 } },
      { name: "claim", key: { generation: 1, claim: 1 } },
      { name: "composition", key: { generation: 1, composition: 1 } },
    ],
    actions: ALL,
  },
  // `_id`: `{generation}/{number}`.
  {
    name: "index_resources",
    indexes: [
      { name: "type", key: { generation: 1, type: 1, number: -1 } },
      { name: "document", key: { generation: 1, position: 1 } },
      { name: "words", key: { generation: 1, type: 1, "words.k": 1, number: -1 } },
      { name: "spans", key: { generation: 1, type: 1, "spans.k": 1, "spans.l": 1 } },
      { name: "links", key: { generation: 1, "links.t": 1 } },
      { name: "names", key: { generation: 1, type: 1, names: 1, number: -1 } },
    ],
    actions: ALL,
  },
  // `index`: how far the index has come. `readiness`: what /readyz writes to see whether a write is taken.
  { name: "state", indexes: [], actions: ALL },
  // `_id`: the digest of a narrative and its judge.
  { name: "verdicts", indexes: [], actions: ALL },
  // `_id`: a keyed hash of what is kept for a time: sessions, codes, tokens, invitations.
  {
    name: "sessions",
    indexes: [
      { name: "keys", key: { keys: 1 } },
      { name: "end", key: { expiresAt: 1 } },
    ],
    actions: ALL,
  },
  // Events of subscriptions, those of one entry of the log in one row. `_id`: `{subscription}:{number of the first}`.
  { name: "events", indexes: [], actions: INSERT_ONLY },
  // How far receivers have come. `_id`: the subscription.
  { name: "deliveries", indexes: [], actions: ["find", "insert", "update"] },
  // Answers to messages that are to be sent.
  { name: "outgoing", indexes: [{ name: "time", key: { isDead: 1, notBefore: 1 } }], actions: ALL },
  // Work that goes on behind requests. `_id`: a keyed hash of what its status address has.
  {
    name: "jobs",
    indexes: [
      { name: "due", key: { isOver: 1, kind: 1, dueAt: 1 } },
      { name: "owner", key: { owner: 1, createdAt: -1 } },
      { name: "newest", key: { createdAt: -1 } },
      { name: "end", key: { expiresAt: 1 } },
    ],
    actions: ALL,
  },
  // Files of such work. `_id`: `{job}/{file}/{number}`, the number with so many digits that parts are ordered.
  { name: "job_chunks", indexes: [], actions: ALL },
  // Checkpoints that witnesses cosigned. `_id`: `{origin}/{size}/{time}`.
  { name: "cosigned", indexes: [], actions: INSERT_ONLY },
  // The audit trail. `_id`: `{instance}/{place in its log}`.
  {
    name: "audit_batches",
    indexes: [
      { name: "tokens", key: { tokens: 1, to: -1 } },
      { name: "newest", key: { to: -1, log: -1, index: -1 } },
      { name: "nodes", key: { "nodes.at": 1 } },
    ],
    actions: INSERT_ONLY,
  },
  // `_id`: `{day}/{instance}/{number}`. To remove one is to end what the trail says of that day.
  { name: "audit_keys", indexes: [], actions: ["find", "insert", "remove"] },
];

/** The privileges of the role, as `createRole` takes them: nothing but what the table above says, and to look whether everything is there. */
export function privilegesOn(db: string): { readonly resource: { readonly db: string; readonly collection: string }; readonly actions: string[] }[] {
  const each = COLLECTIONS.map(({ name, actions }) => ({ resource: { db, collection: name }, actions: [...actions, "listIndexes"] }));
  return [...each, { resource: { db, collection: "" }, actions: ["listCollections"] }];
}
