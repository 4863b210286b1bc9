// Which screen the address names. By its fragment, so that any folder of files can serve the app.

import { signal } from "@preact/signals";

export type Route = { screen: "home" } | { screen: "join"; queue: number } | { screen: "ticket" }
  | { screen: "take"; token: string };

export function routeOf(fragment: string): Route {
  if (fragment === "#/ticket") return { screen: "ticket" };
  const take = /^#\/take\/([\w:-]+)$/.exec(fragment);
  if (take !== null) return { screen: "take", token: take[1]! };
  const join = /^#\/join\/(\d+)$/.exec(fragment);
  return join === null ? { screen: "home" } : { screen: "join", queue: Number(join[1]) };
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
