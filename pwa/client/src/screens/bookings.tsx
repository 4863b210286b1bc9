// My bookings: the next one leads, with what can be done about it.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { now } from "../app/age.ts";
import { OpenApart } from "../app/apart.tsx";
import { newKey } from "../app/api.ts";
import { useBookings } from "../app/bookings.ts";
import { bookingTexts } from "../app/booking_words.ts";
import { CarryElsewhere } from "../app/carry.tsx";
import { useApp } from "../app/context.ts";
import { language, texts } from "../app/language.ts";
import { AgeLine, Loading, NotLoaded, Text } from "../app/parts.tsx";
import { Unsent } from "../app/unsent.tsx";
import {
  type Booking,
  type BookingState,
  calendarOf,
  dateIn,
  isAhead,
  type Kept,
  nameOf,
} from "../shared/booking.ts";
import type { BookingSaid } from "../shared/booking_texts.ts";
import { foreignZone, listed, wallTime } from "../shared/format.ts";
import { CheckIn } from "./check_in.tsx";
import { Do } from "./do.tsx";
import { MailCalendar } from "./mail_calendar.tsx";
import { Entries, isOffered, Offers } from "./waitlist.tsx";

const REFRESH_MILLISECONDS = 30_000;

/** `code` is what a kiosk said, for who is there. */
export function Bookings({ code }: { code: string }): JSX.Element {
  const { outbox } = useApp();
  const { bookings, entries } = useBookings();
  const said = bookingTexts.value;
  const unsent = outbox.deeds.value.length;
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState !== "visible") return;
      void bookings.refresh();
      void entries.refresh();
    };
    const timer = setInterval(look, REFRESH_MILLISECONDS);
    document.addEventListener("visibilitychange", look);
    addEventListener("online", look);
    look();
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      removeEventListener("online", look);
    };
    // Once something was sent, it is another booking.
  }, [bookings, entries, unsent]);

  const ahead = bookings.kept.value.filter(({ item }) => isAhead(item, now.value));
  const over = bookings.kept.value.filter(({ item }) => !isAhead(item, now.value));
  const [next, ...later] = ahead;
  const offered = entries.kept.value.map((one) => one.item).filter(isOffered);
  return (
    <>
      {bookings.wasUnknown.value && (
        <p class="notice" role="status">
          {said.unknown}
        </p>
      )}
      <Offers of={offered} />
      {next === undefined && offered.length === 0 && (
        <>
          <h1>{said.noBookings}</h1>
          <a class="button" href="#/book">
            {texts.value.bookTime}
          </a>
        </>
      )}
      {next !== undefined && (
        <Next key={next.item.token} kept={next} hasFailed={bookings.hasFailed.value} code={code} />
      )}
      <Entries />
      <Rows title={said.later} of={later} code={code} />
      <MailCalendar of={(next ?? over.at(-1))?.item} />
      <Rows title={said.over} of={over} code={code} />
    </>
  );
}

/** A booking from a mail's link, or another phone: this one holds it from now on. */
export function TakeBooking({ token }: { token: string }): JSX.Element {
  const { bookingApi, bookings } = useBookings();
  const [error, setError] = useState<unknown>(null);
  const take = async (): Promise<void> => {
    setError(null);
    try {
      bookings.keep(await bookingApi.booking(token));
      // The secret stays in no address that one can go back to.
      location.replace("#/bookings");
    } catch (problem) {
      setError(problem);
    }
  };
  useEffect(() => void take(), [token]);
  return error === null ? <Loading lines={3} /> : <NotLoaded error={error} again={() => void take()} />;
}

function Next(props: { kept: Kept<Booking>; hasFailed: boolean; code: string }): JSX.Element {
  const { kept, hasFailed, code } = props;
  const { item: booking, heardAt } = kept;
  const said = bookingTexts.value;
  return (
    <div class={hasFailed ? "stale" : ""}>
      <h1 class="headline headline--long">
        <When of={booking} />
      </h1>
      <p class="lead" role="status">
        {stateOf(said, booking.state)}
      </p>
      <Where of={booking} />
      <AgeLine age={hasFailed ? "cut" : "as-of"} heardAt={heardAt} />
      <OpenApart fragment={`#/booking/${booking.token}`} />
      <Unsent token={booking.token} />
      <Actions booking={booking} code={code} />
      <CarryElsewhere fragment={`#/booking/${booking.token}`} />
    </div>
  );
}

/** The time on the location's wall. */
export function When({ of: booking }: { of: Booking }): JSX.Element {
  return <bdi>{wallTime(language.value, Date.parse(booking.starts_at), booking.time_zone)}</bdi>;
}

