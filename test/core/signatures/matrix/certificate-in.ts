/** The signer's certificate that a signature of the matrix brings, as PEM. */
import { readSignedMessage } from "../../../../src/core/cms/signed-message.ts";
import { parseCertificate, pemOf } from "../../../../src/core/crypto/certificate.ts";
import type { Family } from "./cells.ts";

export function certificateIn(kind: Family, data: string): string {
  return pemOf(parseCertificate(new Uint8Array(Buffer.from(base64In(kind, data), "base64"))));
}

function base64In(kind: Family, data: string): string {
  if (kind === "xml") return /X509Certificate>([^<]+)</.exec(data)?.[1]?.replace(/\s/g, "") ?? "";
  if (kind === "cms")
    return Buffer.from(
      readSignedMessage(new Uint8Array(Buffer.from(data, "base64"))).certificates.find(({ subject }) => subject.includes("Dr Fixture"))?.raw ?? [],
    ).toString("base64");
  const jws = data.startsWith("{")
    ? (JSON.parse(data) as { readonly protected?: string; readonly signatures?: readonly { readonly protected: string }[] })
    : undefined;
  const header = jws ? (jws.protected ?? jws.signatures?.[0]?.protected ?? "") : (data.split(".")[0] ?? "");
  const { x5c = [] } = JSON.parse(Buffer.from(header, "base64url").toString()) as { readonly x5c?: readonly string[] };
  return x5c[0] ?? "";
}
