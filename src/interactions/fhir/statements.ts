import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";

/** What `GET /metadata` gives. */
export interface Statements {
  /** The CapabilityStatement, with what the issuer says of itself now. */
  statement(): Promise<JsonObject>;
  /** `mode=terminology`: of the packages that are in force today. */
  terminology(): JsonObject;
}

/** R4 http.html, "capabilities": everything here is normative or trial use as R4 has it, so that `normative` and `full` are the same. AppError `bad-query`. */
export async function statementFor(mode: string | undefined, { statement, terminology }: Statements): Promise<JsonObject> {
  if (mode === "terminology") return terminology();
  if (mode === undefined || mode === "full" || mode === "normative") return statement();
  throw new AppError("bad-query", `mode is one of full, normative, terminology, not "${mode}".`);
}

/** Addresses of an authorization server as a CapabilityStatement names them (SMART App Launch, `oauth-uris`), by the names there. */
export type OAuthAddresses = Readonly<Record<string, string>>;

const OAUTH_ADDRESSES: Readonly<Record<string, string>> = {
  ...{ authorize: "authorization_endpoint", token: "token_endpoint", introspect: "introspection_endpoint" },
  ...{ revoke: "revocation_endpoint", manage: "management_endpoint" },
};

/** Those of a SMART configuration. */
export function oauthAddresses(configuration: Readonly<Record<string, unknown>> | undefined): OAuthAddresses {
  const pairs = Object.entries(OAUTH_ADDRESSES).map(([name, endpoint]) => [name, configuration?.[endpoint]] as const);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === "string"));
}

/** The statement as it is made for the addresses that hold now; made anew when these change. While the issuer is silent it names none. @param ask gives the SMART configuration; AppError `unavailable` */
export function currentStatement(
  make: (addresses: OAuthAddresses) => JsonObject,
  ask: () => Promise<Readonly<Record<string, unknown>> | undefined>,
): () => Promise<JsonObject> {
  let made: { readonly of: string; readonly statement: JsonObject } | undefined;
  return async () => {
    const addresses = oauthAddresses(
      await ask().catch((error: unknown) => {
        if (error instanceof AppError && error.code === "unavailable") return undefined;
        throw error;
      }),
    );
    const of = JSON.stringify(addresses);
    if (made?.of !== of) made = { of, statement: make(addresses) };
    return made.statement;
  };
}
