import { AppError } from "../../../core/errors.ts";
import type { SearchArgument } from "../../../core/graphql/source.ts";

/** Where a page of a search is: the search, and the place in it. It gives no right to anything: each page asks anew what its reader may see. */
export interface Cursor {
  readonly type: string;
  readonly parameters: readonly SearchArgument[];
  /** As links between pages say it (`PAGE`). */
  readonly page: string;
  readonly offset: number;
}

const LONGEST = 20_000;

export function cursorOf({ type, parameters, page, offset }: Cursor): string {
  return Buffer.from(JSON.stringify([type, page, offset, parameters]), "utf8").toString("base64url");
}

/** @throws AppError `bad-query` for what is no cursor, or one of a search upon another type */
export function readCursor(type: string, text: string): Cursor {
  const [of, page, offset, parameters] = listIn(text);
  if (of === type && typeof page === "string" && typeof offset === "number" && Array.isArray(parameters) && parameters.every(isArgument))
    return { type, parameters, page, offset };
  throw new AppError("bad-query", `This is no cursor of a search upon ${type}: take one of first, previous or next.`);
}

function listIn(text: string): readonly unknown[] {
  if (text.length > LONGEST) return [];
  try {
    const read: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}

function isArgument(value: unknown): value is SearchArgument {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === "string");
}
