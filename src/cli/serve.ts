import { AppError } from "../core/errors.ts";
import { SERVICE_NAMES } from "../interactions/service-names.ts";
import type { Command } from "./command.ts";

export const serve: Command = {
  help: `chartulary serve [--no-samples | --only validate|render|verify]

Runs the repository until it is told to stop (SIGTERM or Ctrl-C), and prints the address to open. Settings are environment
variables, listed in the README: HOST, PORT, DATA_DIR, BASE_URL, MAX_DOCUMENT_BYTES, LOG_LEVEL ...

  --no-samples  leave an empty store empty; without it, and without NODE_ENV=production, the first start deposits samples
  --only NAME   one of what the repository does, by itself: a service that keeps nothing, needs no data folder, database
                or keys, and can be scaled apart (docs/design/services.md). Access is ACCESS=open or oidc

Exit code: 0 stopped as it was told, 1 stopped before everything was answered, 2 it could not start.
`,
  options: { "no-samples": { type: "boolean" }, only: { type: "string" } },
  takes: { least: 0, most: 0 },
  run: (given, tools) => {
    const named = given.text("only");
    const only = SERVICE_NAMES.find((name) => name === named);
    if (named !== undefined && only === undefined) throw new AppError("unsupported", `--only must be one of ${SERVICE_NAMES.join(", ")}`);
    return tools.serve({ withSamples: !given.isSet("no-samples"), only });
  },
};
