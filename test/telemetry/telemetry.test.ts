import { afterEach, describe, expect, test } from "@jest/globals";
import { InMemorySpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace";
import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError } from "../../src/core/errors.ts";
import type { Watch } from "../../src/core/watch.ts";
import { Figures } from "../../src/telemetry/figures.ts";
import { Telemetry } from "../../src/telemetry/telemetry.ts";
import { Traces } from "../../src/telemetry/traces.ts";

const STEP = { kind: "record", name: "commit" } as const;

describe("figures", () => {
  const figures = new Figures({ version: "1.2.3" });
  const telemetry = new Telemetry({ figures, traces: undefined });
  const lines = async (beginning: string): Promise<string[]> => (await figures.text()).split("\n").filter((line) => line.startsWith(beginning));

  test("tell what came of a step: its result, an error's code, or that it failed", async () => {
    await expect(telemetry.step(STEP, () => Promise.resolve(7))).resolves.toBe(7);
    await telemetry.step(
      STEP,
      () => Promise.resolve({ kind: "behind" }),
      ({ kind }) => kind,
    );
    const away = new AppError("unavailable", "the database of Brandt is away");
    await expect(telemetry.step(STEP, () => Promise.reject(away))).rejects.toBe(away);
    await expect(telemetry.step(STEP, () => Promise.reject(new Error("x")))).rejects.toThrow("x");
    expect(await lines("chartulary_record_seconds_count")).toEqual(
      ["done", "behind", "unavailable", "failed"].map((result) => `chartulary_record_seconds_count{operation="commit",result="${result}"} 1`),
    );
    expect(await figures.text()).not.toContain("Brandt");
  });

  test("have no word of a stranger's among their labels", async () => {
    telemetry.request("BRANDT", {}).ended({ route: "-", status: 404 });
    expect(await lines("chartulary_http_request_seconds_count")).toEqual([
      'chartulary_http_request_seconds_count{method="other",route="-",status="404"} 1',
    ]);
  });

  test("are asked for at each look, and one that can't be had keeps back no other", async () => {
    let size = 1;
    figures.watch({ name: "chartulary_a", help: "a", values: () => Promise.reject(new Error("away")) });
    figures.watch({ name: "chartulary_two", help: "b", label: "kind", values: () => Promise.resolve({ one: size, two: 2 }) });
    figures.watch({ name: "chartulary_c_total", help: "c", isCount: true, values: () => Promise.resolve({ value: size }) });
    expect(await lines("chartulary_two")).toEqual(['chartulary_two{kind="one"} 1', 'chartulary_two{kind="two"} 2']);
    size = 5;
    expect(await lines("chartulary_two")).toEqual(['chartulary_two{kind="one"} 5', 'chartulary_two{kind="two"} 2']);
    expect(await lines("chartulary_c_total")).toEqual(["chartulary_c_total 5"]);
    telemetry.committed(3, 40);
    expect([await lines("chartulary_commit_entries_sum"), await lines("chartulary_log_committed_size")]).toEqual([
      ["chartulary_commit_entries_sum 3"],
      ["chartulary_log_committed_size 40"],
    ]);
  });
});

describe("traces", () => {
  const exporter = new InMemorySpanExporter();
  let traces: Traces;
  const begin = (sampler: "parentbased_always_on" | "always_off" = "parentbased_always_on"): Watch & Telemetry => {
    traces = new Traces({ version: "1.2.3", sampler, ratio: 1, exporter });
    return new Telemetry({ figures: undefined, traces });
  };
  // Ending them sends what is left; what was sent is kept until the next one begins.
  const sent = async (): Promise<readonly ReadableSpan[]> => {
    let spans: readonly ReadableSpan[] = [];
    const shutdown = exporter.shutdown.bind(exporter);
    exporter.shutdown = () => {
      spans = [...exporter.getFinishedSpans()];
      return Promise.resolve();
    };
    await traces.close();
    exporter.shutdown = shutdown;
    exporter.reset();
    return spans;
  };
  const within = (telemetry: Telemetry, work: (telemetry: Telemetry) => Promise<unknown>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      telemetry.request("GET", {}).within(() => void work(telemetry).then(resolve, reject));
    });
  afterEach(() => traces.close());

  test("go on from their sender's, and lead from a request to every step that it asks for, however late", async () => {
    const telemetry = begin();
    const request = telemetry.request("POST", { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" });
    await new Promise<void>((resolve) => {
      request.within(() => {
        void (async () => {
          await nextTurn();
          await telemetry.step({ kind: "deposit", name: "deposit" }, () => telemetry.step(STEP, () => nextTurn()));
          request.ended({ route: "/fhir/Bundle", status: 201 });
          resolve();
        })();
      });
    });
    const spans = await sent();
    const named = new Map(spans.map((span) => [span.name, span]));
    const [commit, deposit, whole] = ["record commit", "deposit deposit", "POST /fhir/Bundle"].map((name) => named.get(name));
    expect(spans.map((span) => span.spanContext().traceId)).toEqual(Array.from({ length: 3 }, () => "4bf92f3577b34da6a3ce929d0e0e4736"));
    expect(commit?.parentSpanContext?.spanId).toBe(deposit?.spanContext().spanId);
    expect(deposit?.parentSpanContext?.spanId).toBe(whole?.spanContext().spanId);
    expect(whole?.parentSpanContext?.spanId).toBe("00f067aa0ba902b7");
    expect(whole?.attributes).toEqual({ "http.request.method": "POST", "http.route": "/fhir/Bundle", "http.response.status_code": 201 });
    expect(whole?.resource.attributes["service.version"]).toBe("1.2.3");
  });

  test("say that a step failed, and not of whom", async () => {
    await within(begin(), (telemetry) =>
      expect(telemetry.step(STEP, () => Promise.reject(new Error("no such patient: Brandt")))).rejects.toThrow("Brandt"),
    );
    const [span] = await sent();
    expect([span?.status, span?.events]).toEqual([{ code: 2 }, []]);
  });

  test("are not told where the sampler says so", async () => {
    await within(begin("always_off"), (telemetry) => telemetry.step(STEP, () => Promise.resolve()));
    expect(await sent()).toEqual([]);
  });

  test("are not made of what goes on behind the scenes", async () => {
    await begin().step(STEP, () => Promise.resolve());
    expect(await sent()).toEqual([]);
  });
});
