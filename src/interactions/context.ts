import type { X509Certificate } from "node:crypto";
import type { DepositContext } from "../pipeline/deposit.ts";
import type { Ledger } from "../pipeline/log/ledger.ts";
import type { PdfEngine } from "../pipeline/render/pdf-engine.ts";
import type { DocumentStore } from "../pipeline/store/document-store.ts";
import type { Openings } from "./openings.ts";
import type { Turns } from "./turns.ts";
import type { RenderedPages } from "../pipeline/render/pages.ts";

/** What interactions work with: made once, by the composition root. */
export interface InteractionContext extends DepositContext {
  readonly ledger: Pick<Ledger, "append" | "checkpoint">;
  readonly store: DocumentStore;
  readonly pdf: PdfEngine;
  readonly pages: RenderedPages;
  /** Has the view of a new document made ready for its first reader; returns at once. */
  prepareView(id: string): void;
  /** Work on documents, bounded; and what is opened, opened once for all who ask. */
  readonly turns: Turns;
  readonly openings: Openings;
  /** Certificates of senders, or of authorities that vouch for them, that the operator trusts. */
  readonly signers: readonly X509Certificate[];
  /** Absolute address of the service, without a slash at the end; `fhirBase` lies below it. */
  readonly baseUrl: string;
  /** True while anybody who reaches the service may read and deposit: every page says so. */
  readonly isOpen: boolean;
}
