/** The whole HTTP interface in this process, over a real store and real keys in a folder of its own; pages and PDFs are plain ones of the test's. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { openSqlite } from "../../src/adapters/sqlite/open.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/read-limits.ts";
import { createApp } from "../../src/http/app.ts";
import { Lifecycle } from "../../src/http/lifecycle.ts";
import type { Served } from "../../src/http/served.ts";
import { openRegistry } from "../../src/interactions/registry.ts";
import { createReader } from "../../src/reader/reader.ts";
import { permitEverything, type Decide } from "../../src/security/decide.ts";
import { resourceTypes } from "../../src/core/fhir/r4/definitions.ts";
import type { DocumentStore } from "../../src/pipeline/store/document-store.ts";
import type { Keys } from "../../src/core/crypto/keys.ts";
import type { DepositContext } from "../../src/pipeline/deposit.ts";
import type { RenderedPages } from "../../src/pipeline/render/pages.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
import { DEFAULT_POLICY } from "../../src/pipeline/validate/policy.ts";
import { serveLocally, type LocalServer } from "./local-server.ts";

export interface House extends LocalServer {
  readonly served: Served;
  readonly store: DocumentStore;
  readonly keys: Keys;
  readonly depositing: DepositContext;
  readonly lifecycle: Lifecycle;
  /** Lines of the access log, as JSON. */
  readonly logged: string[];
}

/** Pages in words, so that a test sees what they were made from. */
const PLAIN_PAGES: RenderedPages = {
  document: (presented, { locale, medium }) =>
    Promise.resolve(
      `<!doctype html><title>${presented.id}</title>${medium} ${locale} ${presented.relations.map((relation) => `${relation.kind} ${relation.other?.id ?? ""}`).join(" ")}`,
    ),
  furniture: () => ({ patient: "BRANDT, Ada", document: "Discharge letter", language: "en" }),
  start: ({ documents, next }, { query }) =>
    `<!doctype html><title>start</title>${query} ${documents.map(({ summary }) => `<a href="/documents/${summary.id}">`).join("")} next ${next ?? "none"}`,
  verification: (id, report) =>
    `<!doctype html><title>verify ${id}</title>${report.checks.map((check) => `${check.name} ${check.result}`).join("\n")}`,
  check: ({ name, verdict, issues }) => `<!doctype html><title>check</title>${name}: ${verdict} ${issues.map((issue) => issue.rule).join(" ")}`,
  refusal: ({ issues }) => `<!doctype html><title>refused</title>${issues.map((issue) => issue.rule).join(" ")}`,
  error: ({ status, message }) => `<!doctype html><title>error ${status}</title>${message}`,
  assets: new Map([["/assets/0f.css", { body: "body{}", contentType: "text/css; charset=utf-8" }]]),
};

interface HouseOptions {
  readonly maxDocumentBytes?: number;
  readonly decide?: Decide;
}

export async function openHouse({ maxDocumentBytes = 1_000_000, decide = permitEverything }: HouseOptions = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-http-"));
  const keys = await openKeyFolder(join(folder, "keys"));
  const { store } = await openSqlite(join(folder, "chartulary.db"));
  const ledger = await Ledger.open(store, keys.log);
  const baseUrl = "https://documents.example.org";
  const fhirBase = `${baseUrl}/fhir`;
  const limits = DEFAULT_READ_LIMITS;
  const depositing: DepositContext = {
    ...{ limits, policy: DEFAULT_POLICY, trust: undefined, keys, store, ledger, fhirBase },
    software: "chartulary/test",
    newId: () => randomUUID(),
  };
  const registry = openRegistry({
    ...{ depositing, limits, keys, store, ledger, baseUrl },
    reader: createReader({ store, keys, limits, decide }),
    prepareView: () => undefined,
    signers: [],
    pages: PLAIN_PAGES,
  });
  const served: Served = {
    ...{ registry, store, baseUrl, fhirBase },
    pages: PLAIN_PAGES,
    pdf: { render: (html) => Promise.resolve(Buffer.from(`%PDF ${html}`)), close: () => Promise.resolve() },
    isOpen: true,
    resourceTypes: resourceTypes(),
  };
  const lifecycle = new Lifecycle();
  const logged: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void logged.push(line) });
  const app = createApp({ served, version: "0.0.1", log, lifecycle, startedAt: new Date(), maxDocumentBytes });
  const server = await serveLocally(app);
  return {
    ...server,
    ...{ served, store, keys, depositing },
    lifecycle,
    logged,
    close: async () => {
      await server.close();
      await ledger.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
