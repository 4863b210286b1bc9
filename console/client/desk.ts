// The desk: live, its keys, and what it says when a press got no answer.

import "./arrivals.ts";
import { followPresses } from "./presses.ts";
import { Sound } from "../../waitlessq/client/sound.ts";
import { heard } from "../../waitlessq/client/age.ts";
import { follow } from "../../waitlessq/client/stream.ts";
import { texts } from "../../waitlessq/client/texts.ts";

declare const htmx: {
  swap: (target: Element, html: string, how: { swapStyle: string; settleDelay: number }) => void;
};

const ANSWER_MS = 8_000;
const SILENCE_MS = 4_000;
// How often it looks whether a press was answered.
const PRESS_MS = 50;

function live(): HTMLElement {
  return document.getElementById("live")!;
}

function isPressUnderWay(): boolean {
  return document.querySelector("form.htmx-request") !== null;
}

/**
 * Brings the part of the page that changes up to date; the answer is 204 when it is.
 *
 * It never crosses a press, whose answer is the newer one: it waits for one that is under way, and
 * what was answered beside one is asked for again.
 */
async function refresh(): Promise<void> {
  while (isPressUnderWay()) await new Promise((resolve) => setTimeout(resolve, PRESS_MS));
  const shown = live();
  const response = await fetch(shown.dataset["refresh"]!, {
    headers: { "HX-Request": "true" },
    redirect: "manual",
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  // Whoever is signed out meanwhile is led to sign in.
  if (response.type === "opaqueredirect") location.reload();
  if (!response.ok) throw new Error(`The desk was answered ${response.status}.`);
  const html = await response.text();
  if (isPressUnderWay() || !shown.isConnected) await refresh();
  else if (response.status !== 204) {
    htmx.swap(shown, html, { swapStyle: "outerHTML", settleDelay: 0 });
  }
}

follow({
  url: () => live().dataset["stream"]!,
  ask: refresh,
  // The answer is empty when what changed at the location does not concern this desk.
  told: (event, data) => (event === "help" ? ring(data as { kiosk: string }) : false),
  heard,
  silence: SILENCE_MS,
});

/** Somebody at a kiosk asks for help: it is said until something else is, with a chime. */
function ring({ kiosk }: { kiosk: string }): void {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.setAttribute("role", "alert");
  notice.textContent = texts.helpAsked.replace("{kiosk}", kiosk);
  document.getElementById("notice")?.replaceChildren(notice);
  void new Sound().chime();
}

followPresses();
