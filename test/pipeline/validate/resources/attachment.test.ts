import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { briefly, saidOf, type Plain } from "../a-document.ts";

const TEXT = "Guten Tag";
const DATA = Buffer.from(TEXT).toString("base64");
const SHA1 = createHash("sha1").update(TEXT).digest("base64");
const HEX = Buffer.from(createHash("sha1").update(TEXT).digest("hex")).toString("base64");

test.each<[attachment: Plain, rules: string[]]>([
  [{ data: DATA, size: 9, hash: SHA1 }, []],
  [{ data: `${DATA.slice(0, 4)}\n ${DATA.slice(4)}`, size: 9, hash: SHA1 }, []],
  [{ data: DATA, size: 12 }, ["attachment-size"]],
  [{ data: DATA, hash: HEX }, ["attachment-hash"]],
  [{ data: DATA, size: 0, hash: "AAAA" }, ["attachment-size", "attachment-hash"]],
  [{ data: "no base64!", size: 1, hash: SHA1 }, ["format-base64Binary"]],
  [{ url: "https://hospital.example/a.txt", size: 1, hash: "AAAA" }, []],
])("%j", (attachment, rules) => {
  const said = saidOf({ resourceType: "Patient", photo: [{ contentType: "text/plain", ...attachment }] });
  expect(said.map(({ rule }) => rule)).toEqual(rules);
  expect(briefly(said).every((line) => line.includes(" Patient.photo[0]"))).toBe(true);
});
