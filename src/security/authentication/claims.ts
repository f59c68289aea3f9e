/** What an issuer says of somebody, to a Caller. Claims are read by the operator's names for them; what has another shape than it should says nothing. */
import type { KnownCaller, Scope } from "../../core/asked.ts";
import { readScopes } from "../scopes/scope-grammar.ts";

/** A token's, or a person's, claims. */
export type Claims = Readonly<Record<string, unknown>>;

/** Where what is known of somebody stands among the claims: names, with points that lead into objects. */
export interface ClaimPaths {
  readonly roles: string;
  readonly organisations: string;
  readonly clearance: string;
  readonly patient: string;
  readonly purpose: string;
}

/** Words of one claim that are heeded. */
const MOST_WORDS = 200;

/**
 * The caller that an access token is about. It is a system's own when its client is its subject (RFC 9068 section 2.2), or when all that it opens is on the system level; else a person's.
 *
 * @param token by which the audit names it
 */
export function callerOfToken(claims: Claims, paths: ClaimPaths, token: string | undefined): KnownCaller {
  const client = textAt(claims, "client_id") ?? textAt(claims, "azp");
  const subject = String(claims["sub"]);
  const { scopes } = readScopes(textAt(claims, "scope") ?? wordsAt(claims, "scope").join(" "));
  const isSystem = subject === client || isSystemLevel(scopes, claims);
  return { ...aboutSomebody(claims, paths), kind: isSystem ? "system" : "person", client, scopes, token };
}

/** The person who signed in: nothing narrows a session but what the person may. */
export function callerOfPerson(claims: Claims, paths: ClaimPaths): KnownCaller {
  return { ...aboutSomebody(claims, paths), kind: "person" };
}

/** The purpose of use: a code, or the first of several (IHE IUA: objects with `code`). */
export function purposeIn(claims: Claims, { purpose }: ClaimPaths): string | undefined {
  const [first] = listAt(claims, purpose);
  const code = typeof first === "object" && first !== null ? (first as Claims)["code"] : first;
  return typeof code === "string" && /^[A-Z]{2,20}$/.test(code) ? code : undefined;
}

function isSystemLevel(scopes: readonly Scope[], claims: Claims): boolean {
  return scopes.length > 0 && scopes.every(({ level }) => level === "system") && claims["fhirUser"] === undefined;
}

function aboutSomebody(claims: Claims, paths: ClaimPaths): Omit<KnownCaller, "kind"> {
  const subject = String(claims["sub"]);
  const patient = textAt(claims, paths.patient)?.replace(/^Patient\//, "");
  return {
    issuer: String(claims["iss"]),
    subject,
    name: textAt(claims, "name") ?? textAt(claims, "preferred_username") ?? textAt(claims, "client_name") ?? subject,
    roles: wordsAt(claims, paths.roles),
    organisations: wordsAt(claims, paths.organisations),
    clearance: wordsAt(claims, paths.clearance),
    patient: patient !== undefined && /^[A-Za-z0-9.-]{1,64}$/.test(patient) ? patient : undefined,
    fhirUser: textAt(claims, "fhirUser"),
  };
}

/** A claim by its whole name, else by its way through objects. Only what the issuer itself wrote counts, never what every object has. */
function valueAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Claims)[name];
  }
  return value;
}

function textAt(claims: Claims, path: string): string | undefined {
  const value = valueAt(claims, path);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function listAt(claims: Claims, path: string): readonly unknown[] {
  const value = valueAt(claims, path);
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

/** Strings of an array; one string is words between blanks. */
function wordsAt(claims: Claims, path: string): readonly string[] {
  const value = valueAt(claims, path);
  const words = typeof value === "string" ? value.split(" ") : listAt(claims, path);
  return words.filter((word): word is string => typeof word === "string" && word !== "").slice(0, MOST_WORDS);
}
