import type { ParseArgsConfig } from "node:util";
import type { Config } from "../config.ts";
import type { KnownCaller } from "../core/asked.ts";
import type { DecisionFacts } from "../search/predicate.ts";
import type { ExplainedConsent, Explanation } from "../security/policy/explain.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { Outcome, TrailEvent, TrailKind } from "../core/formats/audit-trail.ts";
import type { ErasureReason } from "../core/formats/custody.ts";
import type { AuditFinding } from "../pipeline/audit/finding.ts";
import type { BackedUp, Copied, RebuildTold, Restored, TrailRetention, TrailStats } from "./told.ts";
import type { VerifiedTrail } from "../pipeline/trail/verify-trail.ts";
import type { Statistics } from "../pipeline/statistics.ts";
import type { IndexFigures } from "../pipeline/store/figures.ts";
import type { CustodyOrder, CustodyResult } from "../pipeline/custody.ts";
import type { RenderedPages } from "../pipeline/render/pages/pages.ts";
import type { PdfEngine } from "../pipeline/render/pdf-engine.ts";
import type { ServiceName } from "../interactions/service-names.ts";
import type { Io } from "./io.ts";
import type { KeyTools } from "./key-tools.ts";
import type { LogTools } from "./log-tools.ts";
import type { OpenAccounts } from "./open-accounts.ts";
import type { OpenJobTools } from "./open-jobs.ts";
import type { OpenNotifications } from "./open-notifications.ts";
import type { PackageTools } from "./package-tools.ts";

/** What the program says by its exit code. */
export const EXIT = { yes: 0, no: 1, couldNot: 2 } as const;

/** What the audit trail calls a command. */
export interface Deed {
  readonly kind: TrailKind;
  readonly action: TrailEvent["action"];
  /** Whether it is told only when it is done, because the trail itself is made anew by it. Others are told before as well: what leaves on the way has been written down. */
  readonly isToldAfter?: boolean;
}

/** What a command did, or is about to do. */
export interface ToldDeed extends Pick<Deed, "kind" | "action"> {
  /** The command line. */
  readonly line: string;
  /** Ids of documents that it is about. */
  readonly documents: readonly string[];
  readonly outcome: Outcome;
  readonly reason?: string;
}

