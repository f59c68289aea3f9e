/** What a PDF says of itself: the information dictionary (ISO 32000-1 section 14.3.3) and the same in XMP (ISO 16684-1), with what PDF/A-3 and PDF/UA-1 ask for. */
import { dictionary, PdfString, type PdfDictionary } from "../../core/pdf/values.ts";
import type { PdfFacts } from "./pdf-facts.ts";

/** `producer`: what the browser calls itself. */
export function infoDictionary(facts: PdfFacts, producer: string): PdfDictionary {
  const text = (value: string | undefined): PdfString | undefined => (value === undefined || value === "" ? undefined : PdfString.text(value));
  return dictionary({
    Title: text(facts.title),
    Author: text(facts.author),
    Subject: text(facts.subject),
    Creator: text(facts.creator),
    Producer: text(producer),
    CreationDate: pdfDate(facts.createdAt),
    ModDate: pdfDate(facts.modifiedAt),
  });
}

/** An instant as a date of PDF (section 7.9.4), to the second. */
export function pdfDate(instant: string): PdfString {
  return PdfString.text(`D:${new Date(instant).toISOString().slice(0, 19).replace(/[-T:]/g, "")}Z`);
}

/** PDF/A-3a (ISO 19005-3 section 6.6) and PDF/UA-1 (ISO 14289-1 section 5); the latter's name is not among those that PDF/A knows, so it is described. */
export function xmpPacket(facts: PdfFacts, producer: string): Uint8Array {
  const { title, author, subject, identifier, source, language } = facts;
  const properties = [
    `<dc:format>application/pdf</dc:format>`,
    `<dc:title><rdf:Alt><rdf:li xml:lang="x-default">${escaped(title)}</rdf:li></rdf:Alt></dc:title>`,
    author && `<dc:creator><rdf:Seq><rdf:li>${escaped(author)}</rdf:li></rdf:Seq></dc:creator>`,
    subject && `<dc:description><rdf:Alt><rdf:li xml:lang="x-default">${escaped(subject)}</rdf:li></rdf:Alt></dc:description>`,
    `<dc:language><rdf:Bag><rdf:li>${escaped(language)}</rdf:li></rdf:Bag></dc:language>`,
    identifier && `<dc:identifier>${escaped(identifier)}</dc:identifier>`,
    source && `<dc:source>${escaped(source)}</dc:source>`,
    `<xmp:CreateDate>${xmpDate(facts.createdAt)}</xmp:CreateDate>`,
    `<xmp:ModifyDate>${xmpDate(facts.modifiedAt)}</xmp:ModifyDate>`,
    `<xmp:MetadataDate>${xmpDate(facts.modifiedAt)}</xmp:MetadataDate>`,
    `<xmp:CreatorTool>${escaped(facts.creator)}</xmp:CreatorTool>`,
    `<pdf:Producer>${escaped(producer)}</pdf:Producer>`,
    `<pdfaid:part>3</pdfaid:part>`,
    `<pdfaid:conformance>A</pdfaid:conformance>`,
    `<pdfuaid:part>1</pdfuaid:part>`,
  ].filter((property) => property !== undefined && property !== "");
  return Buffer.from(
    `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""${NAMESPACES}>
${properties.join("\n")}
${PDFUA_SCHEMA}
</rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>
`,
    "utf8",
  );
}

const NAMESPACES = Object.entries({
  dc: "http://purl.org/dc/elements/1.1/",
  xmp: "http://ns.adobe.com/xap/1.0/",
  pdf: "http://ns.adobe.com/pdf/1.3/",
  pdfaid: "http://www.aiim.org/pdfa/ns/id/",
  pdfuaid: "http://www.aiim.org/pdfua/ns/id/",
  pdfaExtension: "http://www.aiim.org/pdfa/ns/extension/",
  pdfaSchema: "http://www.aiim.org/pdfa/ns/schema#",
  pdfaProperty: "http://www.aiim.org/pdfa/ns/property#",
})
  .map(([prefix, name]) => ` xmlns:${prefix}="${name}"`)
  .join("");

/** ISO 19005-3 section 6.6.2.3.3. */
const PDFUA_SCHEMA = `<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>`;

function xmpDate(instant: string): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

/** Characters that XML 1.0 has none for are replaced. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
