// Booking a time: what for, with whom, when. The details come once a time is held.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { newKey } from "../app/api.ts";
import { useApp } from "../app/context.ts";
import { useBookings } from "../app/bookings.ts";
import { bookingTexts, whyNot } from "../app/booking_words.ts";
import { language, texts } from "../app/language.ts";
import { Loading, NotLoaded, Problem } from "../app/parts.tsx";
import { type BookableService, minutesOf, NOBODY, type Offer, type Wish } from "../shared/booking.ts";
import { number, unitAround } from "../shared/format.ts";
import { Times } from "./times.tsx";
import { WaitFor } from "./waitlist.tsx";

const DAY_MINUTES = 1440;

export function Book({ service: id }: { service: number | null }): JSX.Element {
  const { offer, error, askAgain } = useOffer();
  const said = bookingTexts.value;
  if (offer === null) {
    return error === null ? <Loading lines={4} /> : <NotLoaded error={error} again={askAgain} />;
  }
  const [only, ...others] = offer.services;
  const chosen = id ?? (others.length === 0 ? only?.id : null);
  const service = offer.services.find((one) => one.id === chosen);
  const isOffered = offer.locations.length > 0 && offer.services.length > 0;
  if (!isOffered || (id !== null && service === undefined)) {
    return (
      <>
        <h1>{said.cannotBook}</h1>
        <p>{texts.value.emptyAdvice}</p>
      </>
    );
  }
  if (service !== undefined) return <When offer={offer} service={service} />;
  return (
    <>
      <h1>{texts.value.whichService}</h1>
      <ul class="rows">
        {offer.services.map((one) => (
          <li key={one.id}>
            <a class="row row--link" href={`#/book/${one.id}`}>
              <span class="row__main">
                <strong class="row__name">
                  <bdi>{one.name}</bdi>
                </strong>
              </span>
              <span class="quiet">
                <Facts of={one} />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What is on offer; asked for once for each opening of the screen. */
export function useOffer(): { offer: Offer | null; error: unknown; askAgain: () => void } {
  const { bookingApi } = useBookings();
  const [offer, setOffer] = useState<Offer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const askAgain = (): void => {
    setError(null);
    bookingApi.offer().then(setOffer, setError);
  };
  useEffect(askAgain, [bookingApi]);
  return { offer, error, askAgain };
}

/** How many days ahead a service can be booked. */
export function horizonOf(service: BookableService): number {
  return Math.ceil(minutesOf(service.horizon) / DAY_MINUTES);
}

function When({ offer, service }: { offer: Offer; service: BookableService }): JSX.Element {
  const { store } = useApp();
  const { bookingApi } = useBookings();
  const [resource, setResource] = useState<number | null>(null);
  const [place, setPlace] = useState(offer.locations[0]!.id);
  const [taking, setTaking] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [version, setVersion] = useState(0);
  const staff = offer.staff.filter((one) => service.resources.includes(one.id));
  const asked = staff.find((one) => one.id === resource);
  const location = offer.locations.find((one) => one.id === (asked?.location ?? place))!;
  const wish: Wish = { service: service.id, location: location.id, resource };

  const take = async (startsAt: string): Promise<void> => {
    setTaking(startsAt);
    setProblem(null);
    const before = store.draft.read();
    try {
      const hold = await bookingApi.hold(wish, startsAt);
      // The time of before is not wanted any more; else it would be free a little later.
      if (before?.hold) void bookingApi.release(before.hold.token).catch(() => undefined);
      const details = before?.details ?? NOBODY;
      store.draft.write({
        wish,
        starts_at: startsAt,
        time_zone: location.time_zone,
        hold,
        details,
        key: newKey(),
        isSent: false,
      });
      window.location.hash = "#/details";
    } catch (error) {
      setProblem(whyNot(error, startsAt));
      setVersion(version + 1);
    }
    setTaking(null);
  };
  return (
    <>
      <h1>
        <bdi>{service.name}</bdi>
      </h1>
      <p class="facts quiet">
        <Facts of={service} />
        <span>
          <bdi>{location.name}</bdi>
        </span>
      </p>
      {service.needs_approval && <p>{bookingTexts.value.approval}</p>}
      {offer.locations.length > 1 && asked === undefined && (
        <Choice
          label={bookingTexts.value.where}
          of={offer.locations}
          chosen={place}
          choose={(id) => setPlace(id ?? place)}
        />
      )}
      {staff.length > 1 && (
        <Choice
          label={bookingTexts.value.withWhom}
          of={staff}
          chosen={resource}
          nobody={bookingTexts.value.anybody}
          choose={setResource}
        />
      )}
      {problem !== null && <Problem title={bookingTexts.value.notBooked}>{problem}</Problem>}
      <Times
        name={`${version} ${location.id} ${resource}`}
        ask={(first, days) => bookingApi.times(wish, first, days)}
        timeZone={location.time_zone}
        horizon={horizonOf(service)}
        taking={taking}
        choose={(startsAt) => void take(startsAt)}
        otherwise={(date) => (
          <WaitFor key={date} wish={wish} date={date} timeZone={location.time_zone} last={horizonOf(service)} />
        )}
      />
    </>
  );
}

function Choice(props: {
  label: string;
  of: readonly { id: number; name: string }[];
  chosen: number | null;
  /** What stands for none of them. */
  nobody?: string;
  choose: (id: number | null) => void;
}): JSX.Element {
  return (
    <label class="people">
      {props.label}
      <select onChange={(event) => props.choose(Number(event.currentTarget.value) || null)}>
        {props.nobody && <option value="">{props.nobody}</option>}
        {props.of.map((one) => (
          <option key={one.id} value={one.id} selected={one.id === props.chosen}>
            {one.name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** How long it takes. */
function Facts({ of: service }: { of: BookableService }): JSX.Element {
  const minutes = minutesOf(service.duration);
  const [before, after] = unitAround(language.value, "minute", minutes);
  return (
    <span class="amount">
      {before}
      <bdi dir="ltr">{number(language.value, minutes)}</bdi>
      {after}
    </span>
  );
}
