/** How the library is told to work: code with PKCE (S256) and Backend Services, access tokens as JWT for our FHIR interface alone, nothing else. docs/design/authorization-server.md. */
import { errors, interactionPolicy, type Configuration, type KoaContextWithOIDC } from "oidc-provider";
import { LAUNCH_SCOPES } from "../../accounts/allowed-scopes.ts";
import { fhirUserOf } from "../../accounts/caller.ts";
import type { Clients } from "../../accounts/clients.ts";
import type { TokenKey } from "../../accounts/token-keys.ts";
import type { User, Users } from "../../accounts/users.ts";
import type { SessionStore } from "../../pipeline/store/session-store.ts";
import { PAGE } from "./call-provider.ts";
import { metadataOf, ownMetadata, type OwnClient } from "./client-metadata.ts";
import { scopesFor } from "./granted-scopes.ts";
import { launchOf } from "./launch-context.ts";
import { ModelStore } from "./model-store.ts";

/** What the embedded server works with. */
export interface EmbeddedServerContext {
  /** `iss`: an address below the service's. */
  readonly issuer: string;
  /** The FHIR interface: the audience of every access token. */
  readonly fhirBase: string;
  /** The absolute address below which somebody signs in: `{signIn}/{interaction}`. */
  readonly signIn: string;
  readonly own: OwnClient;
  readonly sessions: SessionStore;
  readonly users: Users;
  readonly clients: Clients;
  /** By which cookies are signed. */
  readonly cookieSecret: string;
  /** How long somebody stays signed in who does nothing, and at most: milliseconds. */
  readonly session: { readonly idle: number; readonly longest: number };
}

/** Seconds. SMART (backend-services): access tokens live five minutes at most. */
export const TOKEN_LIFE = 300;
const CODE_LIFE = 60;
const REFRESH_LIFE = 30 * 86_400;
export const GRANT_LIFE = 90 * 86_400;
const INTERACTION_LIFE = 900;
/** How far a client's clock may be off. */
const CLOCK_TOLERANCE = 10;
/** The furthest that the end of a client's assertion may be (SMART, asymmetric client authentication). */
const ASSERTION_LIFE = 300;

export function providerSettings(context: EmbeddedServerContext, keys: readonly TokenKey[]): Configuration {
  const { issuer, fhirBase, signIn, sessions, users, clients, own } = context;
  const isHttps = issuer.startsWith("https:");
  const resource = {
    enabled: true,
    defaultResource: () => fhirBase,
    useGrantedResource: () => true,
    getResourceServerInfo: async (ctx: KoaContextWithOIDC, indicator: string) => {
      if (indicator !== fhirBase) throw new errors.InvalidTarget();
      const scope = await scopesFor(ctx, context);
      return {
        scope: scope.join(" "),
        audience: fhirBase,
        accessTokenTTL: TOKEN_LIFE,
        accessTokenFormat: "jwt" as const,
        jwt: { sign: { alg: "ES256" as const } },
      };
    },
  };
  return {
    adapter: (model: string) =>
      new ModelStore(model, {
        sessions,
        client: async (id) => {
          if (id === own.id) return ownMetadata(own);
          const client = await clients.find(id);
          return client && !client.isDisabled ? metadataOf(client) : undefined;
        },
      }),
    jwks: { keys: keys.map((key) => ({ ...key })) },
    scopes: [...LAUNCH_SCOPES],
    claims: {
      openid: ["sub", "roles", "organisations", "clearance", "patient"],
      profile: ["name", "preferred_username"],
      fhirUser: ["fhirUser"],
    },
    conformIdTokenClaims: false,
    responseTypes: ["code"],
    pkce: { required: () => true },
    enableHttpPostMethods: false,
    allowOmittingSingleRegisteredRedirectUri: false,
    clockTolerance: CLOCK_TOLERANCE,
    clientAuthMethods: ["none", "private_key_jwt"],
    enabledJWA: { clientAuthSigningAlgValues: ["RS384", "ES384"], idTokenSigningAlgValues: ["RS256"] },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      revocation: { enabled: true },
      introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => client.clientId === token.clientId },
      clientCredentials: { enabled: true },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: resource,
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          const [, action = "", xsrf = ""] = /action="([^"]*)".*name="xsrf" value="([^"]*)"/.exec(form) ?? [];
          showPage(ctx, { kind: "sign-out", action, xsrf });
        },
        postLogoutSuccessSource: (ctx) => ctx.redirect(own.afterSignOut[0] ?? issuer),
      },
    },
    extraParams: {
      // SMART App Launch: the app says for which server it wants a token, so that none is led to give it to another.
      aud: (_ctx, value, client) => {
        if (client.clientId === own.id) return;
        if (value?.replace(/\/$/, "") !== fhirBase) throw new errors.InvalidRequest(`aud must be ${fhirBase}`);
      },
    },
    findAccount: async (ctx, subject) => {
      const user = await users.bySubject(subject);
      if (!user || user.isDisabled) return undefined;
      const { name, preferred_username, fhirUser, ...byPolicy } = claimsOf(user, fhirBase);
      // What the policy goes by is for our own pages, and no app's business.
      const isOwn = ctx.oidc.client?.clientId === own.id;
      return { accountId: subject, claims: () => ({ sub: subject, name, preferred_username, fhirUser, ...(isOwn && byPolicy) }) };
    },
    loadExistingGrant: async (ctx) => {
      const { client, result, session, provider } = ctx.oidc;
      if (client?.clientId !== own.id) return result?.consent?.grantId === undefined ? undefined : provider.Grant.find(result.consent.grantId);
      // Nobody is asked whether they want to read here what they signed in here for.
      const before = session?.grantIdFor(own.id);
      const kept = before === undefined ? undefined : await provider.Grant.find(before);
      if (kept) return kept;
      const grant = new provider.Grant({ clientId: own.id, accountId: session?.accountId ?? "" });
      grant.addOIDCScope("openid profile fhirUser");
      await grant.save();
      return grant;
    },
    interactions: { url: (_ctx, interaction) => `${signIn}/${interaction.uid}`, policy: interactionsPolicy(own) },
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    extraTokenClaims: async (_ctx, token) => claimsOfToken(token, context),
    formats: {
      customizers: {
        jwt: (ctx, token, jwt) => {
          const grant = ctx.oidc.entities.Grant;
          const about = grant?.getOIDCScope() ?? "";
          const scope = [about, token.scope ?? ""].filter((one) => one !== "").join(" ");
          Object.assign(jwt.payload, { scope: scope === "" ? undefined : scope, gid: grant?.jti });
        },
      },
    },
    assertJwtClientAuthClaimsAndHeader: (_ctx, claims) => {
      const { sub, iss, exp } = claims as { readonly sub?: unknown; readonly iss?: unknown; readonly exp?: unknown };
      if (sub !== iss) throw new errors.InvalidClientAuth("sub must be the client_id");
      if (Number(exp) > Date.now() / 1000 + ASSERTION_LIFE + CLOCK_TOLERANCE)
        throw new errors.InvalidClientAuth("exp may be five minutes ahead at most");
    },
    clientBasedCORS: (_ctx, origin, client) => (client.redirectUris ?? []).some((redirect) => URL.parse(redirect)?.origin === origin),
    renderError: (ctx, out) => showPage(ctx, { kind: "error", code: out.error, description: out.error_description ?? "" }),
    routes: {
      ...{ authorization: "/authorize", token: "/token", jwks: "/jwks", introspection: "/introspect", revocation: "/revoke" },
      end_session: "/sign-out",
    },
    ttl: {
      ...{ AccessToken: TOKEN_LIFE, ClientCredentials: TOKEN_LIFE, AuthorizationCode: CODE_LIFE, IdToken: TOKEN_LIFE },
      ...{ RefreshToken: REFRESH_LIFE, Grant: GRANT_LIFE, Interaction: INTERACTION_LIFE },
      // As long as at our own pages: whoever is signed out there by leaving the computer alone is so for apps, too.
      Session: (_ctx, { loginTs }) => sessionLeft(context.session, loginTs),
    },
    cookies: {
      keys: [context.cookieSecret],
      // The prefix keeps a page of another host below our domain from setting it; a browser takes it over https alone.
      names: { session: isHttps ? "__Host-chartulary-person" : "chartulary-person", interaction: "chartulary-sign-in", resume: "chartulary-resume" },
      long: { httpOnly: true, sameSite: "lax", secure: isHttps, signed: true, path: "/" },
      short: { httpOnly: true, sameSite: "lax", secure: isHttps, signed: true },
    },
  };
}

