// The desk's keys, and what it says when a press got no answer.

import "../../waitlessq/client/age.ts";

interface HtmxAnswer {
  xhr: XMLHttpRequest;
  requestConfig: { verb: string };
}

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
  if (event.code === "KeyA") document.getElementById("walk-in-queue")?.focus();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, requestConfig } = (event as CustomEvent<HtmxAnswer>).detail;
  if (requestConfig.verb !== "post" || (xhr.status > 0 && xhr.status < 500)) return;
  const notice = document.querySelector<HTMLElement>("#live .notice");
  if (notice === null) return;
  notice.textContent = "Not done: no answer. Try again.";
  notice.classList.add("notice--error");
  notice.hidden = false;
});

if (keys instanceof HTMLInputElement) {
  keys.checked = localStorage.getItem("desk-keys") !== "off";
  keys.addEventListener("change", () => {
    localStorage.setItem("desk-keys", keys.checked ? "on" : "off");
  });
}
