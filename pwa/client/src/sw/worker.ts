// The worker of a generated app: opens it without a connection, and leads back from notifications.
//
// It keeps the app's own files only; the API and the streams pass it by.

import { clientsClaim } from "workbox-core";
import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  type PrecacheEntry,
  precacheAndRoute,
} from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

import { listen } from "./push.ts";

const worker = self as unknown as ServiceWorkerGlobalScope & { __precache: PrecacheEntry[] };

precacheAndRoute(worker.__precache);
cleanupOutdatedCaches();
// Who may show the app in a page is said by the server, with each answer.
const elsewhere = { denylist: [/\/embed$/] };
registerRoute(new NavigationRoute(createHandlerBoundToURL("index.html"), elsewhere));

// An open page has loaded all it ever needs, so a new version may take over at once: it shows
// with the next opening, and takes nothing from under the page that is open.
void worker.skipWaiting();
clientsClaim();

listen(worker);
