/** The service's own certificate and key, and whom it takes client certificates from: files that somebody renews while it runs. */
import { readFileSync } from "node:fs";
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
export function readTls(paths: TlsPaths): TlsContent {
  const content = contentOf(paths);
  try {
    createSecureContext(content);
  } catch (cause) {
    throw new AppError("invalid", "TLS_CERT, TLS_KEY and TLS_CLIENT_CA must be PEM files, and the key that of the certificate", { cause });
  }
  return content;
}

/** Calls `onChange` with what the files hold whenever that is no longer what was `known`; what can't be read is told to `onFault` once, and nothing changes: a certificate and its key are never replaced at the same moment. Call what it gives to end it. */
export function watchTls(
  paths: TlsPaths,
  known: TlsContent,
  { onChange, onFault }: { onChange(content: TlsContent): void; onFault(error: unknown): void },
): () => void {
  // The bytes themselves are held against each other: times of files are coarse, and what was renewed before the first look would be taken for what was always there.
  let seen = shown(known);
  const look = (): void => {
    const now = bytesOf(paths);
    if (now === seen) return;
    seen = now;
    try {
      onChange(readTls(paths));
    } catch (error) {
      onFault(error);
    }
  };
  const timer = setInterval(look, LOOK).unref();
  return () => clearInterval(timer);
}

/** What the files hold now, as text to compare; that one can't be read is a state as well. */
function bytesOf(paths: TlsPaths): string {
  try {
    return shown(contentOf(paths));
  } catch (error) {
    return String(error);
  }
}

const shown = ({ cert, key, ca }: TlsContent): string => [cert, key, ca].map((bytes) => bytes?.toString("base64")).join();

function contentOf({ certificate, key, clientCa }: TlsPaths): TlsContent {
  return {
    cert: read("TLS_CERT", certificate),
    key: read("TLS_KEY", key),
    ...(clientCa !== undefined && { ca: read("TLS_CLIENT_CA", clientCa) }),
  };
}

function read(setting: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new AppError("invalid", `${setting} ${JSON.stringify(file)} could not be read`, { cause });
  }
}
