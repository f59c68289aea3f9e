/** The whole HTTP interface in this process, over a real store and real keys in a folder of its own; pages and PDFs are plain ones of the test's. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Express } from "express";
import { pino } from "pino";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { openIndex } from "../../src/adapters/sqlite/open-index.ts";
import { openSqlite } from "../../src/adapters/sqlite/open.ts";
import { DEFAULT_READ_LIMITS, STORED_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { OPEN_DOOR, type Door } from "../../src/http/access/door.ts";
import { ByteBudget } from "../../src/http/bodies/byte-budget.ts";
import { createApp } from "../../src/http/app.ts";
import { Intake } from "../../src/http/bodies/intake.ts";
import { Lifecycle } from "../../src/http/operators/lifecycle.ts";
import { EVENT_STREAM_LIMITS } from "../../src/http/log/event-routes.ts";
import { HTTP_LIMITS, type HttpLimits } from "../../src/http/bounds/limits.ts";
import { SpoolFolder } from "../../src/http/bodies/spool.ts";
import type { Served } from "../../src/http/served.ts";
import type { PartLimits } from "../../src/interactions/fhir/bulk/export-files.ts";
import { BULK_EDITIONS } from "../../src/interactions/fhir/bulk/editions.ts";
import { openRegistry, type Services } from "../../src/interactions/registry.ts";
import { createReader } from "../../src/reader/reader.ts";
import { createAccess, type Access } from "../../src/security/access.ts";
import { STANDARD_POLICY, type AccessPolicy } from "../../src/security/policy/access-policy.ts";
import { isKnown, type Caller } from "../../src/core/asked.ts";
import { createDeciding, type Deciding } from "../../src/reader/deciding.ts";
import { ownPatient } from "../../src/reader/own-patient.ts";
import { depositPermit, scopeCriteria } from "../../src/main/access.ts";
import { accessBy, permitEverything, type Decide } from "../access.ts";
import { EntriesInLog } from "../../src/pipeline/log/entries-in-log.ts";
import type { RecordStore } from "../../src/pipeline/store/record-store.ts";
import type { Keys } from "../../src/core/crypto/keys.ts";
import type { DepositContext } from "../../src/pipeline/deposit.ts";
import type { Recording } from "../../src/pipeline/trail/trail.ts";
import { byTrust } from "../../src/search/same-person.ts";
import { notingAccess } from "../../src/security/trail/noting-access.ts";
import { earlierDeposit } from "../../src/pipeline/earlier-deposit.ts";
import { Openings } from "../../src/interactions/openings.ts";
import { Turns } from "../../src/interactions/turns.ts";
import type { RenderedPages } from "../../src/pipeline/render/pages/pages.ts";
import { ConsentRecords } from "../../src/interactions/fhir/consents/consent-records.ts";
import { openGlass } from "../../src/main/glass.ts";
import { openSubscriptionServices, type SubscriptionServices } from "../../src/main/subscription-services.ts";
import { ALLOW_NOTHING, type CallbackAllow } from "../../src/security/issuers/reach.ts";
import type { ImportSettings } from "../../src/config/import-settings.ts";
import { importingWith } from "../../src/main/importing.ts";
import { openJobs, type OpenJobs } from "../../src/main/jobs.ts";
import { openJobRows } from "../../src/adapters/sqlite/job-rows.ts";
import { InsideRequests } from "../../src/http/jobs/inside-requests.ts";
import { requestWorker } from "../../src/http/jobs/request-worker.ts";
import { openSettings } from "../../src/main/settings.ts";
import type { Settings } from "../../src/pipeline/settings.ts";
import type { AccessMode, IssuerSettings } from "../../src/config/access-settings.ts";
import { openDerived, type Derived } from "../../src/main/derived.ts";
import { describerOf } from "../../src/main/describer.ts";
import { feedMessages, identityFeed, mergedPersons } from "../../src/main/feed.ts";
import { eraseDocument } from "../../src/pipeline/custody.ts";
import { honourErasures } from "../../src/pipeline/erasures.ts";
import { createDocumentKeys } from "../../src/pipeline/store/document-keys.ts";
import { DepositGate } from "../../src/pipeline/gate.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
import { createInlineWork } from "../../src/pipeline/work/inline-work.ts";
import { sendableWork } from "./sendable-work.ts";
import type { TaskTools } from "../../src/pipeline/work/tasks.ts";
import { PdfCounts } from "../../src/interactions/pages/pdf-counts.ts";
import type { MadePdf } from "../../src/interactions/pages/make-pdf.ts";
import type { RenditionShelf } from "../../src/pipeline/store/rendition-shelf.ts";
import type { Work } from "../../src/pipeline/work/work.ts";
import { indexTools } from "../../src/search/index-tools.ts";
import { personIds } from "../../src/search/person-ids.ts";
import type { Predicate } from "../../src/search/predicate.ts";
import type { PatientSystems } from "../../src/search/same-person.ts";
import type { Conformance } from "../../src/core/fhir/conformance/conformance.ts";
import type { Watch } from "../../src/core/watch.ts";
import { watchedIndex, watchedRecord } from "../../src/telemetry/watched.ts";
import { auditPages } from "../../src/interactions/trail/audit-pages.ts";
import { trailQuestions } from "../../src/interactions/trail/search-trail.ts";
import { TrailKeys } from "../../src/pipeline/trail/trail-keys.ts";
import { TrailReading } from "../../src/pipeline/trail/read-trail.ts";
import type { TrailStore } from "../../src/pipeline/trail/trail-store.ts";
import { trailFacts } from "../../src/reader/trail-facts.ts";
import { MemorySessions } from "../contracts/memory-sessions.ts";
import { MemoryEvents } from "../contracts/memory-events.ts";
import { MemoryTrail } from "../contracts/memory-trail.ts";
import { MemoryErasures } from "../contracts/memory-erasures.ts";
import { serveLocally, type LocalServer } from "./local-server.ts";
import { describedBy, projector } from "../../src/main/index-work.ts";
import { answerHere, R4, SEARCH_PARAMETERS, VALIDATOR } from "../r4.ts";

export interface House extends LocalServer {
  readonly app: Express;
  readonly served: Served;
  readonly store: RecordStore;
  readonly keys: Keys;
  readonly depositing: DepositContext;
  readonly subscriptions: SubscriptionServices;
  readonly settings: Settings;
  readonly jobs: OpenJobs;
  /** What decides, and what follows what arrives. */
  readonly inside: { readonly access: Access; readonly deciding: Deciding; readonly derived: Derived };
  readonly eventRows: MemoryEvents;
  readonly lifecycle: Lifecycle;
  readonly intake: Intake;
  /** Every route that is mounted, by method and pattern; several patterns of one route each by itself. */
  readonly routes: readonly MountedRoute[];
  /** Lines of the access log, as JSON. */
  readonly logged: string[];
  /** Erases a document. */
  erase(id: string): Promise<void>;
}

