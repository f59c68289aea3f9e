/** Where people prove who they are: by password or passkey, and by an invitation the first time. Whoever asks here is told the same whether the name, the password or both are wrong. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Asked } from "../core/asked.ts";
import { AppError } from "../core/errors.ts";
import type { Invitation, Invitations } from "./invitations.ts";
import type { Attempt, LockOut } from "./lock-out.ts";
import type { PasskeyChecks, PasskeyOptions } from "./passkeys.ts";
import { faultOfPassword, type Passwords } from "./passwords.ts";
import { ADMINISTRATOR, userNameOf, type User, type Users } from "./users.ts";

/** What happened, for the audit. */
export interface SignInEvent {
  readonly kind: "signed-in" | "refused" | "waits" | "account-made" | "account-changed";
  readonly by: "password" | "passkey" | "invitation";
  /** Whose account it was; undefined when nobody has the name that was typed, which may be a password in the wrong place. */
  readonly user: User | undefined;
  readonly address: string;
  readonly asked: Asked;
}

export interface SignInDeskContext {
  readonly users: Users;
  readonly passwords: Passwords;
  readonly lockOut: LockOut;
  readonly invitations: Invitations;
  readonly passkeys: PasskeyChecks;
  /** By which devices prove that somebody signed in at them before. */
  readonly deviceSecret: Uint8Array;
  /** Told before anybody is answered. */
  onEvent(event: SignInEvent): void | Promise<void>;
}

/** From where somebody asks. */
export interface Circumstances {
  readonly address: string;
  /** What the browser keeps of earlier times (`device` of an outcome); undefined: nothing. */
  readonly device: string | undefined;
  readonly asked: Asked;
}

/** `device`: what the browser is to keep from now on. */
export type SignInOutcome =
  | { readonly kind: "in"; readonly user: User; readonly by: "password" | "passkey"; readonly device: string }
  | { readonly kind: "wrong" }
  | { readonly kind: "wait"; readonly seconds: number };

/** What somebody chose who was invited. */
export interface Choice {
  /** Of the first administrator. */
  readonly name: string;
  readonly fullName: string;
  readonly isClinician: boolean;
  readonly password?: string;
  /** What the browser made. */
  readonly passkey?: string;
}

/** A key of the interface's words. */
export type ChoiceFault = "password-short" | "password-long" | "password-guessed" | "name-wrong" | "name-taken" | "passkey-failed";

export type ChoiceOutcome =
  { readonly kind: "done"; readonly user: User } | { readonly kind: "fault"; readonly fault: ChoiceFault } | { readonly kind: "over" };

/** Whose device a browser is: so many people's at most. */
const MOST_KNOWN = 6;
const CLINICIAN = "clinician";

export class SignInDesk {
  readonly #using: SignInDeskContext;

  constructor(using: SignInDeskContext) {
    this.#using = using;
  }

  get havePasskeys(): boolean {
    return this.#using.passkeys.arePossible;
  }

