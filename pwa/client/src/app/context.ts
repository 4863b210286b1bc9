// What every screen may use.

import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Config } from "../shared/types.ts";
import type { Api } from "./api.ts";
import type { Outbox } from "./outbox.ts";
import type { Session } from "./session.ts";
import type { Store } from "./storage.ts";

export interface App {
  config: Config;
  api: Api;
  store: Store;
  session: Session;
  outbox: Outbox;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error("Outside of the app");
  return app;
}
