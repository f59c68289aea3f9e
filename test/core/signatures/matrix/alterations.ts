/** What somebody may do to a signature of the matrix: each must end in something else than *valid*. */
import { readSignedMessage } from "../../../../src/core/cms/signed-message.ts";
import { FOLDER, cells, familyOf, type Cell } from "./cells.ts";
import { certificateIn } from "./certificate-in.ts";

/** Another word in the document. */
export function anotherWord(document: string): string {
  const altered = document.replace("falling", "rising");
  if (altered === document) throw new Error(`${FOLDER} has another document`);
  return altered;
}

/** A bit of the signature's value turned over. */
export function anotherValue({ form, data = "" }: Cell): string {
  const family = familyOf(form);
  if (family === "cms") return withBytes(data, (bytes) => turnOver(bytes, readSignedMessage(bytes).signers[0]?.value));
  if (family === "xml") return inPlace(data, /(<(?:ds:)?SignatureValue[^>]*>\s*.{5})(.)/s);
  return data.startsWith("{") ? inPlace(data, /("signature"\s*:\s*".{5})(.)/) : inPlace(data, /(\.[^.]*\.[^.]{5})([^.])/);
}

/** The certificate of another signer, or, in a message, a letter of its name altered. */
export function anotherCertificate({ form, data = "" }: Cell): string {
  const family = familyOf(form);
  if (family === "cms")
    return withBytes(data, (bytes) => {
      const signers = readSignedMessage(bytes).certificates.find(({ subject }) => subject.includes("Dr Fixture"));
      const raw = Buffer.from(signers?.raw ?? []);
      const at = raw.lastIndexOf("Dr Fixture");
      return turnOver(bytes, new Uint8Array(raw.subarray(at, at + 10)));
    });
  const own = base64Of(certificateIn(family, data));
  if (family === "xml") return data.replace(/(<(?:ds:)?X509Certificate>)[^<]+/g, (_, before: string) => before + strangers(own));
  return data.replace(data.startsWith("{") ? /("protected"\s*:\s*")([\w-]+)/ : /^()([\w-]+)/, (_, before: string, header: string) => {
    const told = Buffer.from(header, "base64url").toString();
    return before + Buffer.from(told.replace(own, strangers(own))).toString("base64url");
  });
}

let others: readonly string[] = [];

/** A certificate of the matrix that is not this one. */
function strangers(own: string): string {
  if (others.length === 0)
    others = cells().flatMap(({ maker, algorithm, form, data }) =>
      maker === "OpenSSL" && form === "compact-detached" && data && /^p(256|384)$/.test(algorithm) ? [base64Of(certificateIn("jws", data))] : [],
    );
  return others.find((other) => other !== own) ?? "";
}

function base64Of(pem: string): string {
  return pem.replace(/-----[^-]+-----|\s/g, "");
}

function inPlace(text: string, place: RegExp): string {
  const altered = text.replace(place, (_, before: string, letter: string) => before + (letter === "A" ? "B" : "A"));
  if (altered === text) throw new Error("nothing was altered");
  return altered;
}

function withBytes(base64: string, change: (bytes: Uint8Array) => Uint8Array): string {
  return Buffer.from(change(new Uint8Array(Buffer.from(base64, "base64")))).toString("base64");
}

/** The last byte of a part, wherever in the message it stands. */
function turnOver(bytes: Uint8Array, part: Uint8Array | undefined): Uint8Array {
  let altered = bytes;
  for (let from = 0; part && part.length > 0;) {
    const at = Buffer.from(altered).indexOf(part, from);
    if (at < 0) break;
    const last = at + part.length - 1;
    altered = altered.with(last, (altered[last] ?? 0) ^ 1);
    from = last;
  }
  if (altered === bytes) throw new Error("nothing was altered");
  return altered;
}
