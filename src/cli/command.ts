import type { ParseArgsConfig } from "node:util";
import type { Config } from "../config.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { NewOrigin } from "../core/formats/new-origin.ts";
import type { RenderedPages } from "../pipeline/render/pages/pages.ts";
import type { PdfEngine } from "../pipeline/render/pdf-engine.ts";
import type { Io } from "./io.ts";

/** What the program says by its exit code. */
export const EXIT = { yes: 0, no: 1, couldNot: 2 } as const;

/** What commands work with; whatever needs an engine is opened by the composition root, when a command asks for it. */
export interface Tools {
  readonly io: Io;
  /** e.g. `0.1.0` */
  readonly version: string;
  /** FHIR R4. Costs nothing until it is asked. */
  readonly knowledge: Knowledge;
  config(): Config;
  /** Runs the service until it is told to stop; gives the exit code. */
  serve(options: { readonly withSamples: boolean }): Promise<number>;
  openKeys(): Promise<Keys>;
  /** Begins a new seal key; the old certificate stays known. Gives the keys as they are then. */
  rotateSealKey(): Promise<Keys>;
  /** Lets the log go on under another origin; gives its first entry and where it stands. */
  beginNewOrigin(reason: string): Promise<NewOrigin & { readonly index: number }>;
  /** Makes the index anew; gives the number of entries taken in, and of documents among them. */
  rebuildIndex(told: RebuildTold): Promise<{ readonly entries: number; readonly documents: number }>;
  /** Makes a MongoDB database ready for the service. */
  initialiseMongo(): Promise<MongoMade>;
  /** Removes what was staged and can't be committed any more; on SQLite nothing is ever left. */
  sweepStore(onProgress: (looked: number) => void): Promise<Swept>;
  openPdfEngine(): Promise<PdfEngine>;
  openPages(): Promise<{ readonly pages: RenderedPages; close(): Promise<void> }>;
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

/** Who is told how a rebuild goes on. */
export interface RebuildTold {
  onProgress(done: number, all: number): void;
  /** Told of each document that cannot be opened. */
  onFault(text: string): void;
}

/** The arguments of a command, as `parseArgs` read them. */
export interface Arguments {
  readonly files: readonly string[];
  isSet(option: string): boolean;
  text(option: string): string | undefined;
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
