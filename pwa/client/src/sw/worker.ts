// The worker of a generated app: opens it without a connection, and leads back from notifications.
//
// It keeps the app's own files only; the API and the streams pass it by. What was asked for without a
// connection it sends when there is one.

import { clientsClaim } from "workbox-core";
import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  type PrecacheEntry,
  precacheAndRoute,
} from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

import { sendOnceOnline } from "./outbox.ts";
import { listen } from "./push.ts";

const worker = self as unknown as ServiceWorkerGlobalScope & { __precache: PrecacheEntry[] };

precacheAndRoute(worker.__precache);
cleanupOutdatedCaches();
// Who may show the app in a page is said by the server, with each answer; and the pages for
// browsers without scripts are its own. What is asked after "?" is looked at too.
const elsewhere = { denylist: [/\/embed(\?|$)/, /^\/(q|language|b|w)\//] };
registerRoute(new NavigationRoute(createHandlerBoundToURL("index.html"), elsewhere));

// A new version may take over at once: it shows with the next opening. A part that an open page
// had not loaded yet may be gone then; the page says so, and opens anew (see lazy.tsx).
void worker.skipWaiting();
clientsClaim();

listen(worker);
sendOnceOnline(worker);
