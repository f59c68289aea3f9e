import { batchInteraction, type BatchInteraction } from "./fhir/batch/batch.ts";
import { depositDocument, type DepositNeeds } from "./fhir/deposit-document.ts";
import { consentInteractions, type ConsentNeeds } from "./fhir/consents/consents.ts";
import { glassInteractions, type GlassInteractions, type GlassNeeds } from "./glass/glass.ts";
import type { Preparing } from "../events/prepared.ts";
import type { Jobs, JobWorker } from "../jobs/job.ts";
import type { KeptResources } from "./fhir/kept/kept-resources.ts";
import { preparing, type PreparingNeeds } from "./fhir/subscriptions/prepare-notifications.ts";
import { subscriptionOperations, type SubscriptionOperationNeeds } from "./fhir/subscriptions/subscription-operations.ts";
import { resendOperation, type ResendNeeds } from "./fhir/subscriptions/resend-operation.ts";
import { subscriptionInteractions, type SubscriptionNeeds } from "./fhir/subscriptions/subscriptions.ts";
import { graphInteraction, type GraphInteraction, type GraphNeeds } from "./fhir/graphql/graphql.ts";
import type { CreateInteraction, FhirInteraction } from "./interaction.ts";
import type { FhirOperation } from "./fhir/operation.ts";
import { jobList, type JobList } from "./pages/job-list.ts";
import { pageInteractions, type PageInteractions, type PageNeeds } from "./pages/page-interactions.ts";
import { readDocument, readDocumentVersion, type ReadNeeds } from "./fhir/read-document.ts";
import { historyInteractions, type HistoryInteractions, type HistoryNeeds } from "./fhir/read-history.ts";
import { keyInteractions, type KeyInteractions } from "./log/kept-keys.ts";
import { followLog, type LogFollowing } from "./log/follow-log.ts";
import { logInteractions, type LogInteractions, type LogNeeds } from "./log/read-log.ts";
import { readOriginal, readOriginalVersion } from "./fhir/read-original.ts";
import { resourceInteractions, type ResourceInteractions, type SearchNeeds } from "./fhir/search-resources.ts";
import { operatorSubscriptions, type OperatorNeeds, type OperatorSubscriptions } from "./pages/operator-subscriptions.ts";
import { importOperation } from "./fhir/bulk/import-operation.ts";
import { importWorker, type ImportNeeds } from "./fhir/bulk/import-worker.ts";
import type { BulkEdition } from "./fhir/bulk/editions.ts";
import { exportDownloads, type ExportDownloads } from "./fhir/bulk/export-downloads.ts";
import type { PartLimits } from "./fhir/bulk/export-files.ts";
import { exportOperation, type ExportNeeds } from "./fhir/bulk/export-operation.ts";
import { exportWorker, type ExportWorkerNeeds } from "./fhir/bulk/export-worker.ts";
import { documentOperation } from "./fhir/operations/document.ts";
import { documentReferences } from "./fhir/operations/document-references.ts";
import { everythingOperation } from "./fhir/operations/everything.ts";
import { lastObservations } from "./fhir/operations/last-observations.ts";
import { routedOperations } from "./fhir/routed-operations.ts";
import { ownDefinitions } from "./fhir/own-definitions.ts";
import { findAmong, searchedDefinitions, type SearchedDefinitions } from "./fhir/search-definitions.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import { generateMetadata } from "./fhir/mhd/generate-metadata.ts";
import type { SubmissionNeeds } from "./fhir/mhd/provide-documents.ts";
import { publishDocument } from "./fhir/mhd/publish-document.ts";
import { processMessage, type MessageNeeds } from "./fhir/messages/process-message.ts";
import { feedPatient, type FeedPatientNeeds, type UpdateInteraction } from "./fhir/identity/feed-patient.ts";
import { pixOperation, type PixNeeds } from "./fhir/operations/ihe-pix.ts";
import { verifyOperation } from "./fhir/operations/verify.ts";
import { termOperations } from "./fhir/terminology/term-operations.ts";
import type { TermNeeds } from "./fhir/terminology/term-question.ts";
import { versionsOperation } from "./fhir/operations/versions.ts";
import { jobInteractions, type JobInteractions } from "./fhir/jobs/job-status.ts";
import { validateOperation, type ValidateNeeds } from "./fhir/validate-resource.ts";

