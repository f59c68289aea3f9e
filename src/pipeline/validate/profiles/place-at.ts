import { Place } from "../place.ts";

/** A place that begins somewhere. */
export function placeAt(steps: readonly (string | number)[]): Place {
  const place = new Place();
  for (const step of steps) place.enter(step);
  return place;
}
