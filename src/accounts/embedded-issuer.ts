import { createLocalJWKSet } from "jose";
import type { Issuer, IssuerMetadata, IssuerRequest } from "../security/issuers/issuer.ts";
import type { AuthorizationServer } from "./authorization-server.ts";

/** Our own authorization server as an issuer: asked within the process, so that nothing depends on how others reach us. */
export function embeddedIssuer(server: AuthorizationServer): Issuer {
  return {
    issuer: server.issuer,
    metadata: async () => (await server.metadata()) as unknown as IssuerMetadata,
    keyOf: (header, token) => createLocalJWKSet(server.publicKeys())(header, token),
    ask: async (url, init) => {
      const { status, headers, body } = await server.answer(await requestTo(server.issuer, url, init));
      const hasBody = ![204, 205, 304].includes(status);
      const pairs = headers.flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]));
      return new Response(hasBody ? Buffer.from(body) : null, { status, headers: pairs });
    },
    state: () => Promise.resolve({ issuer: server.issuer, isKnown: true, silentSince: undefined }),
    signOut: (cookie) => server.signOut(cookie),
    stillHolds: ({ jti, gid, sub, client_id: client }) =>
      server.stillHolds({ jti: String(jti), sub: String(sub), client_id: String(client), grant: typeof gid === "string" ? gid : undefined }),
  };
}

async function requestTo(issuer: string, url: string, init: IssuerRequest): Promise<Parameters<AuthorizationServer["answer"]>[0]> {
  const request = new Request(url, init);
  const body = new Uint8Array(await request.arrayBuffer());
  return { method: request.method, target: url.slice(issuer.length), headers: Object.fromEntries(request.headers), body };
}