function Where({ of: booking }: { of: Booking }): JSX.Element {
  const said = bookingTexts.value;
  const zone = foreignZone(language.value, Date.parse(booking.starts_at), booking.time_zone);
  const names = listed(language.value, booking.resources);
  return (
    <>
      <p>
        <bdi>{booking.service}</bdi>
        {names !== "" && (
          <>
            <br />
            <Text of={said.with} with={{ names: <bdi>{names}</bdi> }} />
          </>
        )}
        <br />
        <bdi>{booking.location}</bdi>
        {booking.address !== "" && (
          <>
            <br />
            <bdi class="quiet">{booking.address}</bdi>
          </>
        )}
      </p>
      {zone !== null && (
        <p class="quiet">
          <Text of={said.zone} with={{ zone: <bdi>{zone}</bdi> }} />
        </p>
      )}
    </>
  );
}

function Actions({ booking, code }: { booking: Booking; code: string }): JSX.Element {
  const { session } = useApp();
  const said = bookingTexts.value;
  const today = dateIn(booking.time_zone, now.value);
  const isToday = dateIn(booking.time_zone, Date.parse(booking.starts_at)) === today;
  if (booking.state === "arrived") {
    return session.isHolding.value ? (
      <a class="button button--main" href="#/ticket">
        {texts.value.seeMyPlace}
      </a>
    ) : (
      <></>
    );
  }
  return (
    <>
      {isToday && booking.state === "booked" && <CheckIn key={code} booking={booking} known={code} />}
      <AddToCalendar booking={booking} isMain={!isToday} />
      {booking.reschedule_until !== null && (
        <p class="leave">
          <a class="button button--plain" href={`#/move/${nameOf(booking)}`}>
            {said.move}
          </a>
        </p>
      )}
      {booking.cancel_until !== null ? <Cancel booking={booking} /> : <p>{said.changeTooLate}</p>}
    </>
  );
}

function Cancel({ booking }: { booking: Booking }): JSX.Element {
  const { outbox } = useApp();
  const { bookingApi, bookings } = useBookings();
  const [key] = useState(newKey);
  const until = wallTime(language.value, Date.parse(booking.cancel_until!), booking.time_zone);
  const send = async (): Promise<void> => bookings.keep(await bookingApi.cancel(booking.token, key));
  const keep = (): Promise<void> =>
    outbox.add({ key, how: "cancelBooking", token: booking.token, path: "appointment/cancel", body: {} });
  return (
    <>
      <Do label={texts.value.cancelBooking} notDone={bookingTexts.value.notCancelled}
        look="button--plain" work={send} otherwise={keep} />
      <p class="note quiet">
        <Text of={bookingTexts.value.cancelUntil} with={{ time: <bdi>{until}</bdi> }} />
      </p>
    </>
  );
}

function AddToCalendar(props: { booking: Booking; isMain: boolean }): JSX.Element {
  const { config } = useApp();
  const { booking } = props;
  const download = (): void => {
    const summary = `${booking.service}, ${config.provider.name}`;
    const file = new Blob([calendarOf(booking, summary, Date.now())], { type: "text/calendar" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = "booking.ics";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  return (
    <div class="leave">
      <button type="button" class={props.isMain ? "button--main" : "button--framed"} onClick={download}>
        {bookingTexts.value.addToCalendar}
      </button>
    </div>
  );
}

function Rows(props: { title: string; of: readonly Kept<Booking>[]; code: string }): JSX.Element | null {
  const { bookings } = useBookings();
  const [open, setOpen] = useState<string | null>(null);
  const said = bookingTexts.value;
  if (props.of.length === 0) return null;
  return (
    <section>
      <h2>{props.title}</h2>
      <ul class="rows">
        {props.of.map(({ item: booking }) => (
          <li key={booking.token}>
            <div class="row">
              <span class="row__main">
                <strong class="row__name">
                  <When of={booking} />
                </strong>
                <span class="quiet">
                  <bdi>{booking.service}</bdi>. {stateOf(said, booking.state)}
                </span>
              </span>
            </div>
            {isAhead(booking, now.value) ? (
              <details
                open={open === booking.token}
                onToggle={(event) => setOpen(event.currentTarget.open ? booking.token : null)}
              >
                <summary>{said.change}</summary>
                <Unsent token={booking.token} />
                <Actions booking={booking} code={props.code} />
              </details>
            ) : (
              <button type="button" class="button--plain" onClick={() => bookings.forget(booking)}>
                {said.remove}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function stateOf(said: BookingSaid, state: BookingState): string {
  return said[state === "no_show" ? "noShow" : state];
}
