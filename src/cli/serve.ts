import type { Command } from "./command.ts";

export const serve: Command = {
  help: `chartulary serve [--no-samples]

Runs the repository until it is told to stop (SIGTERM or Ctrl-C), and prints the address to open. Settings are environment
variables, listed in the README: HOST, PORT, DATA_DIR, BASE_URL, MAX_DOCUMENT_BYTES, LOG_LEVEL ...

  --no-samples  leave an empty store empty; without it, and without NODE_ENV=production, the first start deposits samples

Exit code: 0 stopped as it was told, 1 stopped before everything was answered, 2 it could not start.
`,
  options: { "no-samples": { type: "boolean" } },
  takes: { least: 0, most: 0 },
  run: (given, tools) => tools.serve({ withSamples: !given.isSet("no-samples") }),
};
