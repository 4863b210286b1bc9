// Which screen the address names. By its fragment, so that any folder of files can serve the app.

import { signal } from "@preact/signals";

export type Route =
  | { screen: "home" }
  | { screen: "join"; queue: number }
  | { screen: "ticket" }
  | { screen: "take"; token: string }
  /** What to book; with a service, when. */
  | { screen: "book"; service: number | null }
  | { screen: "details" }
  /** With the code that says that one is there, as a kiosk's QR has it. */
  | { screen: "bookings"; code: string }
  | { screen: "move"; booking: string }
  | { screen: "takeBooking"; token: string }
  | { screen: "settings" };

const PATTERNS: readonly [RegExp, (found: string) => Route][] = [
  [/^ticket$/, () => ({ screen: "ticket" })],
  [/^take\/([\w:-]+)$/, (token) => ({ screen: "take", token })],
  [/^join\/(\d+)$/, (queue) => ({ screen: "join", queue: Number(queue) })],
  [/^book$/, () => ({ screen: "book", service: null })],
  [/^book\/(\d+)$/, (service) => ({ screen: "book", service: Number(service) })],
  [/^details$/, () => ({ screen: "details" })],
  [/^bookings$/, () => ({ screen: "bookings", code: "" })],
  [/^here\/(\d+)$/, (code) => ({ screen: "bookings", code })],
  // The first part of a booking's token, which is no secret.
  [/^move\/(\d+)$/, (booking) => ({ screen: "move", booking })],
  // As mails have it: behind the "#" it reaches no server and no log.
  [/^booking\/([\w:-]+)$/, (token) => ({ screen: "takeBooking", token })],
  [/^settings$/, () => ({ screen: "settings" })],
];

export function routeOf(fragment: string): Route {
  for (const [pattern, route] of PATTERNS) {
    const found = pattern.exec(fragment.replace(/^#\//, ""));
    if (found !== null) return route(found[1] ?? "");
  }
  return { screen: "home" };
}

export const route = signal<Route>({ screen: "home" });

/** Follows the address from now on. */
export function startRouter(): void {
  const read = (): void => {
    route.value = routeOf(location.hash);
  };
  addEventListener("hashchange", read);
  read();
}
