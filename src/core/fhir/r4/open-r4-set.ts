import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/**
 * The bytes of R4's own compiled set (packages/compiled-set.ts), unpacked anew at each call: some 11 MB. Asked only where packages are in use; what needs R4 alone has the smaller artefacts of open-r4.ts.
 */
export function readR4Set(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gunzipSync(readFileSync(new URL("./r4-set.gz", import.meta.url))));
}