/** What commands work with; whatever needs an engine is opened by the composition root, when a command asks for it. */
export interface Tools extends LogTools, KeyTools, PackageTools {
  readonly io: Io;
  /** e.g. `0.1.0` */
  readonly version: string;
  /** FHIR R4. Costs nothing until it is asked. */
  readonly knowledge: Knowledge;
  config(): Config;
  /** Runs the service until it is told to stop; gives the exit code. */
  /** `only`: one of what it does, by itself, which keeps nothing. */
  serve(options: { readonly withSamples: boolean; readonly only?: ServiceName | undefined }): Promise<number>;
  openKeys(): Promise<Keys>;
  /** Begins an epoch of the master key, or goes on with it, and wraps every document's key in it. */
  rewrapKeys(told: RewrapTold): Promise<RewrapOutcome>;
  /** Ends an epoch of the master key: destroys it, once nothing is wrapped in it any more. */
  endEpoch(epoch: number, told: EndTold): Promise<EndedEpoch>;
  /** Opens what holds, releases and erases documents, beside a service that may run. */
  openCustody(): Promise<OpenCustody>;
  /** Opens what the retention policy is asked and carried out with. */
  openRetention(told: DueTold): Promise<OpenRetention>;
  /** Opens the days of the audit trail, of which so many are kept. */
  openTrailRetention(keptDays: number): Promise<TrailRetention>;
  /** Audits what is kept here. `against`: checkpoints (signed notes) that the log must have gone on from. */
  audit(against: readonly string[], options: { readonly isIndexWhole: boolean; readonly told: AuditTold }): Promise<Audited>;
  /** The same of a running repository, from outside. */
  auditFrom(
    url: string,
    options: { readonly against: readonly string[]; readonly trustFile: string | undefined; readonly told: AuditTold },
  ): Promise<Audited>;
  /** Holds the audit trail against itself. */
  auditTrail(told: AuditTold): Promise<VerifiedTrail & { readonly spooled: number }>;
  /** Backs up what is kept into a folder, what came since the last time. */
  backup(folder: string, options: { readonly withKeys: boolean; readonly told: AuditTold }): Promise<BackedUp>;
  /** Makes the database anew from a backup. */
  restore(folder: string, options: { readonly against: readonly string[]; readonly told: AuditTold }): Promise<Restored>;
  /** Copies the repository from one place to another, and closes it where it was. Places are as an operator writes them. */
  copy(from: string | undefined, to: string, options: { readonly told: AuditTold; onStage(text: string): void }): Promise<Copied>;
  /** What is there. */
  stats(): Promise<Stats>;
  /** What is wrong. */
  doctor(options: DoctorOptions): Promise<Diagnosis>;
  /** Makes the index anew; gives the number of entries taken in, and of documents among them. */
  rebuildIndex(told: RebuildTold): Promise<{ readonly entries: number; readonly documents: number }>;
  /** What the policy lets somebody do with a document (its id, or a file), and why. AppErrors `not-found`, `gone`, `damaged`, `invalid`. */
  explainAccess(document: string, caller: ExplainedCaller): Promise<AccessExplained>;
  /** Opens who may sign in here and which programs get tokens, beside a service that may run. */
  openAccounts(): Promise<OpenAccounts>;
  openNotifications(): Promise<OpenNotifications>;
  /** Jobs, beside a service that may run. */
  openJobs(): Promise<OpenJobTools>;
  /** Makes a MongoDB database ready for the service. */
  initialiseMongo(): Promise<MongoMade>;
  /** Removes what was staged and can't be committed any more; on SQLite nothing is ever left. */
  sweepStore(onProgress: (looked: number) => void): Promise<Swept>;
  /** Writes down in the audit trail what the operating system's user does; durable when it resolves. AppErrors: then nothing may be done. */
  tellTrail(deed: ToldDeed): Promise<void>;
  openPdfEngine(): Promise<PdfEngine>;
  openPages(sets: Awaited<ReturnType<PackageTools["openProfileSets"]>>): Promise<{ readonly pages: RenderedPages; close(): Promise<void> }>;
}

/** Whom a decision is explained for: as a token, a session or a certificate would say. */
export interface ExplainedCaller extends Pick<KnownCaller, "kind" | "roles" | "organisations" | "clearance" | "client"> {
  readonly purpose: string | undefined;
  /** Identifiers of the caller's own patient, `system|value`. */
  readonly patientKeys: readonly string[];
}

export interface AccessExplained extends Explanation {
  /** The policy's version. */
  readonly policy: string;
  readonly document: { readonly title: string; readonly facts: DecisionFacts };
  readonly isOwnPatient: boolean;
  /** Of a document that is kept. */
  readonly consent?: ExplainedConsent;
}

/** Who is told how keys are wrapped anew. */
export interface RewrapTold {
  /** Told what was done, or is waited for. */
  onStage(text: string): void;
  onProgress(done: number, all: number): void;
  /** Told of each key that cannot be opened, in a sentence. */
  onFault(text: string): void;
}

/** What came of it. */
export interface RewrapOutcome {
  readonly epoch: number;
  /** Keys that were wrapped anew in this run. */
  readonly rewrapped: number;
  /** Keys of erased documents that were found and destroyed. */
  readonly destroyed: number;
  /** Keys of earlier epochs that cannot be opened. */
  readonly left: number;
  /** Earlier epochs that may be ended now. */
  readonly toEnd: readonly number[];
}

export interface EndTold {
  onStage(text: string): void;
  onProgress(looked: number): void;
  /** Whether it is ended although backups hold keys of it, or are not there. */
  readonly leavesArchives: boolean;
}

export interface EndedEpoch {
  readonly epoch: number;
  readonly keyId: string;
  /** Where the log says so, and since when; undefined when it was restored from before that. */
  readonly index: number | undefined;
  readonly at: string | undefined;
  readonly wasEnded: boolean;
  /** Backups that were made with keys, and have its master key still. */
  readonly copies: readonly string[];
}

/** What was made in a MongoDB database. */
export interface MongoMade {
  readonly database: string;
  /** The role that the service's user needs there. */
  readonly role: string;
  /** Collections that were not there before. */
  readonly made: readonly string[];
}

