import type { Door } from "./access/door.ts";
import type { Reception } from "./accounts/reception.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import type { AuditOptions } from "./trail/audit-answers.ts";
import type { Jobs, JobWorker } from "../jobs/job.ts";
import type { Openings } from "../interactions/openings.ts";
import type { Registry } from "../interactions/registry.ts";
import type { Turns } from "../interactions/turns.ts";
import type { DepositGate } from "../pipeline/gate.ts";
import type { Sockets } from "./sockets/sockets.ts";
import type { MadePdf } from "../interactions/pages/make-pdf.ts";
import type { PdfCounts } from "../interactions/pages/pdf-counts.ts";
import type { Printable } from "../interactions/pages/print-document.ts";
import type { Paper } from "../pipeline/render/pdf-engine.ts";
import type { RenderedPages } from "../pipeline/render/pages/pages.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";

/** What goes on behind requests. */
export interface ServedJobs extends Jobs {
  /** Begins to do them, with who does those that the interface itself does. */
  start(workers: readonly JobWorker[]): void;
  /** Gives back what is under way: another instance goes on with it, or the next start. */
  stop(): Promise<void>;
}

/** What is served: the questions that may be asked, and what their answers are written with. */
export interface Served {
  readonly registry: Registry;
  readonly pages: RenderedPages;
  makePdf(printable: Printable): Promise<MadePdf>;
  readonly pdfCounts: PdfCounts;
  /** The paper that the operator chose; undefined: by what the reader's browser says. */
  readonly paper: Paper | undefined;
  readonly store: Pick<RecordStore, "checkpoint">;
  readonly gate: Pick<DepositGate, "check" | "warning" | "sealEnds">;
  /** Entries of the log whose resources the index has not taken in whole; undefined when it cannot be asked. */
  searchLag(): Promise<number | undefined>;
  /** Work on documents, bounded; and what is opened, opened once for all who ask. */
  readonly turns: Turns;
  readonly openings: Openings;
  /** Absolute address of the service, without a slash at the end; `fhirBase` lies below it. */
  readonly baseUrl: string;
  readonly fhirBase: string;
  /** True while anybody who reaches the service may read and deposit: every page says so. */
  readonly isOpen: boolean;
  /** How it is known who asks, where it is not open. */
  readonly door: Door;
  /** Where people sign in and apps get tokens, where that is here. */
  readonly reception: Reception | undefined;
  /** Where what is read, done or refused is written down before an answer leaves; undefined in tests that are about something else. */
  readonly audit?: AuditOptions | undefined;
  /** Who serves websockets; undefined in tests that are about something else. */
  readonly sockets?: Sockets | undefined;
  /** What goes on behind requests. */
  readonly jobs: ServedJobs;
  /** By which resources are written. */
  readonly definitions: Definitions;
}
