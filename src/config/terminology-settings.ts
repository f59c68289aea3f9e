/** Settings of the terminology server that is asked about codes which nothing here can tell (docs/design/profiles.md). */
import type { BlockList } from "node:net";
import { mayBePlain, parseBase } from "./addresses.ts";
import { Fault, parsePath } from "./values.ts";

export const TERMINOLOGY_SETTINGS = {
  TERMINOLOGY_URL: {
    default: "",
    meaning:
      "Address of the FHIR interface of a terminology server, which is asked whether a code is of a value set where nothing here can tell; https, or http on loopback and to what `CALLBACK_ALLOW` names. System, version and code of what documents hold then leave the house, nothing else of them; without one nothing does",
  },
  TERMINOLOGY_TIMEOUT_SECONDS: {
    default: "2",
    meaning: "Seconds for which a deposit waits for that server, for all of its codes; what was not answered by then is *unknown*",
  },
  TERMINOLOGY_TOKEN_FILE: {
    default: "",
    meaning: "File with the bearer token that it asks for; read anew for each request, as the next three are",
  },
  TERMINOLOGY_CERT: { default: "", meaning: "PEM file of the client certificate that we show it; needs `TERMINOLOGY_KEY`" },
  TERMINOLOGY_KEY: { default: "", meaning: "PEM file of its private key" },
  TERMINOLOGY_CA: { default: "", meaning: "PEM file of the certificates that its own must lead to; without one those that Node trusts" },
} as const;

export interface TerminologySettings {
  /** Without a slash at the end. */
  readonly base: string;
  /** Milliseconds that a judgement waits. */
  readonly time: number;
  /** Absolute paths. */
  readonly tokenFile: string | undefined;
  readonly certificate: { readonly file: string; readonly keyFile: string } | undefined;
  readonly caFile: string | undefined;
}

type Read = <T>(name: keyof typeof TERMINOLOGY_SETTINGS, parse: (text: string) => T | Fault) => T;

/** Undefined where no server is asked. What contradicts itself is added to `faults`. @param allow what is called over plain http (CALLBACK_ALLOW) */
export function readTerminology(
  read: Read,
  faults: string[],
  allow: { readonly hosts: ReadonlySet<string>; readonly addresses: BlockList },
): TerminologySettings | undefined {
  const url = read("TERMINOLOGY_URL", parseBase);
  const time = read("TERMINOLOGY_TIMEOUT_SECONDS", parseWait);
  const tokenFile = read("TERMINOLOGY_TOKEN_FILE", parsePath);
  const file = read("TERMINOLOGY_CERT", parsePath);
  const keyFile = read("TERMINOLOGY_KEY", parsePath);
  const caFile = read("TERMINOLOGY_CA", parsePath);
  if ((file === undefined) !== (keyFile === undefined)) faults.push("TERMINOLOGY_CERT and TERMINOLOGY_KEY belong together: only one of them is set");
  if (!url) {
    if ((tokenFile ?? file ?? keyFile ?? caFile) !== undefined)
      faults.push("TERMINOLOGY_TOKEN_FILE, TERMINOLOGY_CERT, TERMINOLOGY_KEY and TERMINOLOGY_CA are about TERMINOLOGY_URL, which is not set");
    return undefined;
  }
  if (url.protocol === "http:" && !mayBePlain(url.hostname, allow))
    faults.push("TERMINOLOGY_URL must be https: over plain http codes go to loopback alone, and to what CALLBACK_ALLOW names");
  return { base: url.href.replace(/\/$/, ""), time, tokenFile, certificate: file && keyFile ? { file, keyFile } : undefined, caFile };
}

function parseWait(text: string): number | Fault {
  const isOne = /^\d{1,2}(\.\d{1,3})?$/.test(text) && Number(text) >= 0.1 && Number(text) <= 30;
  return isOne ? Number(text) * 1_000 : new Fault("must be a number of seconds, from 0.1 to 30");
}
