/** Bundles that the FHIR interface answers with (R4 bundle.html), as far as tests look at them. */
export interface AnsweredEntry {
  readonly fullUrl: string;
  readonly resource?: {
    readonly resourceType: string;
    readonly id: string;
    readonly meta: { readonly versionId: string };
    readonly [name: string]: unknown;
  };
  readonly search?: { readonly mode: string };
  readonly request?: { readonly method: string; readonly url: string };
  readonly response?: { readonly status: string; readonly etag?: string; readonly lastModified: string };
}

export interface AnsweredBundle<Entry extends AnsweredEntry = AnsweredEntry> {
  readonly type: string;
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly Entry[];
}
