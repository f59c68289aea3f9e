import { createHash } from "node:crypto";
import type { Request, Response } from "express";

/** What a cache may compare: the entity tag as it stands in the header, and when the content last changed. */
export interface Validators {
  readonly etag: string;
  readonly lastModified?: Date | undefined;
}

/** The tag of a FHIR resource's version (R4 http.html, "Resource Metadata and Versioning"). */
export function versionTag(versionId: string): string {
  return `W/"${versionId}"`;
}

/** The tag of what is made afresh each time: of its very text. */
export function contentTag(content: string | Uint8Array): string {
  return `W/"${createHash("sha256").update(content).digest("base64url").slice(0, 32)}"`;
}

/** Sets the validators, and answers 304 when the client has this already (RFC 9110 sections 13.1.2 and 13.1.3). True: answered. */
export function answerUnchanged(request: Request, response: Response, { etag, lastModified }: Validators): boolean {
  tellValidators(response, { etag, lastModified });
  const tags = request.get("If-None-Match");
  const since = Date.parse(request.get("If-Modified-Since") ?? "");
  const isUnchanged =
    tags !== undefined ? hasTag(tags, etag) : lastModified !== undefined && Math.floor(lastModified.getTime() / 1000) * 1000 <= since;
  if (isUnchanged) response.status(304).end();
  return isUnchanged;
}

export function tellValidators(response: Response, { etag, lastModified }: Validators): void {
  response.setHeader("ETag", etag);
  if (lastModified) response.setHeader("Last-Modified", lastModified.toUTCString());
}

/** Weak comparison: the mark of weakness does not count. */
function hasTag(list: string, etag: string): boolean {
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, "");
  return list.trim() === "*" || (list.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => opaque(tag) === opaque(etag));
}
