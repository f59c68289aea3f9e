import { afterEach, describe, expect, test } from "@jest/globals";
import type { NarrativeJudge } from "../../../../src/pipeline/render/narrative/judge.ts";
import { createWorkerJudge } from "../../../../src/pipeline/render/narrative/worker-judge.ts";

let judge: NarrativeJudge | undefined;
afterEach(() => judge?.close());

describe("createWorkerJudge", () => {
  test("finds what is clean clean, and says what it would remove", async () => {
    judge = createWorkerJudge();
    const verdicts = await Promise.all([
      judge.judge('<div class="x"><p style="color: red" id="s-a">a <a href="#s-a" rel="nofollow">b</a></p></div>', "a b"),
      judge.judge("<div><script>x</script>a</div>", "xa"),
      judge.judge('<div onclick="x">a</div>', "a"),
      judge.judge("<table>a<tr><td>b</td></tr>c</table>", "abc"),
      judge.judge("<p>a</p>", "a and more"),
    ]);
    expect(verdicts).toEqual([
      { kind: "clean" },
      { kind: "rejected", reason: "would remove element SCRIPT" },
      { kind: "rejected", reason: "would remove attribute onclick" },
      { kind: "rejected", reason: "would move or lose words" },
      { kind: "rejected", reason: "would move or lose words" },
    ]);
    expect(judge.rules).toMatch(/^dompurify \d+\.\d+\.\d+/);
  });

  test("goes on with a new worker after one that took too long", async () => {
    // Far apart, so that it holds on any machine: what the first would take is many times the limit, what the second takes a small part of it.
    judge = createWorkerJudge({ timeLimit: 1_500, timeLimitPerCharacter: 0, patience: Infinity });
    const [first, second] = await Promise.all([judge.judge("<b>a</b>".repeat(500_000), "a".repeat(500_000)), judge.judge("<p>b</p>", "b")]);
    expect(first).toEqual({ kind: "unavailable", reason: "took too long" });
    expect(second).toEqual({ kind: "clean" });
  });

  test("goes on with a new worker after one that took too much memory", async () => {
    judge = createWorkerJudge({ maxMegabytes: 60, timeLimit: 60_000 });
    const [first, second] = await Promise.all([judge.judge("<b>a</b>".repeat(200_000), "a".repeat(200_000)), judge.judge("<p>a</p>", "a")]);
    expect(first.kind).toBe("unavailable");
    expect(second).toEqual({ kind: "clean" });
  });

  test("replaces its worker after so many narratives", async () => {
    judge = createWorkerJudge({ jobsPerWorker: 1 });
    for (const word of ["a", "b"]) expect(await judge.judge(`<p>${word}</p>`, word)).toEqual({ kind: "clean" });
  });

  test("does not judge what is too long, nor after it was closed", async () => {
    judge = createWorkerJudge({ maxLength: 10 });
    expect((await judge.judge("<p>0123456789</p>", "0123456789")).kind).toBe("unavailable");
    await judge.close();
    expect(await judge.judge("<p>a</p>", "a")).toEqual({ kind: "unavailable", reason: "stopping" });
  });
});
