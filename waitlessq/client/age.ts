// Live data says its age: "Live" while the server answers, else since when it does not.
// The live part of a page has the id "live", its age the id "age".

import { texts } from "./texts.ts";

let answeredAt = Date.now();
let lastAnswer: string | null = null;

/** Whether the page has heard nothing for longer than its live part allows. */
function isStale(live: HTMLElement): boolean {
  return Date.now() - answeredAt > Number(live.dataset["staleAfterSeconds"]) * 1000;
}

/** Notes that the server spoke: what is shown is what it knows. */
export function heard(): void {
  answeredAt = Date.now();
  lastAnswer = new Date().toLocaleTimeString("en-GB");
  showAge();
}

function showAge(): void {
  const age = document.getElementById("age");
  const live = document.getElementById("live");
  if (age === null || live === null) return;
  const stale = isStale(live);
  live.classList.toggle("stale", stale);
  age.textContent = stale
    ? texts.noConnection.replace("{since}", lastAnswer ?? age.dataset["asOf"] ?? "")
    : texts.live;
  for (const button of live.querySelectorAll("button")) {
    if (stale && button.dataset["wasOff"] === undefined) {
      button.dataset["wasOff"] = String(button.disabled);
      button.disabled = true;
    } else if (!stale && button.dataset["wasOff"] !== undefined) {
      button.disabled = button.dataset["wasOff"] === "true";
      delete button.dataset["wasOff"];
    }
  }
}

document.addEventListener("htmx:afterRequest", (event) => {
  const status = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status;
  if (status > 0 && status < 500) heard();
});
document.addEventListener("htmx:afterSwap", showAge);
setInterval(showAge, 1000);
showAge();
