/** Figures for Prometheus (prometheus.io/docs/instrumenting/exposition_formats), by `prom-client`. Names and labels are listed in docs/operating.md; none says anything of a patient. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Step } from "../core/watch.ts";

/** Seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const ENTRIES = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** How a histogram of a kind of steps is called, what its steps are called in labels, and what it tells. */
const KINDS: Readonly<Record<Step["kind"], readonly [name: string, label: string | undefined, help: string]>> = {
  deposit: ["chartulary_deposit_seconds", undefined, "Deposits by what became of them, waiting included."],
  stage: ["chartulary_deposit_stage_seconds", "stage", "Stages of deposits."],
  record: ["chartulary_record_seconds", "operation", "What is asked of the record's engine."],
  keys: ["chartulary_keys_seconds", "operation", "What is asked of the documents' wrapped keys."],
  index: ["chartulary_index_seconds", "operation", "What is asked of the index's engine."],
  work: ["chartulary_work_seconds", "task", "Work on documents, in workers or not, waiting included."],
  pdf: ["chartulary_pdf_seconds", "step", "What the browser does for PDFs, waiting included."],
};

/** What is asked for at each look, by the name of its figure. */
export interface Look {
  readonly name: string;
  readonly help: string;
  /** What tells several values of one figure apart; undefined: there is one. */
  readonly label?: string;
  /** Counts only grow. */
  readonly isCount?: boolean;
  /** By the label's value (any, where there is no label). A value that can't be had is left out. */
  values(): Promise<Readonly<Record<string, number>>>;
}

/** One request that was answered. */
export interface AnsweredRequest {
  readonly method: string;
  /** The pattern that it matched; never the address as it was typed. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export class Figures {
  readonly #registry = new Registry();
  readonly #steps: Readonly<Record<Step["kind"], Histogram>>;
  readonly #requests: Histogram;
  readonly #entries: Histogram;
  readonly #logSize: Gauge;

  constructor({ version }: { readonly version: string }) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    const histogramOf = (kind: Step["kind"]): Histogram => {
      const [name, label, help] = KINDS[kind];
      return new Histogram({ name, help, labelNames: [...(label === undefined ? [] : [label]), "result"], buckets: BUCKETS, registers });
    };
    const kinds = Object.keys(KINDS) as Step["kind"][];
    this.#steps = Object.fromEntries(kinds.map((kind) => [kind, histogramOf(kind)])) as Record<Step["kind"], Histogram>;
    this.#requests = new Histogram({
      name: "chartulary_http_request_seconds",
      help: "Requests by route and status, to the last byte of the answer.",
      labelNames: ["method", "route", "status"],
      buckets: BUCKETS,
      registers,
    });
    this.#entries = new Histogram({
      name: "chartulary_commit_entries",
      help: "Entries that one commit made durable.",
      buckets: ENTRIES,
      registers,
    });
    this.#logSize = new Gauge({ name: "chartulary_log_committed_size", help: "The log's size after the newest commit of this process.", registers });
    new Gauge({ name: "chartulary_build_info", help: "The program's version.", labelNames: ["version"], registers }).set({ version }, 1);
  }

  step({ kind, name }: Step, result: string, seconds: number): void {
    const [, label] = KINDS[kind];
    this.#steps[kind].observe({ ...(label !== undefined && { [label]: name }), result }, seconds);
  }

  request({ method, route, status, seconds }: AnsweredRequest): void {
    // A stranger's words are no labels: each would be kept for ever.
    this.#requests.observe({ method: METHODS.has(method) ? method : "other", route, status }, seconds);
  }

  committed(entries: number, logSize: number): void {
    this.#entries.observe(entries);
    this.#logSize.set(logSize);
  }

  /** Asks for a figure at each look. */
  watch({ name, help, label, isCount = false, values }: Look): void {
    const labelNames = label === undefined ? [] : [label];
    const labelsOf = (value: string): Record<string, string> => (label === undefined ? {} : { [label]: value });
    const registers = [this.#registry];
    const take = async (put: (labels: Record<string, string>, value: number) => void): Promise<void> => {
      // A figure that can't be had must not keep back the others.
      const found = await values().catch(() => ({}));
      for (const [value, number] of Object.entries(found)) put(labelsOf(value), number);
    };
    if (!isCount) {
      const gauge: Gauge = new Gauge({ name, help, labelNames, registers, collect: () => take((labels, value) => gauge.set(labels, value)) });
      return;
    }
    const counter: Counter = new Counter({
      ...{ name, help, labelNames, registers },
      collect: () => {
        counter.reset();
        return take((labels, value) => counter.inc(labels, value));
      },
    });
  }

  /** All of it, as Prometheus reads it. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** The media type of `text`. */
  get contentType(): string {
    return this.#registry.contentType;
  }
}
