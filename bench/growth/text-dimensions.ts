/** What can be repeated in JSON and XML, whatever it means. */
import type { Dimension } from "./dimension.ts";
import { documentWith, repeated, xmlDocumentWith } from "./document.ts";

function inPatient(
  piece: (at: number) => string,
  around: readonly [string, string] = ['"photo":[', "]"],
  separator = ",",
): (count: number) => string {
  return (count) => documentWith({ patient: around[0] + repeated(count, piece, separator) + around[1] });
}

const XML = "application/fhir+xml";

export const TEXT_DIMENSIONS: readonly Dimension[] = [
  { name: "{}", make: inPatient(() => "{}") },
  { name: "[]", make: inPatient(() => "[]") },
  { name: "numbers", make: inPatient(() => "1") },
  { name: "null", make: inPatient(() => "null") },
  { name: "empty strings", make: inPatient(() => '""') },
  { name: "strings where objects belong", make: inPatient(() => '"abcdefghij"') },
  { name: "objects with an unknown name", make: inPatient(() => '{"a":1}') },
  { name: "different names of an object", make: inPatient((at) => `"n${at}":1`, ['"maritalStatus":{', "}"]) },
  { name: "one name twice", make: inPatient(() => '"text":"a"', ['"maritalStatus":{', "}"]) },
  { name: "objects of 70 names", make: inPatient(() => `{${repeated(70, (at) => `"n${at}":1`)}}`) },
  {
    name: "objects of different names",
    make: inPatient((at) => `{"n${at}":1}`),
    known: { read: "26 times: no two objects share the list of their names; bounded by maxValues (docs/limits.md)" },
  },
  { name: "long names", make: inPatient((at) => `{"${"n".repeat(1000)}${at}":1}`) },
  { name: "levels", make: (count) => documentWith({ patient: `"a":${"[".repeat(count)}${"]".repeat(count)}` }) },
  { name: "white space", make: (count) => documentWith({ patient: `"active":${" ".repeat(count)}true` }) },
  { name: "line breaks", make: (count) => documentWith({ patient: `"active":${"\r\n".repeat(count)}true` }) },
  { name: "lines with faults", make: inPatient(() => "{}", ['"photo":[', "]"], ",\n") },
  { name: "escapes", make: (count) => documentWith({ patient: `"language":"${"\\u0041".repeat(count)}"` }) },
  { name: "comments", make: inPatient(() => "/**/", ['"photo":[', "]"], "") },
  {
    name: "bytes of a title",
    make: (count) =>
      documentWith({
        composition: `"confidentiality":"N","language":"en","extension":[{"url":"http://a.org/b","valueString":"${"a ".repeat(count)}b"}]`,
      }),
  },
  { name: "bytes of a name", make: (count) => documentWith({ patient: `"name":[{"text":"${"ab ".repeat(count)}b"}]` }) },
  { name: "bytes of a display", make: (count) => documentWith({ composition: `"custodian":{"display":"${"ab ".repeat(count)}b"}` }) },
  { name: "bytes of an id", make: (count) => documentWith({ patient: `"id":"${"a".repeat(count)}"` }) },
  { name: "bytes of a reference", make: (count) => documentWith({ patient: `"managingOrganization":{"reference":"${"a/".repeat(count)}b"}` }) },
  { name: "bytes of a url", make: (count) => documentWith({ patient: `"implicitRules":"http://a.org/${"_history/".repeat(count)}"` }) },
  { name: "bytes of a date", make: (count) => documentWith({ patient: `"birthDate":"${"2".repeat(count)}"` }) },
  {
    name: "bytes of a decimal",
    make: (count) => documentWith({ patient: `"extension":[{"url":"http://a.org/b","valueDecimal":${"1".repeat(count)}}]` }),
  },
  { name: "bytes of a uri of blanks", make: (count) => documentWith({ patient: `"implicitRules":"a${" ".repeat(count)}b"` }) },
  {
    name: "bytes of a code of blanks",
    make: (count) => documentWith({ patient: `"gender":"a${" ".repeat(count)}b"`.replace('"gender"', '"language"') }),
  },
  {
    name: "bytes of a markdown of blanks",
    make: (count) => documentWith({ patient: `"extension":[{"url":"http://a.org/b","valueMarkdown":"a${" ".repeat(count)}b"}]` }),
  },
  {
    name: "bytes of base64 of blanks",
    make: (count) => documentWith({ patient: `"photo":[{"contentType":"image/png","data":"A${" ".repeat(count)}A"}]` }),
  },
  { name: "<a/>", mediaType: XML, make: (count) => xmlDocumentWith("<a/>".repeat(count)) },
  { name: "<name/>", mediaType: XML, make: (count) => xmlDocumentWith("<name/>".repeat(count)) },
  { name: "different elements", mediaType: XML, make: (count) => xmlDocumentWith(repeated(count, (at) => `<n${at}/>`, "")) },
  { name: "elements out of order", mediaType: XML, make: (count) => xmlDocumentWith('<gender value="female"/><active value="true"/>'.repeat(count)) },
  { name: "attributes of FHIR's XML", mediaType: XML, make: (count) => xmlDocumentWith(`<name ${repeated(count, (at) => `a${at}="1"`, " ")}/>`) },
  {
    name: "namespaces of FHIR's XML",
    mediaType: XML,
    make: (count) =>
      xmlDocumentWith(
        `<active value="true"/>`,
        repeated(count, (at) => ` xmlns:n${at}="urn:${at}"`, ""),
      ),
  },
  {
    name: "namespaces, used in a div",
    mediaType: XML,
    make: (count) =>
      xmlDocumentWith(
        "",
        repeated(count, (at) => ` xmlns:n${at}="urn:${at}"`, ""),
        repeated(count, (at) => `<n${at}:b/>`, ""),
      ),
  },
  {
    name: "namespaces, declared again",
    mediaType: XML,
    make: (count) => xmlDocumentWith('<name xmlns:a="urn:a"><given xmlns:b="urn:b" value="c"/></name>'.repeat(count)),
  },
  {
    name: "attributes of a long namespace",
    mediaType: XML,
    make: (count) => xmlDocumentWith('<name x:a="1"/>'.repeat(count), ` xmlns:x="urn:${"n".repeat(count * 16)}"`),
  },
  { name: "text between elements", mediaType: XML, make: (count) => xmlDocumentWith("<name>a</name>".repeat(count)) },
  { name: "comments of XML", mediaType: XML, make: (count) => xmlDocumentWith("<!---->".repeat(count)) },
  { name: "instructions", mediaType: XML, make: (count) => xmlDocumentWith("<?a?>".repeat(count)) },
  { name: "CDATA sections", mediaType: XML, make: (count) => xmlDocumentWith("<![CDATA[]]>".repeat(count)) },
  { name: "levels of XML", mediaType: XML, make: (count) => xmlDocumentWith("<extension>".repeat(count) + "</extension>".repeat(count)) },
  { name: "references to characters", mediaType: XML, make: (count) => xmlDocumentWith(`<language value="${"&#65;".repeat(count)}"/>`) },
];
