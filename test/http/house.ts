/** The whole HTTP interface in this process, over a real store and real keys in a folder of its own; pages and PDFs are plain ones of the test's. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { openSqlite } from "../../src/adapters/sqlite/open.ts";
import { answerHere } from "../../src/core/crypto/document-signature.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/read-limits.ts";
import { createApp } from "../../src/http/app.ts";
import { Lifecycle } from "../../src/http/lifecycle.ts";
import type { InteractionContext } from "../../src/interactions/context.ts";
import type { RenderedPages } from "../../src/pipeline/render/pages.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
import { DEFAULT_POLICY } from "../../src/pipeline/validate/policy.ts";
import { serveLocally, type LocalServer } from "./local-server.ts";

export interface House extends LocalServer {
  readonly context: InteractionContext;
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

export async function openHouse({ maxDocumentBytes = 1_000_000 }: { readonly maxDocumentBytes?: number } = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-http-"));
  const keys = await openKeyFolder(join(folder, "keys"));
  const { store } = await openSqlite(join(folder, "chartulary.db"));
  const ledger = await Ledger.open(store, keys.log);
  const baseUrl = "https://documents.example.org";
  const context: InteractionContext = {
    limits: DEFAULT_READ_LIMITS,
    policy: DEFAULT_POLICY,
    trust: undefined,
    answerSignatures: answerHere,
    signers: [],
    keys,
    store,
    ledger,
    pages: PLAIN_PAGES,
    pdf: { render: (html) => Promise.resolve(Buffer.from(`%PDF ${html}`)), close: () => Promise.resolve() },
    software: "chartulary/test",
    baseUrl,
    fhirBase: `${baseUrl}/fhir`,
    isOpen: true,
    newId: () => randomUUID(),
    prepareView: () => undefined,
  };
  const lifecycle = new Lifecycle();
  const logged: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void logged.push(line) });
  const app = createApp({ context, version: "0.0.1", log, lifecycle, startedAt: new Date(), maxDocumentBytes });
  const server = await serveLocally(app);
  return {
    ...server,
    context,
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
