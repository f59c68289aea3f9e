/** Entries about the log's own keys: that another one was begun, which both sign, and that one was ended. Public. docs/formats.md, "Keys of the log". */
import { utf8, utf8Text } from "../crypto/bytes.ts";
import { equalBytes } from "../crypto/digest.ts";
import { openNote, parseVkey } from "../crypto/signed-note.ts";
import { AppError } from "../errors.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf, type JsonObject, type JsonValue } from "../fhir/tree/tree.ts";
import { countField, INSTANT, readOpenFormat, textField, UUID } from "./fields.ts";

export const LOG_KEY_KINDS = ["log-key-begun", "log-key-ended"] as const;
export type LogKeyKind = (typeof LOG_KEY_KINDS)[number];

/** That another key of the same log signs from this entry on, and the one before beside it for a time. */
export interface LogKeyBegun {
  readonly kind: "log-key-begun";
  /** The entry's own id: a UUID. */
  readonly id: string;
  /** An instant. */
  readonly at: string;
  /** The key's number in the folder of the keys. */
  readonly number: number;
  /** An instant: the key before signs until then. */
  readonly until: string;
  readonly origin: string;
  /** The verifier key of the log that begins, and the one before. */
  readonly vkey: string;
  readonly previous: string;
}

/** That a key of the log does not count by itself any more: somebody else may have it. */
export interface LogKeyEnded {
  readonly kind: "log-key-ended";
  readonly id: string;
  readonly at: string;
  readonly origin: string;
  /** The key that ends. */
  readonly vkey: string;
  /** An instant: since when somebody else may have it. */
  readonly since: string;
  /** One line of text. */
  readonly reason: string;
}

const FORMAT = "chartulary-leaf/2";
const BEGUN = { format: FORMAT, required: ["kind", "id", "at", "number", "until", "origin", "vkey", "previous", "signatures"] };
const ENDED = { format: FORMAT, required: ["kind", "id", "at", "origin", "vkey", "since", "reason"] };

/** What both keys sign, as a note: its second line is no number, as that of every checkpoint is, so that nobody takes it for one. */
export function logKeyText(begun: LogKeyBegun): string {
  return textOver(treeOf({ format: FORMAT, ...fieldsOf(begun) }));
}

/** The leaf's bytes. @param signatures lines of a signed note, of both keys */
export function formatLogKeyBegun(begun: LogKeyBegun, signatures: string): Uint8Array {
  return utf8(canonicalJson(treeOf({ format: FORMAT, ...fieldsOf(begun), signatures })));
}

export function formatLogKeyEnded({ kind, id, at, origin, vkey, since, reason }: LogKeyEnded): Uint8Array {
  return utf8(canonicalJson(treeOf({ format: FORMAT, kind, id, at, origin, vkey, since, reason })));
}

/** The kind of an entry about a key of the log; undefined of other entries. */
export function logKeyKindOf(leaf: Uint8Array): LogKeyKind | undefined {
  return LOG_KEY_KINDS.find((kind) => utf8Text(leaf).includes(`"kind":"${kind}"`));
}

/** Reads either entry; properties that it does not know it passes over. AppError `malformed`, also when not both keys signed that one begins. That it is in the log is not proved by that. */
export function parseLogKeyLeaf(bytes: Uint8Array): LogKeyBegun | LogKeyEnded {
  return logKeyKindOf(bytes) === "log-key-ended" ? parseEnded(bytes) : parseBegun(bytes);
}

function parseBegun(bytes: Uint8Array): LogKeyBegun {
  const object = readOpenFormat(utf8Text(bytes), BEGUN);
  if (!equalBytes(utf8(canonicalJson(object)), bytes)) throw fault("it is not in canonical form");
  const begun = {
    ...common(object, "log-key-begun"),
    number: countField(object, "number"),
    until: textField(object, "until", INSTANT),
    previous: textField(object, "previous"),
  };
  const verifiers = [begun.previous, begun.vkey].map(parseVkey);
  const [before, next] = verifiers;
  if (before?.keyId === next?.keyId || verifiers.some(({ name }) => name !== begun.origin)) throw fault("its keys are not two of one log");
  if (begun.until < begun.at) throw fault("the key before ends before it");
  const { signatures } = openNote(`${textOver(object.without("signatures"))}\n${textField(object, "signatures")}`, verifiers);
  const isBy = ({ keyId }: { readonly keyId: string }): boolean => signatures.some((one) => one.keyId === keyId && one.result === "valid");
  if (!verifiers.every(isBy) || signatures.some(({ result }) => result === "invalid")) throw fault("not both of its keys signed it");
  return begun;
}

function parseEnded(bytes: Uint8Array): LogKeyEnded {
  const object = readOpenFormat(utf8Text(bytes), ENDED);
  const ended = { ...common(object, "log-key-ended"), since: textField(object, "since", INSTANT), reason: textField(object, "reason") };
  if (parseVkey(ended.vkey).name !== ended.origin) throw fault("its key is none of its log");
  return ended;
}

function common<Kind extends LogKeyKind>(
  object: JsonObject,
  kind: Kind,
): { readonly kind: Kind } & Pick<LogKeyBegun, "id" | "at" | "origin" | "vkey"> {
  textField(object, "kind", new RegExp(`^${kind}$`));
  return {
    kind,
    id: textField(object, "id", UUID),
    at: textField(object, "at", INSTANT),
    origin: textField(object, "origin"),
    vkey: textField(object, "vkey"),
  };
}

function fieldsOf({ kind, id, at, number, until, origin, vkey, previous }: LogKeyBegun): LogKeyBegun {
  return { kind, id, at, number, until, origin, vkey, previous };
}

function textOver(leaf: JsonValue): string {
  return `chartulary-log-key/1\n${canonicalJson(leaf)}\n`;
}

function fault(what: string): AppError {
  return new AppError("malformed", `not an entry about a key of the log: ${what}`);
}
