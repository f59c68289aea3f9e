import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { renderAccountPage, type AccountPage } from "./account-pages.ts";
import { renderAnomaliesPage } from "./anomalies-page.ts";
import { renderAuditPage } from "./audit-page.ts";
import type { AuditPage, Disclosures } from "./audit-shown.ts";
import { disclosuresFurniture, patientName, renderDisclosuresPage } from "./disclosures-page.ts";
import { openAssets, templatesVersion } from "./assets.ts";
import type { DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import { documentLanguage, judgeNarratives } from "../narrative/attested.ts";
import { documentFurniture, documentProperties, renderDocumentPage, type DocumentProperties } from "./document-page.ts";
import { renderCheckForm, renderCheckPage, type CheckedDocument } from "./check-page.ts";
import type { FinderFields } from "./finder-form.ts";
import { renderErrorPage, type ErrorFacts } from "./error-page.ts";
import { renderKeysPage, type ShownKeys } from "./keys-page.ts";
import { localeFor } from "../locale-for.ts";
import { createNarrativePresenter, type NarrativeContext } from "../narrative/narrative.ts";
import type { PageOptions } from "./page.ts";
import { renderPatientPage, type PatientDocuments } from "./patient-page.ts";
import type { Halt } from "../../document-forms.ts";
import type { PdfFurniture } from "../pdf-engine.ts";
import type { CodeNames } from "../generated/render-context.ts";
import type { PresentedDocument } from "./presented.ts";
import { renderRefusalPage, type RefusedDocument } from "./refusal-page.ts";
import { renderStartPage, type ListedDocuments } from "./start-page.ts";
import { renderSignedOutPage, renderSignInPage, type SignInLink } from "./sign-in-page.ts";
import { renderGlassPage, type GlassPage } from "./glass-page.ts";
import type { GlassMark } from "./glass-banner.ts";
import { renderJobsPage, type JobsPage } from "./jobs-page.ts";
import { renderSubscriptionsPage, type SubscriptionsPage } from "./subscriptions-page.ts";
import { withSignedIn } from "./signed-in.ts";
import type { Asset, WebFonts } from "./web-fonts.ts";
import { createPageVerifier, type PageVerifier } from "./page-verifier.ts";
import type { Verified } from "./verification-form.ts";
import { renderVerifyFilePage, renderVerifyPage, type VerifierInPage } from "./verify-page.ts";
import type { VerificationResult } from "./verification-outcome.ts";

/** What a PDF of an account is made from. */
export interface PrintedAccount {
  readonly html: string;
  readonly furniture: PdfFurniture;
  readonly title: string;
}

export interface PagesContext extends NarrativeContext {
  /** By which data is told what it is. */
  readonly definitions: Definitions;
  /** What code systems call their codes, where a document has no words for one; undefined: nothing is known of them. */
  readonly codeNames?: CodeNames | undefined;
  /** True while there is no access control. */
  readonly isOpen: boolean;
  /** True in a service that keeps nothing. */
  readonly keepsNothing?: boolean;
  /** Why no document is taken at this moment; undefined when documents are. */
  halt?(): Halt["kind"] | undefined;
  /** Absolute address to which documents are sent. */
  readonly depositAddress: string;
  /** True while no identifier system is listed as unique to a person. */
  readonly isEachAlone?: boolean;
  /** For pages on a screen; those for a PDF get theirs from its engine. */
  readonly fonts?: WebFonts | undefined;
  /** The script of the verifier for browsers; undefined where it was not built. */
  loadVerifier?(): Promise<string | undefined>;
  /** Profiles that a file may be looked at by, as they are offered; undefined where no packages are loaded. */
  profiles?(): readonly string[] | undefined;
  /** The clock by which ages are told. */
  now(): Date;
}

/** Everything that people see. `locale`: the language (BCP 47) that the reader asked for. */
export interface RenderedPages {
  document(presented: PresentedDocument, options: { readonly locale: string; readonly medium: "screen" | "print" }): Promise<string>;
  /** Has the narratives judged that a document's page shows on a screen: nothing is made of it. */
  judge(document: DocumentBundle): Promise<void>;
  furniture(presented: PresentedDocument, options: { readonly locale: string }): PdfFurniture;
  properties(presented: PresentedDocument, options: { readonly locale: string }): DocumentProperties;
  /** Who saw what. */
  audit(shown: AuditPage, options: { readonly locale: string }): string;
  /** The account of disclosures as it is printed. */
  printedAccount(shown: Disclosures, options: { readonly locale: string }): PrintedAccount;
  start(
    listing: ListedDocuments,
    options: {
      readonly locale: string;
      readonly query: string;
      readonly fields?: FinderFields;
      readonly isAuditor?: boolean;
      readonly isOverseer?: boolean;
    },
  ): string;
  patient(shown: PatientDocuments, options: { readonly locale: string; readonly hasAccount?: boolean }): string;
  verification(id: string, result: VerificationResult, options: { readonly locale: string }): string;
  /** Undefined before a file was sent. */
  verifyFile(sent: Verified | undefined, options: { readonly locale: string; readonly verifier?: VerifierInPage | undefined }): string;
  /** What verifies in a browser; undefined where it was not built. */
  verifier(): Promise<PageVerifier | undefined>;
  /** By which keys the repository seals and signs. */
  keys(shown: ShownKeys, options: { readonly locale: string }): string;
  check(checked: CheckedDocument, options: { readonly locale: string }): string;
  /** Where a file is chosen that is looked at alone. */
  checkForm(options: { readonly locale: string }): string;
  refusal(refused: RefusedDocument, options: { readonly locale: string }): string;
  /** Where people prove who they are, and say what an app may have. */
  account(shown: AccountPage, options: { readonly locale: string }): string;
  error(error: ErrorFacts, options: { readonly locale: string }): string;
  signIn(places: readonly SignInLink[], options: { readonly locale: string }): string;
  signedOut(onward: SignInLink | undefined, options: { readonly locale: string }): string;
  glass(shown: GlassPage, options: { readonly locale: string }): string;
  /** How subscriptions stand, for operators. */
  subscriptions(shown: SubscriptionsPage, options: { readonly locale: string }): string;
  /** How work stands that goes on behind requests. */
  jobs(shown: JobsPage, options: { readonly locale: string }): string;
  /** A finished page, as it is written for somebody: it says who is signed in, and which glass they broke. */
  signedIn(finished: string, name: string | undefined, options: { readonly locale: string; readonly glass?: GlassMark }): string;
  readonly assets: ReadonlyMap<string, Asset>;
  /** Changes with what a PDF is laid out by. */
  readonly templatesVersion: string;
}

export function createPages(context: PagesContext): RenderedPages {
  const { isOpen, depositAddress, isEachAlone = false } = context;
  const assets = openAssets(context.fonts);
  const narratives = createNarrativePresenter(context);
  const asked = (tag: string): PageOptions => ({
    locale: localeFor([tag]),
    isOpen,
    keepsNothing: context.keepsNothing,
    halt: context.halt?.(),
    profiles: context.profiles?.(),
    assets,
  });
  const at = (path: string, tag: string) => ({ ...asked(tag), now: context.now(), address: new URL(`..${path}`, depositAddress).href });
  return {
    document: (presented, { locale, medium }) =>
      renderDocumentPage(presented, {
        locale: localeFor([locale, documentLanguage(presented.document)]),
        isOpen,
        halt: context.halt?.(),
        assets,
        medium,
        narratives,
        definitions: context.definitions,
        codeNames: context.codeNames,
        now: context.now(),
      }),
    judge: (document) =>
      judgeNarratives(document, {
        narratives,
        definitions: context.definitions,
        locale: localeFor([documentLanguage(document)]),
        medium: "screen",
      }),
    furniture: (presented, { locale }) => documentFurniture(presented, localeFor([locale, documentLanguage(presented.document)]), context.now()),
    properties: (presented, { locale }) => documentProperties(presented, localeFor([locale, documentLanguage(presented.document)]), context.now()),
    audit: (shown, { locale }) => renderAudit(shown, asked(locale)),
    printedAccount: (shown, { locale }) => ({
      html: renderDisclosuresPage(shown, { ...asked(locale), medium: "print" }),
      furniture: disclosuresFurniture(shown, localeFor([locale])),
      title: `${patientName(shown)} – ${localeFor([locale]).word("disclosures-title")}`,
    }),
    start: (listing, { locale, query, fields = {}, isAuditor = false, isOverseer = false }) =>
      renderStartPage(listing, { ...asked(locale), query, fields, depositAddress, isEachAlone, isAuditor, isOverseer }),
    patient: (shown, { locale, hasAccount = false }) => renderPatientPage(shown, { ...asked(locale), hasAccount, now: context.now() }),
    verification: (id, result, { locale }) => renderVerifyPage(id, result, at(`/documents/${id}/verify`, locale)),
    verifyFile: (sent, { locale, verifier }) => renderVerifyFilePage(sent, { ...at("/verify", locale), verifier }),
    verifier: createPageVerifier(context.loadVerifier ?? (() => Promise.resolve(undefined))),
    keys: (shown, { locale }) => renderKeysPage(shown, at("/certificates", locale)),
    check: (checked, { locale }) => renderCheckPage(checked, asked(locale)),
    checkForm: ({ locale }) => renderCheckForm(asked(locale)),
    refusal: (refused, { locale }) => renderRefusalPage(refused, asked(locale)),
    account: (shown, { locale }) => renderAccountPage(shown, { ...asked(locale), passkeyScript: assets.passkeyScript }),
    error: (error, { locale }) => renderErrorPage(error, asked(locale)),
    signIn: (places, { locale }) => renderSignInPage(places, asked(locale)),
    signedOut: (onward, { locale }) => renderSignedOutPage(onward, asked(locale)),
    glass: (shown, { locale }) => renderGlassPage(shown, { ...asked(locale), now: context.now() }),
    subscriptions: (shown, { locale }) => renderSubscriptionsPage(shown, asked(locale)),
    jobs: (shown, { locale }) => renderJobsPage(shown, asked(locale)),
    signedIn: (finished, name, { locale, glass }) => withSignedIn(finished, name, { locale: localeFor([locale]), glass, now: context.now() }),
    assets: assets.files,
    templatesVersion: templatesVersion(),
  };
}

function renderAudit(shown: AuditPage, options: PageOptions): string {
  if (shown.kind === "events") return renderAuditPage(shown, options);
  return shown.kind === "disclosures" ? renderDisclosuresPage(shown, { ...options, medium: "screen" }) : renderAnomaliesPage(shown, options);
}
