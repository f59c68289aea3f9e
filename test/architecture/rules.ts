import type { ImportOf, SourceFile } from "./source-files.ts";

/** What the composition root puts together. */
const COMPOSED: readonly string[] =
  "accounts config.ts events http jobs cli interactions reader search security pipeline core adapters followers telemetry".split(" ");

/** What a room may import besides itself (docs/design.md, Rooms). A room that is not named here may not exist. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["main", "record-keeping.ts", ...COMPOSED],
  // The part of main.ts that opens what is kept.
  "record-keeping.ts": ["config.ts", "main", "pipeline", "core", "adapters", "types of followers", "types of events", "types of jobs"],
  // Other parts of it.
  main: [...COMPOSED],
  // What other programs import: roots of their own.
  library: ["main", "config.ts", "interactions", "pipeline", "core"],
  // What verifies in a browser: bundled, and imported by nobody.
  browser: ["pipeline", "core"],
  "config.ts": ["config", "core"],
  // How its values are read.
  config: ["core"],
  // Who may sign in, and which programs may ask for tokens.
  accounts: ["security", "pipeline", "core"],
  http: ["accounts", "config.ts", "events", "jobs", "interactions", "search", "security", "pipeline", "core"],
  cli: ["accounts", "config.ts", "events", "jobs", "interactions", "search", "security", "pipeline", "core"],
  interactions: ["events", "jobs", "reader", "search", "security", "pipeline", "core"],
  // What leaves by itself: what it may tell of is given to it by whoever asks the Reader.
  events: ["followers", "search", "security", "pipeline", "core"],
  // What goes on after its request was answered: what is done is given to it.
  jobs: ["pipeline", "core"],
  // The one way to content: it decides before anything leaves.
  reader: ["search", "security", "pipeline", "core"],
  search: ["core", "types of pipeline"],
  // What narrows a query is written in the words of the index.
  security: ["core", "types of search", "search/predicate.ts"],
  pipeline: ["core"],
  // A port is a type, and for the store a whole stage: its contract and the rules of its record, the same for every adapter.
  adapters: [
    "core",
    "pipeline/store",
    "types of pipeline",
    "types of search",
    "types of events",
    "types of followers",
    "types of jobs",
    "types of accounts",
    // What the embedded authorization server may give whom, whatever library it is made with.
    "accounts/allowed-scopes.ts",
    "accounts/caller.ts",
    "accounts/clients.ts",
    // What both engines do with events.
    "events/kept-events.ts",
    // Rows that are not whole are recognised alike, whatever keeps them.
    "search/described-data.ts",
    "search/packed-resources.ts",
    "search/packed-rules.ts",
    "search/predicate.ts",
    "search/resource-number.ts",
    "search/row-comparison.ts",
    "search/header-types.ts",
  ],
  // Who looks on: at ports, without a part in what they do.
  telemetry: ["core", "types of config", "types of pipeline", "types of search"],
  followers: ["core", "types of pipeline", "types of search"],
  core: [],
};

/** Rooms whose questions are answered through the Reader alone. */
const ASKS_THE_READER = ["http", "cli", "interactions"];

/** What gives content, or tells that it exists, without asking whether the caller may know. */
const WAYS_TO_CONTENT: Readonly<Record<string, readonly string[]>> = {
  "pipeline/fetch.ts": ["fetchDocument", "fetchOriginal", "originalOf", "proofOf"],
  "search/supersession.ts": ["relationsOf"],
  "search/finder.ts": ["Finder"],
  "search/indexer.ts": ["Indexer"],
  "core/formats/kept-document.ts": ["openKeptDocument", "openKeptEvidence"],
};

/** Who may ask the store without the Reader: for the log, which is public and holds nothing about a patient, and whether the store works. */
const STORE_PORT = "pipeline/store/record-store.ts";
const ASKS_THE_PUBLIC_LOG = new Set([
  "http/served.ts",
  "http/operators/health-routes.ts",
  "interactions/log/follow-log.ts",
  "interactions/log/public-log.ts",
  "interactions/log/read-log.ts",
  "interactions/log/read-tile.ts",
  "interactions/pages/deposit-samples.ts",
]);

/** Where a room comes to content past the Reader: it imports one of the ways, or the store's port without being one of those that ask for the log. */
export function breachesOfReader(file: SourceFile): string[] {
  if (!ASKS_THE_READER.includes(roomOf(file.name))) return [];
  return local(file)
    .filter(({ target, names }) => {
      if (target === STORE_PORT) return !ASKS_THE_PUBLIC_LOG.has(file.name);
      const ways = WAYS_TO_CONTENT[target] ?? [];
      return names === "all" ? ways.length > 0 : names.some((name) => ways.includes(name));
    })
    .map((one) => told(file, one));
}

