// Tells whoever holds the ticket that the turn has come, or comes near, whichever screen is open.

import { effect, signal } from "@preact/signals";

import { counted, filled } from "../shared/format.ts";
import { ahead, isBareName, NEAR } from "../shared/place.ts";
import type { HeldTicket } from "../shared/types.ts";
import { alertOnce, alertRepeatedly, hush, letScreenOff } from "./alerts.ts";
import { language, texts } from "./language.ts";
import type { Session } from "./session.ts";

/** Whether the alert of a call goes on. */
export const isAlerting = signal(false);

let stop = (): void => undefined;

export function stopAlerting(): void {
  stop();
  isAlerting.value = false;
  hush();
}

/** Alerts once for each call, and once when few are left before the turn. */
export function startTelling(session: Session, provider: string): void {
  let told = "";
  let wasFar = false;
  effect(() => {
    const ticket = session.live.value?.ticket.value;
    const call = ticket?.state === "called" ? `${ticket.code} ${ticket.call_count}` : "";
    // What is no longer known is not told; when it is again, it is.
    if (call !== "" && session.age.value !== "live") return;
    if (call !== told) {
      stopAlerting();
      if (call !== "" && ticket) tellTurn(ticket, provider);
      told = call;
    }
    const before = ticket ? ahead(ticket) : null;
    if (ticket && before !== null && before <= NEAR && wasFar) tellNear(ticket, before);
    // Who asked for more time hears of it when that is over.
    wasFar = before === null ? ticket?.state === "deferred" : before > NEAR;
    if (!session.isHolding.value) letScreenOff();
  });
}

/** Where a counter is, in words. */
export function placeOf(counter: string): string {
  return isBareName(counter) ? filled(texts.value.counterNamed, { counter }) : counter;
}

function tellTurn(ticket: HeldTicket, provider: string): void {
  const said = texts.peek();
  const title = filled(said.yourTurn, { code: ticket.code });
  const body = filled(said.goToPlace, { provider, place: placeOf(ticket.counter ?? "") });
  isAlerting.value = true;
  stop = alertRepeatedly(
    () => alertOnce(title, body),
    () => {
      isAlerting.value = false;
    },
  );
}

function tellNear(ticket: HeldTicket, before: number): void {
  const said = texts.peek();
  const body = before === 0 ? said.next : counted(language.peek(), said.before, before);
  alertOnce(filled(said.comeBack, { code: ticket.code }), body);
}
