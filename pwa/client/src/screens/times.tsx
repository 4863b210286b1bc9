// When is it free? The first free day's times, and days to page through.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { now } from "../app/age.ts";
import { bookingTexts } from "../app/booking_words.ts";
import { language } from "../app/language.ts";
import { Loading, NotLoaded, Text } from "../app/parts.tsx";
import { byDate, dateIn, type FreeTimes, hourOf, later, type Slot } from "../shared/booking.ts";
import { dayOf, foreignZone } from "../shared/format.ts";

// So many days are asked for at once; further on more, so that a far day is found soon.
const FIRST_DAYS = 14;
const MORE_DAYS = 31;

interface Props {
  /** Of what there are times: with another name they are asked for anew. */
  name: string;
  /** Asks for the times of so many days from a date on. */
  ask: (first: string, days: number) => Promise<FreeTimes>;
  /** Of the location. */
  timeZone: string;
  /** How many days ahead one can book. */
  horizon: number;
  /** The time that is being taken, in the meantime. */
  taking: string | null;
  choose: (startsAt: string) => void;
  /** What to do where nothing is free: on a date, or none until the last one. */
  otherwise?: (date: string) => JSX.Element;
}

export function Times(props: Props): JSX.Element {
  return <Calendar key={props.name} {...props} />;
}

function Calendar(props: Props): JSX.Element {
  const { ask, timeZone, horizon } = props;
  const said = bookingTexts.value;
  const [today] = useState(() => dateIn(timeZone, now.peek()));
  const last = later(today, horizon);
  const known = useRef(new Map<string, Slot[]>());
  const [day, setDay] = useState<string | null>(null);
  const [isFull, setIsFull] = useState(false);
  const [isLoading, setIsLoading] = useState(true);
  const [error, setError] = useState<unknown>(null);

  const slotsOf = async (date: string): Promise<Slot[]> => {
    const found = known.current.get(date);
    if (found !== undefined) return found;
    const days = known.current.size === 0 ? FIRST_DAYS : MORE_DAYS;
    const { slots } = await ask(date, days);
    for (const [one, its] of byDate(slots, date, days)) known.current.set(one, its);
    return known.current.get(date) ?? [];
  };
  const show = async (find: () => Promise<string | null>): Promise<void> => {
    setIsLoading(true);
    setError(null);
    try {
      const found = await find();
      setIsFull(found === null);
      if (found !== null) setDay(found);
    } catch (problem) {
      setError(problem);
    }
    setIsLoading(false);
  };
  const firstFree = (from: string) => async (): Promise<string | null> => {
    for (let date = from; date <= last; date = later(date, 1)) {
      if ((await slotsOf(date)).length > 0) return date;
    }
    return null;
  };
  const exactly = (date: string) => async (): Promise<string> => {
    await slotsOf(date);
    return date;
  };
  useEffect(() => void show(firstFree(today)), []);

  if (error !== null) {
    return <NotLoaded error={error} again={() => void show(day ? exactly(day) : firstFree(today))} />;
  }
  if (day === null) {
    if (isLoading) return <Loading lines={6} />;
    return (
      <>
        <p class="lead">
          <Text of={said.noTimesAtAll} with={{ day: <bdi>{dayLabel(last)}</bdi> }} />
        </p>
        {props.otherwise?.(today)}
      </>
    );
  }
  const slots = known.current.get(day) ?? [];
  return (
    <section aria-busy={isLoading}>
      <h2 class="day" aria-live="polite">
        <bdi>{dayLabel(day)}</bdi>
      </h2>
      <Zone of={timeZone} day={day} />
      <DayTimes slots={slots} taking={props.taking} choose={props.choose} />
      {slots.length === 0 && (
        <p class="lead">
          {isFull ? (
            <Text of={said.noTimesAtAll} with={{ day: <bdi>{dayLabel(last)}</bdi> }} />
          ) : (
            said.noTimes
          )}
        </p>
      )}
      {slots.length === 0 && props.otherwise?.(day)}
      <div class="actions">
        <Go off={day <= today} label={said.previousDay} go={() => show(exactly(later(day, -1)))} />
        <Go off={day >= last} label={said.nextDay} go={() => show(exactly(later(day, 1)))} />
        <Go off={isFull} label={said.nextFreeDay} go={() => show(firstFree(later(day, 1)))} />
      </div>
      <p class="asked">
        <label for="another-day">{said.anotherDay}</label>
        <input
          id="another-day"
          type="date"
          min={today}
          max={last}
          value={day}
          onChange={({ currentTarget: { value } }) => {
            if (value >= today && value <= last) void show(exactly(value));
          }}
        />
      </p>
    </section>
  );
}

/** The earliest leads. */
function DayTimes(props: {
  slots: readonly Slot[];
  taking: string | null;
  choose: (startsAt: string) => void;
}): JSX.Element {
  const time = ({ starts_at: startsAt }: Slot): JSX.Element => <bdi dir="ltr">{hourOf(startsAt)}</bdi>;
  return (
    <ul class="times">
      {props.slots.map((slot, index) => (
        <li key={slot.starts_at} class={index === 0 ? "times__first" : undefined}>
          <button
            type="button"
            class={index === 0 ? "button--main" : "button--framed"}
            aria-disabled={props.taking !== null}
            onClick={() => {
              if (props.taking === null) props.choose(slot.starts_at);
            }}
          >
            {index === 0 ? (
              <span>
                <Text of={bookingTexts.value.nextFree} with={{ time: time(slot) }} />
              </span>
            ) : (
              time(slot)
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Go(props: { off: boolean; label: string; go: () => Promise<void> }): JSX.Element {
  return (
    <button
      type="button"
      class="button--plain"
      aria-disabled={props.off}
      onClick={() => {
        if (!props.off) void props.go();
      }}
    >
      {props.label}
    </button>
  );
}

/** Whose clock the times are of, where this phone's shows another. */
export function Zone(props: { of: string; day: string }): JSX.Element | null {
  const zone = foreignZone(language.value, Date.parse(`${props.day}T12:00Z`), props.of);
  if (zone === null) return null;
  return (
    <p class="quiet">
      <Text of={bookingTexts.value.zone} with={{ zone: <bdi>{zone}</bdi> }} />
    </p>
  );
}

function dayLabel(date: string): string {
  return dayOf(language.value, Date.parse(`${date}T12:00`));
}
