/** The settings, and the files that they name. */
import { isLoopback, loadConfig, type Config } from "../../config.ts";
import { readTls } from "../../http/tls-files.ts";
import { AppError } from "../../core/errors.ts";
import type { Symptom } from "../../cli/command.ts";
import {
  openAccessPolicy,
  openPolicy,
  openSignaturePolicy,
  readRetention,
  readTimeAuthorities,
  readTrustedSigners,
  readWitnessPolicy,
} from "../setting-files.ts";
import { notice, wordsOf, wrong, type Check } from "./examination.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings without those that are wrong, so that the rest can be looked at; and what is wrong with them. */
export function settingsIn(environment: Environment): { readonly config: Config; readonly symptoms: readonly Symptom[] } {
  const faults = faultsOf(environment);
  const remedy = "see `Settings` in the README, or set it to nothing";
  const symptoms = faults.map((text): Symptom => ({ what: "settings", ...wrong(text, remedy) }));
  const spoilt = Object.keys(environment).filter((name) => faults.some((text) => new RegExp(`\\b${name}\\b`).test(text)));
  const sound = Object.fromEntries(Object.entries(environment).filter(([name]) => !spoilt.includes(name)));
  return { config: loadConfig({ environment: sound }), symptoms };
}

function faultsOf(environment: Environment): string[] {
  try {
    loadConfig({ environment, forListening: true });
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.message.split("\n");
  }
}

export const SETTING_CHECKS: readonly Check[] = [
  {
    what: "settings",
    remedy: "see `Settings` in the README",
    look: ({ host, baseUrl, access, proof, ended }, tell) => {
      for (const text of ended) tell(notice(text, "unset it"));
      if (!isLoopback(host) && proof.tls === undefined && baseUrl?.startsWith("https:") !== true) tell(notice(`HOST is ${host}, and nothing says that connections are encrypted: tokens and documents go over the network in the clear`, "set TLS_CERT and TLS_KEY, or BASE_URL to the https address of the proxy that ends TLS")); // prettier-ignore
      if (access === "oidc" && proof.issuers.every(({ clientId }) => clientId === undefined)) tell(notice("OIDC_CLIENT_ID is not set: nobody can sign in to the pages", "register the service at the issuer, and set OIDC_CLIENT_ID")); // prettier-ignore
      if (!isLoopback(host) && baseUrl === undefined) tell(notice("BASE_URL is not set: links and receipts name the address that is listened on", "set BASE_URL to the address that others use")); // prettier-ignore
      if (baseUrl?.startsWith("http:") === true && !isLoopback(new URL(baseUrl).hostname))
        tell(notice(`BASE_URL is ${baseUrl}: documents go over the network in the clear`, "use https, by a proxy that ends it"));
      return Promise.resolve();
    },
  },
  {
    what: "files that settings name",
    remedy: "mend the file, or unset the setting",
    look: async (config, tell) => {
      try {
        if (config.proof.tls) readTls(config.proof.tls);
      } catch (error) {
        tell(wrong(wordsOf(error), "mend the file, or unset the setting"));
      }
      const readers = [
        readTrustedSigners,
        openPolicy,
        openSignaturePolicy,
        readTimeAuthorities,
        openAccessPolicy,
        readWitnessPolicy,
        ...(config.retentionPolicyFile === undefined ? [] : [readRetention]),
      ];
      for (const read of readers) await read(config).catch((error: unknown) => tell(wrong(wordsOf(error), "mend the file, or unset the setting")));
    },
  },
];
