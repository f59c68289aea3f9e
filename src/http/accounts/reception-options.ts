import type { Served } from "../served.ts";
import type { Reception } from "./reception.ts";

/** What routes of the embedded authorization server are made with. */
export interface ReceptionOptions {
  readonly served: Served;
  readonly reception: Reception;
}
