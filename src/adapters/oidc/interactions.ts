import { ServerResponse, type IncomingMessage } from "node:http";
import type Provider from "oidc-provider";
import { errors } from "oidc-provider";
import { isAboutPerson } from "../../accounts/allowed-scopes.ts";
import type { Interaction, InteractionResult } from "../../accounts/authorization-server.ts";
import { messageFor } from "./call-provider.ts";
import { askable } from "./granted-scopes.ts";
import { GRANT_LIFE, type EmbeddedServerContext } from "./provider-settings.ts";

const PROMPTS = ["login", "patient", "consent"] as const;

type Details = Awaited<ReturnType<Provider["interactionDetails"]>>;

/** The interaction that a browser is in, if it is this one; undefined when it is over, or another browser's. */
export async function interactionFor(
  provider: Provider,
  { uid, cookie, context }: { readonly uid: string; readonly cookie: string; readonly context: EmbeddedServerContext },
): Promise<Interaction | undefined> {
  const message = messageFor({ method: "GET", target: "/", headers: { cookie }, body: new Uint8Array() }, provider.issuer);
  const details = await detailsFor(provider, message);
  const prompt = PROMPTS.find((one) => one === details?.prompt.name);
  if (details?.uid !== uid || prompt === undefined) return undefined;
  const { client_id: id, redirect_uri: redirect, scope, login_hint: hint } = details.params as Record<string, string | undefined>;
  const client = id === undefined || id === context.own.id ? undefined : await context.clients.find(id);
  const subject = details.session?.accountId;
  const person = subject === undefined ? undefined : await context.users.bySubject(subject);
  const patient = details.lastSubmission?.["patient"];
  return {
    uid,
    prompt,
    client: { id: id ?? "", label: client?.label ?? "Chartulary", isOwn: id === context.own.id },
    redirect: redirect ?? "",
    scopes: askable(scope ?? "", client?.scope ?? "", person),
    loginHint: hint,
    subject,
    patient: typeof patient === "string" ? patient : undefined,
  };
}

/** Hands what came of it to the library; gives where the browser goes on. */
export async function resultFor(
  provider: Provider,
  {
    message,
    interaction,
    result,
    fhirBase,
    keepPatient,
  }: {
    readonly message: IncomingMessage;
    readonly interaction: Interaction;
    readonly result: InteractionResult;
    readonly fhirBase: string;
    keepPatient(grantId: string, patient: string, expiresAt: number): Promise<void>;
  },
): Promise<string> {
  const response = new ServerResponse(message);
  if (result.kind === "refused")
    return provider.interactionResult(message, response, { error: "access_denied", error_description: "the person did not allow it" });
  if (result.kind === "login") {
    const amr = result.by === "passkey" ? ["hwk", "user"] : ["pwd"];
    await leaveOther(provider, message, result.subject);
    return provider.interactionResult(message, response, { login: { accountId: result.subject, amr } });
  }
  if (result.kind === "patient") return provider.interactionResult(message, response, { patient: result.patient });
  const details = await provider.interactionDetails(message, response);
  const grant = new provider.Grant({ accountId: details.session?.accountId ?? "", clientId: interaction.client.id });
  const about = result.scopes.filter(isAboutPerson);
  const upon = result.scopes.filter((scope) => !isAboutPerson(scope));
  if (about.length > 0) grant.addOIDCScope(about.join(" "));
  // What nobody could say of this person is asked for no more.
  if (!about.includes("fhirUser")) grant.rejectOIDCScope("fhirUser");
  if (upon.length > 0) grant.addResourceScope(fhirBase, upon.join(" "));
  const grantId = await grant.save();
  if (interaction.patient !== undefined) await keepPatient(grantId, interaction.patient, Date.now() + GRANT_LIFE * 1000);
  return provider.interactionResult(message, response, { consent: { grantId } });
}

/** Whoever was signed in at this browser before somebody else signs in is signed out: the library would ask them to, by a page with a script. */
async function leaveOther(provider: Provider, message: IncomingMessage, subject: string): Promise<void> {
  const details = await provider.interactionDetails(message, new ServerResponse(message));
  const { session } = details;
  if (session?.accountId === undefined || session.accountId === subject) return;
  const other = await provider.Session.findByUid(session.uid);
  await other?.destroy();
  Object.assign(details, { session: undefined });
  await details.save(details.exp - Math.floor(Date.now() / 1000));
}

async function detailsFor(provider: Provider, message: IncomingMessage): Promise<Details | undefined> {
  try {
    return await provider.interactionDetails(message, new ServerResponse(message));
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
}
