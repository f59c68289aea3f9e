/** Passkeys (WebAuthn level 3): what a browser is asked to sign, and whether it was signed. A challenge is good once, for a few minutes, and for one purpose. */
import { randomBytes } from "node:crypto";
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import type { SessionStore } from "../pipeline/store/session-store.ts";
import type { Passkey, User, Users } from "./users.ts";

/** How long a challenge is good for, in milliseconds. */
const CHALLENGE_LIFE = 300_000;
/** The longest answer that is looked at, in characters. */
const LONGEST_ANSWER = 20_000;

export interface PasskeysContext {
  readonly users: Pick<Users, "byPasskey">;
  readonly sessions: SessionStore;
  /** The address at which browsers see our pages: keys are bound to its host. */
  readonly baseUrl: string;
  readonly clock?: () => number;
}

/** For whom a key is made. */
export interface PasskeyOwner {
  readonly name: string;
  readonly fullName: string;
  /** The account's subject, or something else that no other account has. */
  readonly handle: string;
  readonly passkeys: readonly Passkey[];
}

/** JSON for a browser's `navigator.credentials`. */
export type PasskeyOptions = object;

export class PasskeyChecks {
  readonly #using: PasskeysContext;
  readonly #origin: string;
  readonly #host: string;
  readonly #clock: () => number;

  constructor(using: PasskeysContext) {
    this.#using = using;
    this.#origin = new URL(using.baseUrl).origin;
    this.#host = new URL(using.baseUrl).hostname;
    this.#clock = using.clock ?? Date.now;
  }

  /** Whether browsers make keys for this address: a name, over https or on this machine. */
  get arePossible(): boolean {
    const isName = /[a-z]/i.test(this.#host) && !this.#host.startsWith("[");
    return isName && (this.#origin.startsWith("https:") || this.#host === "localhost" || this.#host.endsWith(".localhost"));
  }

  /** What a browser is asked to sign somebody in with, whoever it is: the key says that. @param purpose what the answer will be taken for, such as one interaction */
  async askToSignIn(purpose: string): Promise<PasskeyOptions> {
    const challenge = await this.#newChallenge(purpose);
    return generateAuthenticationOptions({ rpID: this.#host, challenge, userVerification: "required", timeout: CHALLENGE_LIFE });
  }

  /** Who signed, and the key as it is now; undefined for whatever is not right. */
  async whoSigned(purpose: string, answer: string): Promise<{ readonly user: User; readonly passkey: Passkey } | undefined> {
    const response = readAnswer(answer) as Signed | undefined;
    const user = response && (await this.#using.users.byPasskey(response.id));
    const passkey = user?.passkeys.find(({ id }) => id === response?.id);
    if (!response || !user || !passkey) return undefined;
    try {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        expectedChallenge: (challenge) => this.#isChallenge(purpose, challenge),
        expectedOrigin: this.#origin,
        expectedRPID: this.#host,
        requireUserVerification: true,
        credential: {
          id: passkey.id,
          publicKey: new Uint8Array(Buffer.from(passkey.publicKey, "base64url")),
          counter: passkey.counter,
          transports: [...passkey.transports],
        },
      });
      return verified ? { user, passkey: { ...passkey, counter: authenticationInfo.newCounter } } : undefined;
    } catch {
      // What does not verify the library throws, with words about what was sent.
      return undefined;
    }
  }

  /** What a browser is asked to make a key with. */
  async askForKey(purpose: string, { name, fullName, handle, passkeys }: PasskeyOwner): Promise<PasskeyOptions> {
    return generateRegistrationOptions({
      rpName: "Chartulary",
      rpID: this.#host,
      userName: name,
      userDisplayName: fullName,
      userID: new Uint8Array(Buffer.from(handle, "utf8")),
      challenge: await this.#newChallenge(purpose),
      timeout: CHALLENGE_LIFE,
      attestationType: "none",
      excludeCredentials: passkeys.map(({ id, transports }) => ({ id, transports: [...transports] })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
  }

  /** The key that a browser made; undefined for whatever is not right. @param label how its owner calls it */
  async keyOf(purpose: string, answer: string, label: string): Promise<Passkey | undefined> {
    const response = readAnswer(answer) as Made | undefined;
    if (!response) return undefined;
    try {
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response,
        expectedChallenge: (challenge) => this.#isChallenge(purpose, challenge),
        expectedOrigin: this.#origin,
        expectedRPID: this.#host,
        requireUserVerification: true,
      });
      if (!verified) return undefined;
      const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
      const addedAt = new Date(this.#clock()).toISOString();
      return { id, publicKey: Buffer.from(publicKey).toString("base64url"), counter, transports, name: label.slice(0, 100), addedAt };
    } catch {
      return undefined;
    }
  }

  async #newChallenge(purpose: string): Promise<Uint8Array<ArrayBuffer>> {
    const challenge = new Uint8Array(randomBytes(32));
    const id = `challenge:${Buffer.from(challenge).toString("base64url")}`;
    await this.#using.sessions.put(id, purpose, { expiresAt: this.#clock() + CHALLENGE_LIFE });
    return challenge;
  }

  async #isChallenge(purpose: string, challenge: string): Promise<boolean> {
    return (await this.#using.sessions.take(`challenge:${challenge}`))?.value === purpose;
  }
}

type Signed = Parameters<typeof verifyAuthenticationResponse>[0]["response"];
type Made = Parameters<typeof verifyRegistrationResponse>[0]["response"];

/** What a browser said: JSON with an id; whether the rest is what it must be, the library looks. */
function readAnswer(text: string): object | undefined {
  if (text.length > LONGEST_ANSWER) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "id" in value && typeof value.id === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
