/** `chartulary serve --only NAME`: one of what the repository does, by itself. Nothing is opened that is kept: no data folder, no database, no keys. A part of the composition root. */
import { readFile } from "node:fs/promises";
import type { Config } from "../config.ts";
import { AppError } from "../core/errors.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { SearchParameters } from "../core/fhir/r4/search-parameters.ts";
import type { Refused } from "../http/access/door.ts";
import type { Stateless } from "../http/services/stateless.ts";
import type { PagesContext } from "../pipeline/render/pages/pages.ts";
import type { ServiceName } from "../interactions/service-names.ts";
import { offeredProfiles } from "./offered-profiles.ts";
import { openSignaturePolicy } from "./setting-files.ts";
import { openSenderTrust } from "./signer-trust.ts";
import { openTelemetry, type Looking } from "./telemetry.ts";
import { openStamping } from "./stamping.ts";
import { toldToStop } from "./surroundings.ts";

/** From start to end; gives the exit code. AppError `invalid` for settings that such a service cannot have. */
export async function serveStateless(
  name: ServiceName,
  config: Config,
  { version, knowledge, openParameters }: Pick<Opening, "version" | "knowledge" | "openParameters">,
): Promise<number> {
  refuseSettings(config);
  const { log, ...lines } = await (await import("./process-log.ts")).openProcessLog(config);
  const { describe } = await import("../http/answers/errors.ts");
  const { runService } = await import("../http/service.ts");
  const { createStatelessApp } = await import("../http/services/stateless-app.ts");
  const looking = await openTelemetry(config, version);
  const opened = await openStateless(name, config, {
    ...{ version, knowledge, openParameters, looking },
    onPlain: (event) => log.warn(event, "a narrative is shown as plain text"),
    onRefused: ({ requestId, reason, detail }) => log.info({ requestId, reason, detail }, "somebody was not let in"),
    onFault: (error, what) => (error === undefined ? log.warn(what) : log.error(describe(error), what)),
  });
  try {
    return await runService<Stateless>({
      ...{ config, version, log, serveAt: opened.servedAt, createApp: createStatelessApp, spoolFolder: undefined },
      lostLogLines: lines.lost,
      watch: looking.requests,
      figures: looking.figures,
      prepare: () => Promise.resolve(),
      announce: (url) => process.stdout.write(`Chartulary (${name} alone) is open at ${url}\n`),
      toldToStop: toldToStop(),
    });
  } finally {
    await opened.close();
    await looking.close();
    await lines.end();
  }
}

/** Accounts and sessions are kept, and nothing is kept here. */
function refuseSettings({ access }: Config): void {
  if (access === "embedded")
    throw new AppError(
      "invalid",
      "ACCESS is embedded, and with --only nothing is kept, accounts neither: set ACCESS=oidc with the repository, or whoever signs people in, as OIDC_ISSUER",
    );
}

interface Opening {
  readonly version: string;
  readonly knowledge: Knowledge;
  openParameters(): SearchParameters;
  readonly looking: Looking;
  readonly onPlain: PagesContext["onPlain"];
  onRefused(refused: Refused): void;
  onFault(error: unknown, what: string): void;
}

interface OpenedService {
  servedAt(localUrl: string): Stateless;
  close(): Promise<void>;
}

