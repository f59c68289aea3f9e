/** Texts that have surprised readers before, by what they are put into. */
const ANYWHERE = ["\u0000", "\r", "\n", "\u2028", "\uFFFE", "\uFEFF", "😀", "e\u0301", "&", '"', "'", "<", ">", "\\"];

export const JSON_TOKENS: readonly string[] = [
  ...ANYWHERE,
  ..."{ } [ ] , : null true false NaN -0 0 1 01 1.10 1e9 1e999 -1 2147483648 9007199254740993 0.000000000000000000000000000000001".split(" "),
  ...["[[[[[[[[", "{}", "[]", '""', '" "', "//", "/*", "\\u0000", "\\ud800", "\\uDC00\\uD800", "\\u0022", "\\x", "\\"],
  ...['"__proto__"', '"constructor"', '"hasOwnProperty"', '"toString"', '"length"', '"then"', '"resourceType"', '"id"', '"_id"', '"extension"'],
  ...['"contained"', '"reference"', '"#"', '"#a"', '"url"', '"div"', '"fhir_comments"', '"valueString"', '"_valueString"', '"modifierExtension"'],
  ...['"Bundle"', '"Patient"', '"Binary"', '"Parameters"', '"Resource"', '"DomainResource"', '"Element"', '"List"', '"document"', '"collection"'],
  ...['"2024-02-30"', '"2024-13"', '"0000"', '"9999-12-31T23:59:60Z"', '"24:00:00"', '"urn:uuid:"', '"urn:oid:1"', '"http://"', '"a:b"', '"%"'],
  ...['"Patient/1"', '"Patient/1/_history/1"', '"http://x/Patient/1|2#3"', '"====" ', '"Zg"', '"\\u202e"', '"<div/>"', '"&amp;"'],
];

export const XML_TOKENS: readonly string[] = [
  ...ANYWHERE,
  ...'<a> </a> <a/> <!-- --> <!----> <![CDATA[ ]]> <?x?> <?xml?> &#0; &#x1F600; &amp; &nbsp; &lt; &#xD800; &x; %x; <!DOCTYPE> ="" ='.split(" "),
  ...[
    '<!DOCTYPE a [<!ENTITY b "c">]>',
    ' xmlns=""',
    ' xmlns="http://hl7.org/fhir"',
    ' xmlns:f="http://hl7.org/fhir"',
    ' xmlns:xml="x"',
    ' xmlns:f=""',
  ],
  ...[' value="1"', ' value=""', ' id="a"', ' url="http://x"', ' xml:id="a"', ' xsi:type="x"', " value='1'", ' xmlns="http://www.w3.org/1999/xhtml"'],
  ...['<div xmlns="http://www.w3.org/1999/xhtml">', "</div>", '<h:div xmlns:h="http://www.w3.org/1999/xhtml"/>', "<svg/>", "<script>", "<br/>"],
  ...['<extension url="http://x"><valueString value="1"/></extension>', "<contained>", "</contained>", "<resource>", "</resource>", "<Binary/>"],
  ...['<id value="a"/>', '<reference value="#a"/>', "<Patient>", "<Patient xmlns='http://hl7.org/fhir'/>", '<valueDecimal value="1.10"/>'],
];

/** Texts that are put where a value stands. */
export const VALUES: readonly string[] = [...JSON_TOKENS.filter((token) => /^"./.test(token)).map((token) => token.trim().slice(1, -1)), ...ANYWHERE];
