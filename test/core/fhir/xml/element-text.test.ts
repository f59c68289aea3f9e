import { expect, test } from "@jest/globals";
import { declaresNamespace, elementText } from "../../../../src/core/fhir/xml/element-text.ts";

const FHIR = "http://hl7.org/fhir";

test("the text of an element ends with its own end tag, whatever stands in it", () => {
  for (const inner of [
    "",
    "<a/>",
    "<a></a>",
    "<B><B/></B>",
    "<a b='>' c=\"</B>\"/>",
    "<!-- </B> -->",
    "<![CDATA[</B>]]>",
    "<?x </B>?>",
    "a &gt; b </ B>".replace("</ B>", ""),
    "<a b='/'>x</a>",
  ])
    for (const start of ["<B>", '<B c="/">', "<B\n d='>'>"]) {
      const element = `${start}${inner}</B >`;
      expect(elementText(`<o><x/>${element}</o>`, 7)).toBe(element);
    }
  expect(elementText('<o><B a="1"/><c/></o>', 3)).toBe('<B a="1"/>');
});

test("an element declares its namespace by its own start tag alone", () => {
  expect(declaresNamespace(`<B xmlns="${FHIR}"><a/></B>`, FHIR)).toBe(true);
  expect(declaresNamespace(`<B\n x=">" xmlns = '${FHIR}'/>`, FHIR)).toBe(true);
  for (const other of [`<B><a xmlns="${FHIR}"/></B>`, `<B xmlns:f="${FHIR}"/>`, `<B xmlns="${FHIR}/x"/>`, '<B xmlns="http://hl7xorg/fhir"/>'])
    expect([other, declaresNamespace(other, FHIR)]).toEqual([other, false]);
});