async function openStateless(
  name: ServiceName,
  config: Config,
  { version, knowledge, openParameters, looking, onPlain, onRefused, onFault }: Opening,
): Promise<OpenedService> {
  const { DEFAULT_READ_LIMITS: limits, STORED_READ_LIMITS } = await import("../core/fhir/reading/read-limits.ts");
  const { definitions } = knowledge;
  const signaturePolicy = await openSignaturePolicy(config);
  const { timeAuthorities } = await openStamping(config, () => undefined);
  const { trust } = await openSenderTrust(config, timeAuthorities, onFault);
  const software = `chartulary/${version}`;
  const takes = { packages: name !== "verify", terminology: name === "validate" };
  const { validator, packages, terminology, valueSets } = await (
    await import("./validating.ts")
  ).openValidating(config, { knowledge, software, onFault }, takes);
  looking.look(...(terminology?.looks ?? []));
  const signatures = (await import("../pipeline/sign/signature-checker.ts")).createSignatureChecker(definitions, STORED_READ_LIMITS);
  const { openFonts, openPdfEngine } = await import("./browser.ts");
  const shelf = await openFonts();
  const fonts = await (await import("../adapters/fonts/web-fonts.ts")).openWebFonts(shelf);
  const isOpen = config.access === "open";
  const { pagesAt, judge } = await (
    await import("./page-making.ts")
  ).openPages({
    ...{ knowledge, sets: packages?.sets, valueSets, ...offeredProfiles(packages?.data) },
    ...{ isOpen, keepsNothing: true, verdicts: NO_MEMORY, onPlain, fonts },
  });
  const pdf = name === "render" ? looking.pdf(await openPdfEngine(config, shelf)) : undefined;
  const { indexTools } = await import("../search/index-tools.ts");
  const systems = config.patientSystems;
  const indexing = indexTools(knowledge, openParameters(), { systems, hasFullText: config.hasFullText });
  const { openWorkers } = await import("./workers.ts");
  const { openProof } = await import("./proof.ts");
  const { verifySentOperation } = await import("../interactions/fhir/operations/verify.ts");
  const { validateOperation } = await import("../interactions/fhir/validate-resource.ts");
  const { checkFile } = await import("../interactions/pages/check-file.ts");
  const { verifyHeldFile } = await import("../interactions/pages/verify-document.ts");
  const { renderSent } = await import("../interactions/pages/render-sent.ts");
  const { makePdf } = await import("../interactions/pages/make-pdf.ts");
  const [turns, openings] = [new (await import("../interactions/turns.ts")).Turns(), new (await import("../interactions/openings.ts")).Openings()];
  const pdfCounts = new (await import("../interactions/pages/pdf-counts.ts")).PdfCounts();
  const trustText = config.trustFile === undefined || name !== "verify" ? undefined : await readFile(config.trustFile);
  let closing = (): Promise<void> => Promise.resolve();
  return {
    servedAt: (localUrl) => {
      const baseUrl = config.baseUrl ?? localUrl;
      const fhirBase = `${baseUrl}/fhir`;
      const pages = pagesAt(fhirBase);
      const worker = openWorkers({
        ...{ validator, pages, signatures, trust, indexing, judge, isOpen, fhirBase, systems, fonts, verdicts: NO_MEMORY, onPlain, signaturePolicy },
        ...{
          keys: { sealCertificates: [] },
          earlier: () => Promise.resolve(undefined),
          hasFullText: config.hasFullText,
          hearing: terminology?.hearing,
          packages: packages?.data,
        },
      });
      closing = () => worker.close();
      const work = looking.work(worker);
      const validating = { depositing: { limits, work }, reader: NOBODY_KEEPS };
      const verifying = { work, ownTrust: () => trustText };
      const door = openProof(config, { fhirBase, sessions: isOpen ? undefined : "none", trail: NO_TRAIL, onRefused, onFault });
      const made = { limits, work, software };
      return {
        ...{ name, baseUrl, fhirBase, definitions, pages, turns, openings, door, isOpen, pdfCounts, paper: config.paper },
        gate: ALWAYS_READY,
        searchLag: () => Promise.resolve(undefined),
        operations:
          name === "validate"
            ? [{ ...validateOperation(validating), levels: ["system", "type"] }]
            : name === "verify"
              ? [verifySentOperation({ ...verifying, depositing: { limits, fhirBase } })]
              : [],
        ...(name === "validate" && { check: (asked, content, profile) => checkFile(asked, content, validating, profile) }),
        ...(name === "verify" && { verifyFile: (asked, held) => verifyHeldFile(asked, held, verifying), trust: trustText?.toString("utf8") }),
        ...(pdf && {
          render: (sent, choice) =>
            renderSent(sent, choice, {
              ...made,
              makePdf: async (printable) => {
                const finish = (printed: Uint8Array, facts: typeof printable.facts): Promise<Uint8Array> =>
                  work.do("finish", { printed, facts }, { bytes: printed.length, handOver: [printed] });
                const one = await makePdf(printable, { engine: pdf, finish });
                pdfCounts.made += 1;
                return one;
              },
            }),
        }),
      };
    },
    close: async () => {
      await closing();
      terminology?.close();
      openings.close();
      await pdf?.close();
      await judge.close();
      await signatures.close();
    },
  };
}

/** Each document is looked at once. */
const NO_MEMORY = { get: () => undefined, put: () => undefined };

/** Nothing stands against work, since nothing is kept. */
const ALWAYS_READY: Stateless["gate"] = { check: () => Promise.resolve(), warning: () => undefined, sealEnds: undefined };

const NO_TRAIL = { record: () => Promise.resolve() };

const NOBODY_KEEPS = {
  document: () => Promise.reject(new AppError("not-found", "Nothing is kept here.")),
  mayName: () => Promise.resolve(false),
};
