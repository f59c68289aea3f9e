import { digestOf } from "../../core/crypto/digest.ts";
import type { Disclosures } from "../../pipeline/render/pages/audit-shown.ts";
import type { PrintedAccount } from "../../pipeline/render/pages/pages.ts";
import type { Paper } from "../../pipeline/render/pdf-engine.ts";
import type { Printable } from "../pages/print-document.ts";

/** What the PDF of an account of disclosures is made from. It is of the moment at which it was asked for: no two are the same. */
export function printableAccount(
  { html, furniture, title }: PrintedAccount,
  { at, patient }: Disclosures,
  { paper, templatesVersion }: { readonly paper: Paper; readonly templatesVersion: string },
): Printable {
  return {
    html,
    furniture: { ...furniture, paper },
    facts: {
      title,
      language: furniture.language,
      subject: furniture.document,
      createdAt: at,
      modifiedAt: at,
      creator: `Chartulary (templates ${templatesVersion})`,
      seeds: { document: `disclosures ${patient.id}`, rendition: digestOf(`${at} ${html}`) },
      attachments: [],
    },
  };
}
