import { createHmac, createPrivateKey, createSecretKey, hkdfSync } from "node:crypto";
import { closeEnvelope, openEnvelope } from "../../core/envelope.ts";
import type { AuditKeys } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { noteSigner } from "./note-signer.ts";

const LENGTH = 32;
/** The DER of PrivateKeyInfo that stands before an Ed25519 seed (RFC 8410 section 7). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const TOKEN_LENGTH = 8;
const INSTANCE = /^[a-z0-9][a-z0-9-]{0,39}$/;

/**
 * The keys of the audit trail, derived (RFC 5869, HKDF with SHA-256) from the identity key, which never changes and is in every copy of the folder: a folder that was made before there was a trail has
 * them too. What one derived key tells is of no use for another.
 */
export function auditKeys(identity: Uint8Array): AuditKeys {
  const derive = (use: string): Buffer => Buffer.from(hkdfSync("sha256", identity, new Uint8Array(), `chartulary-audit/1 ${use}`, LENGTH));
  const signing = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, derive("log")]), format: "der", type: "pkcs8" });
  const looking = createSecretKey(derive("tokens"));
  const spool = new Uint8Array(derive("spool"));
  const [, keyId = ""] = noteSigner("unnamed", signing).vkey.split("+");
  return {
    signerOf: (instance) => {
      if (!INSTANCE.test(instance)) throw new AppError("internal", `not a name of an audit log: ${instance}`);
      const { name, vkey, sign } = noteSigner(`chartulary.local/audit/${keyId}/${instance}`, signing);
      // eslint-disable-next-line @typescript-eslint/require-await -- async, so that a failure is a rejection
      return { origin: name, vkey, sign: async (text) => sign(text) };
    },
    tokenOf: (text) => createHmac("sha256", looking).update(text).digest().toString("hex", 0, TOKEN_LENGTH),
    closeSpooled: (bytes, id) => closeEnvelope(bytes, spool, "audit", `spool ${id}`),
    openSpooled: (bytes, id) => openEnvelope(bytes, spool, "audit", `spool ${id}`),
  };
}
