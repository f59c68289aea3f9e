/**
 * The composition root: the only place that chooses engines and opens listeners. Everything heavy is imported when it is needed, so that `validate` and
 * `verify` start at once.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { processIo } from "./cli/io.ts";
import { runCommandLine } from "./cli/run.ts";
import { loadConfig, settingsGiven, type Config } from "./config.ts";
import { operatorTools } from "./main/operator-tools.ts";
import { openProof } from "./main/proof.ts";
import { openSignaturePolicy } from "./main/setting-files.ts";
import { openSenderTrust } from "./main/signer-trust.ts";
import { openPages, openPagesAlone } from "./main/page-making.ts";
import { openStamping } from "./main/stamping.ts";
import { openFonts, openPdfEngine } from "./main/browser.ts";
import type { House, HouseOptions } from "./main/house.ts";
import { looksAt } from "./main/telemetry.ts";
import { openRenditions } from "./main/renditions.ts";
import { conformanceNow } from "./main/terminology-now.ts";
import { programDigester, readSamples, toldToStop, versionOf } from "./main/surroundings.ts";
import { beginNewOrigin, openBeside, openKept, openKeys, openRecord } from "./record-keeping.ts";
import { BULK_EDITIONS } from "./interactions/fhir/bulk/editions.ts";
import type { Knowledge } from "./core/fhir/r4/knowledge.ts";
import { openR4, openR4SearchParameters } from "./core/fhir/r4/open-r4.ts";
import type { Served } from "./http/served.ts";
import type { Halt } from "./pipeline/document-forms.ts";
import type { Questions } from "./pipeline/work/messages.ts";
import type { Work } from "./pipeline/work/work.ts";

/** What is kept, as commands open it. */
const OPENERS = { openKeys, openKept, openBeside };

/** How the first administrator's account is made, as it is told at the start. */
const firstAccountAt = (link: string): string =>
  `Nobody can sign in yet. Make the first administrator's account at\n  ${link}\n(once, within an hour; \`chartulary users invite --admin\` gives another link)\n`;

/** Runs one command line (without `node` and the program's name); gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const version = await versionOf();
  const knowledge = openR4();
  return runCommandLine(argv, {
    io: processIo(process),
    version,
    knowledge,
    config: () => loadConfig(),
    serve: async ({ only, ...options }) =>
      only === undefined
        ? serve(loadConfig({ forListening: true }), { ...options, version, knowledge })
        : (await import("./main/stateless.ts")).serveStateless(only, loadConfig({ forListening: true }), {
            version,
            knowledge,
            openParameters: openR4SearchParameters,
          }),
    beginNewOrigin: (reason, origin) => beginNewOrigin(loadConfig(), reason, origin),
    initialise: async (origin) => (await import("./main/init.ts")).initialise(loadConfig(), openKeys, origin),
    ...operatorTools({ knowledge, openParameters: openR4SearchParameters, config: loadConfig, environment: settingsGiven, ...OPENERS }),
    initialiseMongo: async () => (await import("./main/administration.ts")).initialiseMongo(loadConfig()),
    sweepStore: async (onProgress) => (await import("./main/administration.ts")).sweepStore(loadConfig(), onProgress),
    openPdfEngine: () => openPdfEngine(loadConfig()),
    openPages: (sets) => openPagesAlone(knowledge, sets),
  });
}

/** The service from start to end. */
async function serve(
  config: Config,
  { withSamples, version, knowledge }: { readonly withSamples: boolean; readonly version: string; readonly knowledge: Knowledge },
): Promise<number> {
  const { log, ...lines } = await (await import("./main/process-log.ts")).openProcessLog(config);
  const { describe } = await import("./http/answers/errors.ts");
  const { runService } = await import("./http/service.ts");
  const { createApp } = await import("./http/app.ts");
  const { openTelemetry } = await import("./main/telemetry.ts");
  const looking = await openTelemetry(config, version);
  const house = await openHouse(config, {
    looking,
    version,
    knowledge,
    onPlain: (event) => log.warn(event, "a narrative is shown as plain text"),
    onCheck: (milliseconds) => log.warn({ milliseconds }, "the database was not closed as it should; it was looked at and is whole"),
    onHalt: (halt) => halt && log.error(halt, "no document is taken"),
    onUnkept: (code) => log.warn({ code }, "PDFs could not be kept"),
    onUnstamped: (reason) => log.warn({ reason }, "a signature of ours, in a PDF or as an XML seal, was made without a time-stamp"),
    onRefused: ({ requestId, reason, detail }) => log.info({ requestId, reason, detail }, "somebody was not let in"),
    onFault: (error, what) => (error === undefined ? log.warn(what) : log.error(describe(error), what)),
  });
  let firstLink: string | undefined;
  try {
    return await runService({
      config,
      version,
      log,
      lostLogLines: lines.lost,
      serveAt: house.servedAt,
      createApp,
      spoolFolder: join(config.dataFolder, "spool"),
      watch: looking.requests,
      figures: looking.figures,
      prepare: async ({ registry, baseUrl }) => {
        const { depositSamples } = await import("./interactions/pages/deposit-samples.ts");
        const samples = withSamples && !config.isProduction ? await readSamples() : [];
        await depositSamples(samples, { store: house.store, gate: house.gate, deposit: registry.deposit });
        firstLink = await house.firstLink(baseUrl);
      },
      announce: (url) => process.stdout.write(`Chartulary is open at ${url}\n${firstLink === undefined ? "" : firstAccountAt(firstLink)}`),
      toldToStop: toldToStop(),
    });
  } finally {
    await house.close();
    await looking.close();
    await lines.end();
  }
}

