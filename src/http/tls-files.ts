/** The service's own certificate and key, and whom it takes client certificates from: files that somebody renews while it runs. */
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import { createSecureContext } from "node:tls";
import { AppError } from "../core/errors.ts";

/** Absolute paths of PEM files. */
export interface TlsPaths {
  readonly certificate: string;
  readonly key: string;
  /** Undefined: clients are not asked for certificates. */
  readonly clientCa: string | undefined;
}

/** What connections are made with. */
export interface TlsContent {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
}

/** How often somebody looks whether files have changed, in milliseconds: what replaces them may be anything, also a link. */
const LOOK = 2_000;

/** Reads the files, and holds them against each other. AppError `invalid`, naming the setting. */
export function readTls({ certificate, key, clientCa }: TlsPaths): TlsContent {
  const content = {
    cert: read("TLS_CERT", certificate),
    key: read("TLS_KEY", key),
    ...(clientCa !== undefined && { ca: read("TLS_CLIENT_CA", clientCa) }),
  };
  try {
    createSecureContext(content);
  } catch (cause) {
    throw new AppError("invalid", "TLS_CERT, TLS_KEY and TLS_CLIENT_CA must be PEM files, and the key that of the certificate", { cause });
  }
  return content;
}

/** Calls `onChange` with what the files hold whenever that changes; what can't be read is told to `onFault`, and nothing changes: a certificate and its key are never replaced at the same moment. Call what it gives to end it. */
export function watchTls(paths: TlsPaths, { onChange, onFault }: { onChange(content: TlsContent): void; onFault(error: unknown): void }): () => void {
  const files = [paths.certificate, paths.key, ...(paths.clientCa === undefined ? [] : [paths.clientCa])];
  const look = (): void => {
    try {
      onChange(readTls(paths));
    } catch (error) {
      onFault(error);
    }
  };
  for (const file of files) watchFile(file, { interval: LOOK, persistent: false }, look);
  return () => {
    for (const file of files) unwatchFile(file, look);
  };
}

function read(setting: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new AppError("invalid", `${setting} ${JSON.stringify(file)} could not be read`, { cause });
  }
}
