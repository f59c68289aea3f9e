import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { AppError } from "../core/errors.ts";
import { EXIT, type Command } from "./command.ts";

export const mongo: Command = {
  help: `chartulary mongo init [--json]

Makes a MongoDB database ready for the repository: collections, indexes, and the role chartularyService, which lets the service
find and insert in what is kept for ever, and remove nothing there but documents' keys. What is there already stays. Needs
MONGODB_ADMIN_URL, the URL of a user who may make all that; the database is the one of MONGODB_URL, if that is set. Run it
before the first start and after each update. Then give the service's user the role, for instance:

  db.createUser({ user: "chartulary", pwd: passwordPrompt(), roles: ["chartularyService"] })

  --json  one JSON line: {"database":…,"role":…,"made":[…]}

Exit code: 0 ready, 2 could not be done.
`,
  options: { json: { type: "boolean" } },
  takes: { least: 1, most: 1 },

  async run(given, { io, initialiseMongo }) {
    const [action] = given.files;
    if (action !== "init") throw new AppError("unsupported", `there is nothing called ${action ?? ""} to do with MongoDB`);
    const { database, role, made } = await initialiseMongo();
    const lines = [
      `database  ${database} is ready`,
      `made      ${made.length === 0 ? "nothing: all collections were there" : made.join(", ")}`,
      `role      ${role}: give it to the user of MONGODB_URL`,
    ];
    await io.print(given.isSet("json") ? `${writeJson(treeOf({ database, role, made }))}\n` : `${lines.join("\n")}\n`);
    return EXIT.yes;
  },
};
