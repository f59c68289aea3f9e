import { describe, expect, test } from "@jest/globals";
import { formatCheckpoint, parseCheckpoint } from "../../../src/core/crypto/checkpoint.ts";
import { sha256 } from "../../../src/core/crypto/digest.ts";

const ROOT = sha256(Uint8Array.of(1));

describe("checkpoints (c2sp.org/tlog-checkpoint)", () => {
  test("are read as they were written", () => {
    const checkpoint = { origin: "example.org/log", size: 12_345, root: ROOT };
    expect(formatCheckpoint(checkpoint)).toBe(`example.org/log\n12345\n${Buffer.from(ROOT).toString("base64")}\n`);
    expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
  });

  test.each([
    "",
    "o\n1\n",
    "o\n01\n{root}\n",
    "o\n-1\n{root}\n",
    "o\n9999999999999999\n{root}\n",
    "o\n1\n{root}",
    "o\n1\n{root}\nextension\n",
    "\n1\n{root}\n",
    "o\n1\nAAAA\n",
  ])("%j is malformed", (text) =>
    expect(() => parseCheckpoint(text.replace("{root}", Buffer.from(ROOT).toString("base64")))).toThrow(
      expect.objectContaining({ code: "malformed" }),
    ),
  );
});
