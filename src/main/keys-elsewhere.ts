/** Keys that are not in files, as this installation reaches them. A part of the composition root. */
import { readFile } from "node:fs/promises";
import { KeyService } from "../adapters/key-service/key-service.ts";
import { vaultTransit } from "../adapters/key-service/vault-transit.ts";
import { remoteChain, remoteSeal } from "../adapters/key-service/remote-seal.ts";
import { readPkcs12, type Pkcs12 } from "../adapters/keys/pkcs12.ts";
import { KeyTexts } from "../adapters/keys/key-texts.ts";
import { sealText, SERVICE_KEY, type KeyHolding, type SealDeed, type SealsElsewhere } from "../adapters/keys/seal-elsewhere.ts";
import { parseSeal } from "../adapters/keys/key-files.ts";
import { sealSigner, signing } from "../adapters/keys/seal-signer.ts";
import type { SealKeyChoice } from "../cli/key-tools.ts";
import type { Config } from "../config.ts";
import { isSameCertificate } from "../core/crypto/certificate.ts";
import type { SealSigner } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { probeSeal } from "../pipeline/sign/probe.ts";
import { codeOf } from "./surroundings.ts";

/** The folder of the keys, which may be wrapped. Who unwraps is asked anew by each that is made: whoever goes on with the keys goes on with this. */
export function keyTextsOf({ keysFolder, vault }: Pick<Config, "keysFolder" | "vault">): KeyTexts {
  return new KeyTexts(keysFolder, vault && vaultTransit({ ...vault, address: vault.service }));
}

/** Nothing is asked and no file read before something is to be signed. */
export function sealsElsewhere(config: Pick<Config, "signer">): SealsElsewhere {
  return {
    deedOf: (place, certificate, algorithm) => {
      if (place.kind === "service") return remoteSeal(signerOf(config), place.name, certificate, algorithm);
      let opened: Promise<SealDeed["sign"]> | undefined;
      let failed: string | undefined;
      const open = async (): Promise<SealDeed["sign"]> => {
        try {
          const { privateKey, chain } = await openPkcs12(place.bytes, config);
          if (chain[0] === undefined || !isSameCertificate(chain[0], certificate))
            throw new AppError("damaged", "the seal's PKCS #12 file is that of another certificate");
          failed = undefined;
          return signing(algorithm, privateKey);
        } catch (error) {
          // Tried again by the next: a file may be there by then.
          opened = undefined;
          failed = error instanceof AppError ? error.message : "the seal's PKCS #12 file cannot be opened";
          throw error;
        }
      };
      const ready = (): Promise<SealDeed["sign"]> => (opened ??= open());
      return { sign: async (input) => (await ready())(input), fault: () => failed, look: async () => void (await ready()) };
    },
  };
}

/** The text of a new seal's file whose key is elsewhere, once something was sealed by it for a trial. AppErrors `invalid`, `unavailable`, `unsupported`, `damaged`. */
export async function newSealElsewhere({ p12, signer }: SealKeyChoice, config: Pick<Config, "signer">): Promise<string> {
  const text = signer === undefined ? await pkcs12Text(p12 ?? "", config) : await serviceText(signer, config);
  const seal: SealSigner = sealSigner([parseSeal(text)], "the new seal key", sealsElsewhere(config));
  const [certificate] = seal.chain;
  if (certificate === undefined) throw new AppError("internal", "a seal's file without a certificate");
  const fault = await probeSeal(seal, [{ certificate, isCurrent: true }], new Date());
  if (fault !== undefined) throw new AppError("invalid", `nothing was changed: by that key no seal can be made that verifies: ${fault}`);
  return text;
}

async function serviceText(name: string, config: Pick<Config, "signer">): Promise<string> {
  if (!SERVICE_KEY.test(name)) throw new AppError("invalid", "a key's name is made of letters, digits and . _ ~ -");
  const place: KeyHolding = { kind: "service", name };
  return sealText(await remoteChain(signerOf(config), name), place);
}

async function pkcs12Text(file: string, config: Pick<Config, "signer">): Promise<string> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new AppError("invalid", `${file} cannot be read (${codeOf(cause)})`, { cause });
  });
  const { chain } = await openPkcs12(bytes, config);
  return sealText(chain, { kind: "pkcs12", bytes });
}

async function openPkcs12(bytes: Uint8Array, { signer }: Pick<Config, "signer">): Promise<Pkcs12> {
  const { passwordFile } = signer;
  if (passwordFile === undefined)
    throw new AppError("unavailable", "the seal's key is under a password: name the file that holds it (SEAL_PASSWORD_FILE)");
  const text = await readFile(passwordFile, "utf8").catch((cause: unknown) => {
    throw new AppError("unavailable", `the password of the seal's key cannot be read (SEAL_PASSWORD_FILE: ${codeOf(cause)})`, { cause });
  });
  try {
    return readPkcs12(bytes, text.split(/\r?\n/, 1)[0] ?? "");
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(cause.code, `the seal's PKCS #12 file cannot be used: ${cause.message}`, { cause });
  }
}

function signerOf({ signer }: Pick<Config, "signer">): KeyService {
  if (signer.service === undefined) throw new AppError("unavailable", "the seal's key is that of a signing service, and SIGNER_URL is not set");
  return new KeyService({
    address: signer.service,
    name: "the signing service (SIGNER_URL)",
    headersOf: (token) => (token === undefined ? {} : { Authorization: `Bearer ${token}` }),
  });
}
