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
  let wasCalled = false;
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
    const isMistake = ticket?.called_by_mistake ?? false;
    if (ticket && isMistake && wasCalled) tellMistake(ticket);
    wasCalled = call !== "";
    if (ticket && before !== null && before <= NEAR && wasFar) tellNear(ticket);
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
    () => alertOnce(title, body, ticket.code),
    () => {
      isAlerting.value = false;
    },
  );
}

function tellNear(ticket: HeldTicket): void {
  const title = filled(texts.peek().comeBack, { code: ticket.code });
  alertOnce(title, placeInLine(ticket), ticket.code);
}

function tellMistake(ticket: HeldTicket): void {
  const said = texts.peek();
  const title = filled(said.calledByMistake, { code: ticket.code });
  alertOnce(title, `${said.placeStays} ${placeInLine(ticket)}.`, ticket.code);
}

/** The place in words. */
export function placeInLine(ticket: HeldTicket): string {
  const before = ahead(ticket) ?? 0;
  const said = texts.peek();
  return before === 0 ? said.next : counted(language.peek(), said.before, before);
}
