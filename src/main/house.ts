/** What a service has open, as main.ts puts it together. A part of the composition root. */
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { Refused } from "../http/access/door.ts";
import type { Served } from "../http/served.ts";
import type { DepositGate } from "../pipeline/gate.ts";
import type { Halt } from "../pipeline/document-forms.ts";
import type { PagesContext } from "../pipeline/render/pages/pages.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { Looking } from "./telemetry.ts";

/** Everything that a service has open. */
export interface House {
  readonly store: RecordStore;
  readonly gate: DepositGate;
  /** Everything that is served, once the address is known that the service listens on. */
  servedAt(localUrl: string): Served;
  /** By which the first administrator's account is made; undefined once there is one, or where people sign in elsewhere. */
  firstLink(baseUrl: string): Promise<string | undefined>;
  close(): Promise<void>;
}

/** What it is told, and whom it tells. */
export interface HouseOptions {
  readonly version: string;
  readonly knowledge: Knowledge;
  /** Who looks on. */
  readonly looking: Looking;
  readonly onPlain: PagesContext["onPlain"];
  /** Told that the database was looked at as a whole, because it was not closed as it should, and how many milliseconds that took. */
  onCheck(milliseconds: number): void;
  /** Told at the start whether something stands against deposits. */
  onHalt(halt: Halt | undefined): void;
  /** Told why PDFs could not be kept, by the system's word. */
  onUnkept(code: string): void;
  /** Told why the time-stamp authority gave no stamp. */
  onUnstamped(reason: string): void;
  /** Told of each that was not let in. */
  onRefused(refused: Refused): void;
  /** Told of what fails behind the scenes: index, followers, audit trail; without an error, of what works again. */
  onFault(error: unknown, what: string): void;
}
