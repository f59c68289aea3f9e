/**
 * What must be true of every command that the adapter sends. The server for tests cannot show what a replica set does with a command that lacks it, so the commands
 * themselves are looked at, while all other tests run.
 */
import type { CommandStartedEvent, MongoClient } from "mongodb";

/** What the service's role lets it do (src/adapters/mongo/schema.ts), as commands. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  commits: ["find", "insert"],
  staged: ["find", "insert"],
  chunks: ["find", "insert"],
  repository: ["find", "insert"],
  keys: ["find", "insert", "delete"],
  followers: ["find", "insert", "update"],
  index_documents: ["find", "aggregate", "update", "delete"],
  index_resources: ["find", "count", "update", "delete"],
  state: ["find", "insert", "update"],
  verdicts: ["find", "update"],
  cosigned: ["find", "insert"],
  events: ["find", "insert"],
  deliveries: ["find", "insert", "update"],
  outgoing: ["find", "insert", "update", "delete"],
  jobs: ["find", "aggregate", "insert", "update", "delete"],
  job_chunks: ["find", "insert", "update", "delete"],
  audit_batches: ["find", "insert"],
  audit_keys: ["find", "insert", "delete"],
  sessions: ["find", "insert", "update", "delete"],
};
const WRITES = ["insert", "update", "delete"];
/** Of the driver's own, and those that look whether everything is there. */
const OTHERS = ["hello", "listCollections", "listIndexes", "getMore", "killCursors", "endSessions", "ping"];

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with a command; an empty list when all is well. */
export function faultsOf(name: string, command: Fields): string[] {
  if (OTHERS.includes(name)) return [];
  const collection = String(command[name]);
  const faults: string[] = [];
  const must = (isSo: boolean, what: string): void => {
    if (!isSo) faults.push(`${name} ${collection}: ${what}`);
  };
  must(MAY[collection]?.includes(name) === true, "the role does not allow it");
  must(command["startTransaction"] === undefined && command["autocommit"] === undefined, "within a transaction");
  const mode = fields(command["$readPreference"])["mode"];
  must(mode === undefined || mode === "primary", `reads from ${String(mode)}`);
  if (WRITES.includes(name)) {
    const { w, j } = fields(command["writeConcern"]);
    must(w === "majority" && j === true, `write concern ${JSON.stringify(command["writeConcern"])}`);
    for (const one of list(command["updates"])) must(isOne(fields(one["q"])["_id"]), "updates what is not named by _id");
    for (const one of list(command["deletes"]))
      must(isOne(fields(one["q"])["_id"]) || isSome(fields(one["q"])["_id"]), "removes what is not named by _id");
    const isMany = list(command["deletes"]).some((one) => one["limit"] === 0) || list(command["updates"]).some((one) => one["multi"] === true);
    // A write upon many is not retryable; that of index rows is done again by whoever meets them next.
    must(isMany ? collection.startsWith("index_") : command["txnNumber"] !== undefined, "cannot be tried again");
  } else {
    const { level, afterClusterTime } = fields(command["readConcern"]);
    if (level === "linearizable")
      must(isOne(fields(command["filter"])["_id"]) && command["maxTimeMS"] !== undefined, "linearizable, and not of one by _id with a limit of time");
    else must(level === "majority", `read concern ${String(level)}`);
    must(level === "linearizable" || afterClusterTime !== undefined || !hasSeen.has(command), "forgets what was seen before");
  }
  return faults;
}

/** Reads that came after another answer in the same client: they must say what they follow. */
const hasSeen = new WeakSet<Fields>();

/** Looks at every command of a client from now on, and adds what is wrong to `faults`. */
export function watchCommands(client: MongoClient, faults: string[]): void {
  let answers = 0;
  client.on("commandSucceeded", ({ commandName }) => (answers += OTHERS.includes(commandName) ? 0 : 1));
  client.on("commandStarted", ({ commandName, command }: CommandStartedEvent) => {
    if (answers > 0) hasSeen.add(command);
    faults.push(...faultsOf(commandName, command));
  });
}

function isOne(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}

function isSome(value: unknown): boolean {
  return list(fields(value)["$in"]).length > 0;
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? (value as Fields[]) : [];
}
