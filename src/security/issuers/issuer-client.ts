/** We, as a client of an issuer: for introspection and for people's sign-in. */
import * as oauth from "oauth4webapi";
import type { Issuer, IssuerMetadata } from "./issuer.ts";

/** Who we are to an issuer. */
export interface ClientIdentity {
  readonly clientId: string;
  /** Undefined: a public client. */
  readonly clientSecret: string | undefined;
}

/** An issuer, and who we are to it. */
export interface IssuerClient extends ClientIdentity {
  readonly issuer: Issuer;
}

/** What every request to an issuer is made with: its own way to ask, and http only where its address says so (Issuer checks that). */
export function requestOptions(issuer: Issuer): oauth.HttpRequestOptions<"GET" | "POST", URLSearchParams | undefined> {
  return {
    [oauth.customFetch]: (url, { method, headers, body }) => issuer.ask(url, { method, headers, body: body ?? null }),
    // oxlint-disable-next-line typescript/no-deprecated -- deprecated so that it stands out; on loopback alone an issuer may be had over http
    [oauth.allowInsecureRequests]: issuer.issuer.startsWith("http:"),
  };
}

/** How the client proves itself: in the header if the issuer takes that, as RFC 6749 section 2.3.1 prefers. */
export function clientAuth({ clientSecret }: ClientIdentity, metadata: IssuerMetadata): oauth.ClientAuth {
  if (clientSecret === undefined) return oauth.None();
  const { token_endpoint_auth_methods_supported: methods = ["client_secret_basic"] } = metadata;
  return methods.includes("client_secret_basic") || !methods.includes("client_secret_post")
    ? oauth.ClientSecretBasic(clientSecret)
    : oauth.ClientSecretPost(clientSecret);
}
