import { expect, test } from "@jest/globals";
import { StandaloneElements } from "../../../../src/core/fhir/xml/standalone-element.ts";

/** `@` is where the element begins. */
function standalone(marked: string): string {
  const { text, inserted } = new StandaloneElements(marked.replace("@", "")).at(marked.indexOf("@"));
  const bare = inserted ? text.slice(0, inserted.from) + text.slice(inserted.to) : text;
  expect(marked.slice(marked.indexOf("@") + 1).startsWith(bare)).toBe(true);
  return text;
}

test.each([
  ["the default namespace", '<o xmlns="u:a">@<b><c/></b></o>', '<b xmlns="u:a"><c/></b>'],
  ["nothing that it says itself", '<o xmlns="u:a">@<b xmlns="u:b"/></o>', '<b xmlns="u:b"/>'],
  ["the nearest of several", '<o xmlns="u:a"><p xmlns="u:c">@<b/></p></o>', '<b xmlns="u:c"/>'],
  ["none that ended before", '<o xmlns="u:a"><p xmlns="u:c"/><q xmlns="u:d"></q>@<b/></o>', '<b xmlns="u:a"/>'],
  [
    "prefixes of elements and attributes, in order, and no others",
    "<o xmlns:z='u:z' xmlns:h=\"u:h\" xmlns:n='u:n'>@<b><z:c h:x='1'/></b></o>",
    "<b xmlns:h=\"u:h\" xmlns:z='u:z'><z:c h:x='1'/></b>",
  ],
  ["its own prefix", "<o xmlns:h='u:h'>@<h:b/></o>", "<h:b xmlns:h='u:h'/>"],
  [
    "not what merely stands in text, values, comments and character data",
    "<o xmlns='u:a' xmlns:h='u:h'>@<b c='h:x'>h:y<!-- <h:z/> --><![CDATA[<h:z/>]]></b></o>",
    "<b xmlns='u:a' c='h:x'>h:y<!-- <h:z/> --><![CDATA[<h:z/>]]></b>",
  ],
  ["what stands around it, not in a comment there", "<o xmlns='u:a'><!-- <p xmlns='u:c'> -->@<b/></o>", "<b xmlns='u:a'/>"],
  ["a namespace that was taken away again", "<o xmlns='u:a'><p xmlns=''>@<b/></p></o>", "<b xmlns=''/>"],
])("an element gets %s", (_, marked, expected) => expect(standalone(marked)).toBe(expected));

test("elements are taken out of one text in any order", () => {
  const text = "<o xmlns='u:a'><p xmlns='u:c'><b/></p><b/><q xmlns='u:d'><b/></q></o>";
  const places = [...text.matchAll(/<b/g)].map(({ index }) => index);
  const elements = new StandaloneElements(text);
  const expected = ["<b xmlns='u:c'/>", "<b xmlns='u:a'/>", "<b xmlns='u:d'/>"];
  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
  ])
    expect(order.map((at) => elements.at(places[at] ?? 0).text)).toEqual(order.map((at) => expected[at]));
});
