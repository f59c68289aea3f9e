import { AppError } from "../../core/errors.ts";
import type { ResourceNumber } from "../resource-number.ts";

/**
 * Where a page of a search begins. The first page fixes the size of the log as of which all of them are; whatever enters later is no part of them. It says nothing of the query, which stands beside
 * it, and gives no right to anything: each page asks anew what its reader may see.
 */
export interface PageToken {
  /** Entries of the log. */
  readonly size: number;
  /** The last match of the page before. */
  readonly after: ResourceNumber;
}

/** The parameter of ours in the links between pages. */
export const PAGE = "-page";

const FORM = /^([0-9a-z]{1,10})\.([0-9a-z]{1,11})$/;

export function pageToken({ size, after }: PageToken): string {
  return `${size.toString(36)}.${after.toString(36)}`;
}

/** @throws AppError `bad-query` */
export function parsePageToken(text: string): PageToken {
  const [, size, after] = FORM.exec(text) ?? [];
  const token = { size: Number.parseInt(size ?? "", 36), after: Number.parseInt(after ?? "", 36) };
  if (!Number.isSafeInteger(token.size) || !Number.isSafeInteger(token.after))
    throw new AppError("bad-query", `${PAGE}: "${text}" is no page of a search; follow the links of the pages before.`);
  return token;
}
