/**
 * The composition root: the only place that chooses engines and opens listeners. Everything heavy is imported when it is needed, so that `validate` and
 * `verify` start at once.
 */
import { randomUUID, type X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { processIo } from "./cli/io.ts";
import { runCommandLine } from "./cli/run.ts";
import { loadConfig, type Config } from "./config.ts";
import type { FontShelf } from "./adapters/fonts/font-shelf.ts";
import type { Keys } from "./core/crypto/keys.ts";
import { askedByProgram } from "./core/asked.ts";
import { AppError } from "./core/errors.ts";
import type { Served } from "./http/served.ts";
import type { Sample } from "./interactions/deposit-samples.ts";
import type { VerdictCache } from "./pipeline/render/verdict-cache.ts";
import type { PagesContext, RenderedPages } from "./pipeline/render/pages.ts";
import type { PdfEngine } from "./pipeline/render/pdf-engine.ts";
import type { DocumentStore } from "./pipeline/store/document-store.ts";
import type { Policy } from "./pipeline/validate/policy.ts";

/** There is no access control yet. */
const IS_OPEN = true;

/** One document is rendered once: nothing of it is asked twice. */
const NO_MEMORY: VerdictCache = { get: () => undefined, put: () => undefined };

/** How long the last log lines may take, in milliseconds. */
const LAST_LINES = 500;

/** Runs one command line (without `node` and the program's name); gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const version = await versionOf();
  return runCommandLine(argv, {
    io: processIo(process),
    version,
    config: () => loadConfig(),
    serve: (options) => serve(loadConfig({ forListening: true }), { ...options, version }),
    openKeys: () => openKeys(loadConfig(), { mayCreate: false }),
    rotateSealKey: () => rotateSealKey(loadConfig()),
    openPdfEngine: () => openPdfEngine(loadConfig()),
    openPages: async () => {
      const { pagesAt, close } = await openPages({ verdicts: NO_MEMORY, onPlain: () => undefined });
      return { pages: pagesAt(""), close };
    },
  });
}

/** The service from start to end. */
async function serve(config: Config, { withSamples, version }: { readonly withSamples: boolean; readonly version: string }): Promise<number> {
  const { pino } = await import("pino");
  const { LogDestination, standardError } = await import("./http/log-destination.ts");
  const { describe } = await import("./http/errors.ts");
  const { runService } = await import("./http/service.ts");
  const lines = new LogDestination(standardError(process.stderr));
  const log = pino({ level: config.logLevel }, lines);
  const onFault = (error: unknown): void => {
    log.fatal(describe(error), "the process ends");
    lines.flushNow();
    process.exit(1);
  };
  process.on("uncaughtException", onFault).on("unhandledRejection", onFault);
  const house = await openHouse(config, { version, onPlain: (event) => log.warn(event, "a narrative is shown as plain text") });
  try {
    return await runService({
      config,
      version,
      log,
      lostLogLines: () => lines.lost,
      serveAt: house.servedAt,
      prepare: async ({ registry }) => {
        const { depositSamples } = await import("./interactions/deposit-samples.ts");
        const samples = withSamples && !config.isProduction ? await readSamples() : [];
        await depositSamples(samples, { store: house.store, deposit: registry.deposit });
      },
      announce: (url) => process.stdout.write(`Chartulary is open at ${url}\n`),
      toldToStop: toldToStop(),
    });
  } finally {
    await house.close();
    // What nobody takes would keep the process from its end.
    if (!(await lines.flush(LAST_LINES))) setImmediate(() => process.exit());
  }
}

interface House {
  readonly store: DocumentStore;
  /** Everything that is served, once the address is known that the service listens on. */
  servedAt(localUrl: string): Served;
  close(): Promise<void>;
}

interface HouseOptions {
  readonly version: string;
  readonly onPlain: PagesContext["onPlain"];
}

/** Opens keys, store, log, pages and browser, in the order in which they need each other. */
async function openHouse(config: Config, { version, onPlain }: HouseOptions): Promise<House> {
  const databaseFile = join(config.dataFolder, "chartulary.db");
  // Fresh keys beside documents that were encrypted with others would hide that those are lost.
  const keys = await openKeys(config, { mayCreate: !existsSync(databaseFile) });
  const signers = await readTrustedSigners(config);
  const policy = await openPolicy(config);
  const { openSqlite } = await import("./adapters/sqlite/open.ts");
  const { Ledger } = await import("./pipeline/log/ledger.ts");
  const { DEFAULT_READ_LIMITS } = await import("./core/fhir/read-limits.ts");
  const { trustOf } = await import("./core/formats/trust.ts");
  const { store, verdicts } = await openSqlite(databaseFile);
  const ledger = await Ledger.open(store, keys.log).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const shelf = await openFonts();
  const { openWebFonts } = await import("./adapters/fonts/web-fonts.ts");
  const pdf = await openPdfEngine(config, shelf);
  const { createSignatureChecker } = await import("./pipeline/sign/signature-checker.ts");
  const signatures = createSignatureChecker(DEFAULT_READ_LIMITS);
  const { pagesAt, close: closePages } = await openPages({ verdicts, onPlain, fonts: await openWebFonts(shelf) });
  const { ViewPreparer } = await import("./interactions/view-preparer.ts");
  const { openRegistry } = await import("./interactions/registry.ts");
  const { createReader } = await import("./reader/reader.ts");
  const { permitEverything } = await import("./security/decide.ts");
  const { resourceTypes } = await import("./core/fhir/r4/definitions.ts");
  const turns = new (await import("./interactions/turns.ts")).Turns();
  const openings = new (await import("./interactions/openings.ts")).Openings();
  let preparer: InstanceType<typeof ViewPreparer> | undefined;
  return {
    store,
    servedAt: (localUrl) => {
      const baseUrl = config.baseUrl ?? localUrl;
      const fhirBase = `${baseUrl}/fhir`;
      const limits = DEFAULT_READ_LIMITS;
      const trust = config.trustFile === undefined ? undefined : trustOf(keys, signers);
      const software = `chartulary/${version}`;
      const pages = pagesAt(fhirBase);
      const registry = openRegistry({
        depositing: { limits, policy, trust, answerSignatures: signatures.check, keys, store, ledger, software, fhirBase, newId: () => randomUUID() },
        reader: createReader({ store, keys, limits, decide: permitEverything }),
        prepareView: (id) => preparer?.prepare(id),
        limits,
        answerSignatures: signatures.check,
        keys,
        signers,
        store,
        ledger,
        pages,
        baseUrl,
      });
      const asked = askedByProgram("view-preparer");
      const { view, weight } = registry.pages;
      preparer = new ViewPreparer(async (id) => turns.take(await weight(asked, id), () => view(asked, id, "")));
      return { registry, pages, pdf, store, turns, openings, baseUrl, fhirBase, isOpen: IS_OPEN, resourceTypes: resourceTypes() };
    },
    close: async () => {
      await preparer?.close();
      openings.close();
      await ledger.close();
      await pdf.close();
      await closePages();
      await signatures.close();
      await store.close();
    },
  };
}

async function openKeys(config: Config, { mayCreate }: { readonly mayCreate: boolean }): Promise<Keys> {
  const { openKeyFolder } = await import("./adapters/keys/key-folder.ts");
  try {
    return await openKeyFolder(join(config.dataFolder, "keys"), { mayCreate });
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("unavailable", `DATA_DIR ${config.dataFolder}: its keys can't be read or made (${codeOf(cause)})`, { cause });
  }
}

async function rotateSealKey(config: Config): Promise<Keys> {
  const folder = await import("./adapters/keys/key-folder.ts");
  await folder.rotateSealKey(join(config.dataFolder, "keys"));
  return openKeys(config, { mayCreate: false });
}

async function openPdfEngine(config: Config, fonts?: FontShelf): Promise<PdfEngine> {
  const { fontFacesFor } = await import("./adapters/fonts/font-faces.ts");
  const shelf = fonts ?? (await openFonts());
  const { openChromium } = await import("./adapters/chromium/open-chromium.ts");
  const { browserPath, browserSandbox, searchPath, cacheFolder } = config;
  return openChromium({
    executablePath: browserPath,
    sandbox: browserSandbox,
    searchPath,
    cacheFolder,
    fontsFor: (html, language) => fontFacesFor(html, language, shelf),
  });
}

async function openFonts(): Promise<FontShelf> {
  const { openFontShelf } = await import("./adapters/fonts/font-shelf.ts");
  return openFontShelf();
}

/** The pages, with the judge of narratives that they ask. */
async function openPages(
  using: Pick<PagesContext, "verdicts" | "onPlain" | "fonts">,
): Promise<{ pagesAt(fhirBase: string): RenderedPages; close(): Promise<void> }> {
  const { createPages } = await import("./pipeline/render/pages.ts");
  const { createWorkerJudge } = await import("./pipeline/render/narrative/worker-judge.ts");
  const judge = createWorkerJudge();
  return {
    pagesAt: (fhirBase) => createPages({ ...using, judge, isOpen: IS_OPEN, depositAddress: `${fhirBase}/Bundle`, now: () => new Date() }),
    close: () => judge.close(),
  };
}

/** `EACCES`, `ENOTDIR`: what the operating system calls it, for an operator to look up. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
}

async function readTrustedSigners({ trustFile }: Config): Promise<X509Certificate[]> {
  if (trustFile === undefined) return [];
  const { readSigners } = await import("./interactions/signers.ts");
  return readSetting("TRUST_FILE", trustFile, readSigners);
}

async function openPolicy({ policyFile }: Config): Promise<Policy> {
  const { DEFAULT_POLICY, readPolicy } = await import("./pipeline/validate/policy.ts");
  return policyFile === undefined ? DEFAULT_POLICY : readSetting("POLICY_FILE", policyFile, readPolicy);
}

/** Reads the file that a setting names; a fault in it is told by the setting's name. */
async function readSetting<T>(name: string, file: string, parse: (text: string) => T): Promise<T> {
  try {
    return parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new AppError("invalid", `${name} ${file}: ${cause instanceof AppError ? cause.message : `it could not be read (${codeOf(cause)})`}`, {
      cause,
    });
  }
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function toldToStop(): Promise<string> {
  return new Promise((resolve) => {
    let isTold = false;
    const onSignal = (signal: string): void => {
      if (isTold) process.exit(1);
      isTold = true;
      resolve(signal);
    };
    process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  });
}

async function versionOf(): Promise<string> {
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? "0";
}

async function readSamples(): Promise<Sample[]> {
  const folder = fileURLToPath(new URL("../fixtures/documents/valid/", import.meta.url));
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.(json|xml)$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => ({
      name,
      bytes: await readFile(join(folder, name)),
      mediaType: name.endsWith(".xml") ? ("application/fhir+xml" as const) : ("application/fhir+json" as const),
    })),
  );
}
