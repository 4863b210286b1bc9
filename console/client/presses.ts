// Presses of a live page: keys that stand for them, sheets that end with them, the way back.

import { areKeysOn, isTyping } from "./keys.ts";
import { texts } from "../../waitlessq/client/texts.ts";

interface HtmxAnswer {
  xhr: XMLHttpRequest;
  requestConfig: { verb: string };
}

const ANSWER_MS = 8_000;

let undoTimer = 0;

/** Takes care of them for as long as the page is open. */
export function followPresses(): void {
  document.addEventListener("htmx:configRequest", (event) => {
    (event as CustomEvent<{ timeout: number }>).detail.timeout = ANSWER_MS;
  });
  document.addEventListener("keydown", pressByKey);
  document.addEventListener("htmx:afterRequest", endPress);
  // Of a press as of a refresh.
  document.addEventListener("htmx:load", endUndoInTime);
  endUndoInTime();
}

function pressByKey(event: KeyboardEvent): void {
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
}

function endPress(event: Event): void {
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
}

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

/** Takes the way back away when it is too late; its key goes with it. */
function endUndoInTime(): void {
  window.clearTimeout(undoTimer);
  const undo = document.querySelector<HTMLElement>("#notice [data-seconds-left]");
  if (undo === null) return;
  const seconds = Number(undo.dataset["secondsLeft"]);
  undoTimer = window.setTimeout(() => undo.remove(), seconds * 1000);
}
