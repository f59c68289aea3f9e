import { openReader, type Reader } from "./browser.ts";
import { startService, temporaryFolder, type Service } from "./service.ts";

/** A service with a data folder of its own, and a browser to look at it. */
export interface Journey {
  readonly folder: string;
  readonly dataFolder: string;
  readonly reader: Reader;
  readonly service: Service;
  /** Stops the service, does something to its data, and starts it again; gives the exit code of the stop. */
  restart(meanwhile?: () => void): Promise<number | null>;
  end(): Promise<void>;
}

export async function beginJourney({ withSamples = false }: { readonly withSamples?: boolean } = {}): Promise<Journey> {
  const folder = await temporaryFolder();
  const dataFolder = `${folder.path}/data`;
  let service = await startService({ dataFolder, withSamples });
  const reader = await openReader().catch(async (fault: unknown) => {
    await service.kill();
    throw fault;
  });
  return {
    folder: folder.path,
    dataFolder,
    reader,
    get service() {
      return service;
    },
    async restart(meanwhile) {
      const code = await service.stop();
      meanwhile?.();
      service = await startService({ dataFolder, withSamples });
      return code;
    },
    async end() {
      await reader.close();
      await service.stop();
      await folder.remove();
    },
  };
}
