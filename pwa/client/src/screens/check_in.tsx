// "I am here": where the line is joined at the place itself, with the code that its screens show.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { newKey, ProblemError } from "../app/api.ts";
import { bookingTexts } from "../app/booking_words.ts";
import { useBookings } from "../app/bookings.ts";
import { useApp } from "../app/context.ts";
import { texts } from "../app/language.ts";
import type { Booking } from "../shared/booking.ts";
import { Do } from "./do.tsx";

const LONGEST_CODE = 20;

/** `known` is the code that a kiosk's QR said; empty if none was scanned. */
export function CheckIn({ booking, known }: { booking: Booking; known: string }): JSX.Element {
  const { session, outbox } = useApp();
  const { bookingApi, bookings } = useBookings();
  const [key, setKey] = useState(newKey);
  const [code, setCode] = useState(known);
  const [isAsked, setIsAsked] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const said = bookingTexts.value;
  useEffect(() => field.current?.focus(), [isAsked]);
  const send = async (): Promise<void> => {
    try {
      const ticket = await bookingApi.checkIn(booking.token, key, code);
      session.hold(ticket);
      bookings.keep({ ...booking, state: "arrived" });
      location.hash = "#/ticket";
    } catch (error) {
      if (error instanceof ProblemError && error.code === "not-on-site") {
        setIsAsked(true);
        // With another code it is another request.
        setKey(newKey());
      }
      throw error;
    }
  };
  const keep = (): Promise<void> =>
    outbox.add({
      key, how: "checkIn", token: booking.token, path: "appointment/check-in", body: { code },
    });
  return (
    <>
      {isAsked && (
        <p class="asked">
          <label for="on-site">{said.codeThere}</label>
          <input ref={field} id="on-site" type="text" inputMode="numeric" dir="ltr" autocomplete="off" maxLength={LONGEST_CODE}
            value={code} onInput={(event) => setCode(event.currentTarget.value)} />
        </p>
      )}
      <Do label={texts.value.checkIn} notDone={said.notCheckedIn} look="button--main"
        work={send} otherwise={keep} />
    </>
  );
}
