// Live data says its age: "Live" while the server answers, else since when it does not.
// The live part of a page has the id "live", its age the id "age".

let answeredAt = Date.now();
let lastAnswer = null;

function showAge() {
  const age = document.getElementById("age");
  const live = document.getElementById("live");
  if (age === null || live === null) return;
  const isStale = Date.now() - answeredAt > Number(live.dataset.staleAfterSeconds) * 1000;
  live.classList.toggle("stale", isStale);
  age.textContent = isStale
    ? `No connection since ${lastAnswer ?? age.dataset.asOf}. This is how it was.`
    : "Live";
  for (const button of live.querySelectorAll("button")) {
    if (isStale && button.dataset.wasOff === undefined) {
      button.dataset.wasOff = String(button.disabled);
      button.disabled = true;
    } else if (!isStale && button.dataset.wasOff !== undefined) {
      button.disabled = button.dataset.wasOff === "true";
      delete button.dataset.wasOff;
    }
  }
}

document.addEventListener("htmx:afterRequest", (event) => {
  const status = event.detail.xhr.status;
  if (status === 0 || status >= 500) return;
  answeredAt = Date.now();
  lastAnswer = new Date().toLocaleTimeString("en-GB");
  showAge();
});
document.addEventListener("htmx:afterSwap", showAge);
setInterval(showAge, 1000);
showAge();
