// The desk's keys, and what it says when a press got no answer.

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
  const status = event.detail.xhr.status;
  if (event.detail.requestConfig.verb !== "post" || (status > 0 && status < 500)) return;
  const notice = document.querySelector("#live .notice");
  notice.textContent = "Not done: no answer. Try again.";
  notice.classList.add("notice--error");
  notice.hidden = false;
});

const keys = document.getElementById("keys");
if (keys !== null) {
  keys.checked = localStorage.getItem("desk-keys") !== "off";
  keys.addEventListener("change", () => {
    localStorage.setItem("desk-keys", keys.checked ? "on" : "off");
  });
}
