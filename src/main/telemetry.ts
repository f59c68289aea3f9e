/** Who looks on while the service works: figures where an operator has a port for them, traces where one is named. A part of the composition root. */
import type { OpenedIndex } from "../adapters/sqlite/open-index.ts";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { FiguresTeller } from "../http/operators/admin.ts";
import type { RequestWatch } from "../http/operators/request-watch.ts";
import type { Served } from "../http/served.ts";
import type { DepositContext } from "../pipeline/deposit.ts";
import type { Trail } from "../pipeline/trail/trail.ts";
import type { PdfEngine } from "../pipeline/render/pdf-engine.ts";
import type { WrappedKeys } from "../pipeline/store/document-keys.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { EvidenceBook } from "../pipeline/evidence/evidence-book.ts";
import type { Work } from "../pipeline/work/work.ts";
import type { WitnessState } from "../pipeline/witness/witnessing.ts";
import type { Looks } from "./looks.ts";
import type { OpenWitnessing } from "./witnesses.ts";
import type { Look } from "../telemetry/figures.ts";

/** What is kept, as somebody looks on at it. */
export interface WatchedPorts {
  record(store: RecordStore): RecordStore;
  keys(keys: WrappedKeys): WrappedKeys;
  openedIndex(openedIndex: OpenedIndex): OpenedIndex;
}

/** Everything of a service that is looked on at. Where nobody does, all is given back as it is. */
export interface Looking extends WatchedPorts {
  work(work: Work): Work;
  depositing(context: DepositContext): DepositContext;
  pdf(engine: PdfEngine): PdfEngine;
  readonly requests: RequestWatch | undefined;
  readonly figures: FiguresTeller | undefined;
  /** Has figures asked for at each look. */
  look(...looks: readonly Look[]): void;
  close(): Promise<void>;
}

export async function openTelemetry({ admin, tracing }: Config, version: string): Promise<Looking> {
  if (!admin && !tracing) return NOBODY;
  const { Figures } = await import("../telemetry/figures.ts");
  const { Telemetry } = await import("../telemetry/telemetry.ts");
  const watched = await import("../telemetry/watched.ts");
  const figures = admin && new Figures({ version });
  const traces = tracing && new (await import("../telemetry/traces.ts")).Traces({ version, ...tracing });
  const telemetry = new Telemetry({ figures, traces });
  return {
    record: (store) => watched.watchedRecord(store, telemetry),
    keys: (keys) => watched.watchedKeys(keys, telemetry),
    openedIndex: (openedIndex) => ({ ...openedIndex, index: watched.watchedIndex(openedIndex.index, telemetry) }),
    work: (work) => watched.watchedWork(work, telemetry),
    depositing: (context) => watched.watchedDeposit(context, telemetry),
    pdf: (engine) => watched.watchedPdfEngine(engine, telemetry),
    requests: telemetry,
    figures: figures && { text: () => figures.text(), contentType: figures.contentType },
    look: (...looks) => looks.forEach((look) => figures?.watch(look)),
    close: async () => traces?.close(),
  };
}

