/**
 * What is said of the documents of single patients, packed: tens of thousands of them go with each question to an index, and to the threads of its engine, as one name and bytes that are shared and never copied. Each thread unpacks
 * them once, and takes a rule apart when a document of its patient is met.
 */
import { digestOf } from "../core/crypto/digest.ts";
import { AppError } from "../core/errors.ts";

/** Rules by patient. Of the same name, the same rules. */
export interface PackedRules {
  readonly name: string;
  readonly bytes: SharedArrayBuffer;
}

/** Whose documents a rule is about: by the keys of a patient (same-person.ts), and by their ids. */
export interface RuledPatients {
  readonly keys: readonly string[];
  readonly documents: readonly string[];
}

type Numbers = number | readonly number[];
/** Names stand beside the numbers of their rules. */
type Named = readonly [names: readonly string[], numbers: readonly Numbers[]];
type Packed = readonly [rules: readonly string[], keys: Named, documents: Named];

/** Packs rules, each JSON of its own; equal ones stand once. */
export function packRules(said: readonly { readonly patients: RuledPatients; readonly rule: string }[]): PackedRules {
  const rules = new Map<string, number>();
  const [keys, documents] = [new Map<string, Numbers>(), new Map<string, Numbers>()];
  for (const { patients, rule } of said) {
    const number = rules.get(rule) ?? rules.size;
    rules.set(rule, number);
    for (const key of patients.keys) add(keys, key, number);
    for (const id of patients.documents) add(documents, id, number);
  }
  const named = (of: ReadonlyMap<string, Numbers>): Named => [[...of.keys()], [...of.values()]];
  const packed: Packed = [[...rules.keys()], named(keys), named(documents)];
  const text = Buffer.from(JSON.stringify(packed), "utf8");
  const bytes = new SharedArrayBuffer(text.length);
  text.copy(new Uint8Array(bytes));
  return { name: digestOf(text), bytes };
}

function add(to: Map<string, Numbers>, name: string, number: number): void {
  const known = to.get(name);
  to.set(name, known === undefined ? number : [...new Set([...numbersIn(known), number])]);
}

function numbersIn(numbers: Numbers): readonly number[] {
  return typeof numbers === "number" ? [numbers] : numbers;
}

function unpackedNames([names, numbers]: Named): Map<string, readonly number[]> {
  return new Map(names.map((name, at) => [name, numbersIn(numbers[at] ?? [])]));
}

/** Names that are held unpacked in one thread, of all rules together: what was asked for longest ago goes first, but for as many rules as a question has at most. */
const MOST_NAMES = 200_000;
const ALWAYS_HELD = 8;

/** Rules as a thread asks them. */
export class Rules<Rule> {
  readonly #texts: readonly string[];
  readonly #rules: (Rule | undefined)[] = [];
  readonly #keys: ReadonlyMap<string, readonly number[]>;
  readonly #documents: ReadonlyMap<string, readonly number[]>;

  constructor({ bytes }: PackedRules) {
    const [texts, keys, documents] = JSON.parse(Buffer.from(bytes).toString("utf8")) as Packed;
    this.#texts = texts;
    this.#keys = unpackedNames(keys);
    this.#documents = unpackedNames(documents);
  }

  /** Those that are about a document: which it is, and by which keys its patient is known. */
  of(patient: readonly string[], id: string): Rule[] {
    const found = new Set([...patient.flatMap((key) => this.#keys.get(key) ?? []), ...(this.#documents.get(id) ?? [])]);
    return [...found].map((number) => this.#rule(number));
  }

  /** Whom those rules are about of which something holds: at most so many; undefined when there are more. */
  patients(holds: (rule: Rule) => boolean, most: number): RuledPatients | undefined {
    if (this.size > most) return undefined;
    const among = (of: ReadonlyMap<string, readonly number[]>): string[] =>
      [...of].filter(([, numbers]) => numbers.some((number) => holds(this.#rule(number)))).map(([name]) => name);
    return { keys: among(this.#keys), documents: among(this.#documents) };
  }

  get size(): number {
    return this.#keys.size + this.#documents.size;
  }

  #rule(number: number): Rule {
    return (this.#rules[number] ??= JSON.parse(this.#texts[number] ?? "") as Rule);
  }
}

/** Those asked for longest ago first. */
const unpacked = new Map<string, Rules<unknown>>();

/** Unpacks rules, or gives those that are. */
export function rulesIn<Rule>(packed: PackedRules): Rules<Rule> {
  const rules = unpacked.get(packed.name) ?? new Rules<Rule>(packed);
  unpacked.delete(packed.name);
  unpacked.set(packed.name, rules);
  let names = [...unpacked.values()].reduce((sum, { size }) => sum + size, 0);
  for (const [name, { size }] of unpacked) {
    if (names <= MOST_NAMES || unpacked.size <= ALWAYS_HELD) break;
    unpacked.delete(name);
    names -= size;
  }
  return rules as Rules<Rule>;
}

/** Those that were unpacked for the question that is being answered. AppError `internal` */
export function rulesNamed<Rule>(name: string): Rules<Rule> {
  const rules = unpacked.get(name);
  if (!rules) throw new AppError("internal", "rules of patients are asked that no question brought along");
  return rules as Rules<Rule>;
}
