/** Settings of keys that are not in files (docs/operating.md, *Keys that are not in files*). */
import { Fault, parsePath } from "./values.ts";

export const SIGNER_SETTINGS = {
  SEAL_PASSWORD_FILE: {
    default: "",
    meaning: "File that holds the password of a seal key in PKCS #12 (`chartulary keys rotate --p12 FILE`): its first line",
  },
  SIGNER_URL: {
    default: "",
    meaning:
      "Address of a signing service that has the seal's key (`chartulary keys rotate --signer NAME`), such as `https://signer.example.org`; plain http on this machine alone",
  },
  SIGNER_TOKEN_FILE: { default: "", meaning: "File of the token that it lets us in by; read anew for each signature" },
  SIGNER_CERT: { default: "", meaning: "PEM file of the certificate that it knows us by (mutual TLS); needs `SIGNER_KEY`" },
  SIGNER_KEY: { default: "", meaning: "PEM file of that certificate's private key" },
  SIGNER_CA: { default: "", meaning: "PEM file of the authorities that vouch for its certificate; without one those that the system knows" },
} as const;

export interface SignerSettings {
  /** An absolute path. */
  readonly passwordFile: string | undefined;
  /** Undefined: no service is asked. */
  readonly service: ServiceSettings | undefined;
}

/** How a service of keys is reached; absolute paths. */
export interface ServiceSettings {
  /** Without a slash at the end. */
  readonly url: string;
  readonly tokenFile: string | undefined;
  readonly certificateFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly authorityFile: string | undefined;
}

type Read = <T>(name: keyof typeof SIGNER_SETTINGS, parse: (text: string) => T | Fault) => T;

/** What contradicts itself is added to `faults`. */
export function readSigner(read: Read, faults: string[]): SignerSettings {
  const url = read("SIGNER_URL", parseServiceUrl);
  const files = {
    tokenFile: read("SIGNER_TOKEN_FILE", parsePath),
    certificateFile: read("SIGNER_CERT", parsePath),
    keyFile: read("SIGNER_KEY", parsePath),
    authorityFile: read("SIGNER_CA", parsePath),
  };
  if ((files.certificateFile === undefined) !== (files.keyFile === undefined))
    faults.push("SIGNER_CERT and SIGNER_KEY are set together or not at all");
  if (url === undefined && Object.values(files).some(Boolean))
    faults.push("SIGNER_TOKEN_FILE, SIGNER_CERT, SIGNER_KEY and SIGNER_CA are about the service of SIGNER_URL, which is not set");
  return { passwordFile: read("SEAL_PASSWORD_FILE", parsePath), service: url === undefined ? undefined : { url, ...files } };
}

/** What goes there is not for others' eyes, nor for others to answer. */
export function parseServiceUrl(text: string): string | undefined | Fault {
  if (text === "") return undefined;
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password)
    return new Fault("must be an https address without query, name and password");
  if (url.protocol === "http:" && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname))
    return new Fault("must be an https address, or one of this machine");
  return url.href.replace(/\/$/, "");
}
