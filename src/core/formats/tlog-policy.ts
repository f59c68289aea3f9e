/**
 * C2SP tlog-policy (c2sp.org/tlog-policy): which logs and witnesses are known, and which witnesses together make a checkpoint *witnessed*. One text for the operator, whose service asks those witnesses, for
 * auditors, who hold receipts against it, and for `chartulary witness`, which reads the logs from it.
 */
import { AppError } from "../errors.ts";
import { toHex } from "../crypto/bytes.ts";
import { parseAnyVkey, type NoteVerifier } from "../crypto/note-keys.ts";

/** A log or a witness by its key. */
export interface KnownParty {
  readonly verifier: NoteVerifier;
  /** Where it is asked: of a witness the submission prefix (c2sp.org/tlog-witness), without a slash at the end. */
  readonly url: string | undefined;
}

export interface KnownWitness extends KnownParty {
  /** What the policy calls it; it means nothing elsewhere. */
  readonly name: string;
}

export interface TlogPolicy {
  readonly logs: readonly KnownParty[];
  readonly witnesses: readonly KnownWitness[];
  /** The rule in words: `2 of a, b, c`; empty: none is needed. */
  readonly rule: string;
  /** Whether witnesses together are enough. @param has by the names that the policy gives */
  isQuorum(has: ReadonlySet<string>): boolean;
  /** The text that it was read from. */
  readonly text: string;
}

/** Whether some of the witnesses are enough. */
type Rule = (has: ReadonlySet<string>) => boolean;
interface Named {
  readonly rule: Rule;
  readonly words: string;
}

const NONE = "none";
const LARGEST = 256_000;

/** Reads a policy; AppError `malformed` that says in which line what is wrong. */
export function parseTlogPolicy(text: string): TlogPolicy {
  if (text.length > LARGEST) throw new AppError("malformed", "a policy for witnesses of more than 256 kB");
  const reading = new Reading();
  text.split("\n").forEach((line, at) => reading.take(line, at + 1));
  const { logs, witnesses, quorum } = reading;
  if (quorum === undefined) throw new AppError("malformed", "a policy for witnesses needs one line that begins with quorum");
  return { logs, witnesses, rule: quorum.words, isQuorum: quorum.rule, text };
}

class Reading {
  readonly logs: KnownParty[] = [];
  readonly witnesses: KnownWitness[] = [];
  quorum: Named | undefined;
  readonly #named = new Map<string, Named>([[NONE, { rule: () => true, words: "" }]]);
  readonly #keys = new Set<string>();

  take(line: string, number: number): void {
    const [keyword, ...words] = line.split(/[ \t]+/).filter((word) => word !== "");
    if (keyword === undefined || keyword.startsWith("#")) return;
    const fault = (what: string): never => {
      throw new AppError("malformed", `line ${number} of the policy for witnesses: ${what}`);
    };
    if (keyword === "log") this.#log(words, fault);
    else if (keyword === "witness") this.#witness(words, fault);
    else if (keyword === "group") this.#group(words, fault);
    else if (keyword === "quorum") this.#quorum(words, fault);
    else fault(`${keyword} is none of log, witness, group, quorum`);
  }

  #log([vkey, url, ...rest]: readonly string[], fault: (what: string) => never): void {
    if (vkey === undefined || rest.length > 0) return fault("log takes a verifier key, and an address or none");
    this.logs.push(this.#party(vkey, url, fault));
  }

  #witness([name, vkey, url, ...rest]: readonly string[], fault: (what: string) => never): void {
    if (name === undefined || vkey === undefined || rest.length > 0) return fault("witness takes a name, a verifier key, and an address or none");
    const party = this.#party(vkey, url, fault);
    if (party.verifier.type === "ed25519") fault("a witness has the key of a cosigner (type 04 or 06)");
    this.#name(name, { rule: (has) => has.has(name), words: name }, fault);
    this.witnesses.push({ ...party, name });
  }

  #group([name, threshold, ...members]: readonly string[], fault: (what: string) => never): void {
    if (name === undefined || threshold === undefined || members.length === 0) return fault("group takes a name, how many, and their names");
    const rules = members.map((member) => (member === NONE ? undefined : this.#named.get(member)) ?? fault(`${member} is named nowhere above`));
    const least = threshold === "any" ? 1 : threshold === "all" ? rules.length : Number(threshold);
    if (!/^(?:any|all|[1-9]\d{0,3})$/.test(threshold) || least > rules.length) fault(`${threshold} is none of any, all, 1 to ${rules.length}`);
    const words = `${least} of ${rules.map((rule) => (rule.words.includes(" ") ? `(${rule.words})` : rule.words)).join(", ")}`;
    this.#name(name, { rule: (has) => rules.filter(({ rule }) => rule(has)).length >= least, words }, fault);
  }

  #quorum([name, ...rest]: readonly string[], fault: (what: string) => never): void {
    if (this.quorum !== undefined) fault("there is a second quorum");
    const known = name === undefined || rest.length > 0 ? undefined : this.#named.get(name);
    this.quorum = known ?? fault("quorum takes the name of a witness or group above, or none");
  }

  #name(name: string, rule: Named, fault: (what: string) => never): void {
    if (this.#named.has(name)) fault(`${name} is named twice`);
    this.#named.set(name, rule);
  }

  #party(vkey: string, address: string | undefined, fault: (what: string) => never): KnownParty {
    const verifier = readKey(vkey) ?? fault("not a verifier key (name+keyid+key)");
    // The key itself, whatever name it goes by.
    const key = toHex(verifier.publicKey);
    if (this.#keys.has(key)) fault("the key stands there twice");
    this.#keys.add(key);
    const url = address === undefined ? undefined : URL.parse(address);
    if (url === null || (url && (!/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password)))
      return fault("its address is no http or https address without query, name and password");
    return { verifier, url: url?.href.replace(/\/$/, "") };
  }
}

function readKey(vkey: string): NoteVerifier | undefined {
  try {
    return parseAnyVkey(vkey);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
