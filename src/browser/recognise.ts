import type { VerifiedFile } from "../pipeline/render/pages/verification-form.ts";

/** By the beginning of `format`, as docs/formats.md has them. */
const FORMATS: readonly (readonly [string, VerifiedFile])[] = [
  ["chartulary-receipt/", "receipt"],
  ["chartulary-trust/", "trust"],
  ["chartulary-deposit/", "record"],
];

/** What a file is by what it says of itself: people drop several at once, under any names. Whatever is none of ours is to be verified, be it damaged or not. */
export function recognise(bytes: Uint8Array): VerifiedFile {
  const format = formatIn(bytes);
  return FORMATS.find(([beginning]) => format.startsWith(beginning))?.[1] ?? "document";
}

function formatIn(bytes: Uint8Array): string {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return value !== null && typeof value === "object" && "format" in value ? String(value.format) : "";
  } catch {
    return "";
  }
}
