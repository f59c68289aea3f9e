/** How callers are proved, as the settings say. A part of the composition root. */
import { readFileSync, statSync } from "node:fs";
import type { Config } from "../config.ts";
import type { KnownCaller } from "../core/asked.ts";
import { AppError } from "../core/errors.ts";
import { OPEN_DOOR, type Door } from "../http/access/door.ts";
import { sessionEvent } from "../http/trail/came-or-left.ts";
import type { Recording } from "../pipeline/trail/trail.ts";
import { readCertificateClients, type CertificateClients } from "../security/authentication/certificate-clients.ts";
import { createAuthenticator } from "../security/authentication/create-authenticator.ts";
import { smartConfiguration } from "../security/discovery/smart-configuration.ts";
import type { IssuerClient } from "../security/issuers/issuer-client.ts";
import { remoteIssuer } from "../security/issuers/remote-issuer.ts";
import type { KeptSessions } from "../security/sessions/kept-sessions.ts";
import { Sessions } from "../security/sessions/sessions.ts";
import { endByIssuer } from "../security/sign-in/back-channel-logout.ts";
import { SignIn } from "../security/sign-in/sign-in.ts";

export interface ProofOptions {
  readonly fhirBase: string;
  /** Undefined where anybody may come in; `none` where nothing is kept, and people do not sign in. */
  readonly sessions: KeptSessions | "none" | undefined;
  /** Our own authorization server and who we are to it, where people sign in here. */
  readonly own?: IssuerClient | undefined;
  readonly onRefused: Door["onRefused"];
  /** Told of who signed in elsewhere, and of who signed out, before they are answered. */
  readonly trail: Recording;
  /** Told that a file of settings could not be read anew; what it said before still counts. */
  onFault(error: unknown, what: string): void;
}

/** An issuer, and who we are to it, if it knows us. */
type ListedClient = Pick<IssuerClient, "issuer" | "clientSecret"> & { readonly clientId: string | undefined };

/** What the HTTP interface knows callers by. AppError `invalid` when a file that a setting names can't be read. */
export function openProof({ access, proof }: Pick<Config, "access" | "proof">, options: ProofOptions): Door {
  const { proxies, corsOrigins } = proof;
  if (access === "open") return { ...OPEN_DOOR, proxies, corsOrigins };
  // Nobody is let in by a mistake of ours.
  if (!options.sessions) throw new AppError("internal", "there is access control, and nowhere to keep who is signed in");
  const listed = proof.issuers.map(({ issuer, ...client }) => ({ ...client, issuer: remoteIssuer(issuer, { allow: proof.callbackAllow }) }));
  const clients: readonly ListedClient[] = options.own ? [options.own] : listed;
  const signing = clients.filter((client): client is IssuerClient => client.clientId !== undefined);
  const issuers = clients.map(({ issuer }) => issuer);
  const sessions = options.sessions === "none" ? undefined : new Sessions(options.sessions, proof.session);
  const [first] = issuers;
  return {
    authenticator: createAuthenticator({
      issuers,
      // Ours gives no opaque tokens that it could be asked about.
      introspecting: options.own ? [] : signing,
      audience: options.fhirBase,
      tokenTypes: proof.tokenTypes,
      claims: proof.claims,
      certificates: certificateClients(proof.clientCertificatesFile, options.onFault),
      sessions: sessions ?? { proofOf: () => Promise.resolve(undefined) },
    }),
    people: sessions && {
      signIn: new SignIn({ clients: signing, claims: proof.claims, sessions, baseUrl: options.fhirBase.replace(/\/fhir$/, "") }),
      sessions,
      endByIssuer: (token) => endByIssuer(token, { clients: signing, sessions }),
      // Who signs in here is told by whoever looks at the password or passkey (accounts/sign-in-trail.ts).
      onCameOrLeft: async (event) => {
        if (!options.own || event.what === "sign-out") await options.trail.record([sessionEvent(event)]);
      },
    },
    smartConfiguration: async () => first && smartConfiguration(await first.metadata()),
    issuers: () => Promise.all(issuers.map((issuer) => issuer.state())),
    takesCertificates: proof.clientCertificatesFile !== undefined,
    proxies,
    corsOrigins,
    onRefused: options.onRefused,
  };
}

/** Read anew whenever the file has changed: whoever is struck off has no more say from then on. */
export function certificateClients(file: string | undefined, onFault: ProofOptions["onFault"]): CertificateClients {
  if (file === undefined) return { find: () => Promise.resolve(undefined) };
  const stamp = (): string => {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  };
  let known = read();
  return {
    find: (thumbprint) => {
      try {
        if (stamp() !== known.stamp) known = read();
      } catch (error) {
        onFault(error, "CLIENT_CERTIFICATES could not be read anew");
      }
      return Promise.resolve(known.clients.get(thumbprint));
    },
  };

  function read(): { readonly stamp: string; readonly clients: ReadonlyMap<string, KnownCaller> } {
    try {
      return { stamp: stamp(), clients: readCertificateClients(readFileSync(String(file), "utf8")) };
    } catch (cause) {
      const why = cause instanceof AppError ? cause.message : "could not be read";
      throw new AppError("invalid", `CLIENT_CERTIFICATES ${JSON.stringify(file)} ${why}`, { cause });
    }
  }
}
