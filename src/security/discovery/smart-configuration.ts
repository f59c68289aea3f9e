/** What apps learn before they sign in: `.well-known/smart-configuration` (SMART App Launch 2.2, conformance), made of what the issuer says of itself, and of nothing else. */
import type { IssuerMetadata } from "../issuers/issuer.ts";

/** Grants that SMART knows; an issuer may have others, which are not for apps. */
const GRANTS = ["authorization_code", "client_credentials", "refresh_token"];

/** Addresses that are passed on as they are. */
const PASSED_ON = ["authorization_endpoint", "token_endpoint", "introspection_endpoint", "revocation_endpoint", "management_endpoint"] as const;

/** The configuration. An issuer without a token endpoint has none: undefined. */
export function smartConfiguration(metadata: IssuerMetadata): Readonly<Record<string, unknown>> | undefined {
  if (metadata.token_endpoint === undefined) return undefined;
  // Left out, it means these (OpenID Connect Discovery 1.0 section 3); the implicit grant is none of SMART's.
  const grants = (metadata.grant_types_supported ?? ["authorization_code"]).filter((grant) => GRANTS.includes(grant));
  const methods = metadata.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  const hasOpenId = metadata.jwks_uri !== undefined && (metadata.scopes_supported ?? []).includes("openid");
  const passedOn = Object.fromEntries(PASSED_ON.flatMap((name) => (typeof metadata[name] === "string" ? [[name, metadata[name]]] : [])));
  return {
    ...(hasOpenId && { issuer: metadata.issuer, jwks_uri: metadata.jwks_uri }),
    ...passedOn,
    grant_types_supported: grants,
    token_endpoint_auth_methods_supported: methods,
    ...listed(metadata, "token_endpoint_auth_signing_alg_values_supported"),
    ...listed(metadata, "scopes_supported"),
    ...listed(metadata, "response_types_supported"),
    // `plain` protects nothing (SMART forbids it).
    code_challenge_methods_supported: (metadata.code_challenge_methods_supported ?? []).filter((method) => method === "S256"),
    capabilities: capabilitiesOf(metadata, { grants, methods, hasOpenId }),
  };
}

interface Found {
  readonly grants: readonly string[];
  readonly methods: readonly string[];
  readonly hasOpenId: boolean;
}

/** SMART's capability sets, each only where the issuer does what it stands for. */
function capabilitiesOf(metadata: IssuerMetadata, { grants, methods, hasOpenId }: Found): readonly string[] {
  const scopes = metadata.scopes_supported ?? [];
  const canLaunch = metadata.authorization_endpoint !== undefined && grants.includes("authorization_code");
  const has = (pattern: RegExp): boolean => scopes.some((scope) => pattern.test(scope));
  const capabilities: readonly (readonly [string, boolean])[] = [
    ["launch-standalone", canLaunch],
    ["client-public", canLaunch && methods.includes("none")],
    ["client-confidential-symmetric", methods.includes("client_secret_basic") || methods.includes("client_secret_post")],
    ["client-confidential-asymmetric", methods.includes("private_key_jwt")],
    ["sso-openid-connect", canLaunch && hasOpenId],
    ["context-standalone-patient", canLaunch && scopes.includes("launch/patient")],
    ["permission-offline", scopes.includes("offline_access") && grants.includes("refresh_token")],
    ["permission-patient", has(/^patient\//)],
    ["permission-user", has(/^user\//)],
    ["permission-v1", has(/^(?:patient|user|system)\/[^.?]+\.(?:read|write|\*)$/)],
    ["permission-v2", has(/^(?:patient|user|system)\/[^.?]+\.c?r?u?d?s?(?:\?|$)/)],
  ];
  return capabilities.filter(([, isThere]) => isThere).map(([name]) => name);
}

function listed(metadata: IssuerMetadata, name: string): object {
  const value = metadata[name];
  return Array.isArray(value) ? { [name]: value } : {};
}
