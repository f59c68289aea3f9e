/** Settings about bulk import (docs/design/bulk-import.md). */
import { LARGEST_BUDGET, parseHosts, parseSize, type Fault } from "./values.ts";

export const IMPORT_SETTINGS = {
  IMPORT_HOSTS: {
    default: "",
    meaning:
      "Hosts, separated by blanks, that `$import` may fetch files of documents from, such as `exports.example.org files.example.org:8443`; without any nothing is fetched, and files are uploaded. Over https; in a private network, and over http, only what `CALLBACK_ALLOW` names too",
  },
  MAX_IMPORT_BYTES: {
    default: "2000MB",
    meaning: "Largest file of documents that `$import` takes, unpacked: a number of bytes, or with `kB`, `MB`, `KiB`, `MiB`",
  },
} as const;

export interface ImportSettings {
  /** In lower case, each with its port unless that is the one of its protocol. */
  readonly hosts: ReadonlySet<string>;
  /** Unpacked. */
  readonly maxBytes: number;
}

type Read = <T>(name: keyof typeof IMPORT_SETTINGS, parse: (text: string) => T | Fault) => T;

export function readImport(read: Read): ImportSettings {
  return { hosts: read("IMPORT_HOSTS", parseHosts), maxBytes: read("MAX_IMPORT_BYTES", (text) => parseSize(text, LARGEST_BUDGET)) };
}
