// The desk: live, its keys, and what it says when a press got no answer.

import "./arrivals.ts";
import { areKeysOn, isTyping } from "./keys.ts";
import { Sound } from "../../waitlessq/client/sound.ts";
import { heard } from "../../waitlessq/client/age.ts";
import { follow } from "../../waitlessq/client/stream.ts";
import { texts } from "../../waitlessq/client/texts.ts";

interface HtmxAnswer {
  xhr: XMLHttpRequest;
  requestConfig: { verb: string };
}

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

document.addEventListener("htmx:configRequest", (event) => {
  (event as CustomEvent<{ timeout: number }>).detail.timeout = ANSWER_MS;
});

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

document.addEventListener("keydown", (event) => {
  // Prevented: it has done something else already.
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
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
    endSheet(xhr.status >= 400);
    return;
  }
  const notice = document.createElement("div");
  notice.className = "notice notice--error";
  notice.textContent = texts.notDone;
  document.getElementById("notice")?.replaceChildren(notice);
});

/** A sheet whose press was done has done its work; what was refused is said in it, and stays typed. */
function endSheet(isRefused: boolean): void {
  const sheet = document.querySelector<HTMLDialogElement>("dialog[open]");
  if (sheet === null) return;
  const problem = sheet.querySelector<HTMLElement>("[data-problem]");
  if (isRefused && problem !== null) {
    problem.textContent = document.querySelector("#notice p")?.textContent ?? "";
    problem.hidden = false;
    return;
  }
  if (problem !== null) problem.hidden = true;
  sheet.querySelector("form")?.reset();
  sheet.close();
}

let undoTimer = 0;

/** Takes the way back away when it is too late; its key goes with it. */
function endUndoInTime(): void {
  window.clearTimeout(undoTimer);
  const undo = document.querySelector<HTMLElement>("#notice [data-seconds-left]");
  if (undo === null) return;
  const seconds = Number(undo.dataset["secondsLeft"]);
  undoTimer = window.setTimeout(() => undo.remove(), seconds * 1000);
}

endUndoInTime();
// Of a press as of a refresh.
document.addEventListener("htmx:load", endUndoInTime);
