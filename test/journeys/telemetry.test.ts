/** Figures and traces of the real program: what an operator sees, and that nothing of a patient is in it. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createServer, type Server } from "node:http";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { documentJson } from "./documents.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { startService, temporaryFolder, type Service } from "./support/service.ts";
import { freePort } from "./support/free-port.ts";

const PATIENT = "Zwetschgenmann";
const DASHBOARD = join(import.meta.dirname, "../../docs/grafana-dashboard.json");

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
let collector: Server;
let adminPort = "";
const sent: string[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  collector = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request
      .on("data", (piece: Buffer) => pieces.push(piece))
      .on("end", () => {
        sent.push(Buffer.concat(pieces).toString("utf8"));
        response.end("{}");
      });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  adminPort = String(await freePort());
  service = await startService({
    dataFolder: join(folder.path, "data"),
    environment: { ADMIN_PORT: adminPort, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}` },
  });
});

afterAll(async () => {
  await service.stop();
  await new Promise((resolve) => collector.close(resolve));
  await folder.remove();
});

const figures = async (): Promise<string> => (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();

test("what happens is told in figures, and every figure of the dashboard is among them", async () => {
  const document = documentJson({}).replaceAll("Brandt", PATIENT);
  expect(document).toContain(PATIENT);
  const id = idOf(await submit(service.url, document, "application/fhir+json"));
  await submit(service.url, "{", "application/fhir+json");
  await get(`${service.url}/documents/${id}`, "text/html");
  await get(`${service.url}/?q=${PATIENT}`, "text/html");
  await get(`${service.url}/fhir/Patient?name=${PATIENT}`, "application/fhir+json");
  const text = await figures();
  expect(text).toContain('chartulary_deposit_seconds_count{result="created"} 1');
  expect(text).toContain('chartulary_deposit_seconds_count{result="unreadable"} 1');
  expect(text).toContain("chartulary_log_size 1");
  expect(text).toContain("chartulary_up 1");
  expect(text).toContain('chartulary_http_request_seconds_count{method="GET",route="/documents/:id",status="200"} 1');
  expect(text).not.toContain(id);
  expect(text.toLowerCase()).not.toContain(PATIENT.toLowerCase());
  const told = new Set(text.split("\n").flatMap((line) => /^# TYPE ([a-z0-9_]+)/.exec(line)?.[1] ?? []));
  const asked = new Set(readFileSync(DASHBOARD, "utf8").match(/\b(?:chartulary|nodejs|process)_[a-z0-9_]+/g));
  expect([...asked].filter((name) => !told.has(name.replace(/_(?:bucket|count|sum)$/, "")))).toEqual([]);
  expect(asked.size).toBeGreaterThan(12);
});

test("and in traces, of which none names a patient, a document or an address as it was typed", async () => {
  await service.stop();
  const all = sent.join("\n");
  for (const name of ["POST /fhir/Bundle", "deposit deposit", "stage commit", "record commit", "work view", "GET /fhir/:type"])
    expect(all).toContain(name);
  expect(all.toLowerCase()).not.toContain(PATIENT.toLowerCase());
  expect(all).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?!["\\])/);
  expect(all).not.toContain("?");
  service = await startService({ dataFolder: join(folder.path, "data") });
});
