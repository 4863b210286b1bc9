// Sheets: what opens them, and the desk's list of keys by "?".

const sheets = "button[data-opens]";

function open(button: HTMLElement): void {
  const sheet = document.getElementById(button.dataset["opens"] ?? "");
  if (sheet instanceof HTMLDialogElement && !sheet.open) sheet.showModal();
}

for (const button of document.querySelectorAll<HTMLElement>(sheets)) {
  button.hidden = false;
  button.addEventListener("click", () => open(button));
}

window.addEventListener(
  "keydown",
  (event) => {
    // Under an open sheet the desk's keys are dead.
    if (document.querySelector("dialog[open]") !== null) {
      event.stopPropagation();
      return;
    }
    const keys = document.getElementById("keys");
    const isTyping =
      event.target instanceof Element &&
      event.target.closest("input:not([type=checkbox]), select, textarea") !== null;
    const areKeysOff = keys instanceof HTMLInputElement && !keys.checked;
    // By place as well: an Arabic layout has another question mark there.
    const asksForKeys = event.key === "?" || (event.shiftKey && event.code === "Slash");
    if (!asksForKeys || isTyping || areKeysOff) return;
    const button = document.querySelector<HTMLElement>(sheets);
    if (button === null) return;
    event.preventDefault();
    open(button);
  },
  { capture: true },
);
