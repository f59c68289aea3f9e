/** Settings of the feed of the audit trail to a repository elsewhere (docs/design/audit-trail.md). */
import type { BlockList } from "node:net";
import { mayBePlain, parseBase } from "./addresses.ts";
import { parsePath, type Fault } from "./values.ts";

export const FEED_SETTINGS = {
  AUDIT_FEED_URL: {
    default: "",
    meaning:
      "Address of the FHIR interface of an audit record repository, to which every event of the audit trail is sent (IHE ITI-20, RESTful ATNA); https, or http on loopback and to what `CALLBACK_ALLOW` names",
  },
  AUDIT_FEED_TOKEN_FILE: { default: "", meaning: "File with the bearer token that it asks for; read anew for each request, as the next three are" },
  AUDIT_FEED_CERT: { default: "", meaning: "PEM file of the client certificate that we show it; needs `AUDIT_FEED_KEY`" },
  AUDIT_FEED_KEY: { default: "", meaning: "PEM file of its private key" },
  AUDIT_FEED_CA: { default: "", meaning: "PEM file of the certificates that its own must lead to; without one those that Node trusts" },
} as const;

export interface FeedSettings {
  /** Without a slash at the end. */
  readonly base: string;
  /** Absolute paths. */
  readonly tokenFile: string | undefined;
  readonly certificate: { readonly file: string; readonly keyFile: string } | undefined;
  readonly caFile: string | undefined;
}

type Read = <T>(name: keyof typeof FEED_SETTINGS, parse: (text: string) => T | Fault) => T;

/** Undefined where nothing is fed. What contradicts itself is added to `faults`. @param allow what is called over plain http (CALLBACK_ALLOW) */
export function readFeed(
  read: Read,
  faults: string[],
  allow: { readonly hosts: ReadonlySet<string>; readonly addresses: BlockList },
): FeedSettings | undefined {
  const url = read("AUDIT_FEED_URL", parseBase);
  const tokenFile = read("AUDIT_FEED_TOKEN_FILE", parsePath);
  const file = read("AUDIT_FEED_CERT", parsePath);
  const keyFile = read("AUDIT_FEED_KEY", parsePath);
  const caFile = read("AUDIT_FEED_CA", parsePath);
  if ((file === undefined) !== (keyFile === undefined)) faults.push("AUDIT_FEED_CERT and AUDIT_FEED_KEY belong together: only one of them is set");
  if (!url) {
    if ((tokenFile ?? file ?? keyFile ?? caFile) !== undefined)
      faults.push("AUDIT_FEED_TOKEN_FILE, AUDIT_FEED_CERT, AUDIT_FEED_KEY and AUDIT_FEED_CA are about AUDIT_FEED_URL, which is not set");
    return undefined;
  }
  if (url.protocol === "http:" && !mayBePlain(url.hostname, allow))
    faults.push("AUDIT_FEED_URL must be https: over plain http events go to loopback alone, and to what CALLBACK_ALLOW names");
  return { base: url.href.replace(/\/$/, ""), tokenFile, certificate: file && keyFile ? { file, keyFile } : undefined, caFile };
}
