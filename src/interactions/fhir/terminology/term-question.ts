import { AppError } from "../../../core/errors.ts";
import { canonicalJson } from "../../../core/fhir/canonical.ts";
import type { Conformance } from "../../../core/fhir/conformance/conformance.ts";
import type { ValueSet } from "../../../core/fhir/conformance/terminology-resources.ts";
import { isError } from "../../../core/fhir/issue.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { DEFAULT_READ_LIMITS } from "../../../core/fhir/reading/read-limits.ts";
import { readResource } from "../../../core/fhir/reading/read-resource.ts";
import { withVersions } from "../../../core/fhir/terminology/asked-versions.ts";
import type { Fields } from "../../../core/fhir/packages/fields.ts";
import { strippedValueSet } from "../../../core/fhir/packages/strip-terminology.ts";
import { givenIn, withGiven } from "../../../core/fhir/terminology/given-definitions.ts";
import { sharedValueSets, type SharedValueSets } from "../../../core/fhir/terminology/shared-value-sets.ts";
import { ValueSets } from "../../../core/fhir/terminology/value-sets.ts";
import { JsonNumber, JsonObject, type JsonValue } from "../../../core/fhir/tree/tree.ts";
import type { OperationCall } from "../operation.ts";

/** What operations upon terminology work with. */
export interface TermNeeds {
  readonly definitions: Definitions;
  /** The set of packages that is in force today, R4's own among them. Held by whoever gives it: the same set is the same object. */
  readonly conformance: () => Conformance;
  /** What was made of it elsewhere. */
  readonly valueSets?: SharedValueSets;
}

/** What operations upon terminology share: what was compiled of what is held. */
export class TermSets {
  readonly #using: TermNeeds;
  readonly #valueSets: SharedValueSets;

  constructor(using: TermNeeds) {
    this.#using = using;
    this.#valueSets = using.valueSets ?? sharedValueSets();
  }

  /** The question of a call. AppError `too-large`, `malformed`. */
  question(call: OperationCall): TermQuestion {
    return new TermQuestion(call, this.#using.definitions);
  }

  /** Value sets over what a question is about: those of what is held are compiled once, and what came along upon their tables. */
  for(question: TermQuestion): ValueSets {
    const held = this.#using.conformance();
    const known = this.#valueSets(held);
    const asked = question.conformance(held);
    return asked === held ? known : new ValueSets(asked, known);
  }
}

/** A question with the code systems and value sets that came along. More is none. */
const LARGEST = 2_000_000;
/** Each may cost as much as the largest system that is held. */
const MOST_PARTS = 200;
const MOST_FILTERS = 20;

/** The parameters of a call, of its address and of what was sent. */
export class TermQuestion {
  readonly #values = new Map<string, JsonValue[]>();
  /** A resource that was sent in the place of Parameters. */
  readonly alone: JsonObject | undefined;

  /** @throws AppError `too-large`, `malformed` */
  constructor({ parameters, sent }: OperationCall, definitions: Definitions) {
    for (const [name, value] of parameters) this.#add(name, value);
    if (!sent) return;
    if (sent.bytes.length > LARGEST) throw new AppError("too-large", `A question about terminology has at most ${LARGEST} bytes.`);
    const { resource, issues } = readResource(sent.bytes, sent.mediaType, DEFAULT_READ_LIMITS, definitions);
    const [fault] = issues.filter(isError);
    if (!resource) throw new AppError("malformed", fault?.text ?? "The parameters could not be read.");
    if (resource.string("resourceType") !== "Parameters") {
      this.alone = resource;
      return;
    }
    for (const parameter of resource.objects("parameter")) {
      const value = parameter.values[parameter.names.findIndex((one) => /^value[A-Z]/.test(one))] ?? parameter.get("resource");
      if (value !== undefined) this.#add(parameter.string("name") ?? "", value);
    }
  }

  #add(name: string, value: JsonValue): void {
    const list = this.#values.get(name);
    if (list) list.push(value);
    else this.#values.set(name, [value]);
  }

