/**
 * The keys by which our own authorization server signs: RS256 for what OpenID Connect says of a person, ES256 for access tokens. They are settings, so that all instances have the same, a backup has them (wrapped), and when
 * one began is in the log. A key signs for ninety days; what it signed can be checked a day longer.
 */
import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { calculateJwkThumbprint, type JWK } from "jose";
import type { Asked } from "../core/asked.ts";
import { AppError } from "../core/errors.ts";
import type { Settings } from "../pipeline/settings.ts";

/** A private key as JWK. */
export interface TokenKey extends JWK {
  readonly kid: string;
  readonly alg: "RS256" | "ES256";
  readonly use: "sig";
}

interface Kept {
  /** The one that signs first. */
  readonly keys: readonly { readonly jwk: TokenKey; /** An instant. */ readonly begunAt: string }[];
}

const KIND = "token-keys";
const NAME = "current";
const generate = promisify(generateKeyPair);

/** Milliseconds: how long a key signs, and how long it is published after that. */
const SIGNS = 90 * 86_400_000;
const LINGERS = 86_400_000;

export interface OpenTokenKeys {
  /** Of each algorithm, the one that signs first. */
  readonly keys: readonly TokenKey[];
  /** When the next ones are to be made: milliseconds since 1970. */
  readonly nextAt: number;
}

/** The keys, made at the first start and again when they are due. */
export async function openTokenKeys(settings: Settings, asked: Asked, now: number = Date.now()): Promise<OpenTokenKeys> {
  for (;;) {
    const setting = await settings.get(KIND, NAME);
    const kept = setting ? (JSON.parse(setting.value) as Kept).keys : [];
    const newest = Math.max(...kept.map(({ begunAt }) => Date.parse(begunAt)), 0);
    if (now < newest + SIGNS) return { keys: kept.map(({ jwk }) => jwk), nextAt: newest + SIGNS };
    const begunAt = new Date(now).toISOString();
    const made = [await newKey("RS256"), await newKey("ES256")].map((jwk) => ({ jwk, begunAt }));
    const still = kept.filter(({ begunAt: since }) => now < Date.parse(since) + SIGNS + LINGERS);
    await settings
      .put({
        kind: KIND,
        name: NAME,
        value: JSON.stringify({ keys: [...made, ...still] } satisfies Kept),
        expected: setting?.version ?? "absent",
        asked,
      })
      .catch((error: unknown) => {
        // Another instance was quicker.
        if (!(error instanceof AppError && error.code === "conflict")) throw error;
      });
  }
}

async function newKey(alg: TokenKey["alg"]): Promise<TokenKey> {
  const { privateKey } = alg === "RS256" ? await generate("rsa", { modulusLength: 2048 }) : await generate("ec", { namedCurve: "P-256" });
  const jwk = privateKey.export({ format: "jwk" }) as JWK;
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: "sig" };
}