/** Stages of the pipeline that must not know each other; `verify` knows `core` alone. */
export const STAGES = ["intake", "validate", "sign", "store", "log", "render", "pdf", "verify"];

/** Why a file may be longer than 300 lines. */
export const LONGER_THAN_300: Readonly<Record<string, string>> = {};

/** Why a module may remember something from call to call: nothing that is made of definitions, terminology or rules. */
export const MAY_REMEMBER: Readonly<Record<string, string>> = {
  "core/fhir/tree/shape.ts": "lists of names that objects share: of JSON, whatever it means",
  "core/fhir/xml/html-entities.ts": "a constant of HTML, taken apart when it is first needed",
  "core/fhir/xml/plain-xhtml.ts": "names of elements and attributes, one string for each, bounded: of XHTML, whatever it means",
  "http/operators/admin-worker.ts": "a thread, which is one service's",
  "main/audit-worker.ts": "a thread, which is one audit's",
  "main/task-worker.ts": "a thread, which is one service's",
  "adapters/sqlite/thread/sqlite-worker.ts": "a thread, which is one database's",
  "pipeline/render/pages/assets.ts": "files of the program",
  "pipeline/render/locale-for.ts": "files of the program",
  "search/packed-rules.ts": "what questions say of patients, unpacked once a thread; bounded",
  "search/supersession.ts": "keys of rows of the index, as sets: gone with the rows",
};

/** Opens R4: for the composition root alone, which passes it down. */
export const OPENS_R4 = "core/fhir/r4/open-r4.ts";

/** Files that act when they are imported, because that is what they are for. */
export const MAY_WORK_AT_IMPORT = /(^|\/)[a-z-]*worker\.ts$/;

export function roomOf(name: string): string {
  return name.split("/", 1)[0] ?? name;
}

/** The imports that run upwards or sideways between rooms. */
export function breachesOfRooms(file: SourceFile): string[] {
  const room = roomOf(file.name);
  const allowed = MAY_IMPORT[room];
  if (allowed === undefined) return [`${file.name}: ${room} is not a room of docs/design.md`];
  return local(file).filter(isBreach).map((one) => told(file, one)); // prettier-ignore

  function isBreach(one: ImportOf): boolean {
    const target = roomOf(one.target);
    if (target === room) return room === "adapters" && adapterOf(one.target) !== adapterOf(file.name);
    const isAllowed = (name: string): boolean => allowed?.includes(name) ?? false;
    const stage = one.target.split("/").slice(0, 2).join("/");
    return !isAllowed(target) && !isAllowed(stage) && !(one.isTypeOnly && isAllowed(`types of ${target}`));
  }
}

function adapterOf(name: string): string | undefined {
  return name.split("/")[1];
}

/** The imports from one stage of the pipeline into another, or out of `verify`. The store's port, its types alone, is for all. */
export function breachesOfStages(file: SourceFile): string[] {
  const stage = stageOf(file.name);
  if (stage === undefined) return [];
  return local(file)
    .filter((one) => roomOf(one.target) === "pipeline")
    .filter((one) => {
      const target = stageOf(one.target);
      if (stage === "verify") return target !== "verify";
      if (target === undefined) return one.target !== "pipeline/document-forms.ts";
      return target !== stage && !(one.isTypeOnly && target === "store");
    })
    .map((one) => told(file, one));
}

function stageOf(name: string): string | undefined {
  const [room, stage = ""] = name.split("/");
  return room === "pipeline" && STAGES.includes(stage) ? stage : undefined;
}

/** Circles of imports, each once, as `a -> b -> a`. Types count: a circle of types is two files that are one. */
export function circles(files: readonly SourceFile[]): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const byName = new Map(files.map((file) => [file.name, file]));

  function walk(name: string, trail: readonly string[]): void {
    const at = trail.indexOf(name);
    if (at >= 0) found.push([...trail.slice(at), name].join(" -> "));
    if (at >= 0 || done.has(name)) return;
    const file = byName.get(name);
    if (file !== undefined) for (const one of local(file)) walk(one.target, [...trail, name]);
    done.add(name);
  }
  for (const file of files) walk(file.name, []);
  return found;
}

function local(file: SourceFile): ImportOf[] {
  return file.imports.filter((one) => !one.isPackage);
}

function told(file: SourceFile, one: ImportOf): string {
  return `${file.name}:${one.line} imports ${one.target}`;
}
