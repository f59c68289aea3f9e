/** Kinds of damage that senders do, one to a copy of the document of patient-summary.ts. Each makes it invalid by R4 itself. */

export interface Damaged {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function damages(bytes: Uint8Array): Damaged[] {
  const text = Buffer.from(bytes).toString("utf8");
  return KINDS.map(([name, found, replacement]) => {
    const damaged = text.replace(found, replacement);
    if (damaged === text) throw new Error(`${name}: there is nothing to damage`);
    return { name, bytes: Buffer.from(damaged, "utf8") };
  });
}

const GENDER = '"gender": "female"';

const KINDS: readonly (readonly [name: string, found: string | RegExp, replacement: string])[] = [
  ["unknown element", GENDER, `${GENDER}, "sex": "female"`],
  ["misspelt element", '"birthDate"', '"birthdate"'],
  ["required element left out", /"author": \[[^\]]*\],/, ""],
  ["array where there is one value", '"status": "final"', '"status": ["final"]'],
  ["one value where there is an array", /"given": \[[^\]]*\]/, '"given": "Ada"'],
  ["two values of a choice", '"onsetDateTime"', '"onsetString": "in youth", "onsetDateTime"'],
  ["text for true", '"primarySource": true', '"primarySource": "true"'],
  ["date of another form", '"1951-05-02"', '"2.5.1951"'],
  ["date that does not exist", '"1951-05-02"', '"1951-02-30"'],
  ["time without a zone", '"2026-03-14T09:00:00+01:00"', '"2026-03-14T09:00:00"'],
  ["empty string", '"family": "Brandt"', '"family": ""'],
  ["empty array", /"given": \[[^\]]*\]/, '"given": []'],
  ["id of 70 characters", GENDER, `"id": "${"x".repeat(70)}", ${GENDER}`],
  ["base64 cut short", GENDER, `${GENDER}, "photo": [{ "contentType": "image/png", "data": "AAA" }]`],
  ["code that the value set lacks", GENDER, '"gender": "woman"'],
  ["code that a required concept lacks", '"code": "active"', '"code": "acute"'],
  ["name that comes twice", GENDER, `${GENDER}, "gender": "male"`],
  ["event handler in the narrative", "<p>Ada", '<p onclick=\\"alert(1)\\">Ada'],
  ["narrative that is not well-formed", "<p>Ada Brandt", "<p>Ada <b>Brandt"],
  ["extension with nothing in it (ext-1)", GENDER, `${GENDER}, "extension": [{ "url": "https://example.org/e" }]`],
  ["attachment without its type (att-1)", GENDER, `${GENDER}, "photo": [{ "data": "AAAA" }]`],
  ["negative period of a timing (tim-4)", '"period": 1,', '"period": -1,'],
  ["units without their code system (qty-3)", '"system": "http://unitsofmeasure.org",', ""],
  ["contained resource that nothing needs (dom-3)", GENDER, `${GENDER}, "contained": [{ "resourceType": "Organization", "id": "o", "name": "O" }]`],
  ["local reference that leads nowhere (ref-1)", GENDER, `${GENDER}, "managingOrganization": { "reference": "#o" }`],
  ["reference to a resource of a wrong type", /("recorder": \{\s*"reference": ")[^"]*"/, '$1urn:uuid:5d1f0f7c-3b1c-4c2e-9d57-000000000003"'],
  [
    "two entries of one fullUrl (bdl-7)",
    /("fullUrl": ")urn:uuid:5d1f0f7c-3b1c-4c2e-9d57-000000000003"/,
    '$1urn:uuid:5d1f0f7c-3b1c-4c2e-9d57-000000000002"',
  ],
  ["document without a date (bdl-10)", /"timestamp": "[^"]*",/, ""],
  ["author outside of the document", /("author": \[\s*\{\s*"reference": ")[^"]*"/, '$1urn:uuid:5d1f0f7c-3b1c-4c2e-9d57-999999999999"'],
];
