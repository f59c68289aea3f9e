import { expect, test } from "@jest/globals";
import { elementText } from "../../../../src/core/fhir/xml/element-text.ts";

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
