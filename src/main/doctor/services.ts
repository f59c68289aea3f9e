/** What it works with that is not its own: the browser, the time-stamp authority, the terminology server, issuers. */
import { randomBytes } from "node:crypto";
import { AppError } from "../../core/errors.ts";
import { remoteIssuer } from "../../security/issuers/remote-issuer.ts";
import { openPdfEngine } from "../browser.ts";
import { openStamping } from "../stamping.ts";
import { openTerminology } from "../terminology-server.ts";
import { wrong, type Check } from "./examination.ts";

const BROWSER =
  "install Chromium (`apt-get install chromium-headless-shell`), or set PUPPETEER_EXECUTABLE_PATH; in a container that forbids its sandbox set BROWSER_SANDBOX=0. Everything but PDFs works without";

export const SERVICE_CHECKS: readonly Check[] = [
  {
    what: "browser",
    remedy: BROWSER,
    look: async (config, tell) => {
      const engine = await openPdfEngine(config);
      try {
        const pdf = await engine.render("<!doctype html><html lang=en><title>A test</title><p>A test</p></html>", {
          patient: "",
          document: "",
          language: "en",
        });
        if (!Buffer.from(pdf.subarray(0, 5)).equals(Buffer.from("%PDF-"))) tell(wrong("the browser prints something that is no PDF", BROWSER));
      } finally {
        await engine.close();
      }
    },
  },
  {
    what: "time-stamp authority",
    remedy: "see TSA_URL and TSA_TRUST_FILE in the README; without stamps, PDFs are signed all the same",
    look: async (config, tell) => {
      // A file that can't be read was told of before.
      const stamping = await openStamping(config, (reason) => tell(wrong(`${config.timeAuthority?.url ?? ""} gave no time-stamp: ${reason}`, "look whether TSA_URL is right and can be reached, and TSA_TRUST_FILE has its certificates"))).catch(() => undefined); // prettier-ignore
      await stamping?.stamp?.(new Uint8Array(randomBytes(32)));
    },
  },
  {
    what: "terminology server",
    remedy: "see TERMINOLOGY_URL in the README; without it, codes that nothing here can tell stay unknown",
    look: async (config, tell) => {
      const terminology = await openTerminology(config, {
        software: "chartulary doctor",
        valueSet: () => undefined,
        isKnownSystem: () => false,
        onFault: () => undefined,
      });
      try {
        await terminology?.server.facts();
      } catch (error) {
        tell(wrong(`${config.terminologyServer?.base ?? ""} does not say what it is and has: ${error instanceof AppError ? error.message : "it could not be asked"}`, "open its /metadata?mode=terminology from this machine; documents are taken all the same, and codes that it would tell of are unknown")); // prettier-ignore
      } finally {
        terminology?.close();
      }
    },
  },
  {
    what: "issuers of access tokens",
    remedy: "see OIDC_ISSUER in the README",
    look: async ({ access, proof }, tell) => {
      if (access !== "oidc") return;
      const states = await Promise.all(proof.issuers.map(({ issuer }) => remoteIssuer(issuer, { allow: proof.callbackAllow }).state()));
      for (const { issuer, isKnown } of states)
        if (!isKnown) tell(wrong(`${issuer} does not say who it is, or publishes no keys: nobody comes in by its word`, "open its /.well-known/openid-configuration from this machine; OIDC_ISSUER must be the `issuer` that stands there, character by character")); // prettier-ignore
    },
  },
];
