// The desk's keys, and how it says how old what it shows is.

const STALE_AFTER_MS = 10_000;
let answeredAt = Date.now();
let staleSince = null;

function isTyping(target) {
  return target.closest("input:not([type=checkbox]), select, textarea") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (isTyping(event.target) || !document.getElementById("keys")?.checked) return;
  // By place on the keyboard, so that it works on a Hebrew or Arabic layout.
  const control = document.querySelector(`[data-key="${event.code}"]:not([disabled])`);
  if (control === null) return;
  event.preventDefault();
  control.click();
  if (event.code === "KeyA") document.getElementById("walk-in-queue").focus();
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr.status > 0 && event.detail.xhr.status < 500) answeredAt = Date.now();
  else if (event.detail.requestConfig.verb === "post") say("Not done: no answer. Try again.");
  showAge();
});

document.addEventListener("htmx:afterSwap", showAge);

function say(text) {
  const notice = document.querySelector("#desk .notice");
  notice.textContent = text;
  notice.classList.add("notice--error");
  notice.hidden = false;
}

function showAge() {
  const age = document.getElementById("age");
  const desk = document.getElementById("desk");
  const isStale = Date.now() - answeredAt > STALE_AFTER_MS;
  desk.classList.toggle("stale", isStale);
  if (isStale && staleSince === null) staleSince = age.dataset.asOf;
  if (!isStale) staleSince = null;
  age.textContent = isStale
    ? `No connection since ${staleSince}. This is how it was.`
    : "Live";
  for (const button of desk.querySelectorAll("button")) {
    if (isStale) button.dataset.wasOff ??= String(button.disabled);
    if (isStale) button.disabled = true;
    else if (button.dataset.wasOff !== undefined) {
      button.disabled = button.dataset.wasOff === "true";
      delete button.dataset.wasOff;
    }
  }
}

const keys = document.getElementById("keys");
if (keys !== null) {
  keys.checked = localStorage.getItem("desk-keys") !== "off";
  keys.addEventListener("change", () => {
    localStorage.setItem("desk-keys", keys.checked ? "on" : "off");
  });
}
setInterval(showAge, 1000);
showAge();
