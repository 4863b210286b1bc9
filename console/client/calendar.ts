// The calendar: where things stand in it, and live.

import { heard } from "../../waitlessq/client/age.ts";
import { follow } from "../../waitlessq/client/stream.ts";
import { layOut, scrollToNow } from "./calendar/layout.ts";

const ANSWER_MS = 8_000;
const SILENCE_MS = 4_000;

function live(): HTMLElement {
  return document.getElementById("live")!;
}

/** Brings the calendar up to date; the answer is 204 when it is. */
async function refresh(): Promise<void> {
  const response = await fetch(live().dataset["refresh"]!, {
    headers: { "HX-Request": "true" },
    redirect: "manual",
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  // Whoever is signed out meanwhile is led to sign in.
  if (response.type === "opaqueredirect") location.reload();
  if (!response.ok) throw new Error(`The calendar was answered ${response.status}.`);
  if (response.status !== 204) show(await response.text());
}

function show(html: string): void {
  const parsed = new DOMParser().parseFromString(html, "text/html").getElementById("live");
  if (parsed === null) return;
  const left = document.querySelector(".calendar__scroll")?.scrollLeft ?? 0;
  live().replaceWith(parsed);
  layOut();
  document.querySelector(".calendar__scroll")?.scrollTo({ left });
}

follow({
  url: () => live().dataset["stream"]!,
  ask: refresh,
  told: () => false,
  heard,
  silence: SILENCE_MS,
});
layOut();
scrollToNow();
