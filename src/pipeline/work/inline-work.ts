import { createTasks, type TaskTools } from "./tasks.ts";
import type { Input, Output, TaskName, Work } from "./work.ts";

/** Work that is done where it is asked for. */
export function createInlineWork(tools: TaskTools): Work {
  const tasks = createTasks(tools);
  return {
    do: async <Name extends TaskName>(name: Name, input: Input<Name>): Promise<Output<Name>> => {
      // The table's type says of each name what it takes and gives; TypeScript does not follow that through an index.
      const task = tasks[name] as (input: Input<Name>) => Output<Name> | Promise<Output<Name>>;
      return task(input);
    },
    close: () => Promise.resolve(),
  };
}
