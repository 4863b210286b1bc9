// Whether a booking comes again, and which of its times are not free.

import type { JSX } from "preact";

import { now } from "../app/age.ts";
import { bookingTexts, whyNotFree } from "../app/booking_words.ts";
import { language } from "../app/language.ts";
import { Problem, Text } from "../app/parts.tsx";
import {
  type Conflict,
  dateOf,
  type Draft,
  lastOf,
  mostTimes,
  type Repeat,
  type BookableService,
  minutesOf,
} from "../shared/booking.ts";
import { dayOf, filled, number } from "../shared/format.ts";

const EVERY = [1, 2, 4] as const;
const TIMES = 6;

/** Asks how often; nothing where the service is not booked so far ahead. */
export function RepeatChoice(props: {
  draft: Draft;
  service: BookableService;
  isFixed: boolean;
  choose: (repeat: Repeat | null) => void;
}): JSX.Element | null {
  const { draft, isFixed, choose } = props;
  const said = bookingTexts.value;
  const repeat = draft.repeat ?? null;
  const horizon = now.value + minutesOf(props.service.horizon) * 60_000;
  const most = (weeks: number): number => mostTimes(draft.starts_at, weeks, horizon);
  const offered = EVERY.filter((weeks) => most(weeks) > 1);
  if (offered.length === 0 && repeat === null) return null;
  const pick = (weeks: number, times: number): void =>
    choose(weeks === 0 ? null : { weeks, times: Math.min(times, most(weeks)), skips: false });
  return (
    <details class="repeat" open={repeat !== null}>
      <summary>{said.repeat}</summary>
      <label class="people">
        {said.howOften}
        <select disabled={isFixed} onChange={({ currentTarget }) => pick(Number(currentTarget.value), repeat?.times ?? TIMES)}>
          <option value="0">{said.once}</option>
          {offered.map((weeks) => (
            <option key={weeks} value={weeks} selected={weeks === repeat?.weeks}>
              {weeks === 1 ? said.everyWeek : filled(said.everyWeeks, { weeks: number(language.value, weeks) })}
            </option>
          ))}
        </select>
      </label>
      {repeat !== null && (
        <>
          <label class="people">
            {said.howManyTimes}
            <select disabled={isFixed} onChange={({ currentTarget }) => pick(repeat.weeks, Number(currentTarget.value))}>
              {Array.from({ length: most(repeat.weeks) - 1 }, (_, index) => index + 2).map((times) => (
                <option key={times} value={times} selected={times === repeat.times}>
                  {number(language.value, times)}
                </option>
              ))}
            </select>
          </label>
          <p class="quiet" role="status">
            <Text of={said.lastOne} with={{ day: <bdi>{dayLabel(lastOf(draft.starts_at, repeat))}</bdi> }} />
          </p>
        </>
      )}
    </details>
  );
}

/** Which of its times are not free; nothing is booked until that was seen. */
export function Conflicts(props: { of: readonly Conflict[]; repeat: Repeat }): JSX.Element {
  const said = bookingTexts.value;
  const count = (one: number): string => number(language.value, one);
  const counts = { taken: count(props.of.length), all: count(props.repeat.times) };
  return (
    <Problem title={said.notBooked}>
      {filled(said.notAllFree, counts)}
      <ul>
        {props.of.map((one) => (
          <li key={one.starts_at}>
            <bdi>{dayLabel(dateOf(one.starts_at))}</bdi>: {whyNotFree(one)}
          </li>
        ))}
      </ul>
    </Problem>
  );
}

function dayLabel(date: string): string {
  return dayOf(language.value, Date.parse(`${date}T12:00`));
}
