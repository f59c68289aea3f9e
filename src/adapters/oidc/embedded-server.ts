import { ServerResponse } from "node:http";
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet, type JWTPayload } from "jose";
import Provider, { type KoaContextWithOIDC } from "oidc-provider";
import type {
  AuthorizationServer,
  Interaction,
  InteractionResult,
  IssuedToken,
  ServerAnswer,
  ServerRequest,
} from "../../accounts/authorization-server.ts";
import { RESOURCE_SERVER } from "../../accounts/clients.ts";
import type { OpenTokenKeys, TokenKey } from "../../accounts/token-keys.ts";
import { LAUNCH_SCOPES } from "../../accounts/allowed-scopes.ts";
import { AppError } from "../../core/errors.ts";
import { callProvider, messageFor } from "./call-provider.ts";
import { keepLaunch, launchOf } from "./launch-context.ts";
import { accountKey, clientKey, grantIdOf } from "./session-names.ts";
import { withPublicClient } from "./public-client.ts";
import { providerSettings, type EmbeddedServerContext } from "./provider-settings.ts";
import { interactionFor, resultFor } from "./interactions.ts";

const JWT_FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
/** Its addresses, exactly: the library also takes other cases and a slash at the end, past what is done here before it. */
const ADDRESSES = /^\/(?:authorize(?:\/[\w-]+)?|token|jwks|introspect|revoke|sign-out(?:\/(?:confirm|success))?|\.well-known\/[a-z-]+)$/;
/** How an app may be answered. A page of ours runs no script that would post a form elsewhere. */
const RESPONSE_MODES = ["query", "fragment"];
const NO_CACHE = ["/token", "/introspect"];
const GRANTS = ["authorization_code", "refresh_token", "client_credentials"];
const NOBODY = new Uint8Array();

/** The library, as it was made for these keys. */
interface Made {
  readonly provider: Provider;
  readonly names: string;
  readonly keys: readonly TokenKey[];
}

/** Ready to answer; with other keys from the moment on that another instance has made them. */
export class EmbeddedServer implements AuthorizationServer {
  readonly issuer: string;
  readonly #context: EmbeddedServerContext;
  readonly #keysNow: () => Promise<OpenTokenKeys>;
  #made: Made;

  /**
   * @param keys the keys by which tokens are signed now
   * @param keysNow the same at any later moment
   */
  constructor(context: EmbeddedServerContext, keys: OpenTokenKeys, keysNow: () => Promise<OpenTokenKeys>) {
    this.issuer = context.issuer;
    this.#context = context;
    this.#keysNow = keysNow;
    this.#made = this.#make(keys.keys);
  }

  async metadata(): Promise<Readonly<Record<string, unknown>>> {
    const { body } = await this.answer({ method: "GET", target: "/.well-known/openid-configuration", headers: {}, body: NOBODY });
    return JSON.parse(Buffer.from(body).toString("utf8")) as Readonly<Record<string, unknown>>;
  }

