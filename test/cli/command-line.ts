/** Runs the command line in this process, with streams of the test's own. */
import { PassThrough, Readable } from "node:stream";
import type { Tools } from "../../src/cli/command.ts";
import { processIo } from "../../src/cli/io.ts";
import { runCommandLine } from "../../src/cli/run.ts";
import { loadConfig } from "../../src/config.ts";
import { R4 } from "../r4.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function run(
  args: readonly string[],
  { input = "", tools = {} }: { readonly input?: string | Uint8Array; readonly tools?: Partial<Tools> } = {},
): Promise<Ran> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const written = { stdout: "", stderr: "" };
  stdout.on("data", (chunk: Buffer) => (written.stdout += chunk.toString()));
  stderr.on("data", (chunk: Buffer) => (written.stderr += chunk.toString()));
  const missing = (): never => {
    throw new Error("this test has none");
  };
  const code = await runCommandLine(args, {
    io: processIo({ stdin: Readable.from([Buffer.from(input)]), stdout, stderr }),
    version: "1.2.3",
    knowledge: R4,
    config: () => loadConfig({ environment: {} }),
    serve: missing,
    openKeys: missing,
    keyFiles: missing,
    keepKeyFiles: missing,
    rotateSealKey: missing,
    endSealKey: missing,
    rotateLogKey: missing,
    endLogKey: missing,
    rewrapKeys: missing,
    endEpoch: missing,
    beginNewOrigin: missing,
    initialise: missing,
    audit: missing,
    backup: missing,
    restore: missing,
    copy: missing,
    stats: missing,
    doctor: missing,
    explainAccess: missing,
    openAccounts: missing,
    openNotifications: missing,
    openJobs: missing,
    auditFrom: missing,
    auditTrail: missing,
    openEvidence: missing,
    openMessages: missing,
    watchLog: missing,
    runSigner: missing,
    runWitness: missing,
    openCustody: missing,
    openRetention: missing,
    openTrailRetention: missing,
    rebuildIndex: missing,
    initialiseMongo: missing,
    sweepStore: missing,
    tellTrail: () => Promise.resolve(),
    openPdfEngine: missing,
    openPages: missing,
    openArchives: missing,
    openProfileSets: () => Promise.resolve(undefined),
    ...tools,
  });
  await new Promise((resolve) => setImmediate(resolve));
  return { code, ...written };
}
