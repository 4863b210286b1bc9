// Whether a key is meant for the desk: they can be switched off, and are dead where one types.

const keys = document.getElementById("keys");

export function areKeysOn(): boolean {
  return keys instanceof HTMLInputElement && keys.checked;
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input:not([type=checkbox]), select, textarea") !== null
  );
}

if (keys instanceof HTMLInputElement) {
  keys.checked = localStorage.getItem("desk-keys") !== "off";
  keys.addEventListener("change", () => {
    localStorage.setItem("desk-keys", keys.checked ? "on" : "off");
  });
}
