/** Persons who may sign in at our own authorization server: settings of the kind `user`, by the name that they sign in with. */
import { randomUUID } from "node:crypto";
import type { Asked } from "../core/asked.ts";
import { AppError } from "../core/errors.ts";
import type { Setting, Settings } from "../pipeline/settings.ts";

/** A public key by which somebody signs in (WebAuthn). */
export interface Passkey {
  /** The credential's id, base64url. */
  readonly id: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  /** How its owner calls it. */
  readonly name: string;
  /** An instant. */
  readonly addedAt: string;
}

/** What is known of a person. */
export interface UserFacts {
  /** By which tokens name the person, for ever: nobody else ever gets it. */
  readonly subject: string;
  /** As people read it. */
  readonly fullName: string;
  readonly roles: readonly string[];
  /** `system|value` */
  readonly organisations: readonly string[];
  readonly clearance: readonly string[];
  /** The person's own resource, `Practitioner/…`. */
  readonly fhirUser?: string | undefined;
  /** The logical id of the Patient who the person is, of a portal. */
  readonly patient?: string | undefined;
  readonly isDisabled: boolean;
  /** A hash (passwords.ts). */
  readonly password?: string | undefined;
  readonly passkeys: readonly Passkey[];
}

export interface User extends UserFacts {
  /** What the person signs in with: lower case. */
  readonly name: string;
  readonly version: number;
  /** When it was set last: an instant. */
  readonly changedAt: string;
}

/** Who may make others' accounts, and see who has one. */
export const ADMINISTRATOR = "administrator";

const KIND = "user";
const NAME = /^[a-z0-9][a-z0-9._@+-]{0,99}$/;
const MOST_PASSKEYS = 20;

/** A name as it is kept. AppError `invalid` when nobody can be called so. */
export function userNameOf(text: string): string {
  const name = text.trim().normalize("NFC").toLowerCase();
  if (!NAME.test(name))
    throw new AppError("invalid", "a user's name has letters a to z, digits, and . _ @ + - between them, at most 100: such as anna.meyer");
  return name;
}

export class Users {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** By name, as it was typed; undefined when there is nobody. */
  async find(text: string): Promise<User | undefined> {
    const name = text.trim().normalize("NFC").toLowerCase();
    const setting = NAME.test(name) ? await this.#settings.get(KIND, name) : undefined;
    return setting && userOf(setting);
  }

  async bySubject(subject: string): Promise<User | undefined> {
    return (await this.list()).find((user) => user.subject === subject);
  }

  async byPasskey(id: string): Promise<User | undefined> {
    return (await this.list()).find(({ passkeys }) => passkeys.some((passkey) => passkey.id === id));
  }

  /** All, by name. */
  async list(): Promise<User[]> {
    return (await this.#settings.list(KIND)).map(userOf);
  }

  /** Whether somebody can make others' accounts. */
  async haveAdministrator(): Promise<boolean> {
    return (await this.list()).some(({ roles, isDisabled, password, passkeys }) => {
      return roles.includes(ADMINISTRATOR) && !isDisabled && (password !== undefined || passkeys.length > 0);
    });
  }

  /** Makes an account; nobody can sign in with it yet. AppError `conflict` when the name is another's. */
  async add(name: string, facts: Partial<Omit<UserFacts, "subject">>, asked: Asked): Promise<User> {
    const fresh: UserFacts = {
      subject: randomUUID(),
      fullName: name,
      roles: [],
      organisations: [],
      clearance: [],
      isDisabled: false,
      passkeys: [],
      ...facts,
    };
    const kept = await this.#settings
      .put({ kind: KIND, name: userNameOf(name), value: JSON.stringify(fresh), expected: "absent", asked })
      .catch((error: unknown) => {
        if (error instanceof AppError && error.code === "conflict") throw new AppError("conflict", `there is a user ${userNameOf(name)} already`);
        throw error;
      });
    if (!kept) throw new AppError("internal", "the user that was added is not there");
    return userOf(kept);
  }

  /** Changes an account as it was read. AppError `conflict` when somebody else changed it since. */
  async change({ name, version, changedAt: _changedAt, ...facts }: User, change: Partial<UserFacts>, asked: Asked): Promise<User> {
    const changed: UserFacts = { ...facts, ...change };
    if (changed.passkeys.length > MOST_PASSKEYS) throw new AppError("invalid", `somebody has at most ${MOST_PASSKEYS} passkeys`);
    const kept = await this.#settings.put({ kind: KIND, name, value: JSON.stringify(changed), expected: version, asked });
    if (!kept) throw new AppError("internal", "the user that was changed is not there");
    return userOf(kept);
  }
}

function userOf({ name, version, value, at }: Setting): User {
  return { name, version, changedAt: at, ...(JSON.parse(value) as UserFacts) };
}
