/** What the page of a document tells of its XML seal. Whether it covers the document is for a verification to say: to write the document in XML costs more than its page. */
import type { Certificate } from "../../core/crypto/certificate.ts";
import type { SealCertificate } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import type { LaterSeal } from "../../core/formats/later-seal.ts";
import { checkXmlSeal, readXmlSeal } from "../../core/signatures/xml-seal.ts";
import type { XmlSealShown } from "../../core/signatures/signature-check.ts";
import { sealTimeOf } from "./seal-time.ts";

/** @param seal asked for once. One that is damaged is told of: the document beside it is whole */
export async function shownXmlSeal(
  seal: () => Promise<LaterSeal | undefined>,
  documentId: string,
  { sealCertificates, timeAuthorities }: { readonly sealCertificates: readonly SealCertificate[]; readonly timeAuthorities: readonly Certificate[] },
): Promise<XmlSealShown> {
  try {
    const later = await seal();
    if (later === undefined) return { kind: "unknown" };
    if ("none" in later) return { kind: "impossible", reason: later.none };
    const [check, facts] = [await checkXmlSeal(later.xades, undefined, sealCertificates, "own"), readXmlSeal(later.xades)];
    if (facts && facts.documentId !== documentId) return { kind: "damaged", reason: "it names another document" };
    return { kind: "sealed", check, time: facts && (await sealTimeOf(facts, timeAuthorities)) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "damaged") throw error;
    return { kind: "damaged", reason: error.message };
  }
}
