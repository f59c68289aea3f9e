import type { Request } from "express";

const FALLBACK = "en";

/** The language that a person's browser likes best (RFC 9110 section 12.5.4), as a BCP 47 tag. */
export function localeOf(request: Request): string {
  const ranked = (request.get("Accept-Language") ?? "")
    .split(",")
    .flatMap((part, place) => {
      const [, tag, weight = "1"] = /^\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([\d.]+))?\s*$/.exec(part) ?? [];
      const quality = Number(weight);
      return tag === undefined || !(quality > 0) ? [] : [{ tag, quality, place }];
    })
    .sort((a, b) => b.quality - a.quality || a.place - b.place);
  return ranked[0]?.tag ?? FALLBACK;
}
