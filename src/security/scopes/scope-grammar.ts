/**
 * The grammar of SMART scopes (SMART App Launch 2.2, scopes and launch context): `patient/Observation.rs?category=…`. Pure: what a scope lets somebody see is decided elsewhere.
 * A scope that is not understood gives nothing and is named, never read as a near one: of rights in another order, or of a constraint that is none, nobody knows what was meant.
 */
import type { Scope, ScopeRight } from "../../core/asked.ts";

/** A scope that gives nothing here, and why. */
export interface UnknownScope {
  readonly text: string;
  readonly reason: string;
}

/** What a `scope` value holds. */
export interface ScopesRead {
  /** Those upon resources, without repeats, in their order. */
  readonly scopes: readonly Scope[];
  /** Those about the person or the launch: `openid`, `fhirUser`, `launch/patient`, `offline_access`, … */
  readonly aboutLaunch: readonly string[];
  /** Everything else. */
  readonly unknown: readonly UnknownScope[];
}

const RIGHTS: readonly ScopeRight[] = ["c", "r", "u", "d", "s"];

/** What SMART's first version called sets of rights (2.2, "scopes for requesting FHIR resources": translation of v1). */
const V1_RIGHTS: ReadonlyMap<string, readonly ScopeRight[]> = new Map([
  ["read", ["r", "s"]],
  ["write", ["c", "u", "d"]],
  ["*", RIGHTS],
]);

/** OpenID Connect's and SMART's own scopes that are about the person, and not about resources. */
const ABOUT_LAUNCH = new Set(["openid", "fhirUser", "profile", "email", "address", "phone", "online_access", "offline_access", "launch"]);
const LAUNCH_CONTEXT = /^launch\/[A-Za-z][A-Za-z-]*(?:\?role=\S+)?$/;

/** RFC 6749 section 3.3: a scope-token. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const RESOURCE_SCOPE = /^(patient|user|system)\/(\*|[A-Z][A-Za-z]*)\.([^?]*)(?:\?(.*))?$/;

/** Parameters that shape an answer, or name other resources, and narrow nothing. */
const NO_CONSTRAINT =
  /^(?:_(?:count|elements|format|include|revinclude|maxresults|pretty|score|sort|summary|total|contained|containedType|graph|query)(?::.*)?)$/;

/** Reads a `scope` value: scopes between blanks (RFC 6749 section 3.3). */
export function readScopes(text: string): ScopesRead {
  const scopes = new Map<string, Scope>();
  const aboutLaunch = new Set<string>();
  const unknown = new Map<string, UnknownScope>();
  for (const token of text.split(" ")) {
    if (token === "") continue;
    if (ABOUT_LAUNCH.has(token) || LAUNCH_CONTEXT.test(token)) {
      aboutLaunch.add(token);
      continue;
    }
    const read = readScope(token);
    if ("reason" in read) unknown.set(token, read);
    else scopes.set(formatScope(read), read);
  }
  return { scopes: [...scopes.values()], aboutLaunch: [...aboutLaunch], unknown: [...unknown.values()] };
}

/** Reads one scope upon resources. */
export function readScope(text: string): Scope | UnknownScope {
  const no = (reason: string): UnknownScope => ({ text, reason });
  if (!SCOPE_TOKEN.test(text)) return no("a scope has printable ASCII characters other than quotation mark and backslash");
  const [, level, type, access, query] = RESOURCE_SCOPE.exec(text) ?? [];
  if (level === undefined || type === undefined || access === undefined) return no("it is no scope of SMART that is known here");
  const v1 = V1_RIGHTS.get(access);
  if (v1 !== undefined && query !== undefined) return no("the rights of the first version take no constraint: write them as cruds");
  const rights = v1 ?? readRights(access);
  if (rights === undefined) return no("after the point stand some of c, r, u, d, s, each once and in this order, or read, write or *");
  if (query === undefined) return { level: level as Scope["level"], type, rights };
  const fault = faultOfConstraint(query);
  return fault === undefined ? { level: level as Scope["level"], type, rights, query } : no(fault);
}

/** A scope as version 2 writes it. */
export function formatScope({ level, type, rights, query }: Scope): string {
  return `${level}/${type}.${RIGHTS.filter((right) => rights.includes(right)).join("")}${query === undefined ? "" : `?${query}`}`;
}

/** Scopes as a `scope` value. */
export function formatScopes(scopes: readonly Scope[]): string {
  return scopes.map(formatScope).join(" ");
}

function readRights(text: string): readonly ScopeRight[] | undefined {
  if (!/^c?r?u?d?s?$/.test(text) || text === "") return undefined;
  return RIGHTS.filter((right) => text.includes(right));
}

/** Every parameter must narrow: one that says nothing, or cannot be read, would leave more than was meant. */
function faultOfConstraint(query: string): string | undefined {
  for (const pair of query.split("&")) {
    const at = pair.indexOf("=");
    if (at < 1 || at === pair.length - 1) return "each constraint is a search parameter and its value, name=value";
    if (!isDecodable(pair)) return "a constraint has a percent sign that encodes nothing";
    if (NO_CONSTRAINT.test(decodeURIComponent(pair.slice(0, at)))) return `${pair.slice(0, at)} narrows nothing`;
  }
  return undefined;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