/** Pages in words, so that a test sees what they were made from. */
export const PLAIN_PAGES: RenderedPages = {
  document: (presented, { locale, medium }) =>
    Promise.resolve(
      `<!doctype html><title>${presented.id}</title>${medium} ${locale} ${presented.relations.map((relation) => `${relation.kind} ${relation.other?.id ?? ""}`).join(" ")}`,
    ),
  judge: () => Promise.resolve(),
  furniture: () => ({ patient: "BRANDT, Ada", document: "Discharge letter", language: "en" }),
  properties: () => ({ title: "Discharge letter", language: "en", author: undefined, subject: undefined, writtenAt: undefined }),
  templatesVersion: "test",
  audit: (shown) => `<!doctype html><title>audit ${shown.kind}</title>${JSON.stringify(shown)}`,
  printedAccount: (shown) => ({
    html: JSON.stringify(shown),
    furniture: { patient: "BRANDT, Ada", document: "Account", language: "en" },
    title: "Account",
  }),
  start: ({ documents, next }, { query }) =>
    `<!doctype html><title>start</title>${query} ${documents.map(({ summary, foundBy = [] }) => `<a href="/documents/${summary.id}">${foundBy.map(({ field, value }) => `${field}=${value ?? ""}`).join(", ")}`).join("")} next ${next ?? "none"}`,
  patient: ({ id, documents, next }) =>
    `<!doctype html><title>patient ${id}</title>${documents.map(({ summary, isSuperseded, relations }) => `${summary.id}${isSuperseded ? " superseded" : ""}${relations.map(({ kind, other }) => ` ${kind} ${other?.id ?? ""}`).join("")}`).join("; ")} next ${next ?? "none"}`,
  verification: (id, report) =>
    `<!doctype html><title>verify ${id}</title>${report.checks.map((check) => `${check.name} ${check.result}`).join("\n")}`,
  verifyFile: (sent) => `<!doctype html><title>verify file</title>${sent ? `${sent.name} ${sent.result.verdict}` : "nothing"}`,
  verifier: () => Promise.resolve(undefined),
  keys: (shown) => `<!doctype html><title>keys</title>${JSON.stringify(shown)}`,
  check: ({ name, verdict, issues }) => `<!doctype html><title>check</title>${name}: ${verdict} ${issues.map((issue) => issue.rule).join(" ")}`,
  checkForm: () => "<!doctype html><title>check</title>",
  refusal: ({ issues }) => `<!doctype html><title>refused</title>${issues.map((issue) => issue.rule).join(" ")}`,
  account: (shown) => `<!doctype html><title>account ${shown.kind}</title>${JSON.stringify(shown)}`,
  error: ({ status, message }) => `<!doctype html><title>error ${status}</title>${message}`,
  signIn: (places) => `<!doctype html><title>sign in</title>${places.map(({ name, address }) => `<a href="${address}">${name}</a>`).join("")}`,
  signedOut: (onward) => `<!doctype html><title>signed out</title>${onward?.address ?? ""}`,
  glass: (shown) => `<!doctype html><title>glass ${shown.kind}</title>${JSON.stringify(shown)}`,
  subscriptions: (shown) => `<!doctype html><title>subscriptions</title>${JSON.stringify(shown)}`,
  jobs: (shown) => `<!doctype html><title>jobs</title>${JSON.stringify(shown)}`,
  signedIn: (finished, name, { glass }) =>
    name === undefined
      ? finished
      : `${finished}<p>signed in as ${name}</p>${(glass?.open ?? []).map(({ named, text }) => `<p>glass of ${named}: ${text}</p>`).join("")}`,
  assets: new Map([["/assets/0f.css", { body: "body{}", contentType: "text/css; charset=utf-8" }]]),
};

