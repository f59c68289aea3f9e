/** What an engine can tell at once of what it keeps, however much that is: nothing here reads a row of the record for each document. */
export interface EngineFigures {
  /** Bytes on the disk, by what they are for; empty where the engine does not tell us. */
  readonly bytes: readonly { readonly what: string; readonly bytes: number }[];
  /** The index; undefined when there is none. */
  readonly index: IndexFigures | undefined;
}

export interface IndexFigures {
  /** Entries of the log that it has taken in, and of which it has taken in what stands in documents. */
  readonly size: number;
  readonly depth: number;
  readonly documents: number;
  /** About how many resources. */
  readonly resources: number;
}