/** What is asked of a service at each look. */
export function looksAt({
  store,
  keys,
  openedIndex,
  served,
  trail,
  witnessing,
  evidence,
  looks,
}: {
  readonly store: RecordStore;
  readonly keys: Pick<Keys, "log">;
  readonly evidence: Pick<EvidenceBook, "newest">;
  readonly openedIndex: OpenedIndex;
  readonly served: Served;
  readonly trail: Pick<Trail, "counts" | "spooled" | "size">;
  readonly witnessing: Pick<OpenWitnessing, "states">;
  readonly looks: Pick<Looks, "looked" | "faults">;
}): Look[] {
  const one = (value: number): Promise<Record<string, number>> => Promise.resolve({ value });
  const { counts } = trail;
  const each = (valueOf: (state: WitnessState) => number | undefined): Promise<Record<string, number>> =>
    Promise.resolve(
      Object.fromEntries(
        witnessing.states().flatMap((state): [string, number][] => {
          const value = valueOf(state);
          return value === undefined ? [] : [[state.name, value]];
        }),
      ),
    );
  return [
    {
      name: "chartulary_log_size",
      help: "Entries of the log, whichever process made them.",
      values: async () => ({ value: (await store.checkpoint())?.size ?? 0 }),
    },
    {
      ...{ name: "chartulary_index_size", label: "index" },
      help: "Entries of the log that an index has taken in: of documents, and of the resources within them.",
      values: async () => ({ documents: (await openedIndex.index.position()).size, resources: await openedIndex.index.depth() }),
    },
    { name: "chartulary_bytes_in_work", help: "Bytes of documents that are worked on.", values: () => one(served.turns.held) },
    { name: "chartulary_turns_waiting", help: "Pieces of work that wait for their turn.", values: () => one(served.turns.waiting) },
    {
      ...{ name: "chartulary_pdfs_total", label: "kind", isCount: true },
      help: "PDFs: made anew, given as they were kept, made without the time-stamp that they should have.",
      values: () => Promise.resolve({ ...served.pdfCounts.told }),
    },
    {
      ...{ name: "chartulary_audit_events_total", label: "kind", isCount: true },
      help: "Events that this process wrote down in the audit trail, or in its spool.",
      values: () => Promise.resolve(counts.events),
    },
    {
      ...{ name: "chartulary_audit_batches_total", label: "result", isCount: true },
      help: "Batches of events: written to the audit trail, spooled because it could not be written, brought in from the spool, failed (answered 503).",
      values: () => Promise.resolve(counts.batches),
    },
    {
      name: "chartulary_audit_batch_seconds",
      help: "How long the newest batch of events took to be durable.",
      values: () => Promise.resolve(counts.seconds === undefined ? {} : { value: counts.seconds }),
    },
    { name: "chartulary_audit_spool_waiting", help: "Batches that wait in the spool of this machine.", values: () => one(trail.spooled) },
    { name: "chartulary_audit_log_size", help: "Batches in the audit log of this process, as it saw it last.", values: () => one(trail.size) },
    {
      name: "chartulary_seal_certificate_end_seconds",
      help: "When the certificate ends under which documents are sealed, in seconds since 1970; from then on no document is taken.",
      values: () => (served.gate.sealEnds === undefined ? Promise.resolve({}) : one(served.gate.sealEnds.getTime() / 1000)),
    },
    {
      name: "chartulary_log_key_handover_end_seconds",
      help: "Until when the log's old key signs beside the new one, in seconds since 1970; witnesses must know the new one by then. Absent while one signs alone.",
      values: () => {
        const until = keys.log.keys?.find((key) => key.until !== undefined && key.until > new Date() && key.ended === undefined)?.until;
        return until === undefined ? Promise.resolve({}) : one(until.getTime() / 1000);
      },
    },
    {
      ...{ name: "chartulary_witness_size", label: "witness" },
      help: "Entries of the newest checkpoint that a witness cosigned, as far as this process knows.",
      values: () => each(({ size }) => size),
    },
    {
      ...{ name: "chartulary_witness_cosigned_seconds", label: "witness" },
      help: "Seconds since a witness cosigned; none where it never did.",
      values: () => each(({ cosignedAt }) => (cosignedAt > 0 ? (Date.now() - cosignedAt) / 1_000 : undefined)),
    },
    {
      ...{ name: "chartulary_witness_failures_total", label: "witness", isCount: true },
      help: "How often a witness did not cosign, for whatever reason.",
      values: () => each(({ failed }) => failed),
    },
    {
      ...{ name: "chartulary_witness_claims_total", label: "witness", isCount: true },
      help: "How often a witness said, and did not prove, that it has seen more of the log than there is, or another tree.",
      values: () => each(({ claims }) => claims),
    },
    {
      name: "chartulary_evidence_size",
      help: "Entries of the log that its newest time-stamp covers.",
      values: async () => valueOf((await evidence.newest())?.size),
    },
    {
      name: "chartulary_evidence_stamped_seconds",
      help: "When the log was time-stamped last, in seconds since 1970.",
      values: async () => valueOf(secondsOf((await evidence.newest())?.stampedAt)),
    },
    {
      name: "chartulary_evidence_end_seconds",
      help: "When the first certificate ends that the log's newest time-stamp rests on, in seconds since 1970; the log is to be stamped anew before.",
      values: async () => valueOf(secondsOf((await evidence.newest())?.until)),
    },
    {
      ...{ name: "chartulary_looks_total", label: "kind", isCount: true },
      help: "Looks of this process at what is kept: at places of the log in its tree, at documents as a whole, at their rows of the index.",
      values: () => Promise.resolve({ ...looks.looked }),
    },
    {
      ...{ name: "chartulary_look_faults_total", label: "kind", isCount: true },
      help: "Faults that these looks found, each once; the service's log tells which.",
      values: () => Promise.resolve({ ...looks.faults }),
    },
    {
      name: "chartulary_ready",
      help: "Whether documents are taken now.",
      values: async () => ({
        value: await served.gate.check().then(
          () => 1,
          () => 0,
        ),
      }),
    },
  ];
}

function valueOf(value: number | undefined): Record<string, number> {
  return value === undefined ? {} : { value };
}

function secondsOf(instant: string | undefined): number | undefined {
  return instant === undefined ? undefined : Date.parse(instant) / 1000;
}

const NOBODY: Looking = {
  record: (store) => store,
  keys: (keys) => keys,
  openedIndex: (openedIndex) => openedIndex,
  work: (work) => work,
  depositing: (context) => context,
  pdf: (engine) => engine,
  requests: undefined,
  figures: undefined,
  look: () => undefined,
  close: () => Promise.resolve(),
};
