import type { User } from "../accounts/users.ts";
import { ADMINISTRATOR } from "../accounts/users.ts";
import { AppError } from "../core/errors.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { personFacts, policyFacts } from "./account-facts.ts";
import { EXIT, type Command } from "./command.ts";
import { onAccounts, type AccountsActions, type AccountsWork } from "./on-accounts.ts";

export const users: Command = {
  help: `chartulary users add NAME [--full-name TEXT] [--role R]… [--organisation SYSTEM|VALUE]… [--clearance CODE]…
                      [--patient ID] [--fhir-user REFERENCE] [--json]
chartulary users list [--json]
chartulary users invite NAME [--json]
chartulary users invite --admin [--json]
chartulary users disable NAME
chartulary users enable NAME

Persons who may sign in where ACCESS is embedded. A service may run meanwhile; what is set counts for its very next request. Each
change is an entry of the log, with who made it.

  add      makes an account, and prints a link, good once and for an hour, by which its owner chooses a password or a passkey
  list     names all of them
  invite   another link: for who lost theirs, or their password. The old password and passkeys are good until it is used
  disable  lets somebody in no more, and ends whatever they are signed in with
  enable   takes that back; they sign in as before

  --full-name TEXT  the name as others read it
  --role R          a role of the access policy (ACCESS_POLICY), such as clinician, patient, privacy-officer, auditor; several times for
                    several. An administrator sees who saw what, and no document
  --organisation S  an organisation that the person acts for, SYSTEM|VALUE
  --clearance CODE  confidentiality or sensitivity up to which the person may see, besides what the roles give
  --patient ID      the Patient who the person is: a logical id, such as p-0123…
  --fhir-user REF   the person's own resource, such as Practitioner/17
  --admin           for an administrator, who chooses a name: as long as there is none
  --json            one JSON line each

Exit code: 0 done, 1 there is no such user, or there is one already, 2 could not be done.
`,
  options: {
    "full-name": { type: "string" },
    role: { type: "string", multiple: true },
    organisation: { type: "string", multiple: true },
    clearance: { type: "string", multiple: true },
    patient: { type: "string" },
    "fhir-user": { type: "string" },
    admin: { type: "boolean" },
    json: { type: "boolean" },
  },
  takes: { least: 1, most: 2 },

  run: (given, tools) => onAccounts({ kind: "users", unused: "nobody signs in here", actions: ACTIONS }, given, tools),
};

const ACTIONS: AccountsActions = {
  add: async (work) => {
    const { given, accounts } = work;
    const name = nameOf(work);
    const user = await accounts.users.add(
      name,
      { fullName: given.text("full-name")?.trim() ?? name, ...(await policyFacts(given, accounts)), ...personFacts(given) },
      accounts.asked,
    );
    return tellLink(work, user.name, await accounts.invitations.invite({ user: user.name, roles: user.roles }));
  },
  list: async ({ given, accounts, io }) => {
    for (const user of await accounts.users.list()) await io.print(given.isSet("json") ? `${writeJson(treeOf(fieldsOf(user)))}\n` : lineOf(user));
    return EXIT.yes;
  },
  invite: async (work) => {
    const { given, accounts } = work;
    if (given.isSet("admin")) {
      if (await accounts.users.haveAdministrator())
        throw new AppError(
          "conflict",
          "there is an administrator already: `chartulary users invite NAME` gives somebody who has an account another link",
        );
      return tellLink(work, undefined, await accounts.invitations.invite({ user: undefined, roles: [ADMINISTRATOR] }));
    }
    const user = await found(work);
    if (user.isDisabled) throw new AppError("conflict", `${user.name} is disabled: \`chartulary users enable ${user.name}\` lets them in again`);
    return tellLink(work, user.name, await accounts.invitations.invite({ user: user.name, roles: user.roles }));
  },
  disable: async (work) => {
    const { accounts, io } = work;
    const user = await found(work);
    if (!user.isDisabled) await accounts.users.change(user, { isDisabled: true }, accounts.asked);
    await accounts.invitations.end(user.name);
    await accounts.signOut(user.subject);
    await io.print(`${user.name} is let in no more\n`);
    return EXIT.yes;
  },
  enable: async (work) => {
    const { accounts, io } = work;
    const user = await found(work);
    if (user.isDisabled) await accounts.users.change(user, { isDisabled: false }, accounts.asked);
    await io.print(`${user.name} is let in\n`);
    return EXIT.yes;
  },
};

async function found(work: AccountsWork): Promise<User> {
  const name = nameOf(work);
  const user = await work.accounts.users.find(name);
  if (!user) throw new AppError("not-found", `there is no user ${name}`);
  return user;
}

function nameOf({ name }: AccountsWork): string {
  if (name === undefined) throw new AppError("invalid", "name the user");
  return name;
}

/** The one place at which a link is told: standard output, and nowhere else. */
async function tellLink({ given, accounts, io }: AccountsWork, user: string | undefined, token: string): Promise<number> {
  const link = accounts.linkOf(token);
  await io.print(given.isSet("json") ? `${writeJson(treeOf({ ...(user !== undefined && { user }), link }))}\n` : `${link}\n`);
  io.tell("Give it to its owner alone: it is good once, and for an hour.");
  return EXIT.yes;
}

function fieldsOf({
  name,
  fullName,
  subject,
  roles,
  organisations,
  clearance,
  patient,
  fhirUser,
  isDisabled,
  password,
  passkeys,
  changedAt,
}: User): object {
  return {
    ...{ name, fullName, subject, roles, organisations, clearance },
    ...(patient !== undefined && { patient }),
    ...(fhirUser !== undefined && { fhirUser }),
    ...{ isDisabled, hasPassword: password !== undefined, passkeys: passkeys.length, changedAt },
  };
}

function lineOf({ name, fullName, roles, isDisabled, password, passkeys }: User): string {
  const ways = [...(password === undefined ? [] : ["password"]), ...(passkeys.length > 0 ? [`${passkeys.length} passkeys`] : [])];
  const state = isDisabled ? "disabled" : ways.length === 0 ? "invited" : ways.join(", ");
  return `${[name, fullName, roles.join(" ") || "no role", state].join("\t")}\n`;
}
