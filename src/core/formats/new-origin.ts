import { AppError } from "../errors.ts";
import { utf8Text } from "../crypto/bytes.ts";
import { parseCheckpoint, type Checkpoint } from "../crypto/checkpoint.ts";
import { openNote, parseVkey } from "../crypto/signed-note.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf, type JsonObject } from "../fhir/tree/tree.ts";
import { INSTANT, readOpenFormat, textField } from "./fields.ts";

/** The first entry that a log makes under a new origin and key: why it goes on under another name, and from where. Public: no patient data. */
export interface NewOrigin {
  /** When it was begun: an instant. */
  readonly at: string;
  /** Whoever began it tells why. */
  readonly reason: string;
  /** The log that begins. The key's own name is the origin. */
  readonly origin: string;
  readonly vkey: string;
  readonly previous: PreviousLog;
}

/** The log that ended. */
export interface PreviousLog {
  readonly vkey: string;
  /** Its checkpoint that the tree goes on from, as a signed note: its size is this entry's index. Null: nothing is kept of it, the tree begins empty. */
  readonly kept: string | null;
  /** The newest checkpoint that it is known to have signed, where that is another one: what lies between the two was lost, or is another tree. */
  readonly mark: string | null;
}

const FORMAT = "chartulary-leaf/1";
const KIND = "new-origin";
/** A log's tile bundles tell a leaf's length in two bytes. */
const LONGEST_REASON = 2_000;
const SHAPE = { format: FORMAT, required: ["kind", "at", "reason", "origin", "vkey", "previous"] };
const PREVIOUS = { format: FORMAT, required: ["vkey", "kept", "mark"] };

/** The reason as it will stand in the log: one line. AppError `invalid` when it is none. */
export function reasonOf(text: string): string {
  const reason = text.trim();
  if (reason === "" || reason.length > LONGEST_REASON || !reason.isWellFormed() || /\p{Cc}/u.test(reason))
    throw new AppError("invalid", `a reason is one line of text, of at most ${LONGEST_REASON} characters`);
  return reason;
}

/** The entry's leaf: canonical JSON in UTF-8. docs/formats.md, "New origin". */
export function formatNewOrigin({ at, reason, origin, vkey, previous: { vkey: previousVkey, kept, mark } }: NewOrigin): Uint8Array {
  const fields = { format: FORMAT, kind: KIND, at, reason, origin, vkey, previous: { vkey: previousVkey, kept, mark } };
  return new TextEncoder().encode(canonicalJson(treeOf(fields)));
}

/** Whether a leaf is such an entry. */
export function isNewOrigin(leaf: Uint8Array): boolean {
  return utf8Text(leaf).includes(`"kind":"${KIND}"`);
}

/**
 * Reads the entry, and holds what it says of the previous log against that log's own signature; properties that it does not know it passes over. AppError `malformed`.
 *
 * @param index where in the log it stands
 */
export function parseNewOrigin(leaf: Uint8Array, index: number): NewOrigin {
  const object = readOpenFormat(utf8Text(leaf), SHAPE);
  textField(object, "kind", /^new-origin$/);
  const previous = object.object("previous");
  if (!previous) throw fault("previous is no object");
  for (const name of PREVIOUS.required) if (!previous.has(name)) throw fault(`previous.${name} is missing`);
  const entry: NewOrigin = {
    at: textField(object, "at", INSTANT),
    reason: textField(object, "reason"),
    origin: textField(object, "origin"),
    vkey: textField(object, "vkey"),
    previous: { vkey: textField(previous, "vkey"), kept: textOrNull(previous, "kept"), mark: textOrNull(previous, "mark") },
  };
  const { vkey, kept, mark } = entry.previous;
  const isItself = parseVkey(entry.vkey).name === entry.origin && parseVkey(vkey).name !== entry.origin;
  if (!isItself) throw fault("its key is not of its origin, or its origin is the previous one");
  if ((kept === null ? 0 : checkpointUnder(kept, vkey).size) !== index) throw fault("it does not stand where the kept tree ends");
  if (mark !== null) checkpointUnder(mark, vkey);
  return entry;
}

/** What a note says, if the key with this vkey signed it as a checkpoint of the log of its name. AppError `malformed`. */
export function checkpointUnder(note: string, vkey: string): Checkpoint {
  const verifier = parseVkey(vkey);
  const { text, signatures } = openNote(note, [verifier]);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== verifier.name || !signatures.some(({ result }) => result === "valid"))
    throw fault(`a checkpoint is not one that the log ${verifier.name} signed`);
  return checkpoint;
}

function textOrNull(object: JsonObject, name: string): string | null {
  return object.get(name) === null ? null : textField(object, name);
}

function fault(what: string): AppError {
  return new AppError("malformed", `not a new origin's entry: ${what}`);
}
