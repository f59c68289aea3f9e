import { resolve } from "node:path";
import { AppError } from "../core/errors.ts";
import { EXIT, type Command } from "./command.ts";

export const signer: Command = {
  help: `chartulary signer FILE [--package PATH] [--token-file FILE] [--tls-cert FILE --tls-key FILE [--client-ca FILE]] [--host HOST] [--port PORT]

Runs a signing service for seal keys in a PKCS #11 token (an HSM, SoftHSM), which repositories ask by SIGNER_URL. It needs the
npm package pkcs11js, which is compiled when it is installed and is no part of this program: npm install pkcs11js in the
folder that this is run in. Run it on the machine that has the token; no key leaves that.

  FILE               JSON: {"library": "/usr/lib/softhsm/libsofthsm2.so", "token": "LABEL", "pinFile": "FILE", "keys": [{"name":
                     "seal-2026", "label": "LABEL", "certificate": "FILE.pem"}]}; a certificate's file has those that lead to
                     its root behind it; paths are taken from FILE's folder
  --package PATH     the package's folder, where it is another: pkcs11js
  --token-file FILE  who asks must know the token in it
  --tls-cert, --tls-key FILE  its certificate and key
  --client-ca FILE   who asks must have a certificate of one of these authorities
  --host HOST        127.0.0.1
  --port PORT        8091; 0 picks a free one

Exit code: 0 stopped as it was told, 2 it could not start.
`,
  options: {
    package: { type: "string" },
    "token-file": { type: "string" },
    "tls-cert": { type: "string" },
    "tls-key": { type: "string" },
    "client-ca": { type: "string" },
    host: { type: "string" },
    port: { type: "string" },
  },
  takes: { least: 1, most: 1 },

  async run(given, { io, runSigner }) {
    const [file = ""] = given.files;
    const pathOf = (name: string): string | undefined => {
      const text = given.text(name);
      return text === undefined ? undefined : resolve(text);
    };
    const [certificate, key, clientCa, port] = [pathOf("tls-cert"), pathOf("tls-key"), pathOf("client-ca"), given.text("port") ?? "8091"];
    if ((certificate === undefined) !== (key === undefined)) throw new AppError("invalid", "--tls-cert and --tls-key are given together");
    if (clientCa !== undefined && certificate === undefined) throw new AppError("invalid", "--client-ca needs --tls-cert and --tls-key");
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new AppError("invalid", `--port must be a port between 0 and 65535, not ${port}`);
    await runSigner({
      ...{ file, packagePath: given.text("package") ?? "pkcs11js", host: given.text("host") ?? "127.0.0.1", port: Number(port) },
      tokenFile: pathOf("token-file"),
      tls: certificate === undefined || key === undefined ? undefined : { certificate, key, clientCa },
      onOpen: ({ address, keys }) => io.print(`open at   ${address}\nkeys      ${keys.join("\n          ")}\n`),
      onFault: (error) =>
        io.tell(`chartulary signer: ${error instanceof AppError ? error.message : "a request failed for a reason that nobody knows"}`),
    });
    return EXIT.yes;
  },
};
