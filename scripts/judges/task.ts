/** One signature to be judged, as files. */
export interface Task {
  readonly id: string;
  readonly kind: "jws" | "xml" | "cms";
  /** The signature; an enveloped one within its document. */
  readonly file: string;
  /** What it is over, where it is not in the file. */
  readonly content?: string | undefined;
  /** By what the signature names it. */
  readonly name: string;
  /** PEM of the signer's certificate. */
  readonly signer: string;
  /** PEM of certificates that are trusted, the authority's first. */
  readonly trusted: readonly string[];
  /** A list of revoked certificates. */
  readonly revoked?: string;
}

export interface Verdict {
  readonly says: string;
  readonly words: string;
}