/** What a sweep removed, and what it left because it is too young. */
export interface Swept {
  readonly entries: number;
  readonly chunks: number;
  readonly keys: number;
  readonly left: number;
}

/** What an operator does with documents that are in the log. Failures are those of pipeline/custody.ts. */
export interface OpenCustody {
  hold(order: CustodyOrder): Promise<CustodyResult>;
  release(order: CustodyOrder): Promise<CustodyResult>;
  /** `isUnlisted`: nothing of it is in the index any more; false: the service sees to that when it runs. */
  erase(order: CustodyOrder & { readonly reason: ErasureReason }): Promise<CustodyResult & { readonly isUnlisted: boolean }>;
  close(): Promise<void>;
}

/** Who is told how an audit goes on. */
export interface AuditTold {
  onProgress(done: number, all: number): void;
}

/** What is there. */
export interface Stats extends Statistics {
  readonly place: string;
  readonly origin: string;
  readonly bytes: readonly { readonly what: string; readonly bytes: number; readonly files?: number }[];
  readonly index: IndexFigures | undefined;
  /** Undefined where there is no audit trail yet. */
  readonly trail: TrailStats | undefined;
  /** That the log goes on elsewhere. */
  readonly closure: { readonly at: string; readonly to: string } | undefined;
}

export interface DoctorOptions {
  /** Whether what takes long is left out: a look at the whole database, and the browser. */
  readonly isQuick: boolean;
  /** Told what is looked at now. */
  onCheck(what: string): void;
}

/** What was looked at, and what was found. */
export interface Diagnosis {
  readonly checked: readonly string[];
  readonly symptoms: readonly Symptom[];
}

export interface Symptom {
  /** `wrong`: the service does not start, takes no documents or loses some, or others may read what they should not. `notice`: it will be, or it may be as it should. */
  readonly level: "wrong" | "notice";
  readonly what: string;
  readonly text: string;
  readonly remedy: string;
}

/** Of how many of the log's first entries the index was held against the documents: it had taken in no more. */
export interface IndexAudited {
  readonly documents: number;
  readonly resources: number;
  /** Whether the rows of what stands in documents were compared too. */
  readonly areResourcesCompared: boolean;
}

/** What was audited, and what was found. */
export interface Audited {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly documents: number;
  readonly erased: number;
  /** Entries that are no deposits. */
  readonly others: number;
  /** Bytes of documents, as they are kept. */
  readonly bytes?: number;
  readonly isIndexAudited?: boolean;
  /** Of the index, when it was. */
  readonly index?: IndexAudited;
  /** Documents that the repository does not show to us. */
  readonly notShown?: number;
  /** The first of them. */
  readonly findings: readonly AuditFinding[];
  /** How many there are. */
  readonly count: number;
}

/** A document that need not be kept any longer. */
export interface DueDocument {
  readonly id: string;
  readonly receivedAt: string;
  /** An instant. */
  readonly dueAt: string;
  /** The rule of the policy that says so, from 1. */
  readonly rule: number;
  readonly isHeld: boolean;
}

/** Who is told how the search for them goes on. */
export interface DueTold {
  onProgress(done: number): void;
  /** Told of a document whose age can't be told. */
  onUndated(id: string, rule: number): void;
}

export interface OpenRetention {
  due(): AsyncIterable<DueDocument>;
  /** Erases a document that is due by what it says itself. */
  erase(id: string, order: { readonly by: string; readonly rule: number }): Promise<void>;
  close(): Promise<void>;
}

/** The arguments of a command, as `parseArgs` read them. */
export interface Arguments {
  readonly files: readonly string[];
  isSet(option: string): boolean;
  text(option: string): string | undefined;
  /** Of an option that may be given several times. */
  texts(option: string): readonly string[];
}

/** One command of the command line. */
export interface Command {
  /** Shown by `--help`: how to call it, what it does, its options, what its exit code means. */
  readonly help: string;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /** How many FILEs it takes. */
  readonly takes: { readonly least: number; readonly most: number };
  run(given: Arguments, tools: Tools): Promise<number>;
}
