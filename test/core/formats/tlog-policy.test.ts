import { describe, expect, test } from "@jest/globals";
import { cosigner } from "../../../src/adapters/keys/note-signer.ts";
import { parseTlogPolicy } from "../../../src/core/formats/tlog-policy.ts";
import { newSigner } from "../../contracts/sealed.ts";

const keyOf = (name: string, at: number): string =>
  cosigner(`${name}.example`, at % 2 ? "ml-dsa-44" : "cosignature/v1", new Uint8Array(32).fill(at)).vkey;
const X = [1, 2, 3].map((at) => `witness X${at} ${keyOf(`x${at}`, at)} https://x${at}.example/w/`);
const Y = [4, 5].map((at) => `witness Y${at} ${keyOf(`y${at}`, at)}`);

describe("a policy for witnesses (c2sp.org/tlog-policy)", () => {
  const policy = parseTlogPolicy(
    ["# ours", `log ${newSigner().vkey} https://log.example`, "", ...X, ...Y, "group X 2 X1 X2 X3", " group\tY any Y4 Y5", "group both all X Y", "quorum both"].join("\n"), // prettier-ignore
  );

  test("names logs and witnesses, and where they are asked", () => {
    expect(policy.logs.map(({ url }) => url)).toEqual(["https://log.example"]);
    expect(policy.witnesses.map(({ name, url }) => [name, url])).toEqual([
      ["X1", "https://x1.example/w"],
      ["X2", "https://x2.example/w"],
      ["X3", "https://x3.example/w"],
      ["Y4", undefined],
      ["Y5", undefined],
    ]);
    expect(policy.rule).toBe("2 of (2 of X1, X2, X3), (1 of Y4, Y5)");
  });

  test.each([
    ["X1 X2 Y4", true],
    ["X1 X2 X3", false],
    ["X1 Y4 Y5", false],
    ["X2 X3 Y5", true],
    ["", false],
  ])("of %j it says %j", (has, is) => expect(policy.isQuorum(new Set(has.split(" ")))).toBe(is));

  test("may ask for one witness, or for none", () => {
    expect(parseTlogPolicy(`${X[0] ?? ""}\nquorum X1`).isQuorum(new Set(["X1"]))).toBe(true);
    expect(parseTlogPolicy("quorum none")).toMatchObject({ rule: "", witnesses: [] });
  });

  test.each([
    ["", /quorum/],
    ["quorum none\nquorum none", /line 2.*second/],
    ["quorum X1", /named|name of/],
    [`${X[0] ?? ""}\n${X[0] ?? ""}\nquorum none`, /line 2.*twice/],
    [`${X[0] ?? ""}\n${(X[0] ?? "").replace("X1", "X9")}\nquorum none`, /key stands there twice/],
    [`witness none ${keyOf("n", 8)}\nquorum none`, /none is named twice/],
    [`witness W ${newSigner().vkey}\nquorum none`, /cosigner/],
    [`witness W abc\nquorum none`, /verifier key/],
    [`witness W ${keyOf("n", 8)} ftp://w.example\nquorum none`, /address/],
    [`${X[0] ?? ""}\ngroup G 2 X1\nquorum G`, /2 is none/],
    [`${X[0] ?? ""}\ngroup G 1 none\nquorum G`, /none is named nowhere/],
    ["wittness W\nquorum none", /line 1.*wittness/],
  ])("%j is refused", (text, why) => expect(() => parseTlogPolicy(text)).toThrow(expect.objectContaining({ code: "malformed", message: expect.stringMatching(why) as unknown }))); // prettier-ignore
});
