import { describe, expect, test } from "@jest/globals";
import { writeJson } from "../../../../src/core/fhir/json/write-json.ts";
import { DEFAULT_READ_LIMITS, STORED_READ_LIMITS } from "../../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../../src/core/fhir/reading/source-text.ts";
import { readXml } from "../../../r4.ts";

const FHIR = 'xmlns="http://hl7.org/fhir"';
const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';

function read(text: string, limits = {}) {
  const source = new SourceText(text);
  const { resource, issues } = readXml(source, { ...DEFAULT_READ_LIMITS, ...limits });
  const places = issues.map((issue) => {
    const { line, column } = source.positionOf(issue.offset ?? -1) ?? { line: 0, column: 0 };
    return `${issue.severity} ${issue.rule} ${issue.expression ?? "-"} ${line}:${column}`;
  });
  return { resource, issues, places, json: resource && writeJson(resource) };
}

/** The JSON of a Patient with `content`, without its resourceType. */
function patient(content: string): string {
  const { json, places } = read(`<Patient ${FHIR}>${content}</Patient>`);
  expect(places).toEqual([]);
  return (json ?? "").replace('"resourceType":"Patient"', "").replace("{,", "{");
}

describe("the JSON form", () => {
  test("what may repeat is an array, though it does not", () => {
    expect(patient('<name><family value="A"/><given value="B"/></name>')).toBe('{"name":[{"family":"A","given":["B"]}]}');
  });

  test("a backbone's own element resourceType is one", () => {
    const { json, places } = read(
      `<ExampleScenario ${FHIR}><instance><resourceId value="a"/><resourceType value="Patient"/></instance></ExampleScenario>`,
    );
    expect(places).toEqual([]);
    expect(json).toBe('{"resourceType":"ExampleScenario","instance":[{"resourceId":"a","resourceType":"Patient"}]}');
  });

  test("numbers keep their text, booleans and integers are typed", () => {
    const content = '<active value="true"/><multipleBirthInteger value="2"/>';
    expect(patient(content)).toBe('{"active":true,"multipleBirthInteger":2}');
    expect(read(`<Observation ${FHIR}><valueQuantity><value value="1.10"/></valueQuantity></Observation>`).json).toContain('"value":1.10');
    expect(read(`<Observation ${FHIR}><valueQuantity><value value="-0e1"/></valueQuantity></Observation>`).json).toContain('"value":-0e1');
  });

  test("text that is no number or boolean stays a string, for validation to tell of it", () => {
    expect(patient('<active value="True"/><multipleBirthInteger value=" 2"/>')).toBe('{"active":"True","multipleBirthInteger":" 2"}');
    expect(patient('<multipleBirthInteger value="02"/>')).toBe('{"multipleBirthInteger":"02"}');
  });

  test("ids and extensions of primitives stand in companions, aligned with null", () => {
    const extension = '<extension url="u"><valueString value="v"/></extension>';
    expect(patient(`<name><given value="a"/><given id="i">${extension}</given><given value="c"/></name><birthDate>${extension}</birthDate>`)).toBe(
      '{"name":[{"given":["a",null,"c"],"_given":[null,{"id":"i","extension":[{"url":"u","valueString":"v"}]},null]}],"_birthDate":{"extension":[{"url":"u","valueString":"v"}]}}',
    );
  });

  test("contained resources and those of entries are resources, wherever they lie", () => {
    const { json, places } = read(
      `<Bundle ${FHIR}><entry><resource><List><contained><Patient><id value="p"/></Patient></contained><contained><Patient/></contained></List></resource></entry></Bundle>`,
    );
    expect(places).toEqual([]);
    expect(json).toBe(
      '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"List","contained":[{"resourceType":"Patient","id":"p"},{"resourceType":"Patient"}]}}]}',
    );
  });

  test("white space in attributes is as XML reads it: spaces, unless written as references", () => {
    expect(patient('<language value="a\n\t b&#10;&#9;&#13;c"/>')).toBe('{"language":"a   b\\n\\t\\rc"}');
  });

  test("an element with nothing in it is an empty object, for validation to refuse", () => {
    expect(patient("<birthDate/><maritalStatus/>")).toBe('{"_birthDate":{},"maritalStatus":{}}');
  });

  test("elements that R4 does not know are kept, so that validation names them", () => {
    expect(patient('<colour value="red"/><pet x="1"><name value="Rex"/><name value="Bello"/></pet>')).toBe(
      '{"colour":"red","pet":{"x":"1","name":["Rex","Bello"]}}',
    );
    expect(read(`<Animal ${FHIR}><id value="a"/></Animal>`).json).toBe('{"resourceType":"Animal","id":"a"}');
    expect(patient('<__proto__ value="1"/><constructor value="2"/>')).toBe('{"__proto__":"1","constructor":"2"}');
  });

  test("an element that may come once and comes twice is an array, for validation to count", () => {
    expect(patient('<gender value="male"/><gender value="female"/>')).toBe('{"gender":["male","female"]}');
  });

  test("FHIR may have a prefix", () => {
    expect(read('<f:Patient xmlns:f="http://hl7.org/fhir"><f:active value="false"/></f:Patient>')).toMatchObject({
      places: [],
      json: '{"resourceType":"Patient","active":false}',
    });
  });
});

