/** What archive time-stamps of JAdES are over (ETSI TS 119 182-1 section 5.3.6): what was signed, the protected header, the signature, and what stands before them in `etsiU`, as it is written there. */
import { toBase64Url } from "../crypto/base64.ts";
import { concat, utf8 } from "../crypto/bytes.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import type { ArchiveClaim, ArchiveCover } from "../cms/archive-claim.ts";
import { componentIn, valuesOf } from "./jades.ts";
import type { Jws } from "./jws.ts";

/** The archive time-stamps beside a signature, at most as many as are looked at. @param payload what was signed, where that was found: of `sigD` the thing that it names */
export function archiveClaims(jws: Jws, payload: Uint8Array | undefined): ArchiveClaim[] {
  const items = jws.unprotected?.items("etsiU").slice(0, SIGNATURE_LIMITS.messageAttributes) ?? [];
  return items
    .flatMap((item, at) => {
      const stamp = componentIn(item)?.object("arcTst");
      const scope = stamp?.string("timeStamped") ?? "all";
      return valuesOf(stamp?.objects("tstTokens")).map((token) => ({
        token,
        covered: () =>
          scope === "all" ? coverOf(jws, payload, items.slice(0, at)) : "it is over another archive time-stamp alone, which is not put together here",
      }));
    })
    .slice(0, SIGNATURE_LIMITS.timeStamps);
}

function coverOf({ header, protectedHeader, signature }: Jws, payload: Uint8Array | undefined, before: readonly unknown[]): ArchiveCover | string {
  if (payload === undefined) return "what was signed is not at hand";
  const written = before.filter((item) => typeof item === "string");
  if (written.length < before.length) return "it is over what stands beside the signature in plain JSON, of which no canonical form is laid down";
  const content = header.get("b64") === false ? payload : utf8(toBase64Url(payload));
  return {
    over: [concat(content, utf8(`.${protectedHeader}.${signature}.${written.join("")}`))],
    tokens: before.flatMap((item) => ["sigTst", "arcTst"].flatMap((name) => valuesOf(componentIn(item)?.object(name)?.objects("tstTokens")))),
  };
}
