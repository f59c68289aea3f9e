/** Traces for whoever OTEL_EXPORTER_OTLP_ENDPOINT names, by OpenTelemetry's own library (opentelemetry.io/docs/specs/otel). No attribute says anything of a patient: no address as it was typed, no header, no id. */
import { context, propagation, SpanKind, SpanStatusCode, trace, type Context, type Span, type TextMapGetter, type Tracer } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
  type SpanExporter,
} from "@opentelemetry/sdk-trace";
import type { TraceSampler } from "../config/settings.ts";
import type { Step } from "../core/watch.ts";

export interface TracesOptions {
  readonly version: string;
  readonly sampler: TraceSampler;
  /** Which traces are told is decided by OTEL_TRACES_SAMPLER; of 1, for the samplers by ratio. */
  readonly ratio: number;
  /** Where they go; to the address in the environment by default. */
  readonly exporter?: SpanExporter;
}

const HEADERS: TextMapGetter<Readonly<Record<string, string | undefined>>> = {
  get: (headers, name) => headers[name],
  keys: (headers) => Object.keys(headers),
};

/** A request whose trace has begun. */
export interface BegunRequest {
  /** Does what follows from it within its trace. */
  within(work: () => void): void;
  end(told: { readonly route: string; readonly status: number }): void;
}

export class Traces {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #propagator = new W3CTraceContextPropagator();

  constructor({ version, sampler, ratio, exporter = new OTLPTraceExporter() }: TracesOptions) {
    const named = resourceFromAttributes({ "service.name": "chartulary", "service.version": version });
    // What the environment says (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) goes before what we say.
    const resource = defaultResource()
      .merge(named)
      .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));
    this.#provider = new TracerProvider({ resource, sampler: samplerOf(sampler, ratio), spanProcessors: [new BatchSpanProcessor({ exporter })] });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    this.#tracer = this.#provider.getTracer("chartulary", version);
  }

  /** @param sent the request's headers `traceparent` and `tracestate` (w3.org/TR/trace-context), by which a trace of its sender goes on */
  request(method: string, sent: Readonly<Record<string, string | undefined>>): BegunRequest {
    const from = this.#propagator.extract(context.active(), sent, HEADERS);
    const span = this.#tracer.startSpan(method, { kind: SpanKind.SERVER, attributes: { "http.request.method": method } }, from);
    const within: Context = trace.setSpan(from, span);
    return {
      within: (work) => context.with(within, work),
      end: ({ route, status }) => {
        span.updateName(`${method} ${route}`);
        span.setAttributes({ "http.route": route, "http.response.status_code": status });
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }

  /** Does a step within the trace of the request that asked for it. What goes on behind the scenes, over and over, makes no traces. */
  step<Result>({ kind, name }: Step, work: () => Promise<Result>): Promise<Result> {
    if (trace.getSpan(context.active()) === undefined) return work();
    return this.#tracer.startActiveSpan(`${kind} ${name}`, (span: Span) =>
      work()
        .catch((error: unknown) => {
          // Not the error itself: its message may name what somebody asked for.
          span.setStatus({ code: SpanStatusCode.ERROR });
          throw error;
        })
        .finally(() => span.end()),
    );
  }

  /** Sends what is left. Nobody waits long for whoever does not take it. */
  async close(): Promise<void> {
    await this.#provider.shutdown().catch(() => undefined);
    context.disable();
    propagation.disable();
  }
}

function samplerOf(name: TraceSampler, ratio: number): Sampler {
  const isByParent = name.startsWith("parentbased_");
  const own = name.endsWith("traceidratio")
    ? new TraceIdRatioBasedSampler(ratio)
    : name.endsWith("always_off")
      ? new AlwaysOffSampler()
      : new AlwaysOnSampler();
  return isByParent ? new ParentBasedSampler({ root: own }) : own;
}