describe("narrative", () => {
  const narrative = (div: string, root = FHIR): string | undefined =>
    read(`<Patient ${root}><text><status value="generated"/>${div}</text></Patient>`).resource?.object("text")?.string("div");

  test("a div is carried over to the letter", () => {
    const div = `<div ${XHTML}\t a = 'x' ><!-- c --><p>1 &lt; 2 &#160;&amp;<br/>\n  <b ></b></p><![CDATA[<x>]]></div >`;
    expect(narrative(div)).toBe(div);
  });

  test("its line ends are those that XML reads", () => {
    expect(narrative(`<div ${XHTML}>a\r\nb\rc\n</div>`)).toBe(`<div ${XHTML}>a\nb\nc\n</div>`);
  });

  test("it gets the namespaces that it uses and that are declared around it, and no other", () => {
    expect(narrative("<h:div><h:p>x</h:p></h:div>", `${FHIR} xmlns:h="http://www.w3.org/1999/xhtml" xmlns:u="unused"`)).toBe(
      '<h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:p>x</h:p></h:div>',
    );
    const inner = `<div ${XHTML}><x:y xmlns:x="in"><x:z/></x:y><q p:a="1"/></div>`;
    expect(narrative(inner, `${FHIR} xmlns:x="out" xmlns:p="a&quot;b"`)).toBe(inner.replace("<div", '<div xmlns:p="a&quot;b"'));
    expect(narrative("<div>x</div>")).toBe('<div xmlns="http://hl7.org/fhir">x</div>');
  });

  test("offsets count what was sent: astral characters, CR LF and all", () => {
    const text = `<Patient ${FHIR}>\r\n<!-- 😀 -->\r\n  <text>\r\n    <div ${XHTML}>😀\r\n</div>\r\n  </text>\r\n  <gender id="i"\r\n   value="x"/>\r\n</Patient>`;
    const { resource } = read(text);
    const at = (name: string): string => text.slice(resource?.offsetOf(name)).slice(0, 7);
    expect([at("text"), at("gender"), at("_gender")]).toEqual(["<text>\r", "<gender", "<gender"]);
    const narrativeOffset = resource?.object("text")?.offsetOf("div") ?? -1;
    expect(text.slice(narrativeOffset, narrativeOffset + 4)).toBe("<div");
    const idOffset = resource?.object("_gender")?.offsetOf("id") ?? -1;
    expect(text.slice(idOffset, idOffset + 6)).toBe('id="i"');
  });
});

