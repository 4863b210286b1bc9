// A calendar of all bookings, to be followed elsewhere: its address is told by mail alone.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { bookingTexts } from "../app/booking_words.ts";
import { useBookings } from "../app/bookings.ts";
import type { Booking } from "../shared/booking.ts";
import { Do } from "./do.tsx";

/** Of whom the booking is of, if there is one. */
export function MailCalendar({ of: booking }: { of: Booking | undefined }): JSX.Element | null {
  const { bookingApi } = useBookings();
  const [isSent, setIsSent] = useState(false);
  const said = bookingTexts.value;
  if (booking === undefined) return null;
  const send = async (): Promise<void> => {
    await bookingApi.mailCalendar(booking.token);
    setIsSent(true);
  };
  return (
    <section>
      <Do label={said.mailCalendar} notDone={said.notMailed} look="button--plain" work={send} />
      <p class="note quiet" role="status">
        {isSent ? said.mailed : said.mailMeans}
      </p>
    </section>
  );
}