  publicKeys(): JSONWebKeySet {
    return {
      keys: this.#made.keys.map(
        ({ kty, kid, alg, use, n, e, crv, x, y }) =>
          ({ kty, kid, alg, use, ...(kty === "RSA" ? { n, e } : { crv, x, y }) }) as JSONWebKeySet["keys"][number],
      ),
    };
  }

  async answer(request: ServerRequest): Promise<ServerAnswer> {
    const provider = await this.#provider();
    const [path = ""] = request.target.split("?");
    if (!ADDRESSES.test(path)) return { status: 404, headers: [], body: NOBODY, page: undefined };
    if (path.startsWith("/.well-known/")) return described(await callProvider(provider, request));
    if (path === "/authorize") return callProvider(provider, this.#authorization(request));
    const form = request.method === "POST" ? new URLSearchParams(Buffer.from(request.body).toString("utf8")) : undefined;
    const token = form?.get("token") ?? "";
    if (path === "/token" && form) request = await withPublicClient(request, form, { provider, clients: this.#context.clients });
    const isAboutJwt = (path === "/introspect" || path === "/revoke") && form !== undefined && JWT_FORM.test(token);
    const answer = isAboutJwt ? await this.#aboutJwt(provider, request, { path, form, token }) : await callProvider(provider, request);
    return NO_CACHE.includes(path) ? { ...answer, headers: [...answer.headers, ["pragma", "no-cache"], ["cache-control", "no-store"]] } : answer;
  }

  async interaction(uid: string, cookie: string): Promise<Interaction | undefined> {
    const provider = await this.#provider();
    return interactionFor(provider, { uid, cookie, context: this.#context });
  }

  async finish(uid: string, cookie: string, result: InteractionResult): Promise<string> {
    const provider = await this.#provider();
    const interaction = await interactionFor(provider, { uid, cookie, context: this.#context });
    if (!interaction) throw new AppError("gone", "This sign-in is over: go back to where you came from, and begin anew.");
    const message = messageFor({ method: "POST", target: "/", headers: { cookie }, body: NOBODY }, this.issuer);
    const keepPatient = (grantId: string, patient: string, expiresAt: number): Promise<void> =>
      keepLaunch(grantId, patient, { sessions: this.#context.sessions, expiresAt });
    return resultFor(provider, { message, interaction, result, fhirBase: this.#context.fhirBase, keepPatient });
  }

  async stillHolds({ jti, grant, sub, client_id: clientId }: IssuedToken): Promise<boolean> {
    const { sessions, users, clients, own } = this.#context;
    if ((await sessions.get(`revoked:${jti}`)) !== undefined) return false;
    const client = clientId === own.id ? own : await clients.find(clientId);
    if (!client || ("isDisabled" in client && client.isDisabled)) return false;
    if (grant === undefined) return sub === clientId;
    if ((await sessions.get(grantIdOf(grant))) === undefined) return false;
    const user = await users.bySubject(sub);
    return user !== undefined && !user.isDisabled;
  }

  async signOut(cookie: string): Promise<void> {
    const provider = await this.#provider();
    const message = messageFor({ method: "GET", target: "/", headers: { cookie }, body: NOBODY }, this.issuer);
    const session = await provider.Session.get(provider.createContext(message, new ServerResponse(message)) as KoaContextWithOIDC);
    await session.destroy();
  }

  async signOutEverywhere(subject: string): Promise<void> {
    await this.#context.sessions.removeBy(accountKey(subject));
  }

  async endClient(client: string): Promise<void> {
    await this.#context.sessions.removeBy(clientKey(client));
  }

  async #provider(): Promise<Provider> {
    const { keys } = await this.#keysNow();
    if (namesOf(keys) !== this.#made.names) this.#made = this.#make(keys);
    return this.#made.provider;
  }

  #make(keys: readonly TokenKey[]): Made {
    const provider = new Provider(this.issuer, providerSettings(this.#context, keys));
    // What stands in these headers we put there ourselves (call-provider.ts).
    provider.proxy = true;
    provider.use(async (ctx, next) => {
      await next();
      if (ctx.path !== "/token" || ctx.status !== 200 || typeof ctx.body !== "object" || ctx.body === null) return;
      const body = ctx.body as Record<string, unknown>;
      const { AccessToken, Grant } = (ctx as KoaContextWithOIDC).oidc.entities;
      if (!AccessToken && body["scope"] === undefined) {
        ctx.status = 400;
        ctx.body = { error: "invalid_scope", error_description: "the client was registered for none of these scopes" };
        return;
      }
      const patient = Grant === undefined ? undefined : await launchOf(Grant.jti, this.#context.sessions);
      const scope = [Grant?.getOIDCScope() ?? "", typeof body["scope"] === "string" ? body["scope"] : ""].filter((one) => one !== "").join(" ");
      ctx.body = { ...body, scope, ...(patient !== undefined && { patient, need_patient_banner: true }) };
    });
    return { provider, names: namesOf(keys), keys };
  }

  /**
   * A form is taken as an address would be; and an app asks each time, so that nobody allows unseen what somebody allowed before. Our own pages have whoever signs in prove who they are: who signed out of them may have left the
   * computer to somebody else.
   */
  #authorization({ method, target, headers, body }: ServerRequest): ServerRequest {
    const query = new URLSearchParams(method === "POST" ? Buffer.from(body).toString("utf8") : target.split("?").slice(1).join("?"));
    const prompts = new Set((query.get("prompt") ?? "").split(" ").filter((one) => one !== ""));
    const mode = query.get("response_mode");
    // The library refuses what it does not know, and tells the app.
    if (mode !== null && !RESPONSE_MODES.includes(mode)) query.set("response_mode", "unsupported");
    const isOwn = query.get("client_id") === this.#context.own.id;
    if (!prompts.has("none")) query.set("prompt", [...prompts.add(isOwn ? "login" : "consent")].join(" "));
    const seen = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "content-type"));
    return { method: "GET", target: `/authorize?${query.toString()}`, headers: seen, body: NOBODY };
  }

  /** The library keeps no token that is a JWT: it proves who asks, and what is to be said of the token stands in it. */
  async #aboutJwt(
    provider: Provider,
    request: ServerRequest,
    { path, form, token }: { readonly path: string; readonly form: URLSearchParams; readonly token: string },
  ): Promise<ServerAnswer> {
    const asked = new URLSearchParams(form);
    asked.set("token", "no-token-of-ours");
    const proved = await callProvider(provider, { ...request, body: Buffer.from(asked.toString(), "utf8") });
    if (proved.status !== 200) return proved;
    const client = form.get("client_id") ?? decodeJwt(form.get("client_assertion") ?? "").sub;
    const claims = await this.#claimsOf(token);
    const isTheirs = claims !== undefined && (claims["client_id"] === client || (path === "/introspect" && (await this.#mayIntrospect(client))));
    if (!isTheirs) return proved;
    if (path === "/revoke") {
      await this.#context.sessions.put(`revoked:${claims.jti ?? ""}`, "", { expiresAt: (claims.exp ?? 0) * 1000 });
      return proved;
    }
    const holds = await this.stillHolds({
      ...{ jti: claims.jti ?? "", sub: claims.sub ?? "", client_id: String(claims["client_id"]) },
      grant: claims["gid"] as string | undefined,
    });
    if (!holds || (claims.exp ?? 0) * 1000 <= Date.now()) return proved;
    const { gid: _gid, ...told } = claims;
    return { ...proved, body: Buffer.from(JSON.stringify({ active: true, token_type: "Bearer", ...told }), "utf8"), headers: withoutLength(proved) };
  }

  /** What a token of ours says; undefined of any other. Whether it has ended is not asked. */
  async #claimsOf(token: string): Promise<JWTPayload | undefined> {
    try {
      const { payload } = await jwtVerify(token, createLocalJWKSet(this.publicKeys()), {
        ...{ issuer: this.issuer, audience: this.#context.fhirBase, typ: "at+jwt" },
        currentDate: new Date((decodeJwt(token).iat ?? 0) * 1000),
      });
      return payload;
    } catch {
      return undefined;
    }
  }

  /** A server that guards resources asks about others' tokens. */
  async #mayIntrospect(id: string | undefined): Promise<boolean> {
    const client = id === undefined ? undefined : await this.#context.clients.find(id);
    return client !== undefined && client.roles.includes(RESOURCE_SERVER) && (client.keys ?? client.keysUrl) !== undefined;
  }
}

/** The library names the scopes that it knows itself. Upon resources what may be asked for has no end; these say which kinds are understood (SMART App Launch 2.2). */
function described(answer: ServerAnswer): ServerAnswer {
  if (answer.status !== 200) return answer;
  const metadata = JSON.parse(Buffer.from(answer.body).toString("utf8")) as Readonly<Record<string, unknown>>;
  const scopes = [...LAUNCH_SCOPES, "patient/*.cruds", "user/*.cruds", "system/*.cruds"];
  const known = { scopes_supported: scopes, grant_types_supported: GRANTS, response_modes_supported: RESPONSE_MODES };
  const body = Buffer.from(JSON.stringify({ ...metadata, ...known }), "utf8");
  return { ...answer, body, headers: withoutLength(answer) };
}

function namesOf(keys: readonly TokenKey[]): string {
  return keys.map(({ kid }) => kid).join(" ");
}

function withoutLength({ headers }: ServerAnswer): ServerAnswer["headers"] {
  return headers.filter(([name]) => name !== "content-length");
}
