/** How often somebody may ask (429 beyond it): whoever is proved by an allowance of their own, whoever is not by one of their address. docs/design/http.md. */
import { hash } from "node:crypto";
import type { RequestHandler } from "express";
import { isKnown, type Caller } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { Credentials } from "../../security/authentication/authenticator.ts";
import { insiderOf } from "../access/insiders.ts";
import { addressOf } from "../request-facts.ts";
import { isPublicAddress } from "./public-access.ts";
import { RateLimiter } from "./rate-limit.ts";

/** Proofs that held lately and are remembered at most, by a hash. */
const MOST_PROOFS = 10_000;

/** Asked by machines that must always learn whether the service lives. */
const UNLIMITED = new Set(["/healthz", "/readyz"]);

/** Public addresses at which what is posted is checked at some cost: assertions, codes, passwords, logout tokens. */
const CHECKED = /^\/(?:oauth|sign-in)\//;

/** Where somebody begins to sign in: each time something is kept until it is over. */
const BEGINS = "/oauth/authorize";

/** What `Allowances` are made of. */
export interface AllowanceOptions {
  /** Requests a second of one client or address; 0: as many as come. */
  readonly perSecond: number;
  /** Proofs a second from one address that do not hold, which are checked at all. */
  readonly failedProofs: number;
  /** Sign-ins that are begun, a second from one address. */
  readonly signIns: number;
  /** A clock in milliseconds. */
  now?(): number;
}

/**
 * Who may ask how often. What proved somebody a while ago is known again by its hash and is not counted by its address, so that neither a stranger nor another client behind the same proxy uses up what is
 * somebody else's; what is not known again is counted by its address before it is checked, and no more once it held.
 */
export class Allowances {
  readonly #requests: RateLimiter | undefined;
  readonly #proofs: RateLimiter;
  readonly #signIns: RateLimiter;
  readonly #held = new Set<string>();

  constructor({ perSecond, failedProofs, signIns, now }: AllowanceOptions) {
    const clock = now && { now };
    this.#requests = perSecond > 0 ? new RateLimiter(perSecond, clock) : undefined;
    this.#proofs = new RateLimiter(failedProofs, clock);
    this.#signIns = new RateLimiter(signIns, clock);
  }

  /** Proofs that are remembered. */
  get size(): number {
    return this.#held.size;
  }

  /** Counts a request that nobody is proved for. AppError `too-many-requests` */
  stranger(address: string): void {
    refuse(this.#requests?.ask(address), "from this address (RATE_LIMIT)");
  }

  /** Counts something that is to be checked at some cost, until it is known to hold. AppError `too-many-requests` */
  toCheck(address: string): void {
    refuse(this.#proofs.ask(address), "from this address with proofs that do not hold");
  }

  /** What `toCheck` counted held. */
  held(address: string): void {
    this.#proofs.giveBack(address);
  }

  /** Counts a sign-in that begins. AppError `too-many-requests` */
  begins(address: string): void {
    refuse(this.#signIns.ask(address), "to sign in from this address");
  }

  /**
   * Proves a caller within what their address may ask; `count` is for what they themselves may.
   *
   * @param prove the check itself; what it throws counts against the address
   * @throws AppError `too-many-requests`; before the check while it is not known that what was carried holds
   */
  async admit<P extends { readonly caller: Caller }>(address: string, credentials: Credentials, prove: () => Promise<P>): Promise<P> {
    const name = nameOf(credentials);
    if (name === undefined) {
      this.stranger(address);
      return prove();
    }
    // It stays remembered while it is checked: what one client asks at the same time is all known again.
    const isKnownAgain = this.#held.has(name);
    if (!isKnownAgain) {
      this.stranger(address);
      this.toCheck(address);
    }
    const proof = await this.#proved(name, prove);
    const { caller } = proof;
    if (!isKnown(caller)) return proof;
    if (!isKnownAgain) {
      this.held(address);
      this.#requests?.giveBack(address);
    }
    this.#remember(name);
    return proof;
  }

  /** What does not hold any more is forgotten. */
  async #proved<P extends { readonly caller: Caller }>(name: string, prove: () => Promise<P>): Promise<P> {
    let holds = false;
    try {
      const proof = await prove();
      holds = isKnown(proof.caller);
      return proof;
    } finally {
      if (!holds) this.#held.delete(name);
    }
  }

  /** Counts a request of somebody who was proved. AppError `too-many-requests` */
  count(caller: Caller): void {
    if (isKnown(caller)) refuse(this.#requests?.ask(allowanceOf(caller)), "of this client (RATE_LIMIT)");
  }

  /** Put last: in order of their last use. */
  #remember(name: string): void {
    this.#held.delete(name);
    this.#held.add(name);
    for (const oldest of this.#held) {
      if (this.#held.size <= MOST_PROOFS) break;
      this.#held.delete(oldest);
    }
  }
}

/** Counts what needs no proof: public addresses, and everything where nobody is asked who they are. What is behind the gate, the gate counts. */
export function limitStrangers(allowances: Allowances, { isOpen }: { readonly isOpen: boolean }): RequestHandler {
  return (request, response, next) => {
    if (UNLIMITED.has(request.path) || insiderOf(request) || (!isOpen && !isPublicAddress(request.path))) return next();
    const address = addressOf(response);
    allowances.stranger(address);
    if (request.path === BEGINS) allowances.begins(address);
    if (request.method === "POST" && CHECKED.test(request.path)) {
      allowances.toCheck(address);
      response.once("finish", () => {
        if (response.statusCode < 400) allowances.held(address);
      });
    }
    next();
  };
}

function refuse(retryAfter: number | undefined, whose: string): void {
  if (retryAfter === undefined || retryAfter === 0) return;
  throw new AppError("too-many-requests", `Too many requests ${whose}; try again in ${retryAfter} s.`, { retryAfter });
}

/** A hash, since a copy of what may be used elsewhere is not kept; undefined where nothing is carried. */
function nameOf({ authorization, session, certificate, hasTokenInQuery }: Credentials): string | undefined {
  if (authorization.length === 0 && session === undefined && certificate === undefined && !hasTokenInQuery) return undefined;
  return hash("sha256", JSON.stringify([authorization, session ?? null, certificate ?? null]), "base64url");
}

/** A system is one by its client, whatever token it brings; a person is one whatever app or session they use. No address has a blank. */
function allowanceOf(caller: Extract<Caller, { readonly kind: "person" | "system" }>): string {
  return `${caller.kind} ${caller.issuer} ${caller.kind === "system" ? (caller.client ?? caller.subject) : caller.subject}`;
}
