/** `chartulary signer`: a signing service for keys in a PKCS #11 token. A part of the composition root; it opens nothing of a repository. */
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { dirname, resolve } from "node:path";
import type { SignerGiven } from "../cli/log-tools.ts";
import { pemOf } from "../core/crypto/certificate.ts";
import { sealAlgorithmOf } from "../core/crypto/seal-algorithms.ts";
import { AppError } from "../core/errors.ts";
import { SERVICE_KEY } from "../adapters/keys/seal-elsewhere.ts";
import type { ServedKey } from "../http/operators/signer-server.ts";
import { readCertificates } from "../interactions/signers.ts";
import { codeOf, toldToStop } from "./surroundings.ts";

/** A file that says what is served. */
interface Described {
  readonly library: string;
  readonly token: string;
  readonly pinFile: string;
  readonly keys: readonly { readonly name: string; readonly label: string; readonly certificate: string }[];
}

/** Runs until it is told to stop. AppErrors when it cannot start. */
export async function runSigner({ file, packagePath, host, port, tokenFile, tls, onOpen, onFault }: SignerGiven): Promise<void> {
  const { openToken } = await import("../adapters/pkcs11/token.ts");
  const { signerServer } = await import("../http/operators/signer-server.ts");
  const { readTls } = await import("../http/tls-files.ts");
  const described = parse(await readText(file), file);
  const beside = (path: string): string => resolve(dirname(resolve(file)), path);
  const pin = (await readText(beside(described.pinFile))).trim();
  const token = openToken({ library: described.library, token: described.token, pin }, packagePath);
  try {
    const keys = new Map<string, ServedKey>();
    for (const { name, label, certificate } of described.keys) {
      const chain = readCertificates(await readText(beside(certificate)));
      const algorithm = chain[0] && sealAlgorithmOf(chain[0].publicKey);
      if (algorithm === undefined) throw new AppError("invalid", `${certificate} is of a key under which no seal is made`);
      keys.set(name, { algorithm, chain: chain.map(pemOf).join(""), sign: (bytes) => token.sign(label, algorithm, bytes) });
    }
    const server = signerServer({
      ...{ keys, onFault },
      token: tokenFile === undefined ? undefined : (await readText(tokenFile)).trim(),
      tls: tls && readTls(tls),
    });
    await new Promise<void>((done, reject) => {
      server.once("error", (cause) => reject(new AppError("unavailable", `it cannot listen on ${host}:${port} (${codeOf(cause)})`, { cause })));
      server.listen(port, host, done);
    });
    const { port: opened } = server.address() as AddressInfo;
    await onOpen({ address: `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${opened}`, keys: [...keys.keys()] });
    await toldToStop();
    await new Promise((done) => {
      server.close(done);
      server.closeIdleConnections();
    });
  } finally {
    token.close();
  }
}

async function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw new AppError("invalid", `${file} cannot be read (${codeOf(cause)})`, { cause });
  });
}

function parse(text: string, file: string): Described {
  const complaint = new AppError(
    "invalid",
    `${file} must be JSON with library, token, pinFile and keys, a list of objects of name (letters, digits and . _ ~ -), label and certificate`,
  );
  try {
    const given = JSON.parse(text) as Partial<Described> | null;
    const { library, token, pinFile, keys = [] } = given ?? {};
    const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
    const isWhole =
      keys.length > 0 && keys.every(({ name, label, certificate }) => isText(name) && SERVICE_KEY.test(name) && isText(label) && isText(certificate));
    if (!isText(library) || !isText(token) || !isText(pinFile) || !isWhole) throw complaint;
    return { library, token, pinFile, keys };
  } catch {
    throw complaint;
  }
}
