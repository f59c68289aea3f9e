/** Settings about the revocation of senders' certificates (docs/design/certificates.md). */
import { parseHosts, parsePath, parseSwitch, type Fault } from "./values.ts";

export const REVOCATION_SETTINGS = {
  REVOCATION_DIR: {
    default: "",
    meaning:
      "Folder of lists of revoked certificates (CRL) and answers about one (OCSP), in DER or PEM, which deposits' signatures are judged by beside those that came along; looked into anew while the service runs",
  },
  REVOCATION_HOSTS: {
    default: "",
    meaning:
      "Hosts, separated by blanks, that lists of revoked certificates (CRL) and answers about one (OCSP) may be fetched from where a trusted authority's certificate names them, such as `crl.example.org ocsp.example.org:8080`; without any nothing is fetched",
  },
  REVOCATION_REQUIRED: {
    default: "0",
    meaning:
      "`1`: a sender's certificate is called valid only where a list or an answer tells that it had not been revoked; `0`: where nothing tells, that is said",
  },
} as const;

export interface RevocationSettings {
  /** An absolute path. */
  readonly folder: string | undefined;
  /** In lower case, each with its port unless that is the one of its protocol. */
  readonly hosts: ReadonlySet<string>;
  readonly isRequired: boolean;
}

type Read = <T>(name: keyof typeof REVOCATION_SETTINGS, parse: (text: string) => T | Fault) => T;

/** What contradicts itself is added to `faults`. @param trustFile of signers or of time: without one no certificate is judged */
export function readRevocation(read: Read, faults: string[], trustFile: string | undefined): RevocationSettings {
  const folder = read("REVOCATION_DIR", parsePath);
  const hosts = read("REVOCATION_HOSTS", parseHosts);
  const isRequired = read("REVOCATION_REQUIRED", parseSwitch);
  if (trustFile === undefined && (isRequired || hosts.size > 0 || folder !== undefined))
    faults.push(
      "REVOCATION_DIR, REVOCATION_HOSTS and REVOCATION_REQUIRED are about certificates that TRUST_FILE or TSA_TRUST_FILE vouches for, neither of which is set",
    );
  return { folder, hosts, isRequired };
}
