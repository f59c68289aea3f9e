/** Files that are fetched for work that goes on after its request was answered, from addresses that somebody else named. */

export interface FileToFetch {
  readonly url: string;
  /** The byte to begin with. A server that knows no ranges begins at 0. */
  readonly from: number;
  /** What the file was when its beginning was read: of another one nothing but the whole is given. */
  readonly etag?: string | undefined;
  /** `Authorization`, where it is asked for. */
  readonly authorization?: string | undefined;
  readonly signal: AbortSignal;
}

export interface FetchedFile {
  /** Where in the file its bytes begin. */
  readonly from: number;
  readonly etag: string | undefined;
  /** AppError `unavailable` where they end early, stand still or trickle: they are asked for again. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface FileFetcher {
  /** Why an address is not fetched, in words for whoever named it; undefined where it is. */
  fault(url: string): string | undefined;
  /** @throws AppError `unavailable` for what is away, and may be asked for again; `not-found` for what is not given, or may not be fetched */
  fetch(file: FileToFetch): Promise<FetchedFile>;
}
