/**
 * A witness for other logs (c2sp.org/tlog-witness): it cosigns a checkpoint when the tree that it cosigned last begins that one's, and never otherwise. So nobody whom its cosignatures convince is shown a log that
 * others do not see. It knows nothing of the logs but their keys and where they stand.
 */
import { parseExtendedCheckpoint, type Checkpoint } from "../../core/crypto/checkpoint.ts";
import type { Cosigner } from "../../core/crypto/cosigner.ts";
import { equalBytes, sha256 } from "../../core/crypto/digest.ts";
import { verifyConsistency } from "../../core/crypto/merkle-verify.ts";
import { openNote, type NoteVerifier, type OpenedNote } from "../../core/crypto/signed-note.ts";
import { AppError, readStored } from "../../core/errors.ts";
import { monitoredPath, parseAddCheckpoint, SIZE_TYPE, type AddCheckpoint } from "../../core/formats/witness-messages.ts";

/** Where logs stand: a note that we cosigned for each. */
export interface WitnessStates {
  /** The note of a log's newest checkpoint that was cosigned; undefined: none ever was. */
  read(origin: string): Promise<string | undefined>;
  /**
   * Puts a note in the place of one, which nobody else may have moved meanwhile; durable when it resolves. False: somebody did, and nothing was changed.
   * @param size of the tree whose note is replaced; undefined: there is none yet
   */
  advance(origin: string, size: number | undefined, next: { readonly size: number; readonly note: string }): Promise<boolean>;
}

export interface WitnessOptions {
  /** The logs that are watched, with the keys whose signatures count. */
  readonly logs: ReadonlyMap<string, readonly NoteVerifier[]>;
  readonly cosigner: Cosigner;
  readonly states: WitnessStates;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** An answer of HTTP. */
export interface WitnessReply {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly type: string;
  readonly body: string;
}

const TEXT = "text/plain; charset=utf-8";

export class Witness {
  readonly #options: WitnessOptions;
  readonly #now: () => number;
  readonly #paths: ReadonlyMap<string, string>;

  constructor(options: WitnessOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#paths = new Map([...options.logs.keys()].map((origin) => [monitoredPath(origin), origin]));
  }

  /** `POST add-checkpoint`. */
  async add(body: string): Promise<WitnessReply> {
    const asked = read(() => parseAddCheckpoint(body));
    if (asked === undefined) return refusal(400, "The request is an old size, a consistency proof, an empty line and a checkpoint.");
    const origin = asked.checkpoint.split("\n", 1)[0] ?? "";
    const verifiers = this.#options.logs.get(origin);
    // Before anything is checked: whoever asks for a log that is not watched costs nothing.
    if (verifiers === undefined) return refusal(404, "This log is not watched here.");
    const note = read(() => openNote(asked.checkpoint, verifiers));
    const checkpoint = note && read(() => parseExtendedCheckpoint(note.text));
    if (note === undefined || checkpoint === undefined) return refusal(400, "The checkpoint is no signed note of origin, size and root.");
    const known = note.signatures.filter(({ result }) => result !== "unknown");
    if (known.length === 0 || known.some(({ result }) => result !== "valid"))
      return refusal(403, "No key of this log that is trusted here signed it.");
    if (asked.oldSize > checkpoint.size) return refusal(400, "The old size is above that of the checkpoint.");
    return this.#judge(asked, note, checkpoint);
  }

  /** `GET <origin hash>/checkpoint`: the newest note that was cosigned. */
  async shown(path: string): Promise<WitnessReply> {
    const origin = this.#paths.get(path);
    const note = origin === undefined ? undefined : await this.#options.states.read(origin);
    return note === undefined ? refusal(404, "Nothing was cosigned of this log.") : { status: 200, type: TEXT, body: note };
  }

  async #judge({ oldSize, proof }: AddCheckpoint, note: OpenedNote, next: Checkpoint): Promise<WitnessReply> {
    const { states, cosigner } = this.#options;
    const stored = await states.read(next.origin);
    const last = stored === undefined ? undefined : kept(stored);
    const size = last?.size ?? 0;
    if (oldSize !== size) return conflict(size);
    const isConsistent =
      next.size === 0
        ? proof.length === 0 && equalBytes(next.root, sha256())
        : size === 0
          ? proof.length === 0
          : last !== undefined && verifyConsistency(size, last.root, next.size, next.root, proof);
    if (!isConsistent) return refusal(422, "The tree that was cosigned last is not proved to begin that of the checkpoint.");
    const lines = read(() => cosigner.cosign(note.text, Math.floor(this.#now() / 1_000)));
    if (lines === undefined) return refusal(400, "The origin is too long for this cosignature.");
    // One of each key: a stranger may repeat a line until the note has more than readers take.
    const signed = new Map(note.signatures.flatMap(({ result, keyId, line }) => (result === "valid" ? [[keyId, line]] : []))).values();
    const isDone = await states.advance(next.origin, last?.size, { size: next.size, note: `${note.text}\n${[...signed].join("")}${lines}` });
    if (isDone) return { status: 200, type: TEXT, body: lines };
    // Somebody else was quicker; of the same size it may have been the same request.
    const moved = await states.read(next.origin);
    return conflict(moved === undefined ? 0 : kept(moved).size);
  }
}

/** What was cosigned last. AppError `damaged` */
function kept(note: string): Checkpoint {
  return readStored("what was cosigned last", () => parseExtendedCheckpoint(textOf(note)));
}

function conflict(size: number): WitnessReply {
  return { status: 409, type: SIZE_TYPE, body: `${size}\n` };
}

function refusal(status: WitnessReply["status"], text: string): WitnessReply {
  return { status, type: TEXT, body: `${text}\n` };
}

function textOf(note: string): string {
  return note.slice(0, note.lastIndexOf("\n\n") + 1);
}

/** Undefined for what is malformed. */
function read<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof AppError && error.code === "malformed") return undefined;
    throw error;
  }
}
