/** An instance of the service that works on a database that others work on too, from another machine perhaps. */
export interface Instance {
  /** A UUID. */
  readonly id: string;
  /** For people: the machine and the process. */
  readonly name: string;
  /** The master keys that it has. */
  readonly keyIds: readonly string[];
}

/** Which instances live. Nothing depends on it but that a person is told in time which of them lacks a key: what one does that was not told of, or was thought dead, is held by the log. */
export interface Instances {
  /** Says that an instance lives, and what it has. */
  tell(instance: Instance): Promise<void>;
  /** Those that told so within a short while. */
  live(): Promise<readonly Instance[]>;
  leave(id: string): Promise<void>;
}
