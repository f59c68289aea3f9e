import { readKeys, type PublicKeys } from "../accounts/client-keys.ts";
import type { Client } from "../accounts/clients.ts";
import { AppError } from "../core/errors.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { readScopes } from "../security/scopes/scope-grammar.ts";
import { policyFacts } from "./account-facts.ts";
import { EXIT, type Arguments, type Command, type Tools } from "./command.ts";
import { onAccounts, type AccountsActions, type AccountsWork } from "./on-accounts.ts";
import { namedFile, readNamed } from "./files.ts";

export const clients: Command = {
  help: `chartulary clients add --scope S [--jwks FILE|URL] [--redirect URI]… [--name TEXT] [--id ID] [--role R]…
                        [--organisation SYSTEM|VALUE]… [--clearance CODE]… [--json]
chartulary clients list [--json]
chartulary clients rotate ID --jwks FILE|URL
chartulary clients disable ID
chartulary clients enable ID

Programs that may ask for access tokens where ACCESS is embedded. A service may run meanwhile; what is set counts for its very next
request. Each change is an entry of the log, with who made it.

  add      registers one, and prints its id. With a key and no --redirect: a system by itself (SMART Backend Services). With
           --redirect: an app that people open (SMART App Launch); without a key a public one, which needs no secret (PKCE)
  list     names all of them
  rotate   puts other keys in the place of its keys. To be without interruption, the file has the old and the new one for a while
  disable  gives it no more tokens, and ends those that it has
  enable   takes that back

  --scope S        SMART scopes, the most that it may ever get: 'system/*.rs', 'patient/*.rs user/*.rs'. openid, profile,
                   fhirUser, launch/patient and offline_access an app may always ask for
  --jwks FILE|URL  its public keys as a JWK set: RSA for RS384, P-384 for ES384
  --redirect URI   where people are led back to, compared character by character; several times for several
  --name TEXT      its name, as people read it who are asked whether it may
  --id ID          its client_id; else one is made
  --role R         what it is to the access policy by itself, such as depositor, reader; several times for several
  --json           one JSON line each

Exit code: 0 done, 1 there is no such client, or there is one already, 2 could not be done.
`,
  options: {
    scope: { type: "string" },
    jwks: { type: "string" },
    redirect: { type: "string", multiple: true },
    name: { type: "string" },
    id: { type: "string" },
    role: { type: "string", multiple: true },
    organisation: { type: "string", multiple: true },
    clearance: { type: "string", multiple: true },
    json: { type: "boolean" },
  },
  takes: { least: 1, most: 2 },

  run: (given, tools) => onAccounts({ kind: "clients", unused: "nobody gets tokens here", actions: ACTIONS }, given, tools),
};

const ACTIONS: AccountsActions = {
  add: async ({ given, accounts, io }) => {
    const scope = scopeOf(given.text("scope"));
    const facts = {
      ...{ label: given.text("name")?.trim() ?? given.text("id") ?? "An unnamed client", scope, redirects: given.texts("redirect") },
      ...(await keysOf(given, io)),
      ...(await policyFacts(given, accounts)),
      isDisabled: false,
    };
    const client = await accounts.clients.add(given.text("id"), facts, accounts.asked);
    const told = `${client.id}\n`;
    await io.print(given.isSet("json") ? `${writeJson(treeOf({ ...fieldsOf(client), tokenAddress: accounts.tokenAddress }))}\n` : told);
    io.tell(`It asks for tokens at ${accounts.tokenAddress}`);
    return EXIT.yes;
  },
  list: async ({ given, accounts, io }) => {
    for (const client of await accounts.clients.list())
      await io.print(given.isSet("json") ? `${writeJson(treeOf(fieldsOf(client)))}\n` : lineOf(client));
    return EXIT.yes;
  },
  rotate: async (work) => {
    const { given, accounts, io } = work;
    const client = await found(work);
    const keys = await keysOf(given, io);
    if (keys.keys === undefined && keys.keysUrl === undefined) throw new AppError("invalid", "name its new keys: --jwks FILE or --jwks URL");
    await accounts.clients.change(client, { keys: undefined, keysUrl: undefined, ...keys }, accounts.asked);
    await io.print(`${client.id} proves who it is by its new keys\n`);
    return EXIT.yes;
  },
  disable: async (work) => {
    const { accounts, io } = work;
    const client = await found(work);
    if (!client.isDisabled) await accounts.clients.change(client, { isDisabled: true }, accounts.asked);
    await accounts.endClient(client.id);
    await io.print(`${client.id} gets no more tokens\n`);
    return EXIT.yes;
  },
  enable: async (work) => {
    const { accounts, io } = work;
    const client = await found(work);
    if (client.isDisabled) await accounts.clients.change(client, { isDisabled: false }, accounts.asked);
    await io.print(`${client.id} gets tokens\n`);
    return EXIT.yes;
  },
};

async function found({ name: id, accounts }: AccountsWork): Promise<Client> {
  if (id === undefined) throw new AppError("invalid", "name the client's id");
  const client = await accounts.clients.find(id);
  if (!client) throw new AppError("not-found", `there is no client ${id}`);
  return client;
}

/** A scope that nobody understands would give nothing: it was a slip. */
function scopeOf(text: string | undefined): string {
  const scope = text?.trim().split(/\s+/).join(" ") ?? "";
  const { scopes, unknown } = readScopes(scope);
  if (unknown[0]) throw new AppError("invalid", `--scope: ${unknown[0].text}: ${unknown[0].reason}`);
  if (scopes.length === 0) throw new AppError("invalid", "--scope names what it may have, such as 'system/*.rs'");
  return scope;
}

async function keysOf(given: Arguments, io: Tools["io"]): Promise<{ readonly keys?: PublicKeys; readonly keysUrl?: string }> {
  const named = given.text("jwks");
  if (named === undefined) return {};
  if (/^https?:/.test(named)) return { keysUrl: named };
  const keys = readKeys(Buffer.from(await readNamed(namedFile(named, io))).toString("utf8"));
  if (typeof keys === "string") throw new AppError("invalid", `--jwks: ${keys}`);
  return { keys };
}

function fieldsOf({ id, label, scope, redirects, keys, keysUrl, roles, organisations, clearance, isDisabled, changedAt }: Client): object {
  return {
    ...{ id, name: label, scope, redirects, keys: keys?.keys.map((key) => key["kid"]) ?? [], ...(keysUrl !== undefined && { keysUrl }) },
    ...{ roles, organisations, clearance, isDisabled, changedAt },
  };
}

function lineOf({ id, label, scope, redirects, isDisabled }: Client): string {
  return `${[id, label, redirects.length === 0 ? "system" : "app", scope, isDisabled ? "disabled" : "enabled"].join("\t")}\n`;
}
