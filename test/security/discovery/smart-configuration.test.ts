import { expect, test } from "@jest/globals";
import { smartConfiguration } from "../../../src/security/discovery/smart-configuration.ts";

const issuer = "https://login.example.org";
const full = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  introspection_endpoint: `${issuer}/introspect`,
  revocation_endpoint: `${issuer}/revoke`,
  registration_endpoint: `${issuer}/register`,
  grant_types_supported: ["authorization_code", "implicit", "password", "refresh_token", "client_credentials"],
  token_endpoint_auth_methods_supported: ["none", "private_key_jwt", "client_secret_post"],
  token_endpoint_auth_signing_alg_values_supported: ["RS384", "ES384"],
  scopes_supported: ["openid", "fhirUser", "launch/patient", "offline_access", "patient/*.rs", "user/*.cruds", "system/*.read"],
  response_types_supported: ["code"],
  code_challenge_methods_supported: ["plain", "S256"],
};

test("says what the issuer does, and passes on no more", () => {
  expect(smartConfiguration(full)).toEqual({
    issuer,
    jwks_uri: `${issuer}/jwks`,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    introspection_endpoint: `${issuer}/introspect`,
    revocation_endpoint: `${issuer}/revoke`,
    grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
    token_endpoint_auth_methods_supported: ["none", "private_key_jwt", "client_secret_post"],
    token_endpoint_auth_signing_alg_values_supported: ["RS384", "ES384"],
    scopes_supported: full.scopes_supported,
    response_types_supported: ["code"],
    code_challenge_methods_supported: ["S256"],
    capabilities: [
      ...["launch-standalone", "client-public", "client-confidential-symmetric", "client-confidential-asymmetric", "sso-openid-connect"],
      ...["context-standalone-patient", "permission-offline", "permission-patient", "permission-user", "permission-v1", "permission-v2"],
    ],
  });
});

test.each<[string, object, string[]]>([
  ["says little", {}, ["client-confidential-symmetric"]],
  [
    "serves systems alone",
    { grant_types_supported: ["client_credentials"], token_endpoint_auth_methods_supported: ["private_key_jwt"] },
    ["client-confidential-asymmetric"],
  ],
  ["has no offline grant", { scopes_supported: ["offline_access"] }, ["client-confidential-symmetric"]],
  ["knows scopes of the first version", { scopes_supported: ["user/*.read"] }, ["client-confidential-symmetric", "permission-user", "permission-v1"]],
  ["knows scopes in another order", { scopes_supported: ["user/*.sr"] }, ["client-confidential-symmetric", "permission-user"]],
])("an issuer that %s is no more than that", (_what, metadata, capabilities) => {
  const made = smartConfiguration({ issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, ...metadata });
  expect(made?.["capabilities"]).toEqual(capabilities);
  expect([made?.["issuer"], made?.["code_challenge_methods_supported"]]).toEqual([undefined, []]);
});

test("an issuer without a token endpoint has none", () => expect(smartConfiguration({ issuer, jwks_uri: `${issuer}/jwks` })).toBeUndefined());