/** Opens keys, store, log, pages and browser, in the order in which they need each other. */
async function openHouse(
  config: Config,
  { version, knowledge, looking, onPlain, onCheck, onHalt, onUnkept, onUnstamped, onRefused, onFault }: HouseOptions,
): Promise<House> {
  const { DEFAULT_READ_LIMITS, STORED_READ_LIMITS } = await import("./core/fhir/reading/read-limits.ts");
  const { timeAuthorities, stamp } = await openStamping(config, onUnstamped);
  const signaturePolicy = await openSignaturePolicy(config);
  const { senders, trust } = await openSenderTrust(config, timeAuthorities, onFault);
  const { definitions } = knowledge;
  const software = `chartulary/${version}`;
  const { openValidating } = await import("./main/validating.ts");
  const { validator, packages, terminology, valueSets } = await openValidating(config, { knowledge, software, onFault });
  const record = await openRecord(config, { watched: looking, onCheck, onFault });
  const { store, documentKeys, keys, ledger, gate } = record;
  onHalt(gate.halt());
  const shelf = await openFonts();
  const { openWebFonts } = await import("./adapters/fonts/web-fonts.ts");
  const pdf = looking.pdf(await openPdfEngine(config, shelf));
  const { openPdfMaking } = await import("./main/pdf-making.ts");
  const { createSignatureChecker } = await import("./pipeline/sign/signature-checker.ts");
  const signatures = createSignatureChecker(definitions, STORED_READ_LIMITS);
  const fonts = await openWebFonts(shelf);
  const { verdicts } = record.openedIndex;
  const halt = (): Halt["kind"] | undefined => gate.halt()?.kind;
  const isOpen = config.access === "open";
  const { offeredProfiles } = await import("./main/offered-profiles.ts");
  const { pagesAt, judge } = await openPages({
    ...{ knowledge, sets: packages?.sets, valueSets, ...offeredProfiles(packages?.data) },
    ...{ isOpen, verdicts, onPlain, halt, fonts, isEachAlone: config.patientSystems.size === 0 },
  });
  const { earlierDeposit } = await import("./pipeline/earlier-deposit.ts");
  const { openWorkers } = await import("./main/workers.ts");
  const { indexTools } = await import("./search/index-tools.ts");
  const { describedBy, judgedBy, projector } = await import("./main/index-work.ts");
  const parameters = openR4SearchParameters();
  const { openDerived } = await import("./main/derived.ts");
  const { openRegistry } = await import("./interactions/registry.ts");
  const { createReader } = await import("./reader/reader.ts");
  const { DEFLATED } = await import("./pipeline/fetch.ts");
  const { depositPermit, openAccess, scopeCriteria } = await import("./main/access.ts");
  const { ownPatient } = await import("./reader/own-patient.ts");
  const turns = new (await import("./interactions/turns.ts")).Turns();
  const [openings, systems] = [new (await import("./interactions/openings.ts")).Openings(), config.patientSystems];
  const personIdOf = (await import("./search/person-ids.ts")).personIds(keys, systems);
  const renditions = await openRenditions(config, onUnkept);
  const indexing = indexTools(knowledge, parameters, { systems, hasFullText: config.hasFullText });
  const feed = await import("./main/feed.ts");
  const settings = await (await import("./main/settings.ts")).openSettings(record);
  const accounts = await (
    await import("./main/accounts.ts")
  ).openAccounts(config, { ...record, settings }, { onFault, onSignIn: (event) => trail.record([event]) });
  const subscribing = { ...record, settings, knowledge, parameters, sessions: accounts?.sessions, software, onFault };
  const subscriptions = await (await import("./main/subscriptions.ts")).openSubscriptions(config, subscribing);
  const jobs = await (await import("./main/jobs.ts")).openJobs({ ...record, onFault });
  const importing = (await import("./main/importing.ts")).importingWith(config, { turns, software, onFault });
  let work: Work | undefined;
  const describeFeed = feed.feedDescriber(config, keys, { knowledge, parameters }, { store, documentKeys });
  const derived = await openDerived({
    ...{
      ...record,
      personIdOf,
      definitions,
      parameters,
      onFault,
      describe: indexing.describe,
      onErased: (id) => jobs.erased(id),
      isShared: config.mongodbUrl !== undefined,
    },
    ...{ describeFeed, describeResources: (original) => describedBy(work, original) },
  });
  const { createDeciding } = await import("./reader/deciding.ts");
  const owning = { finder: derived.finder, searcher: derived.searcher, personIdOf };
  const deciding = createDeciding({ ...owning, store, documentKeys, limits: STORED_READ_LIMITS, definitions, systems });
  const consentRecords = feed.consentRecords(settings, { ...owning, store, documentKeys, systems, definitions });
  const { decided, policy } = await openAccess(isOpen, config, { ...owning, consentRecords });
  const auditing = await (await import("./main/trail.ts")).openAuditing(config, decided, { ...owning, ...record, onFault });
  const { access, trail } = auditing;
  const glass = (await import("./main/glass.ts")).openGlass({ policy, settings, trail, deciding, systems, ...owning, onFault });
  return {
    store,
    gate,
    servedAt: (localUrl) => {
      const baseUrl = config.baseUrl ?? localUrl;
      const fhirBase = `${baseUrl}/fhir`;
      const pages = pagesAt(fhirBase);
      const earlier: Questions["earlier"] = (identifier) => earlierDeposit(identifier, { keys, store });
      const worker = openWorkers({
        ...{ validator, pages, signatures, trust, keys, earlier, indexing, judge, isOpen, fhirBase, systems, fonts, verdicts, onPlain },
        ...{ hasFullText: config.hasFullText, signaturePolicy, hearing: terminology?.hearing, packages: packages?.data },
      });
      const doer = looking.work(worker);
      work = doer;
      const registry = openRegistry({
        ...feed.feedServices(config, { ...record, definitions, personIdOf }),
        depositing: looking.depositing({
          ...{ limits: DEFAULT_READ_LIMITS, work: doer, keys, documentKeys, store, ledger, gate, software, fhirBase, seals: record.seals },
          newId: () => randomUUID(),
          ...{ takeIn: derived.takeIn, permit: depositPermit(access, deciding) },
        }),
        reader: createReader({
          ...{ store, documentKeys, ...record.proving, finder: derived.finder, searcher: derived.searcher, historian: derived.historian },
          ...{ limits: STORED_READ_LIMITS, definitions, systems, personIdOf, access, renditions, inLog: record.inLog, logs: keys },
          scopeCriterion: scopeCriteria({ definitions, parameters, terminology: knowledge.terminology, base: fhirBase }),
          feeds: feed.feedMessages({ definitions, parameters, systems }),
          project: projector(() => doer),
          openContent: (request) => doer.do("open", request, { bytes: request.encryptedContent.length * DEFLATED }),
        }),
        ...{ glass: glass.needs, consentRecords, ownPatient: (id) => ownPatient(id, owning), personIdOf, systems },
        ...{ access, work: doer, definitions, parameters, terminology: knowledge.terminology, knowledge, halt, keys },
        ...{ ...senders, ...record.witnessing.served, ...subscriptions.needsAt(baseUrl), disclosing: auditing.disclosing },
        ...{
          bulk: { edition: BULK_EDITIONS[config.bulkEdition], isOpen },
          jobs: jobs.jobs,
          importing,
          isStamping: stamp !== undefined,
          conformance: conformanceNow(packages?.sets),
          valueSets,
          programDigest: programDigester(packages?.data.sets),
          store,
          ledger,
          baseUrl,
          software,
        },
      });
      record.epochs.start();
      record.samples.start({ work: doer, describeFeed, personIdOf });
      glass.watch(registry.glass);
      derived.start((original) => judgedBy(doer, original), config.hasXmlSeals ? { ...record, work: doer, stamp, onFault } : undefined);
      const embedded = accounts?.receptionAt(baseUrl);
      const printing = openPdfMaking({ engine: pdf, work: doer, keys, stamp });
      const door = openProof(config, { fhirBase, sessions: accounts?.sessions, own: embedded?.own, trail, onRefused, onFault });
      const context = { definitions, parameters, terminology: knowledge.terminology, base: fhirBase };
      const beginning = { access, deciding, derived, context, preparing: registry.preparing, served: { baseUrl, isOpen, door } };
      const { ownerNow } = subscriptions.needsAt(baseUrl);
      const served: Served = {
        jobs: jobs.servedWith({ workers: registry.jobWorkers, ownerNow, disclosing: auditing.disclosing }),
        ...{ registry, pages, store, gate, turns, openings, baseUrl, fhirBase, definitions, searchLag: derived.lag },
        ...printing,
        paper: config.paper,
        ...{ door, sockets: subscriptions.start(beginning) },
        reception: embedded?.reception,
        isOpen,
        audit: auditing.auditAt(fhirBase, registry.pages.listed),
      };
      looking.look(
        ...jobs.looks,
        ...looksAt({ ...record, ...record.proving, served, trail }),
        ...auditing.feedTrail(fhirBase),
        ...subscriptions.looks,
        ...(terminology?.looks ?? []),
      );
      return served;
    },
    firstLink: async (baseUrl) => accounts?.firstLink(baseUrl),
    close: async () => {
      await jobs.close();
      await glass.stop();
      derived.stopTakingIn();
      await work?.close();
      terminology?.close();
      await derived.stopFollowing();
      await subscriptions.close();
      await Promise.all(record.behind.map((one) => one.close()));
      openings.close();
      await ledger.close();
      await derived.close();
      await pdf.close();
      await judge.close();
      await signatures.close();
      await accounts?.close();
      await auditing.closeTrail();
      await store.close();
    },
  };
}