/** Everything that may be asked of us, by what it is. Routes and CapabilityStatement are made from it alone, so that neither can say what the other does not do. */
export interface Registry {
  readonly fhir: FhirRegistry;
  readonly pages: PageInteractions;
  readonly log: LogInteractions;
  /** The log as it grows. */
  readonly following: LogFollowing;
  readonly keys: KeyInteractions;
  readonly glass: GlassInteractions;
  /** How subscriptions stand, for whoever looks after the service. */
  readonly subscriptions: OperatorSubscriptions;
  /** The one way in, which is among `fhir` too. */
  readonly deposit: CreateInteraction;
  /** Who makes notifications ready to be sent. */
  readonly preparing: Preparing;
  /** How it stands, for whoever ordered it. */
  readonly jobs: JobInteractions;
  readonly jobList: JobList;
  /** Who does what goes on behind requests. */
  readonly jobWorkers: readonly JobWorker[];
  /** The files of bulk exports. */
  readonly exports: ExportDownloads;
}

/** What a FHIR client may ask. */
export interface FhirRegistry {
  readonly interactions: readonly FhirInteraction[];
  readonly operations: readonly FhirOperation[];
  /** What stands in documents: found and read by itself. */
  readonly resources: ResourceInteractions;
  readonly histories: HistoryInteractions;
  readonly batch: BatchInteraction;
  readonly graphql: GraphInteraction;
  /** Of Bulk Data Access. */
  readonly bulkEdition: BulkEdition;
  /** By which identity feeds say who a person is; undefined where none is taken. */
  readonly update: UpdateInteraction | undefined;
  /** What is entered here beside documents, and changes by versions: consents, of which what they permit counts, and subscriptions. */
  readonly kept: readonly KeptResources[];
  /** Code systems and value sets that may be asked about; undefined where none may. */
  readonly conformance: TermNeeds["conformance"] | undefined;
  /** What the service says of itself. */
  readonly ownDefinitions: SearchedDefinitions;
}

/** What all interactions need together; each is given it as the part that it names. */
export type Services = Omit<SearchNeeds & HistoryNeeds, "fhirBase" | "own" | "consents" | "kept"> &
  DepositNeeds &
  Omit<SubmissionNeeds, "fhirBase" | "resources"> &
  ReadNeeds &
  ValidateNeeds &
  FeedPatientNeeds &
  PixNeeds &
  Omit<ConsentNeeds, "fhirBase"> &
  Omit<SubscriptionNeeds, "fhirBase"> &
  Omit<SubscriptionOperationNeeds, "fhirBase" | "subscriptions"> &
  Omit<PreparingNeeds, "fhirBase"> &
  Pick<ResendNeeds, "callbacks"> &
  Pick<OperatorNeeds, "eventRows"> &
  Omit<PageNeeds, "fhirBase"> &
  LogNeeds &
  Pick<MessageNeeds, "outbox" | "callbackAllow"> &
  Pick<GraphNeeds, "reader"> &
  Pick<TermNeeds, "valueSets"> & {
    readonly glass: GlassNeeds;
    /** Code systems and value sets that are in force today; absent: nothing may be asked about codes. */
    readonly conformance?: TermNeeds["conformance"] | undefined;
    /** What goes on behind requests. */
    readonly jobs: Jobs;
    readonly bulk: { readonly edition: BulkEdition; readonly isOpen: boolean; readonly partLimits?: PartLimits | undefined };
    /** What imports are done with. */
    readonly importing: Omit<ImportNeeds, "deposit" | "jobAddress">;
    readonly store: ExportNeeds["store"];
    readonly keys: ExportWorkerNeeds["keys"];
    /** Of FHIR, by which our own definitions are searched. */
    readonly knowledge: Knowledge;
  };

