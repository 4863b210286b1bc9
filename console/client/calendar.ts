// The calendar: where things stand in it, live; bookings open in a sheet, and move.

import { isMoving, followMoves } from "./calendar/move.ts";
import { clock, layOut, scrollToNow } from "./calendar/layout.ts";
import { followDays } from "./calendar/month.ts";
import { followPresses } from "./presses.ts";
import { heard } from "../../waitlessq/client/age.ts";
import { follow } from "../../waitlessq/client/stream.ts";

declare const htmx: {
  swap: (target: Element, html: string, how: { swapStyle: string; settleDelay: number }) => void;
};

const ANSWER_MS = 8_000;
const SILENCE_MS = 4_000;
const BOOKED_TO_MINUTES = 15;

function live(): HTMLElement {
  return document.getElementById("live")!;
}

/** Whether a swap would take away what somebody is about to do. */
function isBusy(): boolean {
  return isMoving() || document.querySelector("form.htmx-request") !== null;
}

/** Brings the calendar up to date; the answer is 204 when it is. */
async function refresh(): Promise<void> {
  const shown = live();
  const response = await fetch(shown.dataset["refresh"]!, {
    headers: { "HX-Request": "true" },
    redirect: "manual",
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  // Whoever is signed out meanwhile is led to sign in.
  if (response.type === "opaqueredirect") location.reload();
  if (!response.ok) throw new Error(`The calendar was answered ${response.status}.`);
  if (response.status === 204) return;
  const html = await response.text();
  // The answer to a press is the newer one; after a move it is asked for again.
  if (isBusy() || !shown.isConnected) return;
  htmx.swap(shown, html, { swapStyle: "outerHTML", settleDelay: 0 });
}

follow({
  url: () => live().dataset["stream"]!,
  ask: refresh,
  told: () => false,
  heard,
  silence: SILENCE_MS,
});

let scrolledTo = 0;
document.addEventListener("htmx:beforeSwap", () => {
  scrolledTo = document.querySelector(".calendar__scroll")?.scrollLeft ?? scrolledTo;
});
// Of a press as of a refresh.
document.addEventListener("htmx:load", () => {
  layOut();
  document.querySelector(".calendar__scroll")?.scrollTo({ left: scrolledTo });
});

// A booking that was asked for is shown in the sheet.
document.addEventListener("htmx:afterSwap", (event) => {
  if ((event.target as Element).id !== "booking-detail") return;
  document.querySelector<HTMLDialogElement>("#booking")?.showModal();
});

// Where nothing stands, something can be booked.
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const day = target.closest<HTMLElement>(".calendar__day");
  const grid = target.closest<HTMLElement>(".calendar__grid[data-book]");
  if (day === null || grid === null || target.closest(".booking") || isMoving()) return;
  const column = day.closest<HTMLElement>(".calendar__column")!;
  const { top, height } = day.getBoundingClientRect();
  const [first, last] = [Number(grid.dataset["first"]), Number(grid.dataset["last"])];
  const minute = first + ((event.clientY - top) / height) * (last - first);
  const start = Math.floor(minute / BOOKED_TO_MINUTES) * BOOKED_TO_MINUTES;
  const url = new URL(grid.dataset["book"]!, location.href);
  url.searchParams.set("date", column.dataset["day"]!);
  url.searchParams.set("time", clock(start));
  if (column.dataset["resource"]) url.searchParams.set("resource", column.dataset["resource"]);
  location.assign(url);
});

followMoves();
followDays();
followPresses();
layOut();
scrollToNow();
