/** The text of a key's file that is not the key itself, but what somebody else made of it, who alone can undo it (docs/formats.md, *Wrapped key file*). */
import { AppError } from "../../core/errors.ts";
import { digestOf } from "../../core/crypto/digest.ts";

/** A wrapped text as it stands in its file. */
export interface WrappedText {
  /** By whose key. */
  readonly by: string;
  /** What it gives when it is unwrapped (`textDigest`). */
  readonly digest: string;
  readonly wrapped: string;
}

const FORMAT = "chartulary-wrapped-key/1";
const FIRST_LINE = /^chartulary-wrapped-key\//;
const WHOLE = /^chartulary-wrapped-key\/1\nby ([!-~][ -~]{0,299})\nis (sha256:[0-9a-f]{64})\n([!-~]{1,100000})\n$/;
/** What nobody else may read: 32 bytes of base64 alone, the key of a signed note, a private key in PEM. PKCS #12 is under its password. */
const IN_CLEAR = /^(?:[A-Za-z0-9+/]{43}=\s*$|PRIVATE\+KEY\+)|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/;

/** Whether a file's text is a wrapped one, of whatever version. */
export function isWrapped(text: string): boolean {
  return FIRST_LINE.test(text);
}

/** Whether a file's text tells a secret key to whoever reads it. */
export function isInClear(text: string): boolean {
  return IN_CLEAR.test(text);
}

/** AppErrors `damaged`, and `unsupported` for a form of a later version. */
export function parseWrapped(text: string, name: string): WrappedText {
  const [, by, digest, wrapped] = WHOLE.exec(text) ?? [];
  if (by !== undefined && digest !== undefined && wrapped !== undefined) return { by, digest, wrapped };
  if (!text.startsWith(`${FORMAT}\n`)) throw new AppError("unsupported", `${name} is wrapped in a form that a newer version of Chartulary knows`);
  throw new AppError("damaged", `${name} is not what was wrapped: restore it from its backup`);
}

export function formatWrapped({ by, digest, wrapped }: WrappedText): string {
  return `${FORMAT}\nby ${by}\nis ${digest}\n${wrapped}\n`;
}

/** By which it is known what a file's text is without telling it: keys are too long to be guessed. Of two files with the same text it is another, so that none passes for another. */
export function textDigest(name: string, text: string): string {
  return digestOf(`${FORMAT}\n${name}\n${text}`);
}