export function openRegistry(services: Services): Registry {
  const deposit = depositDocument(services);
  const { fhirBase } = services.depositing;
  const consents = consentInteractions({ ...services, fhirBase });
  const subscriptions = subscriptionInteractions({ ...services, fhirBase });
  const telling = { ...services, fhirBase, subscriptions };
  const told = preparing(telling);
  const kept = [consents, subscriptions];
  const searching = { ...services, fhirBase, consents, kept };
  const resourceTypes = services.definitions.resourceTypes();
  const since = new Date();
  // Operations are known when the first of them is asked for.
  const own = searchedDefinitions(
    () => ownDefinitions(routedOperations(fhir, resourceTypes), services.parameters, { fhirBase, startedAt: since, resourceTypes }),
    {
      knowledge: services.knowledge,
      parameters: services.parameters,
    },
  );
  const importing = { ...services.importing, deposit, jobAddress: (id: string) => `${fhirBase}/jobs/${id}` };
  const exporting = {
    ...{ ...services, fhirBase, bulkEdition: services.bulk.edition, isOpen: services.bulk.isOpen, partLimits: services.bulk.partLimits },
    context: { definitions: services.definitions, parameters: services.parameters, terminology: services.terminology, base: fhirBase },
    jobAddress: (id: string) => `${fhirBase}/jobs/${id}`,
  };
  const resources = resourceInteractions({ ...searching, own });
  const readBundle = readDocument(services);
  const graphql = graphInteraction({
    ...services,
    ...{ own, resources, kept, fhirBase },
    work: services.depositing.work,
    findAmong: findAmong(services.knowledge, services.parameters),
    types: [...resources.types, "Binary"],
  });
  const fhir: Omit<FhirRegistry, "batch"> = {
    ownDefinitions: own,
    interactions: [
      deposit,
      publishDocument({ ...searching, resources }),
      readBundle,
      readDocumentVersion(services),
      readOriginal(services),
      readOriginalVersion(services),
    ],
    operations: [
      validateOperation(services),
      documentOperation({ ...searching, readBundle }),
      documentReferences(searching),
      everythingOperation({ ...searching, resources }),
      lastObservations(searching),
      generateMetadata({ ...services, deposit }),
      processMessage({ ...services, resources }),
      importOperation({ ...services, ...importing }),
      exportOperation(exporting),
      versionsOperation(),
      verifyOperation(services),
      graphql.operation,
      // Without a system that is unique to a person a feed could teach nothing.
      ...(services.systems.size > 0 ? [pixOperation(services)] : []),
      ...(services.conformance ? termOperations({ ...services, conformance: services.conformance }) : []),
      ...subscriptionOperations(telling),
      resendOperation({ ...telling, preparing: told }),
    ],
    update: feedPatient(services),
    conformance: services.conformance,
    graphql,
    bulkEdition: services.bulk.edition,
    kept,
    resources,
    histories: historyInteractions({ ...services, fhirBase }, [...resources.types, "Binary"]),
  };
  return {
    fhir: { ...fhir, batch: batchInteraction({ ...services, ...fhir, fhirBase, deposit }) },
    pages: pageInteractions(searching),
    log: logInteractions(services),
    following: followLog(services),
    keys: keyInteractions(services),
    subscriptions: operatorSubscriptions(telling),
    glass: glassInteractions({ ...services.glass, access: services.access }),
    deposit,
    preparing: told,
    jobs: jobInteractions({ ...services, kept }),
    jobWorkers: [exportWorker(exporting), importWorker(importing)],
    exports: exportDownloads(services),
    jobList: jobList(services),
  };
}
