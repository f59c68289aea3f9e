import { AppError } from "../core/errors.ts";
import { lineOf } from "../core/formats/custody.ts";
import { UUID } from "../core/formats/fields.ts";
import type { Arguments } from "./command.ts";

/** The document that a command is about, by its id or any address of ours that ends with it. AppError `invalid`. */
export function documentIdOf(text: string): string {
  const id = /([0-9a-fA-F-]{36})(?:\/_history\/1|\.pdf)?\/?$/.exec(text)?.[1]?.toLowerCase() ?? "";
  if (!UUID.test(id)) throw new AppError("invalid", `${text} is no document's id: one looks like 0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0`);
  return id;
}

/** Who gives the order. AppError `invalid` when nobody is named. */
export function orderedBy(given: Arguments): string {
  const by = given.text("by");
  if (by === undefined) throw new AppError("invalid", "--by NAME is needed: who answers for it");
  return lineOf(by, "a name");
}
