/** Killed at any moment, nothing that was acknowledged is gone. */
import { afterAll, expect, test } from "@jest/globals";
import { documentJson } from "./documents.ts";
import { idOf, removeFolder, startProgram, submit, temporaryFolder } from "./program.ts";

const dataFolder = temporaryFolder();
afterAll(() => removeFolder(dataFolder));

test("every acknowledged deposit outlives kill -9 in the middle of a stream", async () => {
  const acknowledged = new Map<string, string>();
  for (const round of [1, 2, 3]) {
    const program = await startProgram({ dataFolder });
    const streams = Array.from({ length: 4 }, async () => {
      for (;;) {
        const sent = documentJson();
        const answer = await submit(program.url, sent, "application/fhir+json");
        if (answer.status !== 201) throw new Error(`answered ${answer.status}`);
        acknowledged.set(idOf(answer), sent);
      }
    });
    const ended = Promise.allSettled(streams);
    await new Promise((resolve) => setTimeout(resolve, 300 + 150 * round));
    await program.end("SIGKILL");
    await ended;
  }
  expect(acknowledged.size).toBeGreaterThan(3);

  const program = await startProgram({ dataFolder });
  try {
    for (const [id, sent] of acknowledged) {
      const answer = await fetch(`${program.url}/fhir/Binary/${id}`);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe(sent);
    }
    const checkpoint = await (await fetch(`${program.url}/log/checkpoint`)).text();
    expect(Number(checkpoint.split("\n")[1])).toBeGreaterThanOrEqual(acknowledged.size);
  } finally {
    expect(await program.end("SIGTERM")).toBe(0);
  }
}, 120_000);