  texts(name: string): string[] {
    return (this.#values.get(name) ?? []).flatMap((value) => (typeof value === "string" && value !== "" ? [value] : []));
  }

  /** AppError `bad-query` when it stands twice. */
  text(name: string): string | undefined {
    const found = this.texts(name);
    if (found.length > 1) throw new AppError("bad-query", `${name} stands twice.`);
    return found[0];
  }

  /** AppError `bad-query` when it is none. */
  truth(name: string): boolean | undefined {
    const [value] = this.#values.get(name) ?? [];
    if (value === undefined) return undefined;
    const text = typeof value === "boolean" ? String(value) : value;
    if (text !== "true" && text !== "false") throw new AppError("bad-query", `${name} is true or false.`);
    return text === "true";
  }

  /** AppError `bad-query` when it is none, or below 0. */
  number(name: string): number | undefined {
    const [value] = this.#values.get(name) ?? [];
    if (value === undefined) return undefined;
    const text = value instanceof JsonNumber ? value.text : value;
    if (typeof text !== "string" || !/^\d{1,9}$/.test(text)) throw new AppError("bad-query", `${name} is a number from 0.`);
    return Number(text);
  }

  objects(name: string): JsonObject[] {
    return (this.#values.get(name) ?? []).filter((value) => value instanceof JsonObject);
  }

  /** The value set that was sent with the question. AppError `invalid` where it can't be read as one. */
  get valueSet(): ValueSet | undefined {
    const sent = this.#sent;
    if (!sent) return undefined;
    const plain = plainOf(sent);
    const found = strippedValueSet({ ...plain, url: plain["url"] ?? SENT });
    if (!found) throw new AppError("invalid", "What was sent as valueSet is no ValueSet.");
    return bounded(found);
  }

  /** Value sets within the one that was sent, which names them by `#id`. */
  #contained(): Fields[] {
    const contained = this.#sent?.objects("contained") ?? [];
    return contained.map((one) => ({ ...plainOf(one), url: `#${one.string("id") ?? ""}` }));
  }

  get #sent(): JsonObject | undefined {
    return this.objects("valueSet")[0] ?? (this.alone?.string("resourceType") === "ValueSet" ? this.alone : undefined);
  }

  /** Versions of code systems that must have been used, by their addresses (`check-system-version`). */
  get checkedVersions(): ReadonlyMap<string, string> {
    return canonicals(this.texts("check-system-version"));
  }

  /** What is held, behind what came along (`tx-resource`), in the versions that are asked for. */
  conformance(held: Conformance): Conformance {
    const given = this.objects("tx-resource").map(plainOf);
    const { codeSystems, valueSets } = givenIn([...given, ...this.#contained()]);
    valueSets.forEach(bounded);
    const versions = {
      usual: canonicals([...this.texts("check-system-version"), ...this.texts("system-version"), ...this.texts("default-valueset-version")]),
      forced: canonicals(this.texts("force-system-version")),
    };
    return withVersions(versions, withGiven({ codeSystems, valueSets }, held));
  }
}

function canonicals(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    texts.flatMap((text) => {
      const [url = "", version] = text.split("|");
      return version === undefined ? [] : [[url, version] as const];
    }),
  );
}

/** As plain JSON: definitions are neither signed nor kept, so that digits of numbers don't matter. */
function plainOf(resource: JsonObject): Fields {
  return JSON.parse(canonicalJson(resource)) as Fields;
}

function bounded(set: ValueSet): ValueSet {
  const parts = [...(set.compose?.include ?? []), ...(set.compose?.exclude ?? [])];
  const count = parts.reduce((sum, { filter = [], valueSet = [] }) => sum + 1 + filter.length + valueSet.length, 0);
  const filters = parts.reduce((sum, { filter = [] }) => sum + filter.length, 0);
  if (count > MOST_PARTS || filters > MOST_FILTERS)
    throw new AppError(
      "too-costly",
      `A value set that comes along has at most ${MOST_PARTS} includes, filters and imports, ${MOST_FILTERS} of them filters.`,
    );
  return set;
}

/** The address of a value set that was sent without one. */
export const SENT = "urn:sent";
