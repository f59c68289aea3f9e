import { AppError } from "../errors.ts";

/** Host and path without a scheme, as c2sp.org/tlog-checkpoint asks for: no other kind of note that a log's key signs begins with a line like that. */
const ORIGIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/[A-Za-z0-9._~-]+)*$/;
/** A cosignature tells an origin's length in one byte. */
const LONGEST = 200;

/** The name of a log, as an operator chooses it. AppError `invalid`: what it must be, in words that follow the name of the setting. */
export function originOf(text: string): string {
  if (ORIGIN.test(text) && text.length <= LONGEST) return text;
  throw new AppError(
    "invalid",
    `must be a host name in lower case, and a path perhaps, such as documents.example.org/log (at most ${LONGEST} characters)`,
  );
}
