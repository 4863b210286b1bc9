import "./app.css";

import { computed } from "@preact/signals";
import { render } from "preact";

import { startClock } from "./age.ts";
import { keepScreenOn, resumePush, setQuiet, ways } from "./alerts.ts";
import { createApi, openDoor } from "./api.ts";
import { readConfig } from "./config.ts";
import { AppContext } from "./context.ts";
import { createDeeds, type Deed, wakeLater } from "./deeds.ts";
import { isEmbedded, startEmbedded } from "./embedded.ts";
import { startFollowing } from "./following.ts";
import { startLanguage } from "./language.ts";
import { createOutbox, startSending } from "./outbox.ts";
import type { Followed } from "./push.ts";
import { startRouter } from "./router.ts";
import { createSession } from "./session.ts";
import { Shell } from "./shell.tsx";
import { browserStorage, createStore } from "./storage.ts";
import { showTextSize } from "./text_size.ts";
import { startTelling } from "./turn.ts";
import type { HeldTicket } from "../shared/types.ts";

const config = readConfig();
const api = createApi(config);
const store = createStore(config.provider.slug, browserStorage());
startLanguage(store.language);
showTextSize(store.textSize.read());
setQuiet(store.quiet.read() ?? false);
const answered = (deed: Deed, answer: unknown): void => {
  if (deed.how === "checkIn") session.hold(answer as HeldTicket);
  else if (deed.how !== "cancelBooking") session.accept(answer as HeldTicket);
};
const { slug } = config.provider;
const outbox = createOutbox(openDoor(config.api), createDeeds(slug), answered, {
  api: config.api,
  wake: () => void wakeLater(slug),
});
const session = createSession(api, config.streams, store.held, outbox);
startSending(outbox);
startClock();
startRouter();
startTelling(session, config.provider.name);
const ticketToFollow = computed<Followed[]>(() => {
  const token = session.isHolding.value && session.live.value?.ticket.value.token;
  return token ? [{ kind: "ticket", token }] : [];
});
startFollowing(config.api, ticketToFollow);
void resumePush();

document.addEventListener("visibilitychange", () => {
  const isWanted = ways.value !== null && session.isHolding.value;
  if (isWanted && document.visibilityState === "visible") void keepScreenOn();
});

const place = document.getElementById("app");
if (place !== null) {
  place.replaceChildren();
  if (isEmbedded) startEmbedded(place);
  render(
    <AppContext.Provider value={{ config, api, store, session, outbox }}>
      <Shell />
    </AppContext.Provider>,
    place,
  );
}

// Where it is missing or refused, as on an address without TLS, the app works while online. A page
// of somebody else is not opened by our worker, and what stands in a frame is kept on no phone.
if (!isEmbedded && window === window.top) {
  navigator.serviceWorker?.register("sw.js", { updateViaCache: "none" }).catch(() => undefined);
}
