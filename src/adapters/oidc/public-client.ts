import type Provider from "oidc-provider";
import type { ServerRequest } from "../../accounts/authorization-server.ts";
import type { Clients } from "../../accounts/clients.ts";

/**
 * A refresh by a client that does not say who it is, as SMART's own JavaScript client asks (SMART App Launch 2.2 asks no client_id of it): of a public client the token says whose it is. Whoever has keys proves who it is, as
 * ever; and what the token is good for does not hang on this.
 */
export async function withPublicClient(
  request: ServerRequest,
  form: URLSearchParams,
  { provider, clients }: { readonly provider: Provider; readonly clients: Clients },
): Promise<ServerRequest> {
  const isNamed = form.has("client_id") || form.has("client_assertion") || request.headers["authorization"] !== undefined;
  if (isNamed || form.get("grant_type") !== "refresh_token") return request;
  const token = await provider.RefreshToken.find(form.get("refresh_token") ?? "", { ignoreExpiration: true });
  const client = token?.clientId === undefined ? undefined : await clients.find(token.clientId);
  if (!client || (client.keys ?? client.keysUrl) !== undefined) return request;
  const named = new URLSearchParams([...form, ["client_id", client.id]]);
  return { ...request, body: Buffer.from(named.toString(), "utf8") };
}
