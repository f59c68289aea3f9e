import type { Request } from "express";
import { AppError } from "../../core/errors.ts";
import type { Paper } from "../../pipeline/render/pdf-engine.ts";
import { queryOf } from "../fhir/preferences.ts";
import { localeOf } from "./locale.ts";

/** Where people print on Letter (Unicode CLDR, supplemental data, paper size). Everybody else uses A4. */
const LETTER = new Set("BZ CA CL CO CR GT MX NI PA PH PR SV US VE".split(" "));

/**
 * The paper of a PDF: what the address asks for (`?paper=`), else what the operator chose, else by the region of the language that the reader likes best.
 *
 * @throws AppError `unsupported` for another paper
 */
export function paperOf(request: Request, chosen: Paper | undefined): Paper {
  const asked = queryOf(request, ["paper", "_format", "_pretty"]).get("paper")?.toLowerCase();
  if (asked === "a4" || asked === "letter") return asked;
  if (asked !== undefined) throw new AppError("unsupported", "paper must be a4 or letter.");
  if (chosen !== undefined) return chosen;
  const region = /^[A-Za-z]{2,3}(?:-[A-Za-z]{4})?-([A-Za-z]{2})(?:-|$)/.exec(localeOf(request))?.[1];
  return region !== undefined && LETTER.has(region.toUpperCase()) ? "letter" : "a4";
}
