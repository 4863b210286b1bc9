// It is my turn: all amber, and where to go.

import type { JSX } from "preact";

import { now, serverAhead } from "../app/age.ts";
import { isAlerting, stopAlerting } from "../app/turn.ts";
import { language, texts } from "../app/language.ts";
import { Code, Text } from "../app/parts.tsx";
import { Unsent } from "../app/unsent.tsx";
import { counted, minutesAndSeconds } from "../shared/format.ts";
import { isBareName } from "../shared/place.ts";
import type { HeldTicket } from "../shared/types.ts";
import { Act, Leave } from "./ticket.tsx";

export function Called({ ticket }: { ticket: HeldTicket }): JSX.Element {
  const said = texts.value;
  const counter = ticket.counter ?? "";
  return (
    <main class="called" id="main" tabIndex={-1}>
      {/* By its key a repeated call is a new element, which screen readers announce. */}
      <div class="called__turn" role="alert" key={ticket.call_count}>
        <h1>
          <Text of={said.yourTurn} with={{ code: <Code>{ticket.code}</Code> }} />
        </h1>
        <p class="called__label">{isBareName(counter) ? said.counter : said.goTo}</p>
        <p class="called__counter" style={{ "--characters": counter.length }}>
          <bdi>{counter}</bdi>
        </p>
        {ticket.call_count > 1 && (
          <p>{counted(language.value, said.calledTimes, ticket.call_count)}</p>
        )}
      </div>
      {ticket.come_by && <ComeBy at={ticket.come_by} />}
      {isAlerting.value && (
        <button type="button" class="button--framed" onClick={stopAlerting}>
          {said.stopAlert}
        </button>
      )}
      <Unsent token={ticket.token} />
      <Act how="fiveMinutes" label={said.fiveMinutes} notDone={said.notDone} look="button--plain" />
      <Leave />
    </main>
  );
}

/** How long the counter waits, by the server's clock. */
function ComeBy({ at }: { at: string }): JSX.Element {
  const said = texts.value;
  const left = Date.parse(at) - now.value - serverAhead.value;
  if (left <= 0) return <p>{said.timeIsOver}</p>;
  const time = <bdi dir="ltr">{minutesAndSeconds(left)}</bdi>;
  return (
    <p role="timer">
      <Text of={said.comeWithin} with={{ time }} />
    </p>
  );
}
