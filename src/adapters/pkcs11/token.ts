/**
 * Keys in a PKCS #11 token (an HSM, a smart card, SoftHSM), by the npm package `pkcs11js`, which the operator installs where they want it: it is compiled at its installation, and no dependency of ours may be. What it gives is not
 * believed here: whoever asked verifies each signature.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { SealAlgorithm } from "../../core/crypto/keys.ts";
import { SEAL_METHODS } from "../../core/crypto/seal-algorithms.ts";
import { AppError } from "../../core/errors.ts";

/** What is used of the package. */
interface Module {
  load(path: string): void;
  C_Initialize(): void;
  C_Finalize(): void;
  C_GetSlotList(isTokenPresent: boolean): Buffer[];
  C_GetTokenInfo(slot: Buffer): { readonly label: string };
  C_OpenSession(slot: Buffer, flags: number): Buffer;
  C_CloseSession(session: Buffer): void;
  C_Login(session: Buffer, userType: number, pin: string): void;
  C_FindObjectsInit(session: Buffer, template: readonly { readonly type: number; readonly value: number | string }[]): void;
  C_FindObjects(session: Buffer, count: number): Buffer[];
  C_FindObjectsFinal(session: Buffer): void;
  C_SignInit(session: Buffer, mechanism: Mechanism, key: Buffer): void;
  C_SignAsync(session: Buffer, data: Buffer, signature: Buffer): Promise<Buffer>;
}
interface Mechanism {
  readonly mechanism: number;
  readonly parameter?: object;
}

/** PKCS #11, OASIS 3.0. */
const CKF_SERIAL_SESSION = 4;
const CKU_USER = 1;
const CKA_CLASS = 0;
const CKA_LABEL = 3;
const CKO_PRIVATE_KEY = 3;
const CKM_ECDSA = 0x1041;
const CKM_EDDSA = 0x1057;
const CKM_RSA_PKCS_PSS = 0x0d;
const CKM_SHA256 = 0x250;
const CKG_MGF1_SHA256 = 2;
/** The number of the package's CK_PARAMS_RSA_PSS. */
const RSA_PSS = 5;
const LARGEST_SIGNATURE = 1_024;

export interface TokenEntrance {
  /** The library of its maker, such as `/usr/lib/softhsm/libsofthsm2.so`. */
  readonly library: string;
  /** The token's label. */
  readonly token: string;
  readonly pin: string;
}

/** Where the package is, and what is done with it. */
export interface Token {
  /** Signs a digest, or, by Ed25519, a message; as a JWS has signatures. AppErrors `not-found` (no such key), `unavailable`. */
  sign(label: string, algorithm: SealAlgorithm, bytes: Uint8Array): Promise<Uint8Array>;
  close(): void;
}

/** @param packagePath the package's folder, or its name where it is found from the folder that we are run in. AppErrors `invalid`, `unavailable` */
export function openToken({ library, token, pin }: TokenEntrance, packagePath: string): Token {
  const module = loadModule(packagePath);
  asked(() => module.load(library), `the library ${library} cannot be loaded`);
  asked(() => module.C_Initialize(), `the library ${library} does not begin`);
  let session: Buffer | undefined;
  /** Of a session one thing is asked at a time. */
  let last: Promise<unknown> = Promise.resolve();
  const open = (): Buffer => {
    if (session !== undefined) return session;
    const slots = asked(() => module.C_GetSlotList(true), "there is no token");
    // Labels are filled up with blanks.
    const slot = slots.find((one) => module.C_GetTokenInfo(one).label.trimEnd() === token);
    if (slot === undefined) throw new AppError("unavailable", `there is no token ${token}`);
    const opened = asked(() => module.C_OpenSession(slot, CKF_SERIAL_SESSION), `the token ${token} opens no session`);
    asked(() => module.C_Login(opened, CKU_USER, pin), `the token ${token} does not take the PIN`, "CKR_USER_ALREADY_LOGGED_IN");
    return (session = opened);
  };
  const signNow = async (label: string, algorithm: SealAlgorithm, bytes: Uint8Array): Promise<Uint8Array> => {
    const opened = open();
    const key = keyOf(module, opened, label);
    if (key === undefined) throw new AppError("not-found", `the token ${token} has no one private key ${label}`);
    try {
      module.C_SignInit(opened, mechanismOf(algorithm), key);
      return new Uint8Array(await module.C_SignAsync(opened, Buffer.from(bytes), Buffer.alloc(LARGEST_SIGNATURE)));
    } catch (cause) {
      // The token may have been taken out or begun anew: the next who comes opens another session.
      asked(() => module.C_CloseSession(opened), "", "");
      session = undefined;
      throw new AppError("unavailable", `the token ${token} did not sign${wordOf(cause)}`, { cause });
    }
  };
  open();
  return {
    sign: (label, algorithm, bytes) => {
      const signed = last.then(() => signNow(label, algorithm, bytes));
      last = signed.catch(() => undefined);
      return signed;
    },
    close: () => asked(() => module.C_Finalize(), "", ""),
  };
}

function loadModule(packagePath: string): Module {
  try {
    const { PKCS11 } = createRequire(join(process.cwd(), "chartulary.js"))(packagePath) as { readonly PKCS11: new () => Module };
    return new PKCS11();
  } catch (cause) {
    throw new AppError(
      "invalid",
      `the package ${packagePath} cannot be loaded: install it (npm install pkcs11js) in the folder that this is run in, or name its folder (--package)`,
      {
        cause,
      },
    );
  }
}

/** Undefined where none or several have the label: which one would be chance. */
function keyOf(module: Module, session: Buffer, label: string): Buffer | undefined {
  module.C_FindObjectsInit(session, [
    { type: CKA_CLASS, value: CKO_PRIVATE_KEY },
    { type: CKA_LABEL, value: label },
  ]);
  try {
    const [key, another] = module.C_FindObjects(session, 2);
    return another === undefined ? key : undefined;
  } finally {
    module.C_FindObjectsFinal(session);
  }
}

function mechanismOf(algorithm: SealAlgorithm): Mechanism {
  const { keyType } = SEAL_METHODS[algorithm];
  if (keyType === "ec") return { mechanism: CKM_ECDSA };
  if (keyType === "ed25519") return { mechanism: CKM_EDDSA };
  return { mechanism: CKM_RSA_PKCS_PSS, parameter: { type: RSA_PSS, hashAlg: CKM_SHA256, mgf: CKG_MGF1_SHA256, saltLen: 32 } };
}

/** Does something that the library may refuse. @param passed a refusal that is none; empty: all are passed over */
function asked<T>(deed: () => T, complaint: string, passed?: string): T {
  try {
    return deed();
  } catch (cause) {
    if (passed !== undefined && wordOf(cause).includes(passed)) return undefined as T;
    throw new AppError("unavailable", `${complaint}${wordOf(cause)}`, { cause });
  }
}

/** The word of the standard, such as CKR_PIN_INCORRECT. */
function wordOf(error: unknown): string {
  const [word] = /CKR_[A-Z0-9_]+/.exec(String(error)) ?? [];
  return word === undefined ? "" : ` (${word})`;
}
