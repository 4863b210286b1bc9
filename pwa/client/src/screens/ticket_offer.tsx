// A freed time for whoever waits in line: take it instead of waiting, or wait on.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { now } from "../app/age.ts";
import { newKey } from "../app/api.ts";
import { useBookings } from "../app/bookings.ts";
import { bookingTexts, whyNot } from "../app/booking_words.ts";
import { useApp } from "../app/context.ts";
import { language } from "../app/language.ts";
import { Problem, Text } from "../app/parts.tsx";
import type { TimeOffer } from "../shared/booking.ts";
import { clockTime, minutesAndSeconds } from "../shared/format.ts";
import { leftOf } from "./waitlist.tsx";

export function TicketOffer(props: {
  offer: TimeOffer;
  token: string;
  /** It was answered, or there is no such offer any more. */
  over: () => void;
}): JSX.Element | null {
  const { session } = useApp();
  const { bookingApi, bookings } = useBookings();
  const { offer, token } = props;
  const said = bookingTexts.value;
  const [key] = useState(newKey);
  const [isRunning, setIsRunning] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const left = leftOf(offer);
  if (left <= 0) return null;
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    if (isRunning) return;
    setIsRunning(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(whyNot(error));
    }
    setIsRunning(false);
  };
  const take = (): Promise<void> =>
    attempt(async () => {
      bookings.keep(await bookingApi.acceptForTicket(token, key, offer.id));
      props.over();
      location.hash = "#/bookings";
    });
  const waitOn = (): Promise<void> =>
    attempt(async () => {
      session.accept(await bookingApi.refuseForTicket(token, newKey(), offer.id));
      props.over();
    });
  const time = <bdi>{clockTime(language.value, Date.parse(offer.starts_at), now.value)}</bdi>;
  return (
    <section class="notice">
      <p role="status">
        <strong>
          <Text of={said.insteadOfWaiting} with={{ time }} />
        </strong>
      </p>
      <p role="timer">
        <Text of={said.keptFor} with={{ time: <bdi dir="ltr">{minutesAndSeconds(left)}</bdi> }} />
      </p>
      {problem !== null && <Problem title={said.notBooked}>{problem}</Problem>}
      <p class="actions">
        <button type="button" class="button--framed" aria-disabled={isRunning} onClick={() => void take()}>
          {said.takeIt}
        </button>
        <button type="button" class="button--framed" aria-disabled={isRunning} onClick={() => void waitOn()}>
          {said.stayInLine}
        </button>
      </p>
    </section>
  );
}
