/** Settings of the Vault that wraps the keys (docs/operating.md, *No key in a file*). */
import { parseServiceUrl, type ServiceSettings } from "./signer-settings.ts";
import { Fault, parsePath } from "./values.ts";

export const VAULT_SETTINGS = {
  VAULT_URL: {
    default: "",
    meaning:
      "Address of HashiCorp Vault or OpenBao, which unwraps the keys in `KEYS_DIR` at the start, such as `https://vault.example.org:8200`; plain http on this machine alone",
  },
  VAULT_TRANSIT_KEY: {
    default: "",
    meaning:
      "Mount and name of its transit key that wraps them, such as `transit/chartulary` (`chartulary keys rewrap`); without one new keys are written in clear",
  },
  VAULT_TOKEN_FILE: { default: "", meaning: "File of the token that it lets us in by, as its agent writes one; read anew for each question" },
  VAULT_ROLE_ID: { default: "", meaning: "Instead of a token: the role (AppRole) that we are; needs `VAULT_SECRET_ID_FILE`" },
  VAULT_SECRET_ID_FILE: { default: "", meaning: "File of that role's secret id" },
  VAULT_APPROLE_MOUNT: { default: "approle", meaning: "Where AppRole is mounted, below `auth`" },
  VAULT_NAMESPACE: { default: "", meaning: "Its namespace in which mounts and roles are" },
  VAULT_CLIENT_CERT: {
    default: "",
    meaning: "PEM file of the certificate that it knows us by, where it asks for one (mutual TLS); needs `VAULT_CLIENT_KEY`",
  },
  VAULT_CLIENT_KEY: { default: "", meaning: "PEM file of that certificate's private key" },
  VAULT_CA: { default: "", meaning: "PEM file of the authorities that vouch for its certificate; without one those that the system knows" },
} as const;

/** How Vault is reached, and what wraps there. */
export interface VaultSettings {
  readonly service: ServiceSettings;
  /** Mount and name, `transit/chartulary`; undefined: nothing is wrapped, and what was is unwrapped. */
  readonly transitKey: string | undefined;
  readonly namespace: string | undefined;
  readonly role: { readonly mount: string; readonly id: string; /** An absolute path. */ readonly secretFile: string } | undefined;
}

type Read = <T>(name: keyof typeof VAULT_SETTINGS, parse: (text: string) => T | Fault) => T;

const SEGMENT = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}";
/** A mount may have several segments. */
const TRANSIT_KEY = new RegExp(`^${SEGMENT}(?:/${SEGMENT}){1,5}$`);
const MOUNT = new RegExp(`^${SEGMENT}(?:/${SEGMENT}){0,5}$`);

/** Undefined: keys are in clear. What contradicts itself is added to `faults`. */
export function readVault(read: Read, faults: string[]): VaultSettings | undefined {
  const url = read("VAULT_URL", parseServiceUrl);
  const transitKey = read("VAULT_TRANSIT_KEY", (text) =>
    named(text, TRANSIT_KEY, "must be the mount and the name of a transit key, such as transit/chartulary"),
  );
  const tokenFile = read("VAULT_TOKEN_FILE", parsePath);
  const id = read("VAULT_ROLE_ID", (text) => text || undefined);
  const secretFile = read("VAULT_SECRET_ID_FILE", parsePath);
  const mount = read("VAULT_APPROLE_MOUNT", (text) => named(text, MOUNT, "must be where AppRole is mounted, such as approle")) ?? "approle";
  const namespace = read("VAULT_NAMESPACE", (text) => named(text.replace(/\/$/, ""), MOUNT, "must be a namespace, such as team or team/part"));
  const certificateFile = read("VAULT_CLIENT_CERT", parsePath);
  const keyFile = read("VAULT_CLIENT_KEY", parsePath);
  const authorityFile = read("VAULT_CA", parsePath);
  if ((certificateFile === undefined) !== (keyFile === undefined))
    faults.push("VAULT_CLIENT_CERT and VAULT_CLIENT_KEY are set together or not at all");
  if ((id === undefined) !== (secretFile === undefined)) faults.push("VAULT_ROLE_ID and VAULT_SECRET_ID_FILE are set together or not at all");
  if (url === undefined) {
    if (transitKey ?? tokenFile ?? id ?? secretFile ?? namespace ?? certificateFile ?? keyFile ?? authorityFile)
      faults.push("settings that begin with VAULT_ are about the Vault of VAULT_URL, which is not set");
    return undefined;
  }
  if ((tokenFile === undefined) === (id === undefined))
    faults.push("VAULT_URL lets us in by a token (VAULT_TOKEN_FILE) or a role (VAULT_ROLE_ID, VAULT_SECRET_ID_FILE): one of them must be set");
  const role = id === undefined || secretFile === undefined ? undefined : { mount, id, secretFile };
  return { service: { url, tokenFile, certificateFile, keyFile, authorityFile }, transitKey, namespace, role };
}

function named(text: string, form: RegExp, complaint: string): string | undefined | Fault {
  if (text === "") return undefined;
  return form.test(text) ? text : new Fault(complaint);
}