  /** Whether there is nobody yet who could make accounts. */
  async isWithoutAdministrator(): Promise<boolean> {
    return !(await this.#using.users.haveAdministrator());
  }

  user(subject: string): Promise<User | undefined> {
    return this.#using.users.bySubject(subject);
  }

  /** AppError `unavailable` when too many sign in at once. */
  async byPassword(name: string, password: string, { address, device, asked }: Circumstances): Promise<SignInOutcome> {
    const { users, passwords, lockOut, onEvent } = this.#using;
    const user = await users.find(name);
    const attempt: Attempt = { person: name.trim().toLowerCase().slice(0, 200), address, device: this.#deviceFor(name, device) };
    const wait = lockOut.waitOf(attempt);
    if (wait > 0) {
      await onEvent({ kind: "waits", by: "password", user, address, asked });
      return { kind: "wait", seconds: Math.ceil(wait / 1000) };
    }
    // Counted before it is looked at, so that of many at once each counts.
    lockOut.failed(attempt);
    const isRight = (await passwords.isRight(password, user?.password)) && user?.isDisabled === false;
    if (!user || !isRight) {
      await onEvent({ kind: "refused", by: "password", user, address, asked });
      return { kind: "wrong" };
    }
    lockOut.passed(attempt);
    if (user.password !== undefined && passwords.isOutdated(user.password))
      await users.change(user, { password: await passwords.hash(password) }, asked).catch(() => undefined);
    await onEvent({ kind: "signed-in", by: "password", user, address, asked });
    return { kind: "in", user, by: "password", device: this.#knownWith(user.name, device) };
  }

  askForPasskey(purpose: string): Promise<PasskeyOptions> {
    return this.#using.passkeys.askToSignIn(purpose);
  }

  async byPasskey(purpose: string, answer: string, { address, device, asked }: Circumstances): Promise<SignInOutcome> {
    const { users, passkeys, onEvent } = this.#using;
    const signed = await passkeys.whoSigned(purpose, answer);
    if (!signed || signed.user.isDisabled) {
      await onEvent({ kind: "refused", by: "passkey", user: signed?.user, address, asked });
      return { kind: "wrong" };
    }
    const { user, passkey } = signed;
    // Authenticators that count tell a copy of themselves; most count nothing, and then nothing is written.
    if (passkey.counter !== user.passkeys.find(({ id }) => id === passkey.id)?.counter)
      await users.change(user, { passkeys: user.passkeys.map((one) => (one.id === passkey.id ? passkey : one)) }, asked);
    await onEvent({ kind: "signed-in", by: "passkey", user, address, asked });
    return { kind: "in", user, by: "passkey", device: this.#knownWith(user.name, device) };
  }

  /** What a link is for, and whose account; undefined when it is over. */
  async invitation(token: string): Promise<{ readonly invitation: Invitation; readonly user: User | undefined } | undefined> {
    const invitation = await this.#using.invitations.look(token);
    if (!invitation) return undefined;
    if (invitation.user === undefined) return (await this.isWithoutAdministrator()) ? { invitation, user: undefined } : undefined;
    const user = await this.#using.users.find(invitation.user);
    return user && !user.isDisabled ? { invitation, user } : undefined;
  }

  /** What a browser is asked to make a passkey with, for whoever was invited; or why not. */
  async askForKey(token: string, name: string, fullName: string): Promise<PasskeyOptions | ChoiceFault | undefined> {
    const found = await this.invitation(token);
    if (!found) return undefined;
    const called = found.user?.name ?? (await this.#newName(name));
    if (called === "name-wrong" || called === "name-taken") return called;
    const owner = { name: called, fullName: found.user?.fullName ?? fullName, handle: called, passkeys: found.user?.passkeys ?? [] };
    return this.#using.passkeys.askForKey(purposeOf(token), owner);
  }

  /** Takes what somebody chose who was invited: from then on they sign in so, and in no other way. */
  async accept(token: string, choice: Choice, { address, asked }: Circumstances): Promise<ChoiceOutcome> {
    const { users, invitations, passwords, passkeys, onEvent } = this.#using;
    const found = await this.invitation(token);
    if (!found) return { kind: "over" };
    const name = found.user?.name ?? (await this.#newName(choice.name));
    if (name === "name-wrong" || name === "name-taken") return { kind: "fault", fault: name };
    const fullName = found.user?.fullName ?? (choice.fullName.trim().slice(0, 200) || name);
    const fault = choice.password === undefined ? undefined : faultOfPassword(choice.password, [name, fullName]);
    if (fault !== undefined) return { kind: "fault", fault };
    const key = choice.passkey === undefined ? undefined : await passkeys.keyOf(purposeOf(token), choice.passkey, fullName);
    if (choice.password === undefined && key === undefined) return { kind: "fault", fault: "passkey-failed" };
    const password = choice.password === undefined ? undefined : await passwords.hash(choice.password);
    // From here on it is good for nothing; of two who come at once, one goes on.
    if (!(await invitations.accept(token))) return { kind: "over" };
    const proof = { password, passkeys: key ? [key] : [] };
    const roles = [ADMINISTRATOR, ...(choice.isClinician ? [CLINICIAN] : [])];
    const user = found.user ? await users.change(found.user, proof, asked) : await users.add(name, { fullName, roles, ...proof }, asked);
    if (!found.user) await invitations.end(undefined);
    await onEvent({ kind: found.user ? "account-changed" : "account-made", by: "invitation", user, address, asked });
    return { kind: "done", user };
  }

  async #newName(text: string): Promise<string> {
    try {
      const name = userNameOf(text);
      return (await this.#using.users.find(name)) ? "name-taken" : name;
    } catch (error) {
      if (error instanceof AppError && error.code === "invalid") return "name-wrong";
      throw error;
    }
  }

  /** The device's own name, when it proves that this person signed in at it before. */
  #deviceFor(name: string, kept: string | undefined): string | undefined {
    return readDevices(kept).find(({ nonce, proof }) => isEqual(proof, this.#proofOf(name, nonce)))?.nonce;
  }

  #knownWith(name: string, kept: string | undefined): string {
    const known = this.#deviceFor(name, kept);
    const nonce = known ?? randomBytes(12).toString("base64url");
    const others = readDevices(kept).filter((one) => one.nonce !== nonce);
    return [{ nonce, proof: this.#proofOf(name, nonce) }, ...others]
      .slice(0, MOST_KNOWN)
      .map((one) => `${one.nonce}.${one.proof}`)
      .join("~");
  }

  #proofOf(name: string, nonce: string): string {
    return createHmac("sha256", this.#using.deviceSecret).update(`${name.trim().toLowerCase()}\n${nonce}`).digest("base64url");
  }
}

function purposeOf(token: string): string {
  return `invitation ${token}`;
}

function readDevices(kept: string | undefined): { readonly nonce: string; readonly proof: string }[] {
  return (kept ?? "").split("~").flatMap((one) => {
    const [, nonce, proof] = /^([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})$/.exec(one) ?? [];
    return nonce === undefined || proof === undefined ? [] : [{ nonce, proof }];
  });
}

function isEqual(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
