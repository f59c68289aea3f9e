/** The OpenAPI document against the running program, by another's judge where it is there: a short run of what `npm run schemathesis` asks at length. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { askSchemathesis, whyNoSchemathesis } from "../../scripts/schemathesis.ts";
import { removeFolder, startProgram, type Program } from "./program.ts";

const missing = whyNoSchemathesis();
let program: Program;
beforeAll(async () => {
  program = await startProgram();
});
afterAll(async () => {
  await program.end("SIGTERM");
  removeFolder(program.dataFolder);
});

test("the document is there for whoever asks", async () => {
  const document = (await (await fetch(`${program.url}/openapi.json`)).json()) as {
    readonly openapi: string;
    readonly servers: readonly { readonly url: string }[];
  };
  expect([document.openapi, document.servers[0]?.url]).toEqual(["3.1.1", program.url]);
});

if (missing === undefined)
  test("document and service agree in what is asked", () => {
    // The same requests each time.
    const { isGood, text } = askSchemathesis(program.url, [
      "--phases",
      "fuzzing",
      "-n",
      "2",
      "--generation-deterministic",
      "--request-timeout",
      "60",
    ]);
    expect([isGood, isGood ? "" : text]).toEqual([true, ""]);
  });
else test.skip(`document and service agree in what is asked: ${missing}`, () => undefined);
