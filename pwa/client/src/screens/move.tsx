// A booking's other time: the same service at the same place.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { newKey } from "../app/api.ts";
import { useBookings } from "../app/bookings.ts";
import { bookingTexts, whyNot } from "../app/booking_words.ts";
import { Loading, NotLoaded, Problem, Text } from "../app/parts.tsx";
import { isUncertain } from "../app/reasons.ts";
import { type BookableService, type Booking, nameOf } from "../shared/booking.ts";
import { horizonOf, useOffer } from "./book.tsx";
import { When } from "./bookings.tsx";
import { Times } from "./times.tsx";

export function Move({ name }: { name: string }): JSX.Element {
  const { bookings } = useBookings();
  const { offer, error, askAgain } = useOffer();
  const booking = bookings.kept.value.find((kept) => nameOf(kept.item) === name)?.item;
  const service = offer?.services.find((one) => one.id === booking?.service_id);
  if (booking === undefined || (offer !== null && service === undefined)) {
    return (
      <>
        <h1>{bookingTexts.value.notAnyMore}</h1>
        <a class="button" href="#/bookings">
          {bookingTexts.value.toBookings}
        </a>
      </>
    );
  }
  if (service !== undefined) return <ToWhen booking={booking} service={service} />;
  return error === null ? <Loading lines={6} /> : <NotLoaded error={error} again={askAgain} />;
}

function ToWhen(props: { booking: Booking; service: BookableService }): JSX.Element {
  const { booking, service } = props;
  const { bookingApi, bookings } = useBookings();
  const said = bookingTexts.value;
  const [key, setKey] = useState(newKey);
  const [taking, setTaking] = useState<string | null>(null);
  // Without an answer only the very same may be sent again.
  const [unanswered, setUnanswered] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [version, setVersion] = useState(0);
  const move = async (startsAt: string): Promise<void> => {
    const sent = unanswered === null || unanswered === startsAt ? key : newKey();
    setKey(sent);
    setTaking(startsAt);
    setProblem(null);
    try {
      bookings.keep(await bookingApi.move(booking.token, sent, startsAt));
      location.replace("#/bookings");
    } catch (error) {
      setProblem(whyNot(error, startsAt));
      setUnanswered(isUncertain(error) ? startsAt : null);
      if (!isUncertain(error)) setVersion(version + 1);
    }
    setTaking(null);
  };
  return (
    <>
      <h1>{said.moveWhen}</h1>
      <p class="lead">
        <Text of={said.now} with={{ time: <When of={booking} /> }} />
      </p>
      {problem !== null && <Problem title={said.notMoved}>{problem}</Problem>}
      <Times
        name={String(version)}
        ask={(first, days) => bookingApi.otherTimes(booking.token, first, days)}
        timeZone={booking.time_zone}
        horizon={horizonOf(service)}
        taking={taking}
        choose={(startsAt) => void move(startsAt)}
      />
    </>
  );
}