describe("what only XML can get wrong", () => {
  test.each([
    ["order", '<gender value="male"/>\n<active value="true"/>', "error xml-element-order Patient.active 2:1"],
    ["one element in two places", '<name/>\n<gender value="male"/>\n<name/>', "error xml-element-order Patient.name[1] 3:1"],
    ["text", '<name>\n x<given value="a"/></name>', "error xml-text Patient.name[0] 2:2"],
    ["a CDATA section", "<name><![CDATA[x]]></name>", "error xml-text Patient.name[0] 1:44"],
    ["an attribute", '<name use="official"/>', "error xml-attribute Patient.name[0] 1:44"],
    ["an attribute with a prefix", '<name xml:lang="de"/>', "error xml-attribute Patient.name[0] 1:44"],
    ["a value where there is none", '<maritalStatus value="M"/>', "error xml-attribute Patient.maritalStatus 1:53"],
    ["an id that is an element", '<name><id value="a"/></name>', "error xml-attribute Patient.name[0] 1:44"],
    ["another namespace", '<x:name xmlns:x="urn:x"/>', "error xml-namespace Patient.name[0] 1:38"],
    ["a processing instruction", "<?php x?>", "error xml-processing-instruction Patient 1:38"],
    ["two resources in one place", "<contained><Patient/><Patient/></contained>", "error xml-resource Patient.contained[0] 1:59"],
    ["an id on what holds a resource", '<contained id="a"><Patient/></contained>', "error xml-attribute Patient.contained[0] 1:49"],
  ])("%s", (_, content, place) => {
    const { places, resource } = read(`<Patient ${FHIR}>${content}</Patient>`);
    expect(places).toEqual([place]);
    expect(resource).toBeDefined();
  });

  test("a schema, and its namespace", () => {
    const { places } = read(
      `<Patient ${FHIR} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\n xsi:schemaLocation="http://hl7.org/fhir x.xsd"/>`,
    );
    expect(places).toEqual(["warning xml-schema-instance Patient 1:38", "error xml-schema-location Patient 2:2"]);
  });

  test("a whole document in no namespace is one fault", () => {
    expect(read('<Patient><name><family value="A"/></name></Patient>').places).toEqual(["error xml-namespace Patient 1:1"]);
  });

  test("an encoding that is not UTF-8", () => {
    expect(read(`<?xml version="1.0" encoding="ISO-8859-1"?><Patient ${FHIR}/>`).places).toEqual(["error xml-encoding - 1:1"]);
  });

  test("names that only JSON has are told of, and take nothing's place", () => {
    const { places, json } = read(
      `<Patient ${FHIR}><birthDate value="1961" id="a"/><resourceType value="Group"/><_birthDate id="b"/><b value="1"><value c="2"/></b></Patient>`,
    );
    expect(places).toEqual(["error xml-element-name Patient 1:70", "error xml-element-name Patient 1:99"]);
    expect(json).toBe('{"resourceType":"Patient","birthDate":"1961","_birthDate":{"id":"a"},"b":{"value":{"c":"2"}}}');
  });

  test("expressions have the element's name and its index", () => {
    const { places } = read(
      `<Bundle ${FHIR}><entry/><entry><resource><Observation><component/><component><valueQuantity x=""/></component></Observation></resource></entry></Bundle>`,
    );
    expect(places).toEqual(["error xml-attribute Bundle.entry[1].resource.component[1].value 1:113"]);
  });
});

