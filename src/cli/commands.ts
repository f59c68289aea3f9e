import type { Command, Deed } from "./command.ts";

interface Listed {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What the audit trail calls it; undefined for what neither reads nor changes what is kept of patients, nor who may see it. */
  readonly deed?: Deed;
  /** Of what it is called with, what asks others alone, and needs no repository here. */
  isElsewhere?(files: readonly string[]): boolean;
  /** Commands are read when they are called: `--help` waits for none of them, and none for another's libraries. */
  load(): Promise<Command>;
}

const COMMAND: Deed = { kind: "command", action: "E" };
const SETTINGS: Deed = { kind: "settings", action: "E" };

export const COMMANDS: Readonly<Record<string, Listed>> = {
  init: { summary: "make the keys, and set the log's origin", load: async () => (await import("./init.ts")).init },
  serve: { summary: "run the repository", load: async () => (await import("./serve.ts")).serve },
  validate: { summary: "say whether files are valid R4 resources", load: async () => (await import("./validate.ts")).validate },
  submit: { summary: "deposit documents in a running repository", load: async () => (await import("./submit.ts")).submit },
  render: { summary: "make the page or the PDF of a document", load: async () => (await import("./render.ts")).render },
  packages: {
    summary: "add and check the packages that documents are held against",
    load: async () => (await import("./packages.ts")).packages,
  },
  verify: { summary: "prove that a document is what was deposited, offline", load: async () => (await import("./verify.ts")).verify },
  rebuild: { summary: "make the index anew, while the repository runs", deed: COMMAND, load: async () => (await import("./rebuild.ts")).rebuild },
  audit: { summary: "hold everything that is kept against the log", deed: COMMAND, load: async () => (await import("./audit.ts")).audit },
  backup: { summary: "back up what is kept, what came since the last time", deed: COMMAND, load: async () => (await import("./backup.ts")).backup },
  restore: {
    summary: "make the database anew from a backup",
    deed: { ...COMMAND, isToldAfter: true },
    load: async () => (await import("./backup.ts")).restore,
  },
  copy: {
    summary: "copy the repository to the other engine, and close it here",
    // That it begins is told by itself, in the trail of the source, which the copy takes along.
    deed: { ...COMMAND, isToldAfter: true },
    load: async () => (await import("./copy.ts")).copy,
  },
  erase: {
    summary: "erase a document: its key is destroyed, its proofs stand",
    deed: { kind: "erasure", action: "D" },
    load: async () => (await import("./erase.ts")).erase,
  },
  hold: { summary: "put a document under a legal hold", deed: { kind: "hold", action: "U" }, load: async () => (await import("./hold.ts")).hold },
  release: { summary: "end a document's legal hold", deed: { kind: "release", action: "U" }, load: async () => (await import("./hold.ts")).release },
  retention: {
    summary: "name what need not be kept any longer, and erase it",
    deed: COMMAND,
    load: async () => (await import("./retention.ts")).retention,
  },
  evidence: {
    summary: "tell the log's time-stamps, and have it stamped anew",
    deed: COMMAND,
    load: async () => (await import("./evidence.ts")).evidence,
  },
  messages: {
    summary: "tell which answers to messages were not taken, and send them again",
    deed: COMMAND,
    load: async () => (await import("./messages.ts")).messages,
  },
  stats: { summary: "tell what is there", load: async () => (await import("./stats.ts")).stats },
  doctor: { summary: "tell what is wrong, and what helps", load: async () => (await import("./doctor.ts")).doctor },
  access: { summary: "explain what somebody may do with a document", deed: COMMAND, load: async () => (await import("./access.ts")).access },
  keys: {
    summary: "show the repository's keys, begin a new seal or master key, end an old one",
    deed: SETTINGS,
    load: async () => (await import("./keys.ts")).keys,
  },
  users: { summary: "name who may sign in here, and invite them", deed: SETTINGS, load: async () => (await import("./users.ts")).users },
  clients: { summary: "name the programs that get access tokens here", deed: SETTINGS, load: async () => (await import("./clients.ts")).clients },
  subscriptions: {
    summary: "tell how far receivers of notifications have come, test them, and have them tried anew",
    deed: SETTINGS,
    load: async () => (await import("./subscriptions.ts")).subscriptions,
  },
  jobs: {
    summary: "tell how work stands that goes on behind requests, and end it",
    deed: COMMAND,
    load: async () => (await import("./jobs.ts")).jobs,
  },
  mongo: { summary: "make a MongoDB database ready for the repository", load: async () => (await import("./mongo.ts")).mongo },
  store: { summary: "sweep away what broken-off deposits left", load: async () => (await import("./store.ts")).store },
  signer: { summary: "run a signing service for keys in an HSM", load: async () => (await import("./signer.ts")).signer },
  witness: { summary: "run a witness for other logs", load: async () => (await import("./witness.ts")).witness },
  log: {
    summary: "watch a log from outside; let the own one go on under another origin",
    deed: SETTINGS,
    isElsewhere: ([action]) => action === "watch",
    load: async () => (await import("./log.ts")).log,
  },
};
