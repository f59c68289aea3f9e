/** What is wrong with this installation, and what helps. A part of the composition root. */
import type { Diagnosis, DoctorOptions } from "../cli/command.ts";
import { examine } from "./doctor/examination.ts";
import { keptChecks, type OpenKeys } from "./doctor/kept.ts";
import { MACHINE_CHECKS } from "./doctor/machine.ts";
import { PACKAGE_CHECKS } from "./doctor/packages.ts";
import { SERVICE_CHECKS } from "./doctor/services.ts";
import { SETTING_CHECKS, settingsIn } from "./doctor/settings.ts";
import { trailChecks } from "./doctor/trail.ts";

/** Looks at one thing after the other, beside a service or without: nothing is changed. */
export async function diagnose(
  openKeys: OpenKeys,
  environment: Readonly<Record<string, string | undefined>>,
  { isQuick, onCheck }: DoctorOptions,
): Promise<Diagnosis> {
  const { config, symptoms } = settingsIn(environment);
  const ofTrail = trailChecks((given) => openKeys(given, { mayCreate: false }).catch(() => undefined));
  const checks = [
    ...SETTING_CHECKS,
    ...PACKAGE_CHECKS,
    ...MACHINE_CHECKS,
    ...keptChecks(openKeys, isQuick),
    ...ofTrail,
    ...(isQuick ? [] : SERVICE_CHECKS),
  ];
  const found = await examine(config, checks, onCheck);
  return { checked: checks.map(({ what }) => what), symptoms: [...symptoms, ...found] };
}
