/** Names of other forms than a subject's (RFC 5280 section 4.2.1.6), and what authorities limit them to (section 4.2.1.10). */
import { isSameName, readName, type DistinguishedName } from "./platform/der-names.ts";
import { DerError, TAG, valuesIn, type DerValue } from "./read-der.ts";

/** Tags of GeneralName. */
export const NAME_TAG = { email: 0x81, dns: 0x82, directory: 0xa4, uri: 0x86, address: 0x87 } as const;

export interface GeneralName {
  readonly tag: number;
  /** Of `email`, `dns` and `uri`: the characters. */
  readonly text: string;
  /** Of `address`: four or sixteen bytes; in a constraint twice as many, the second half a mask. */
  readonly bytes: Uint8Array;
  /** Of `directory`. */
  readonly name: DistinguishedName | undefined;
}

const TEXTS: readonly number[] = [NAME_TAG.email, NAME_TAG.dns, NAME_TAG.uri];

/** DerError: a text with anything but ASCII in it, or a name that cannot be read. */
export function readGeneralName(value: DerValue): GeneralName {
  const { tag, content } = value;
  const isText = TEXTS.includes(tag);
  if (isText && content.some((byte) => byte > 0x7e || byte < 0x20)) throw new DerError("a name with characters that it cannot have");
  return {
    tag,
    text: isText ? Array.from(content, (byte) => String.fromCharCode(byte)).join("") : "",
    bytes: content,
    name: tag === NAME_TAG.directory ? readName(valuesIn(value)[0]) : undefined,
  };
}

/** GeneralNames: at least one. */
export function readGeneralNames(value: DerValue | undefined): GeneralName[] {
  const names = valuesIn(value, TAG.sequence).map(readGeneralName);
  if (names.length === 0) throw new DerError("no name");
  return names;
}

/** nameConstraints of one authority. */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

const [PERMITTED, EXCLUDED] = [0xa0, 0xa1];

/** DerError also for what RFC 5280 does not allow: neither list, a constraint from or up to some depth. */
export function readNameConstraints(value: DerValue): NameConstraints {
  const lists = valuesIn(value, TAG.sequence);
  if (lists.length === 0 || lists.some(({ tag }) => tag !== PERMITTED && tag !== EXCLUDED)) throw new DerError("constraints without names");
  const namesIn = (tag: number): GeneralName[] =>
    lists
      .filter((list) => list.tag === tag)
      .flatMap((list) => someIn(list))
      .map((subtree) => {
        const [base, ...depths] = valuesIn(subtree, TAG.sequence);
        if (!base || depths.length > 0) throw new DerError("a constraint that begins or ends at some depth");
        const name = readGeneralName(base);
        if (!isConstraint(name)) throw new DerError("a constraint that means no names");
        return name;
      });
  return { permitted: namesIn(PERMITTED), excluded: namesIn(EXCLUDED) };
}

function someIn(list: DerValue): DerValue[] {
  const values = valuesIn(list);
  if (values.length === 0) throw new DerError("constraints without names");
  return values;
}

/** Whether every name is allowed; `unknown`: it is of a form that this cannot hold against the constraint on it. */
export function isAllowed(name: GeneralName, { permitted, excluded }: NameConstraints): boolean | "unknown" {
  const excluding = excluded.filter(({ tag }) => tag === name.tag);
  const permitting = permitted.filter(({ tag }) => tag === name.tag);
  if (excluding.length === 0 && permitting.length === 0) return true;
  const match = MATCHES[name.tag];
  if (match === undefined) return "unknown";
  if (excluding.some((constraint) => match(name, constraint, true))) return false;
  return permitting.length === 0 || permitting.some((constraint) => match(name, constraint, false));
}

/** Whether a name lies within a constraint. `isExcluding`: a name that stands for several lies within when one of them does. */
type Match = (name: GeneralName, constraint: GeneralName, isExcluding: boolean) => boolean;

const MATCHES: Readonly<Record<number, Match>> = {
  [NAME_TAG.dns]: ({ text }, { text: constraint }, isExcluding) => isHostWithin(text, constraint, isExcluding),
  [NAME_TAG.email]: ({ text }, { text: constraint }, isExcluding) => {
    const [local, host] = mailbox(text);
    // Of what is no mailbox nothing can be said: it is not permitted, and it is excluded.
    if (host === "") return isExcluding;
    if (!constraint.includes("@")) return isHostOf(host, constraint);
    const [constrainedLocal, constrainedHost] = mailbox(constraint);
    return local === constrainedLocal && host === constrainedHost;
  },
  [NAME_TAG.uri]: ({ text }, { text: constraint }, isExcluding) => {
    const host = hostOf(text);
    // RFC 5280: a URI without a host that is a name must be refused where there are constraints.
    return host === undefined ? isExcluding : isHostOf(host, constraint);
  },
  [NAME_TAG.address]: ({ bytes }, { bytes: constraint }) =>
    constraint.length === bytes.length * 2 &&
    bytes.every((byte, at) => ((byte ^ (constraint[at] ?? 0)) & (constraint[at + bytes.length] ?? 0)) === 0),
  [NAME_TAG.directory]: ({ name = [] }, { name: constraint = [] }) =>
    name.length >= constraint.length && isSameName(name.slice(0, constraint.length), constraint),
};

function isConstraint({ tag, text, bytes }: GeneralName): boolean {
  if (tag === NAME_TAG.address) return (bytes.length === 8 || bytes.length === 32) && isMask(bytes.subarray(bytes.length / 2));
  if (tag === NAME_TAG.dns) return !/^\.|\*|\.$|\.\./.test(text);
  if (tag === NAME_TAG.uri) return !/[/:@*]/.test(text) && text !== "";
  return tag !== NAME_TAG.email || text !== "";
}

/** Ones, then zeros. */
function isMask(bytes: Uint8Array): boolean {
  return /^1*0*$/.test(Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join(""));
}

/** A domain with everything below it. */
function isHostWithin(host: string, domain: string, isExcluding: boolean): boolean {
  const [name, base] = [host.toLowerCase(), domain.toLowerCase()];
  // Of what is no host nothing can be said: it is not permitted, and it is excluded.
  if (!/^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name)) return isExcluding;
  if (base === "" || name === base || name.endsWith(`.${base}`)) return true;
  // `*.example.org` stands for `www.example.org` too.
  return isExcluding && name.startsWith("*.") && base.endsWith(name.slice(1)) && !base.slice(0, 1 - name.length).includes(".");
}

/** A host by itself, or with a period in front all that lie below it. */
function isHostOf(host: string, constraint: string): boolean {
  const base = constraint.toLowerCase();
  return base.startsWith(".") ? host.endsWith(base) && host.length > base.length : host === base;
}

/** What stands before the last `@`, and the host in lower case; no host where it is no mailbox. */
function mailbox(text: string): [string, string] {
  const at = text.lastIndexOf("@");
  const host = text.slice(at + 1);
  const local = text.slice(0, at);
  const isMailbox = /^(?:"[^"]*"|[^\s@"]+)$/.test(local) && /^[^\s@]+$/.test(host);
  return isMailbox ? [local, host.toLowerCase()] : ["", ""];
}

/** The host of a URI (RFC 3986 section 3.2.2); undefined where there is none, or it is an address. */
function hostOf(uri: string): string | undefined {
  const [, authority] = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(uri) ?? [];
  const host = authority?.replace(/^.*@/, "").replace(/:\d*$/, "").toLowerCase();
  return host === undefined || host === "" || host.startsWith("[") || /^\d+(\.\d+){3}$/.test(host) ? undefined : host;
}
