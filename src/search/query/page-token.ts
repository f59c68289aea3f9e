import { AppError } from "../../core/errors.ts";
import { endOf, type ResourceNumber } from "../resource-number.ts";

/**
 * Where a page of a search begins. The first page fixes the size of the log as of which all of them are; whatever enters later is no part of them. It says nothing of the query, which stands beside
 * it, and gives no right to anything: each page asks anew what its reader may see.
 */
export interface PageToken {
  /** Entries of the log. */
  readonly size: number;
  /** The last match of the page before. */
  readonly after: ResourceNumber;
  /** Where the pages before it begin, the nearest last: so that one can be gone back to. */
  readonly before?: readonly ResourceNumber[];
}

/** So many pages back lead links. */
const MOST_BEFORE = 16;

/** Of the first page, as of a size: it comes after nothing that was in the log then. @param ahead how many matches stand before all that is in the log */
export function firstPage(size: number, ahead = 0): PageToken {
  return { size, after: endOf(size) + ahead, before: [] };
}

/** Of the page that begins behind a match of this one. */
export function pageAfter({ size, after, before = [] }: PageToken, last: ResourceNumber): PageToken {
  return { size, after: last, before: [...before, after].slice(-MOST_BEFORE) };
}

/** Of the page before this one; undefined of the first, and where it is not known any more. */
export function pageBefore({ size, before = [] }: PageToken): PageToken | undefined {
  const after = before.at(-1);
  return after === undefined ? undefined : { size, after, before: before.slice(0, -1) };
}

/** The parameter of ours in the links between pages. */
export const PAGE = "-page";

const FORM = /^([0-9a-z]{1,10})\.([0-9a-z]{1,11})((?:\.[0-9a-z]{1,11}){0,16})$/;

export function pageToken({ size, after, before = [] }: PageToken): string {
  return [size, after, ...before].map((number) => number.toString(36)).join(".");
}

/** @throws AppError `bad-query` */
export function parsePageToken(text: string): PageToken {
  const [, size = "", after = "", more = ""] = FORM.exec(text) ?? [];
  const numberAt = (digits: string): number => Number.parseInt(digits, 36);
  const before = more.split(".").slice(1).map(numberAt);
  const token = { size: numberAt(size), after: numberAt(after), before };
  if (![token.size, token.after, ...before].every(Number.isSafeInteger))
    throw new AppError("bad-query", `${PAGE}: "${text}" is no page of a search; follow the links of the pages before.`);
  return token;
}