/** What work is done with that only a house has. */
export type ToolsOfHouse = Pick<TaskTools, "sealCertificates" | "earlierDeposit">;

/** What work is done with, besides pages. */
export const TOOLS = toolsUnder(new Set());

/** Under a list of systems that are unique to a person. */
function toolsUnder(systems: PatientSystems): Omit<TaskTools, "pages" | keyof ToolsOfHouse> {
  return {
    validator: VALIDATOR,
    answerSignatures: answerHere,
    trust: undefined,
    ...indexTools(R4, SEARCH_PARAMETERS, { systems, hasFullText: true }),
  };
}

export interface HouseOptions {
  readonly maxDocumentBytes?: number;
  readonly maxInFlightBytes?: number;
  readonly maxSpoolBytes?: number;
  readonly rateLimit?: number;
  readonly limits?: Partial<HttpLimits>;
  readonly baseUrl?: string;
  readonly decide?: Decide;
  /** By which is decided instead. */
  readonly policy?: AccessPolicy;
  /** Who sends a request, by its header `X-Test-Caller`; anybody else is anonymous. */
  readonly callers?: ReadonlyMap<string, Caller>;
  /** Where callers are known, as far as owners of subscriptions are asked about; the default: at whatever issuers the callers have. */
  readonly accessMode?: AccessMode;
  /** How it is known who asks; by default nobody is asked. */
  readonly door?: Door;
  /** Where events of the audit trail are told; the default: nowhere. */
  readonly trail?: Recording;
  /** What auditors' questions are answered from; the default: nothing was ever told. */
  readonly trailStore?: TrailStore;
  /** Identifier systems that are unique to a person. */
  readonly systems?: PatientSystems;
  /** Whether identity feeds are taken. */
  readonly hasIdentityFeed?: boolean;
  readonly renditions?: RenditionShelf;
  /** What may be called in private networks, and over http; the default: nothing. */
  readonly callbackAllow?: CallbackAllow;
  /** What imports may fetch, and how much they take; the default: nothing, and a megabyte. */
  readonly imports?: ImportSettings;
  /** Told of each PDF that is made; gives what is to be said of its stamp. */
  readonly onPdf?: () => Pick<MadePdf, "level" | "isStampMissing">;
  /** Where what takes long is done, with what the house gives for it; the default: at once, with plain pages. */
  readonly workWith?: (house: ToolsOfHouse) => Work;
  /** Code systems and value sets that may be asked about; the default: none. */
  readonly conformance?: () => Conformance;
  /** Waited for before the index takes in the rest of a document. */
  readonly beforeRest?: Promise<void>;
  /** When a part of an export ends. */
  readonly partLimits?: PartLimits;
  /** Changes what interactions work with. */
  readonly change?: (engines: Engines) => Engines;
  /** Told of each question to record and index. */
  readonly watch?: Watch;
  /** Told of what the index cannot take in; the default: it is thrown. */
  readonly onFault?: (error: unknown) => void;
}

