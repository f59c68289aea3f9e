/** Which of the scopes that are asked for somebody may have: of a request, of a client, of a person. */
import { errors, type KoaContextWithOIDC } from "oidc-provider";
import { allowedScopes, faultOfScopes, isAboutPerson } from "../../accounts/allowed-scopes.ts";
import { resourceOf } from "../../accounts/caller.ts";
import type { Client, Clients } from "../../accounts/clients.ts";
import type { User } from "../../accounts/users.ts";
import type { OwnClient } from "./client-metadata.ts";

/** Scopes upon resources that the client may have now, of those that this request, or what it comes from, asks for. An authorization for which nothing would be left is refused before anybody signs in. */
export async function scopesFor(
  ctx: KoaContextWithOIDC,
  { clients, own }: { readonly clients: Clients; readonly own: OwnClient },
): Promise<string[]> {
  const { client, params, entities, route } = ctx.oidc;
  if (!client || client.clientId === own.id) return [];
  const known: Client | undefined = await clients.find(client.clientId);
  const asked = [params?.["scope"], entities.AuthorizationCode?.scope, entities.RefreshToken?.scope]
    .filter((one) => typeof one === "string")
    .join(" ");
  const allowed = known && !known.isDisabled ? [...new Set(allowedScopes(asked, known.scope))].filter((scope) => isFor(ctx, scope)) : [];
  const isNothing = allowed.length === 0 && !asked.split(" ").includes("openid");
  if (route === "authorization" && isNothing) throw new errors.InvalidScope("the client was registered for none of these scopes", asked);
  const fault = faultOfScopes(allowed);
  if (fault !== undefined) throw new errors.InvalidScope(fault, "");
  return allowed;
}

/** What an app asks for and may have; for a person: without what nobody could say of that person. */
export function askable(asked: string, allowed: string, person?: Pick<User, "fhirUser" | "patient">): string[] {
  const about = asked.split(" ").filter(isAboutPerson);
  const upon = allowedScopes(asked, allowed).filter((scope) => !scope.startsWith("system/"));
  return [...new Set([...about, ...upon])].filter((scope) => scope !== "fhirUser" || !person || resourceOf(person) !== undefined);
}

/** A system acts by its own right, and a person's app by the person's. */
function isFor(ctx: KoaContextWithOIDC, scope: string): boolean {
  const isSystem = ctx.oidc.params?.["grant_type"] === "client_credentials";
  return scope.startsWith("system/") === isSystem;
}
