/** Wraps and unwraps keys by a key that HashiCorp Vault, or OpenBao, has in its transit engine: whoever may ask it never gets that key. */
import { readFile } from "node:fs/promises";
import { fromBase64, toBase64 } from "../../core/crypto/base64.ts";
import type { KeyWrapper } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { KeyService, type Answered, type KeyServiceAddress, type KeyServiceLimits } from "./key-service.ts";

/** How Vault is reached, and which of its keys wraps. Files are absolute paths, read anew when they are needed. */
export interface VaultOptions {
  /** With the file of a token, unless there is a role. */
  readonly address: KeyServiceAddress;
  /** An AppRole. */
  readonly role?: { readonly mount: string; readonly id: string; readonly secretFile: string } | undefined;
  readonly namespace?: string | undefined;
  /** Mount and name; undefined: nothing is wrapped. */
  readonly transitKey?: string | undefined;
  readonly limits?: Partial<KeyServiceLimits> | undefined;
}

const NAME = "Vault (VAULT_URL)";
/** A token that a role was given is used for so long, and no longer than half of its life: milliseconds. */
const LONGEST_USE = 30_000;
/** As it stands beside what was wrapped: mount and name. */
const BY = /^vault ((?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\/){1,5})([A-Za-z0-9_-][A-Za-z0-9._-]{0,99})$/;
const CIPHERTEXT = /^vault:v[0-9]{1,9}:[A-Za-z0-9+/]+={0,2}$/;

export function vaultTransit({ address, role, namespace, transitKey, limits }: VaultOptions): KeyWrapper {
  const own = { "X-Vault-Request": "true", ...(namespace !== undefined && { "X-Vault-Namespace": namespace }) };
  const login = role && new KeyService({ address: { ...address, tokenFile: undefined }, headersOf: () => own, reasonOf: loginReason, limits });
  let given: { readonly token: string; readonly until: number } | undefined;
  const tokenOf = async (read: string | undefined): Promise<string> => {
    if (role === undefined || login === undefined) return read ?? "";
    if (given !== undefined && performance.now() < given.until) return given.token;
    const secret = await secretIn(role.secretFile);
    given = await login.ask(`/v1/auth/${role.mount}/login`, { role_id: role.id, secret_id: secret }, tokenIn);
    return given.token;
  };
  const service = new KeyService({
    // What was wrapped by another key, or altered, stands in one file.
    ...{ address, name: NAME, limits, reasonOf, isOfOne: (status: number) => status === 400 },
    headersOf: async (token) => ({ ...own, "X-Vault-Token": await tokenOf(token) }),
  });
  const ask = <T>(by: string, action: string, body: object, read: (answered: Answered) => T): Promise<T> => {
    const [, mount, name] = BY.exec(by) ?? [];
    if (mount === undefined || name === undefined) throw new AppError("unavailable", `what wrapped it is unknown here (${by})`);
    return service.ask(`/v1/${mount}${action}/${name}`, body, read).catch((cause: unknown) => {
      // It may have been withdrawn.
      given = undefined;
      throw cause;
    });
  };
  const by = transitKey === undefined ? undefined : `vault ${transitKey}`;
  return {
    by,
    wrap: async (text) => {
      if (by === undefined) throw new AppError("internal", "no key is named that wraps");
      return ask(by, "encrypt", { plaintext: toBase64(new TextEncoder().encode(text)) }, ciphertextIn);
    },
    unwrap: async (wrapped, by) => ask(by, "decrypt", { ciphertext: wrapped }, plaintextIn),
  };
}

async function secretIn(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new AppError("unavailable", "cannot be asked: the file of VAULT_SECRET_ID_FILE cannot be read", { cause });
  });
  return text.trim();
}

function tokenIn(answered: Answered): { readonly token: string; readonly until: number } {
  const { auth } = objectIn(answered) as { readonly auth?: { readonly client_token?: unknown; readonly lease_duration?: unknown } | null };
  const [token, life] = [auth?.client_token, auth?.lease_duration];
  if (typeof token !== "string" || !/^[!-~]{1,10000}$/.test(token)) throw new AppError("unavailable", "gives no token for our role");
  const half = typeof life === "number" && life > 0 ? life * 500 : LONGEST_USE;
  return { token, until: performance.now() + Math.min(half, LONGEST_USE) };
}

function ciphertextIn(answered: Answered): string {
  const { ciphertext } = dataIn(answered);
  if (typeof ciphertext !== "string" || !CIPHERTEXT.test(ciphertext)) throw new AppError("unavailable", "gives an answer that is nothing wrapped");
  return ciphertext;
}

function plaintextIn(answered: Answered): string {
  const { plaintext } = dataIn(answered);
  const bytes = typeof plaintext === "string" ? fromBase64(plaintext) : undefined;
  if (bytes === undefined) throw new AppError("unavailable", "gives an answer that is nothing unwrapped");
  return new TextDecoder().decode(bytes);
}

function dataIn(answered: Answered): { readonly ciphertext?: unknown; readonly plaintext?: unknown } {
  const { data } = objectIn(answered) as { readonly data?: object | null };
  return typeof data === "object" && data !== null ? data : {};
}

function objectIn({ bytes }: Answered): object {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as unknown;
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function loginReason(status: number): string {
  return status >= 400 && status < 404 ? ": it does not know our role by that secret (VAULT_ROLE_ID, VAULT_SECRET_ID_FILE)" : reasonOf(status);
}

/** What Vault means by it. Its own words are not told on: they are a stranger's. */
function reasonOf(status: number): string {
  if (status >= 300 && status < 400) return ": it sends us elsewhere, where our token does not go; name the address of the one that answers";
  if (status === 400) return ": it did not wrap that by this key, or does not unwrap by that version of it any more";
  if (status === 403) return ": it does not take our token, or does not let it use that key";
  if (status === 404) return ": it has no transit engine there";
  return status === 503 ? ": it is sealed, or away" : "";
}