export interface MountedRoute {
  readonly method: string;
  readonly pattern: string;
}

/** What Express has of its routers; its types leave it out. */
interface Mounted {
  readonly stack?: readonly {
    readonly route?: { readonly path: string | readonly string[]; readonly methods: Readonly<Record<string, boolean>> };
    readonly handle: Mounted;
  }[];
}

function routesIn({ stack = [] }: Mounted): MountedRoute[] {
  return stack.flatMap(({ route, handle }) => {
    if (!route) return routesIn(handle);
    const patterns = typeof route.path === "string" ? [route.path] : route.path;
    const methods = Object.keys(route.methods).filter((method) => method !== "_all");
    return patterns.flatMap((pattern) => methods.map((method) => ({ method: method.toUpperCase(), pattern })));
  });
}

export interface Engines {
  readonly store: RecordStore;
  readonly ledger: Services["ledger"] & DepositContext["ledger"];
}

export async function openHouse({
  maxDocumentBytes = 1_000_000,
  maxInFlightBytes = 10_000_000,
  maxSpoolBytes = 100_000_000,
  imports = { hosts: new Set(), maxBytes: 1_000_000 },
  rateLimit = 0,
  baseUrl = "https://documents.example.org",
  decide = permitEverything,
  policy,
  callers,
  accessMode = callers ? "oidc" : "open",
  door = OPEN_DOOR,
  trail,
  renditions,
  callbackAllow = ALLOW_NOTHING,
  onPdf = () => ({ level: "B-B", isStampMissing: false }),
  change = (engines) => engines,
  watch,
  beforeRest = Promise.resolve(),
  systems = new Set<string>(),
  hasIdentityFeed = false,
  onFault = (error: unknown): void => {
    throw error;
  },
  workWith = (house) => sendableWork(createInlineWork({ ...toolsUnder(systems), ...house, pages: () => Promise.resolve(PLAIN_PAGES) })),
  ...options
}: HouseOptions = {}): Promise<House> {
  const limits = { ...HTTP_LIMITS, spoolLeaves: 0, ...options.limits };
  const folder = mkdtempSync(join(tmpdir(), "chartulary-http-"));
  const keys = await openKeyFolder(join(folder, "keys"));
  const { store: plainStore, wrappedKeys, positions } = await openSqlite(join(folder, "chartulary.db"));
  const realStore = watch ? watchedRecord(plainStore, watch) : plainStore;
  const keptKeys = createDocumentKeys(keys, wrappedKeys);
  const realLedger = await Ledger.open(realStore, keys.log);
  const { store, ledger } = change({ store: realStore, ledger: realLedger });
  const work = workWith({
    sealCertificates: () => keys.sealCertificates,
    earlierDeposit: (identifier) => earlierDeposit(identifier, { keys, store }),
  });
  const documentKeys = honourErasures(keptKeys, store);
  const fhirBase = `${baseUrl}/fhir`;
  const personIdOf = personIds(keys, systems);
  const plainIndex = await openIndex(join(folder, "index.db"), { tag: "test" });
  const openedIndex = watch ? { ...plainIndex, index: watchedIndex(plainIndex.index, watch), close: () => plainIndex.close() } : plainIndex;
  const toolsOfIndex = indexTools(R4, SEARCH_PARAMETERS, { systems, hasFullText: true });
  const derived = await openDerived({
    ...{ openedIndex, store, documentKeys, positions, personIdOf, onFault, describe: toolsOfIndex.describe },
    definitions: R4.definitions,
    parameters: SEARCH_PARAMETERS,
    describeFeed: describerOf(
      { patientSystems: systems, hasFullText: true },
      keys,
      { knowledge: R4, parameters: SEARCH_PARAMETERS },
      { store, documentKeys },
    ).describeFeed,
    describeResources: (original) => beforeRest.then(() => describedBy(work, original)),
  });
  const gate = await DepositGate.open({
    ledger: realLedger,
    store: { fault: () => realStore.fault(), check: () => store.check() },
    keys,
    maxSkew: 10_000,
  });
  const settings = await openSettings({ store: realStore, documentKeys, keys, ledger: realLedger, gate });
  const consentRecords = new ConsentRecords(
    settings,
    mergedPersons({
      ...{ store: realStore, documentKeys, finder: derived.finder, searcher: derived.searcher, personIdOf, systems },
      definitions: R4.definitions,
    }),
  );
  const owning = (id: string): Promise<Predicate> => ownPatient(id, { finder: derived.finder, searcher: derived.searcher, personIdOf });
  const decided: Access = policy ? createAccess({ policy, ownPatient: owning, consents: () => consentRecords.book() }) : accessBy(decide);
  const access = notingAccess(decided);
  const { finder, searcher } = derived;
  const deciding = createDeciding({ store, documentKeys, finder, limits: STORED_READ_LIMITS, definitions: R4.definitions, systems });
  const depositing: DepositContext = {
    ...{ limits: DEFAULT_READ_LIMITS, work },
    ...{ keys, documentKeys, store, ledger, gate, fhirBase },
    software: "chartulary/test",
    newId: () => randomUUID(),
    takeIn: derived.takeIn,
    permit: (policy ?? trail) && depositPermit(access, deciding),
  };
  const glass = openGlass({
    ...{ policy: policy ?? STANDARD_POLICY, settings, deciding, systems, finder, searcher, personIdOf, onFault },
    trail: trail ?? { record: () => Promise.resolve() },
  });
  const eventRows = new MemoryEvents();
  const subscriptions = await openSubscriptionServices(
    {
      access: accessMode,
      proof: { callbackAllow, issuers: issuersOf(callers), clientCertificatesFile: undefined, tls: undefined, proxies: undefined },
    },
    {
      ...{
        settings,
        keys,
        onFault,
        software: "chartulary/test",
        store: realStore,
        knowledge: R4,
        parameters: SEARCH_PARAMETERS,
        rows: eventRows,
        sessions: undefined,
        documentKeys,
      },
      openSessions: () => Promise.resolve(new MemorySessions()),
    },
  );
  const turns = new Turns();
  const jobs = await openJobs({ keys, store, openJobs: () => openJobRows(join(folder, "jobs.db")), onFault });
  const disclosing = trail && { record: (events: Parameters<Recording["record"]>[0]) => trail.record(events), patientOf: () => Promise.resolve(undefined) }; // prettier-ignore
  const registry = openRegistry({
    glass: glass.needs,
    jobs: jobs.jobs,
    bulk: { edition: BULK_EDITIONS["2.0"], isOpen: door === OPEN_DOOR && !callers, partLimits: options.partLimits },
    importing: importingWith(
      { imports, maxDocumentBytes, proof: { callbackAllow }, access: door === OPEN_DOOR && !callers ? "open" : "embedded" },
      { turns, software: "chartulary/test", onFault },
    ),
    access,
    ...{ depositing, work, keys, store, ledger, baseUrl, software: "chartulary/test" },
    reader: createReader({
      ...{
        store,
        documentKeys,
        finder: derived.finder,
        searcher: derived.searcher,
        historian: derived.historian,
        limits: STORED_READ_LIMITS,
        definitions: R4.definitions,
        systems,
        personIdOf,
        access,
        renditions,
        ...{ logs: keys, inLog: new EntriesInLog({ logs: keys, store }) },
      },
      scopeCriterion: scopeCriteria({ definitions: R4.definitions, parameters: SEARCH_PARAMETERS, terminology: R4.terminology, base: fhirBase }),
      feeds: feedMessages({ definitions: R4.definitions, parameters: SEARCH_PARAMETERS, systems }),
      project: projector(() => work),
    }),
    ...{ personIdOf, systems, consentRecords, ownPatient: owning },
    ...subscriptions.needsAt(baseUrl),
    disclosing,
    identityFeed: hasIdentityFeed
      ? identityFeed({ store, documentKeys, ledger, gate, newId: () => randomUUID(), definitions: R4.definitions, systems, personIdOf })
      : undefined,
    definitions: R4.definitions,
    parameters: SEARCH_PARAMETERS,
    terminology: R4.terminology,
    knowledge: R4,
    conformance: options.conformance,
    signers: [],
    halt: () => undefined,
    programDigest: () => Promise.resolve("test"),
  });
  const trailStore = options.trailStore ?? new MemoryTrail();
  const reading = new TrailReading(trailStore, keys.audit, new TrailKeys(keys, trailStore));
  const factsOfTrail = trailFacts({ finder: derived.finder, searcher: derived.searcher, personIdOf, systems });
  const served: Served = {
    jobs: jobs.servedWith({ workers: registry.jobWorkers, ownerNow: subscriptions.needsAt(baseUrl).ownerNow, disclosing }),
    ...{ registry, store, gate, baseUrl, fhirBase, searchLag: derived.lag },
    pages: PLAIN_PAGES,
    makePdf: ({ html, furniture }) => Promise.resolve({ bytes: Buffer.from(`%PDF ${furniture.paper ?? ""} ${html}`), ...onPdf() }),
    pdfCounts: new PdfCounts(),
    paper: undefined,
    turns,
    openings: new Openings(),
    door,
    reception: undefined,
    isOpen: door === OPEN_DOOR,
    audit: trail && {
      trail,
      patientOf: async (own) => {
        const [first] = byTrust(own, systems);
        return first === undefined ? undefined : personIdOf(first);
      },
      questions: trailQuestions({ reading, access, facts: factsOfTrail, fhirBase }),
      pages: auditPages({
        reading,
        access,
        facts: factsOfTrail,
        listed: registry.pages.listed,
        waiting: () => 0,
        hasOthers: () => Promise.resolve(false),
        endedDays: () => trailStore.endedDays(),
      }),
    },
    definitions: R4.definitions,
  };
  const lifecycle = new Lifecycle();
  const logged: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void logged.push(line) });
  const intake = new Intake({
    memory: new ByteBudget(maxInFlightBytes),
    disk: new ByteBudget(maxSpoolBytes),
    spool: await SpoolFolder.open(join(folder, "spool"), limits.spoolLeaves),
    limits,
  });
  const facts = {
    version: "0.0.1",
    log,
    lifecycle,
    startedAt: new Date(),
    maxDocumentBytes,
    maxAnswerBytes: maxInFlightBytes,
    intake,
    rateLimit,
    limits,
    // Whoever walks all routes waits for none of them.
    eventStreams: { ...EVENT_STREAM_LIMITS, longest: 0 },
  };
  const app = createApp({ served, ...facts });
  const inside = new InsideRequests(app);
  served.jobs.start([requestWorker(inside)]);
  const named = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const caller: Caller = callers?.get(String(request.headers["x-test-caller"])) ?? { kind: "anonymous" };
    // What the gate says of a person's session (http/access/gate.ts).
    const glass = isKnown(caller) ? await registry.glass.stateOf(caller) : undefined;
    if (callers) Object.assign(response, { locals: { caller, glass } });
    app(request, response);
  };
  const server = await serveLocally((request, response) => void named(request, response));
  return {
    ...server,
    app,
    ...{ served, store, keys, depositing, subscriptions, eventRows, settings, jobs },
    inside: { access, deciding, derived },
    lifecycle,
    intake,
    routes: routesIn((app as unknown as { readonly router: Mounted }).router),
    logged,
    erase: async (id) => {
      const using = { store: realStore, ledger: realLedger, gate, documentKeys: keptKeys, newId: () => randomUUID() };
      await eraseDocument({ documentId: id, reason: "misfiled", text: "", by: "a test" }, { ...using, erasures: new MemoryErasures() });
    },
    close: async () => {
      await server.close();
      await jobs.close();
      inside.close();
      await realLedger.close();
      await derived.close();
      await subscriptions.close();
      await realStore.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whoever says who callers are is trusted. */
function issuersOf(callers: ReadonlyMap<string, Caller> = new Map()): IssuerSettings[] {
  const issuers = new Set([...callers.values()].flatMap((caller) => (isKnown(caller) ? [caller.issuer] : [])));
  return [...issuers].map((issuer) => ({ issuer, clientId: undefined, clientSecret: undefined }));
}
