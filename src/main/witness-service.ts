/** `chartulary witness`: a witness for other logs. A part of the composition root; it opens nothing of a repository. */
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { WitnessGiven } from "../cli/log-tools.ts";
import type { NoteVerifier } from "../core/crypto/signed-note.ts";
import { AppError } from "../core/errors.ts";
import { parseTlogPolicy } from "../core/formats/tlog-policy.ts";
import { codeOf, toldToStop } from "./surroundings.ts";

/** Runs until it is told to stop. AppErrors when it cannot start. */
export async function runWitness({ logsFile, folder, name, type, host, port, onOpen, onFault }: WitnessGiven): Promise<void> {
  const { openCosignerFile } = await import("../adapters/keys/cosigner-file.ts");
  const { openWitnessFile } = await import("../adapters/sqlite/witness-file.ts");
  const { witnessServer } = await import("../http/operators/witness-server.ts");
  const { Witness } = await import("../pipeline/witness/witness.ts");
  const logs = await readLogs(logsFile);
  const cosigner = await openCosignerFile(join(folder, "witness.key"), { name, type });
  const states = await openWitnessFile(join(folder, "witness.db"));
  const server = witnessServer(new Witness({ logs, cosigner, states }), { onFault });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) => reject(new AppError("unavailable", `it cannot listen on ${host}:${port} (${codeOf(cause)})`, { cause })));
      server.listen(port, host, resolve);
    });
    const { port: opened } = server.address() as AddressInfo;
    await onOpen({ address: `http://${host.includes(":") ? `[${host}]` : host}:${opened}`, vkey: cosigner.vkey, logs: [...logs.keys()] });
    await toldToStop();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeIdleConnections();
    });
  } finally {
    states.close();
  }
}

/** The log lines of a tlog-policy, by origin: the name of the key. Several keys of one origin are of one log. */
async function readLogs(file: string): Promise<ReadonlyMap<string, readonly NoteVerifier[]>> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new AppError("invalid", `--logs ${file} could not be read (${codeOf(cause)})`, { cause });
  });
  // A witness needs no quorum, and the format does.
  const policy = parseTlogPolicy(/^[ \t]*quorum[ \t]/m.test(text) ? text : `${text}\nquorum none\n`);
  const logs = new Map<string, NoteVerifier[]>();
  for (const { verifier } of policy.logs) logs.set(verifier.name, [...(logs.get(verifier.name) ?? []), verifier]);
  if (logs.size === 0) throw new AppError("invalid", `--logs ${file} names no log: it has a line \`log VKEY\` for each`);
  return logs;
}
