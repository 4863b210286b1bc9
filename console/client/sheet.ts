// Sheets: what opens them, and the desk's list of keys by "?".

import { areKeysOn, isTyping } from "./keys.ts";

const opens = "button[data-opens]";

function open(button: HTMLElement): void {
  const sheet = document.getElementById(button.dataset["opens"] ?? "");
  if (sheet instanceof HTMLDialogElement && !sheet.open) sheet.showModal();
}

// The button comes anew with each answer, so the document listens for it.
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest<HTMLElement>(opens);
  if (button) open(button);
});

window.addEventListener(
  "keydown",
  (event) => {
    // Under an open sheet the desk's keys are dead.
    if (document.querySelector("dialog[open]") !== null) {
      event.stopPropagation();
      return;
    }
    // By place as well: an Arabic layout has another question mark there.
    const asksForKeys = event.key === "?" || (event.shiftKey && event.code === "Slash");
    if (!asksForKeys || isTyping(event.target) || !areKeysOn()) return;
    const button = document.querySelector<HTMLElement>("[data-opens=key-list]");
    if (button === null) return;
    event.preventDefault();
    open(button);
  },
  { capture: true },
);
