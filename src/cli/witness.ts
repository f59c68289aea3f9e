import { AppError } from "../core/errors.ts";
import type { CosignatureType } from "../core/crypto/note-keys.ts";
import { EXIT, type Command } from "./command.ts";

const ALGORITHMS: Readonly<Record<string, CosignatureType>> = { ed25519: "cosignature/v1", "ml-dsa-44": "ml-dsa-44" };

export const witness: Command = {
  help: `chartulary witness --logs FILE --dir DIR [--name NAME] [--algorithm ed25519|ml-dsa-44] [--host HOST] [--port PORT]

Runs a witness for other logs (C2SP tlog-witness): it cosigns a log's checkpoint when the tree that it cosigned last begins
that one's, and never a smaller or another one. Run it on another machine than the logs, under somebody else's hand. It
needs no repository and no access control; give it TLS by a proxy.

  --logs FILE        the logs that it watches, a line \`log VKEY\` each (C2SP tlog-policy; a log's key stands in its /trust.json)
  --dir DIR          folder of its key and of where the logs stand. An older copy of it must never be put in its place: a
                     witness that forgets is none. When it is lost, begin anew under another name
  --name NAME        its name for ever, a URL without scheme such as witness.example.org/w1; needed at the first start
  --algorithm NAME   of its key, chosen at the first start: ed25519 (default), or ml-dsa-44, which quantum computers do not break
  --host HOST        127.0.0.1
  --port PORT        8090; 0 picks a free one

Exit code: 0 stopped as it was told, 2 it could not start.
`,
  options: {
    logs: { type: "string" },
    dir: { type: "string" },
    name: { type: "string" },
    algorithm: { type: "string" },
    host: { type: "string" },
    port: { type: "string" },
  },
  takes: { least: 0, most: 0 },

  async run(given, { io, runWitness }) {
    const [logsFile, folder, algorithm, port] = [given.text("logs"), given.text("dir"), given.text("algorithm"), given.text("port") ?? "8090"];
    if (logsFile === undefined || folder === undefined) throw new AppError("invalid", "--logs and --dir are needed");
    const type = algorithm === undefined ? undefined : ALGORITHMS[algorithm];
    if (algorithm !== undefined && type === undefined) throw new AppError("invalid", `--algorithm is ed25519 or ml-dsa-44, not ${algorithm}`);
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new AppError("invalid", `--port must be a port between 0 and 65535, not ${port}`);
    const name = given.text("name");
    if (name !== undefined && !/^[^\s+]{1,200}$/u.test(name)) throw new AppError("invalid", "--name has no blanks and no plus sign");
    await runWitness({
      ...{ logsFile, folder, name, type, port: Number(port), host: given.text("host") ?? "127.0.0.1" },
      onOpen: ({ address, vkey, logs }) => io.print(`witness   ${vkey}\nopen at   ${address}\nwatches   ${logs.join("\n          ")}\n`),
      onFault: (error) =>
        io.tell(`chartulary witness: ${error instanceof AppError ? error.message : "a request failed for a reason that nobody knows"}`),
    });
    return EXIT.yes;
  },
};
