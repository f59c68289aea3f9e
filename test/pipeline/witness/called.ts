/** Witnesses of ours, called without a network. */
import { randomBytes } from "node:crypto";
import { cosigner } from "../../../src/adapters/keys/note-signer.ts";
import type { LogName } from "../../../src/core/crypto/keys.ts";
import { parseAnyVkey } from "../../../src/core/crypto/note-keys.ts";
import { parseVkey } from "../../../src/core/crypto/signed-note.ts";
import { AppError } from "../../../src/core/errors.ts";
import { formatAddCheckpoint, monitoredPath, parseSize } from "../../../src/core/formats/witness-messages.ts";
import { Witness } from "../../../src/pipeline/witness/witness.ts";
import type { WitnessPort } from "../../../src/pipeline/witness/witness-port.ts";

/** `isAway` ends the connection, `hides` shows nothing. */
export class Called implements WitnessPort {
  isAway = false;
  hides = false;
  asked = 0;
  readonly name: string;
  readonly vkey: string;
  readonly verifier;
  readonly witness: Witness;

  constructor(name: string, log: LogName) {
    this.name = name;
    const key = cosigner(`${name}.example`, "cosignature/v1", randomBytes(32));
    this.vkey = key.vkey;
    this.verifier = parseAnyVkey(key.vkey);
    const states = new Map<string, { readonly size: number; readonly note: string }>();
    this.witness = new Witness({
      logs: new Map([[log.origin, [parseVkey(log.vkey)]]]),
      cosigner: key,
      states: {
        read: (origin) => Promise.resolve(states.get(origin)?.note),
        advance: (origin, size, next) => Promise.resolve(states.get(origin)?.size === size && states.set(origin, next) === states),
      },
    });
  }

  async add(request: Parameters<WitnessPort["add"]>[0]): ReturnType<WitnessPort["add"]> {
    this.asked++;
    if (this.isAway) throw new AppError("unavailable", "it could not be reached");
    const { status, body } = await this.witness.add(formatAddCheckpoint(request));
    if (status === 200) return { kind: "cosigned", lines: body };
    return status === 409 ? { kind: "conflict", size: parseSize(body) ?? -1 } : { kind: "refused", status };
  }

  async shown(origin: string): Promise<string | undefined> {
    if (this.isAway) throw new AppError("unavailable", "it could not be reached");
    const { status, body } = await this.witness.shown(monitoredPath(origin));
    return status === 200 && !this.hides ? body : undefined;
  }
}
