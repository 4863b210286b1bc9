import "./app.css";

import { render } from "preact";

import { startClock } from "./age.ts";
import { keepScreenOn, ways } from "./alerts.ts";
import { createApi } from "./api.ts";
import { readConfig } from "./config.ts";
import { AppContext } from "./context.ts";
import { startLanguage } from "./language.ts";
import { startRouter } from "./router.ts";
import { createSession } from "./session.ts";
import { Shell } from "./shell.tsx";
import { browserStorage, createStore } from "./storage.ts";
import { startTelling } from "./turn.ts";

const config = readConfig();
const api = createApi(config);
const store = createStore(config.provider.slug, browserStorage());
startLanguage(store.language);
const session = createSession(api, config.streams, store.held);
startClock();
startRouter();
startTelling(session, config.provider.name);

document.addEventListener("visibilitychange", () => {
  const isWanted = ways.value !== null && session.isHolding.value;
  if (isWanted && document.visibilityState === "visible") void keepScreenOn();
});

const place = document.getElementById("app");
if (place !== null) {
  place.replaceChildren();
  render(
    <AppContext.Provider value={{ config, api, store, session }}>
      <Shell />
    </AppContext.Provider>,
    place,
  );
}

// Where it is missing or refused, as on an address without TLS, the app works while online.
navigator.serviceWorker?.register("sw.js", { updateViaCache: "none" }).catch(() => undefined);