/** Seconds for which somebody stays signed in from now on. @param begun when they signed in: seconds since 1970 */
function sessionLeft({ idle, longest }: EmbeddedServerContext["session"], begun: number | undefined): number {
  const left = begun === undefined ? longest / 1000 : begun + longest / 1000 - Date.now() / 1000;
  return Math.max(1, Math.floor(Math.min(idle / 1000, left)));
}

/** What is known of a person that a token may say. */
function claimsOf(user: User, fhirBase: string): Record<string, unknown> {
  const { name, fullName, patient, roles, organisations, clearance } = user;
  const own = fhirUserOf(user, fhirBase);
  return {
    name: fullName,
    preferred_username: name,
    ...(own !== undefined && { fhirUser: own }),
    ...(patient !== undefined && { patient }),
    roles,
    organisations,
    clearance,
  };
}

/** What the policy needs to know of whom a token is issued to. */
async function claimsOfToken(
  token: { readonly clientId?: string | undefined; readonly accountId?: string; readonly grantId?: string },
  { users, clients, sessions, fhirBase }: EmbeddedServerContext,
): Promise<Record<string, unknown> | undefined> {
  if (token.accountId === undefined) {
    const client = await clients.find(token.clientId ?? "");
    return client && { name: client.label, roles: client.roles, organisations: client.organisations, clearance: client.clearance };
  }
  const user = await users.bySubject(token.accountId);
  const chosen = token.grantId === undefined ? undefined : await launchOf(token.grantId, sessions);
  if (!user) return undefined;
  const { patient: own, ...claims } = claimsOf(user, fhirBase);
  // Whoever may see their own record alone has no other patient in a token.
  const patient = own ?? chosen;
  return { ...claims, ...(patient !== undefined && { patient }) };
}

function interactionsPolicy(own: OwnClient): interactionPolicy.DefaultPolicy {
  const { base, Check, Prompt } = interactionPolicy;
  const policy = base();
  policy.add(
    new Prompt(
      { name: "patient", requestable: false },
      new Check("patient_missing", "the patient is not chosen", "interaction_required", (ctx) => {
        const { client, params, result } = ctx.oidc;
        const scope = params?.["scope"];
        const asks = typeof scope === "string" && scope.split(" ").includes("launch/patient");
        return asks && client?.clientId !== own.id && result?.["patient"] === undefined;
      }),
    ),
    1,
  );
  return policy;
}

function showPage(ctx: KoaContextWithOIDC, page: unknown): void {
  Object.assign(ctx.res, { [PAGE]: page });
  ctx.type = "txt";
  ctx.body = "";
}
