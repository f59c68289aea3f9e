/** Settings of the log's witnesses (docs/design/log.md). */
import { parsePath, parseSpan, type Fault } from "./values.ts";

export const WITNESS_SETTINGS = {
  WITNESS_POLICY: {
    default: "",
    meaning:
      "File that names the log's witnesses, with their keys and addresses, and how many of them make a checkpoint *witnessed* (C2SP tlog-policy); `/trust.json` then tells it as `witnesses`. Without one nobody is asked",
  },
  WITNESS_INTERVAL_SECONDS: { default: "60", meaning: "Seconds between two rounds in which witnesses are asked to cosign what came meanwhile" },
} as const;

export interface WitnessSettings {
  /** An absolute path. */
  readonly policyFile: string;
  /** Milliseconds. */
  readonly interval: number;
}

type Read = <T>(name: keyof typeof WITNESS_SETTINGS, parse: (text: string) => T | Fault) => T;

/** Undefined where the log has no witnesses. */
export function readWitnesses(read: Read): WitnessSettings | undefined {
  const policyFile = read("WITNESS_POLICY", parsePath);
  const interval = read("WITNESS_INTERVAL_SECONDS", parseSpan);
  return policyFile === undefined ? undefined : { policyFile, interval };
}
