// The desk: live, its keys, and what it says when a press got no answer.

import { heard } from "../../waitlessq/client/age.ts";
import { follow } from "../../waitlessq/client/stream.ts";
import { texts } from "../../waitlessq/client/texts.ts";

interface HtmxAnswer {
  xhr: XMLHttpRequest;
  requestConfig: { verb: string };
}

const ANSWER_MS = 8_000;
const SILENCE_MS = 4_000;
// How often it looks whether a press was answered.
const PRESS_MS = 50;

function live(): HTMLElement {
  return document.getElementById("live")!;
}

/**
 * Has htmx fetch the part of the page that changes; 204 when it did not.
 *
 * It never crosses a press: of two answers the later one would go into a part of the page that the
 * earlier one has taken away, and would take along what htmx keeps from one to the other.
 */
async function refresh(): Promise<void> {
  while (document.querySelector("#live form.htmx-request") !== null) {
    await new Promise((resolve) => setTimeout(resolve, PRESS_MS));
  }
  const asked = live();
  let isLate = false;
  await new Promise<void>((resolve, reject) => {
    const swapping = (event: Event): void => {
      isLate = !asked.isConnected;
      if (isLate) (event as CustomEvent<{ shouldSwap: boolean }>).detail.shouldSwap = false;
    };
    const answered = (event: Event): void => {
      const { xhr, requestConfig } = (event as CustomEvent<HtmxAnswer>).detail;
      if (requestConfig.verb !== "get") return;
      document.removeEventListener("htmx:afterRequest", answered);
      asked.removeEventListener("htmx:beforeSwap", swapping);
      if (xhr.status > 0 && xhr.status < 400) resolve();
      else reject(new Error(`The desk was answered ${xhr.status}.`));
    };
    document.addEventListener("htmx:afterRequest", answered);
    // Not on the document: what happens to a part that was taken away does not reach it.
    asked.addEventListener("htmx:beforeSwap", swapping);
    asked.dispatchEvent(new CustomEvent("refresh"));
  });
  if (isLate) await refresh();
}

document.addEventListener("htmx:configRequest", (event) => {
  (event as CustomEvent<{ timeout: number }>).detail.timeout = ANSWER_MS;
});

follow({
  url: () => live().dataset["stream"]!,
  ask: refresh,
  // The answer is empty when what changed at the location does not concern this desk.
  told: () => void refresh().catch(() => undefined),
  heard,
  silence: SILENCE_MS,
});

const keys = document.getElementById("keys");

function areKeysOn(): boolean {
  return keys instanceof HTMLInputElement && keys.checked;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input:not([type=checkbox]), select, textarea") !== null
  );
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (isTyping(event.target) || !areKeysOn()) return;
  // By place on the keyboard, so that it works on a Hebrew or Arabic layout.
  const control = document.querySelector(`[data-key="${event.code}"]:not([disabled])`);
  if (!(control instanceof HTMLElement)) return;
  event.preventDefault();
  control.click();
  // What a key unfolds is filled in next.
  if (control.matches("summary")) control.parentElement?.querySelector("select")?.focus();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, requestConfig } = (event as CustomEvent<HtmxAnswer>).detail;
  if (requestConfig.verb !== "post") return;
  if (xhr.status > 0 && xhr.status < 500) {
    // A sheet that was answered has done its work.
    document.querySelector<HTMLDialogElement>("dialog[open]")?.close();
    return;
  }
  const notice = document.createElement("p");
  notice.className = "notice notice--error";
  notice.textContent = texts.notDone;
  document.getElementById("notice")?.replaceChildren(notice);
});

let undoTimer = 0;

/** Takes the undo bar away when it is too late; its key goes with it. */
function endUndoInTime(): void {
  window.clearTimeout(undoTimer);
  const bar = document.querySelector<HTMLElement>("#live .undo");
  if (bar === null) return;
  const seconds = Number(bar.dataset["secondsLeft"]);
  undoTimer = window.setTimeout(() => bar.remove(), seconds * 1000);
}

endUndoInTime();
document.addEventListener("htmx:afterSwap", endUndoInTime);

if (keys instanceof HTMLInputElement) {
  keys.checked = localStorage.getItem("desk-keys") !== "off";
  keys.addEventListener("change", () => {
    localStorage.setItem("desk-keys", keys.checked ? "on" : "off");
  });
}
