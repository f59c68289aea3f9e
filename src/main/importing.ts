/** What bulk import is done with. A part of the composition root. */
import { openFetcher } from "../adapters/callbacks/open-fetcher.ts";
import type { Config } from "../config.ts";
import type { ImportNeeds } from "../interactions/fhir/bulk/import-worker.ts";
import { callbackLookup } from "../security/issuers/reach.ts";

export type Importing = Omit<ImportNeeds, "deposit" | "jobAddress">;

export function importingWith(
  {
    imports,
    maxDocumentBytes,
    proof,
    access,
  }: Pick<Config, "imports" | "maxDocumentBytes" | "access"> & { readonly proof: Pick<Config["proof"], "callbackAllow"> },
  { software, ...given }: Pick<Importing, "turns" | "onFault"> & { readonly software: string },
): Importing {
  const fetcher = openFetcher({ hosts: imports.hosts, lookupOf: (url) => callbackLookup(url, proof.callbackAllow), software });
  return { ...given, fetcher, maxDocumentBytes, maxImportBytes: imports.maxBytes, isOpen: access === "open" };
}
