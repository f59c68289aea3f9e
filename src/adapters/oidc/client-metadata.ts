import type { AdapterPayload } from "oidc-provider";
import { actsByItself, type Client } from "../../accounts/clients.ts";
import { LAUNCH_SCOPES } from "../../accounts/allowed-scopes.ts";

/** Our own pages, which sign people in as any client does. */
export interface OwnClient {
  readonly id: string;
  readonly redirects: readonly string[];
  /** Where somebody comes to who signed out. */
  readonly afterSignOut: readonly string[];
}

/** How the library knows our own pages: a public client, which asks nobody whether it may. */
export function ownMetadata({ id, redirects, afterSignOut }: OwnClient): AdapterPayload {
  return {
    ...{ client_id: id, client_name: "Chartulary", redirect_uris: [...redirects], post_logout_redirect_uris: [...afterSignOut] },
    ...{ response_types: ["code"], grant_types: ["authorization_code"], token_endpoint_auth_method: "none" },
    scope: "openid profile fhirUser",
  };
}

/** How the library knows a client. */
export function metadataOf(client: Client): AdapterPayload {
  const { id, label, redirects, keys, keysUrl, scope } = client;
  const isKnown = keys !== undefined || keysUrl !== undefined;
  const isSystem = isKnown && /(?:^| )system\//.test(scope);
  const grants = [...(actsByItself(client) ? [] : ["authorization_code", "refresh_token"]), ...(isSystem ? ["client_credentials"] : [])];
  return {
    ...{ client_id: id, client_name: label, redirect_uris: [...redirects] },
    ...{ response_types: actsByItself(client) ? [] : ["code"], grant_types: grants },
    token_endpoint_auth_method: isKnown ? "private_key_jwt" : "none",
    // By a scheme of its own: an app on a telephone (RFC 8252).
    application_type: redirects.some((redirect) => !/^https?:/.test(redirect)) ? "native" : "web",
    ...(keys && { jwks: { keys: keys.keys.map((key) => ({ ...key })) } }),
    ...(keysUrl !== undefined && { jwks_uri: keysUrl }),
    ...(!actsByItself(client) && { scope: LAUNCH_SCOPES.join(" ") }),
  };
}
