/** A FHIR R4 Consent as far as it says who may have what (consent.html, "Consent.provision"): taken apart once, for every question after. Nothing is decided here. */
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../core/fhir/tree/tree.ts";

/** One consent's rules. Two with the same `shape` say the same, but for whom and since when. */
export interface ConsentTerms {
  /** What `provision` is an exception to, or what it is when it says no type itself. */
  readonly base: Effect | undefined;
  readonly root: Provision | undefined;
  /** The root, and all exceptions below it. */
  readonly provisions: readonly Provision[];
  /** Elements that are not understood and may change what all the rest means. */
  readonly strange: readonly string[];
  readonly shape: string;
}

export type Effect = "permit" | "deny";

/** One rule, with its exceptions. */
export interface Provision {
  /** Where it stands: `provision.provision[1]`. */
  readonly place: string;
  /** Undefined: it does not say, or what is unknown here. */
  readonly type: Effect | undefined;
  readonly body: JsonObject;
  /** Resources that the Consent contains, by their ids. */
  readonly contained: ReadonlyMap<string, JsonObject>;
  readonly exceptions: readonly Provision[];
  /** Elements that are not understood here. */
  readonly strange: readonly string[];
}

/** v3-ActCode: base rules that say what happens without an exception. */
const BASES: Readonly<Record<string, Effect>> = { OPTIN: "permit", OPTINR: "permit", OPTOUT: "deny", OPTOUTE: "deny" };

/** Deeper rules are nobody's will: each further level makes a question longer. */
const DEEPEST = 8;

export function termsOf(consent: JsonObject): ConsentTerms {
  const contained = new Map(consent.objects("contained").map((one) => [one.string("id") ?? "", one]));
  const body = consent.object("provision");
  const { base, strange } = baseOf(consent);
  const root = body && provisionOf(body, "provision", contained, 0);
  return { base, root, provisions: root ? withExceptions(root) : [], strange: [...strange, ...modifiersIn(consent, "")], shape: shapeOf(consent) };
}

/** Whether it counts at all: a consent about privacy that is in force. Its period is a matter of each question. */
export function isInForce(consent: JsonObject): boolean {
  const scopes = consent.object("scope")?.objects("coding") ?? [];
  return consent.string("status") === "active" && scopes.some((coding) => coding.string("code") === "patient-privacy");
}

function baseOf(consent: JsonObject): { readonly base: Effect | undefined; readonly strange: readonly string[] } {
  const rule = consent.object("policyRule");
  if (!rule) return { base: undefined, strange: [] };
  const base = rule.objects("coding").flatMap((coding) => BASES[coding.string("code") ?? ""] ?? [])[0];
  // A rule that nobody here knows matters where nothing else says what happens.
  return { base, strange: base === undefined && consent.object("provision")?.has("type") !== true ? ["policyRule"] : [] };
}

function provisionOf(body: JsonObject, place: string, contained: Provision["contained"], depth: number): Provision {
  const type = body.string("type");
  const nested = depth < DEEPEST ? body.objects("provision") : [];
  const deeper = depth < DEEPEST || !body.has("provision") ? [] : [`${place}.provision`];
  return {
    place,
    type: type === "permit" || type === "deny" ? type : undefined,
    body,
    contained,
    exceptions: nested.map((one, at) => provisionOf(one, `${place}.provision[${at}]`, contained, depth + 1)),
    strange: [...modifiersIn(body, place), ...deeper],
  };
}

function withExceptions(provision: Provision): Provision[] {
  return [provision, ...provision.exceptions.flatMap(withExceptions)];
}

/** Elements that change what others mean, by where they stand. */
function modifiersIn(object: JsonObject, place: string): string[] {
  const at = place === "" ? "" : `${place}.`;
  return ["modifierExtension", "implicitRules"].filter((name) => object.has(name)).map((name) => `${at}${name}`);
}

/** The text of all that a question may depend on. */
function shapeOf(consent: JsonObject): string {
  return JSON.stringify(["policyRule", "provision", "contained", "modifierExtension", "implicitRules"].map((name) => plain(consent.get(name))));
}

/** As JSON.stringify takes it. */
export function plain(value: JsonValue | undefined): unknown {
  if (value instanceof JsonArray) return value.items.map(plain);
  if (value instanceof JsonObject) return Object.fromEntries(value.names.map((name) => [name, plain(value.get(name))]));
  return value instanceof JsonNumber ? value.text : value;
}
