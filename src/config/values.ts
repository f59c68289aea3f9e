/** Values of settings from their text: each gives the value, or a Fault that says what it must be. */
import { resolve } from "node:path";
import { AppError } from "../core/errors.ts";
import { originOf } from "../core/formats/origin.ts";

/** What is wrong with a value, in words that follow its name. */
export class Fault {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function parsePort(text: string): number | Fault {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : new Fault("must be a port between 0 and 65535");
}

/** A day at most: a log whose times are further in the future goes on under a new origin. */
export function parseSeconds(text: string): number | Fault {
  return /^\d{1,5}(\.\d+)?$/.test(text) && Number(text) <= 86_400 ? Number(text) * 1_000 : new Fault("must be a number of seconds, at most 86400");
}

/** A length of time that ends: from ten seconds to a month; milliseconds. */
export function parseSpan(text: string): number | Fault {
  const isOne = /^\d{2,7}$/.test(text) && Number(text) >= 10 && Number(text) <= 2_678_400;
  return isOne ? Number(text) * 1_000 : new Fault("must be a number of seconds, from 10 to 2678400");
}

/** What stands between blanks. */
export function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** Of lists of which no word has one: it was meant to stand between two. */
export function haveCommas(words: readonly string[]): boolean {
  return words.some((word) => word.includes(","));
}

export const COMMAS = new Fault("must name several with blanks between them and without commas");

export function parsePath(text: string): string | undefined {
  return text === "" ? undefined : resolve(text);
}

/** Systems are absolute addresses; a word that is none is a slip that would let patients stand alone. */
export function parseSystems(text: string): ReadonlySet<string> | Fault {
  const systems = wordsOf(text);
  if (haveCommas(systems)) return COMMAS;
  return systems.every((system) => /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(system))
    ? new Set(systems)
    : new Fault("must be absolute addresses, separated by blanks");
}

export function parsePaper(text: string): "a4" | "letter" | undefined | Fault {
  const paper = text.toLowerCase();
  if (paper === "") return undefined;
  return paper === "a4" || paper === "letter" ? paper : new Fault("must be a4 or letter");
}

export function parseSwitch(text: string): boolean | Fault {
  const value = text.toLowerCase();
  return ["1", "true", "yes"].includes(value) ? true : ["0", "false", "no"].includes(value) ? false : new Fault("must be 1 or 0");
}

export function parseCount(text: string, least: number): number | Fault {
  return /^\d{1,7}$/.test(text) && Number(text) >= least ? Number(text) : new Fault(`must be a whole number from ${least} on`);
}

/** A share of one. */
export function parseShare(text: string): number | Fault {
  return /^(?:0|1|0?\.\d{1,9}|1\.0+)$/.test(text) ? Number(text) : new Fault("must be a number between 0 and 1");
}

export function parseBaseUrl(text: string): string | undefined | Fault {
  if (text === "") return undefined;
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password)
    return new Fault("must be an http or https address without query");
  if (!/^(?:\/[\w.~-]+)*\/?$/.test(url.pathname)) return new Fault("must have a path of letters, digits and . _ ~ - only, if any");
  return url.origin + url.pathname.replace(/\/$/, "");
}

export function parseAddress(text: string): string | undefined | Fault {
  if (text === "") return undefined;
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.hash || url.username || url.password)
    return new Fault("must be an http or https address without a name and password");
  return url.href;
}

/** In dots (X.660): the first two arcs share a number when they are written. */
export function parseObjectIdentifier(text: string): string | undefined | Fault {
  if (text === "") return undefined;
  const isOne = /^(?:[01]\.[1-3]?\d|2\.\d{1,9})(?:\.(?:0|[1-9]\d{0,14}))+$/.test(text);
  return isOne ? text : new Fault("must be an object identifier in dots, such as 1.2.3.4");
}

/** Above this a document no longer fits a string of the JavaScript engine with room to work. */
const LARGEST_LIMIT = 256_000_000;
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1024,
  mib: 1_048_576,
  gib: 1_073_741_824,
};

/** Of what is held at once, by everybody together. */
export const LARGEST_BUDGET = 1_000_000_000_000;

export function optionalSize(text: string, largest: number): number | undefined | Fault {
  return text === "" ? undefined : parseSize(text, largest);
}

export function parseSize(text: string, largest = LARGEST_LIMIT): number | Fault {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? [];
  const size = Math.floor(Number(digits) * (UNITS[unit?.toLowerCase() ?? ""] ?? NaN));
  return size >= 1 && size <= largest ? size : new Fault(`must be a size of at most ${largest / 1_000_000}MB, such as 50MB`);
}

/** The driver reads the rest, when it connects. */
export function parseMongodbUrl(text: string): string | undefined | Fault {
  if (text === "") return undefined;
  return /^mongodb(\+srv)?:\/\/[^/?]+(\/[^/?]*)?(\?.*)?$/.test(text) ? text : new Fault("must be a mongodb:// or mongodb+srv:// address");
}

/** The name of a log. */
export function parseOrigin(text: string): string | Fault {
  try {
    return originOf(text);
  } catch (error) {
    if (error instanceof AppError) return new Fault(error.message);
    throw error;
  }
}

/** Hosts that are called, in lower case, each with its port where that is another than its protocol's. */
export function parseHosts(text: string): ReadonlySet<string> | Fault {
  const hosts = text.toLowerCase().split(/\s+/).filter(Boolean);
  const isHost = (host: string): boolean => /^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/.test(host);
  return hosts.every(isHost)
    ? new Set(hosts)
    : new Fault("must be host names, each with its port where that is another than its protocol's, separated by blanks");
}