describe("what ends reading", () => {
  test.each([
    ["", "fatal xml-syntax - 1:1"],
    ["{}", "fatal xml-syntax - 1:3"],
    [`<Patient ${FHIR}><name>\n<family value="A"></name></Patient>`, "fatal xml-syntax Patient.name[0] 2:25"],
    [`<Patient ${FHIR}><name>`, "fatal xml-syntax Patient.name[0] 1:43"],
    [`<Patient ${FHIR}/><Patient/>`, "fatal xml-syntax - 1:47"],
    [`<Patient ${FHIR}><birthDate value="&nbsp;"/></Patient>`, "fatal xml-syntax Patient 1:61"],
    [`<Patient ${FHIR}><birthDate value="&#x1D;"/></Patient>`, "fatal xml-syntax Patient 1:61"],
    [`<Patient ${FHIR}><birthDate value="a" value="b"/></Patient>`, "fatal xml-syntax Patient 1:69"],
    [`<Patient ${FHIR}><x:name/></Patient>`, "fatal xml-syntax Patient 1:46"],
    [`<!DOCTYPE Patient [<!ENTITY x SYSTEM "file:///etc/passwd">]><Patient ${FHIR}/>`, "fatal xml-doctype - 1:1"],
    [`<?xml version="1.1"?><Patient ${FHIR}/>`, "fatal xml-version - 1:1"],
  ])("%s", (text, place) => {
    const { resource, places } = read(text);
    expect(resource).toBeUndefined();
    expect(places.at(-1)).toBe(place);
  });

  test("depth is limited, of elements and in a div, before it costs anything", () => {
    const nested = (levels: number): string => `${'<extension url="u">'.repeat(levels)}${"</extension>".repeat(levels)}`;
    expect(read(`<Patient ${FHIR}>${nested(49)}</Patient>`).places).toEqual([]);
    expect(read(`<Patient ${FHIR}>${nested(50)}</Patient>`).places[0]).toMatch(/^fatal too-deep Patient\.extension/);
    expect(read(`<Patient ${FHIR}>${"<a>".repeat(500_000)}`).places[0]).toMatch(/^fatal too-deep/);
    expect(read(`<Patient ${FHIR}><text><div ${XHTML}>${"<b>".repeat(500_000)}`).places[0]).toMatch(/^fatal too-deep Patient\.text\.div/);
  });

  test("a value that is too long", () => {
    expect(read(`<Patient ${FHIR}><language value="${"1".repeat(31)}"/></Patient>`, { maxStringLength: 30 }).places).toEqual([
      "fatal string-too-long Patient 1:48",
    ]);
  });
});

test("a hundred thousand elements of different names in one are read in time that grows with them", () => {
  const { resource } = read(
    `<Patient ${FHIR}>${Array.from({ length: 100_000 }, (_, at) => `<n${at} value="1"/>`).join("")}</Patient>`,
    STORED_READ_LIMITS,
  );
  expect(resource?.names).toHaveLength(100_001);
});

test("an entity that XML does not know is named, with what to write instead", () => {
  const textOf = (entity: string): string | undefined =>
    read(`<Patient ${FHIR}><text><status value="generated"/><div ${XHTML}>5${entity}mg</div></text></Patient>`).issues.find(
      ({ rule }) => rule === "xml-syntax",
    )?.text;
  expect(textOf("&nbsp;")).toContain("XML knows no entity &nbsp;, which is HTML's: write the character itself, or &#xA0;.");
  expect(textOf("&ward7;")).toContain("XML knows no entity &ward7;: write the character itself.");
});

test.each([
  ['<name use="official"/>', `FHIR has no attribute 'use' on 'name': write it as an element within, <use value="…"/>.`],
  ['<name xml:lang="de"/>', "FHIR has no attribute 'xml:lang' on 'name': take it away."],
  [
    '<name value="Anna"/>',
    "FHIR has no attribute 'value' on 'name': it holds elements, no value of its own: write use, text, family, given, prefix, suffix, period.",
  ],
  ['<name><id value="a"/></name>', `'id' is an attribute in XML, no element: write id="…" into the start tag around it.`],
])("%s is told with what to write instead", (element, text) => {
  const told = read(`<Patient ${FHIR}>${element}</Patient>`).issues.filter(({ rule }) => rule === "xml-attribute");
  expect(told.map((issue) => issue.text)).toEqual([text]);
});
