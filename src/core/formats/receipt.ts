import { AppError } from "../errors.ts";
import { fromBase64, toBase64 } from "../crypto/base64.ts";
import { writeJson } from "../fhir/json/write-json.ts";
import { JsonArray, treeOf } from "../fhir/tree/tree.ts";
import { bytesField, countField, readFormat, textField } from "./fields.ts";

/** All that an offline verifier needs beside the document and the trust file. */
export interface Receipt {
  /** The leaf's bytes: UTF-8. */
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly treeSize: number;
  /** RFC 6962 audit path in the tree of `treeSize`, from leaf to root; 32 bytes each. */
  readonly inclusionProof: readonly Uint8Array[];
  /** The signed note of that tree. */
  readonly checkpoint: string;
  /** Our detached JWS over the canonical form, with its certificate in its header. */
  readonly seal: string;
  /** 32 bytes: opens the leaf's commitment to the identifier. */
  readonly salt: Uint8Array;
}

const SHAPE = { format: "chartulary-receipt/1", required: ["leaf", "index", "treeSize", "inclusionProof", "checkpoint", "seal", "salt"] };

/** The receipt as a JSON file for people to keep. docs/formats.md, "Receipt". */
export function formatReceipt({ leaf, index, treeSize, inclusionProof, checkpoint, seal, salt }: Receipt): string {
  const fields = {
    format: SHAPE.format,
    leaf: Buffer.from(leaf).toString("utf8"),
    index,
    treeSize,
    inclusionProof: inclusionProof.map(toBase64),
    checkpoint,
    seal,
    salt: toBase64(salt),
  };
  return `${writeJson(treeOf(fields), { pretty: true })}\n`;
}

/** Reads a receipt. AppError `malformed`. What it says is not proved by that. */
export function parseReceipt(text: string): Receipt {
  const object = readFormat(text, SHAPE);
  const proof = object.get("inclusionProof");
  if (!(proof instanceof JsonArray)) throw new AppError("malformed", `not a ${SHAPE.format}: inclusionProof is no list`);
  return {
    leaf: new TextEncoder().encode(textField(object, "leaf")),
    index: countField(object, "index"),
    treeSize: countField(object, "treeSize"),
    inclusionProof: proof.items.map((item) => {
      const hash = typeof item === "string" ? fromBase64(item) : undefined;
      if (hash?.length !== 32) throw new AppError("malformed", `not a ${SHAPE.format}: inclusionProof holds something that is no hash`);
      return hash;
    }),
    checkpoint: textField(object, "checkpoint"),
    seal: textField(object, "seal"),
    salt: bytesField(object, "salt", 32),
  };
}
