// Waiting for a time to become free: from a day without one, until one is offered and taken.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { now, serverAhead } from "../app/age.ts";
import { enablePush, isPushed } from "../app/alerts.ts";
import { newKey } from "../app/api.ts";
import { useBookings } from "../app/bookings.ts";
import { bookingTexts, whyNot } from "../app/booking_words.ts";
import { language, texts } from "../app/language.ts";
import { Problem, Text } from "../app/parts.tsx";
import { isUncertain } from "../app/reasons.ts";
import {
  dateIn,
  type Entry,
  later,
  type TimeOffer,
  type Wish,
} from "../shared/booking.ts";
import { dayOf, listed, minutesAndSeconds, wallTime } from "../shared/format.ts";
import { useOffer } from "./book.tsx";
import { type Faults, faultsOf, focusFirst } from "./details.tsx";
import { Field } from "./field.tsx";

// So many days are waited for unless others are chosen.
const DAYS = 7;

/** A form to wait for a time from a date on; `last` is how many days ahead one can book. */
export function WaitFor(props: {
  wish: Wish;
  date: string;
  timeZone: string;
  last: number;
}): JSX.Element {
  const { bookingApi, entries } = useBookings();
  const said = bookingTexts.value;
  const end = later(dateIn(props.timeZone, now.peek()), props.last);
  const [isOpen, setIsOpen] = useState(false);
  const [key] = useState(newKey);
  const [until, setUntil] = useState([later(props.date, DAYS), end].sort()[0]!);
  const [who, setWho] = useState({ name: "", email: "", phone: "" });
  const [faults, setFaults] = useState<Faults>({});
  const [isRunning, setIsRunning] = useState(false);
  // Without an answer only the very same may be sent again.
  const [isSent, setIsSent] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const refuse = (found: Faults): boolean => {
    setFaults(found);
    focusFirst(found);
    return Object.keys(found).length > 0;
  };
  const send = async (): Promise<void> => {
    setIsRunning(true);
    setError(null);
    try {
      const told = { ...who, language: language.value };
      entries.keep(await bookingApi.waitFor(props.wish, told, [props.date, until], key));
      location.hash = "#/bookings";
    } catch (problem) {
      refuse(faultsOf(problem));
      setError(problem);
      setIsSent(isUncertain(problem));
    }
    setIsRunning(false);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (isRunning) return;
    // Whom nobody can reach, nobody can offer a time.
    const isUnreachable = !who.email.trim() && !who.phone.trim();
    const missing: Faults = {
      ...(!who.name.trim() && { name: texts.value.nameMissing }),
      ...(isUnreachable && { email: said.reachMissing }),
    };
    if (!refuse(missing)) void send();
  };
  if (!isOpen) {
    return (
      <p>
        <button type="button" class="button--main" onClick={() => setIsOpen(true)}>
          {said.waitForOne}
        </button>
      </p>
    );
  }
  const isFixed = isRunning || isSent;
  const field = { isFixed };
  return (
    <form onSubmit={submit} noValidate>
      <p>{said.waitMeans}</p>
      <p class="asked">
        <label for="until">
          <Text of={said.fromUntil} with={{ day: <bdi>{dayOf(language.value, Date.parse(`${props.date}T12:00`))}</bdi> }} />
        </label>
        <input
          id="until"
          type="date"
          min={props.date}
          max={end}
          value={until}
          disabled={isFixed}
          onChange={({ currentTarget: { value } }) => setUntil(value || until)}
        />
      </p>
      <Field id="name" label={texts.value.yourName} fault={faults["name"]} isRequired autocomplete="name"
        length={100} text={who.name} tell={(name) => setWho({ ...who, name })} {...field} />
      <Field id="email" label={said.yourEmail} fault={faults["email"]} type="email" autocomplete="email"
        length={254} text={who.email} tell={(email) => setWho({ ...who, email })} {...field} />
      <Field id="phone" label={texts.value.yourPhone} fault={faults["phone"]} type="tel" autocomplete="tel"
        length={40} text={who.phone} tell={(phone) => setWho({ ...who, phone })} {...field} />
      {error !== null && <Problem title={said.notWaiting}>{whyNot(error)}</Problem>}
      <button class="button--main" aria-disabled={isRunning}>
        {said.waitForOne}
      </button>
    </form>
  );
}

/** Whether a time is kept for whoever waits, now. */
export function isOffered({ state, offer }: Entry): boolean {
  return state === "waiting" && offer !== null && leftOf(offer) > 0;
}

/** For how long a time is kept, in milliseconds by the server's clock. */
export function leftOf(offer: TimeOffer): number {
  return Date.parse(offer.expires_at) - now.value - serverAhead.value;
}

/** What is offered now: it leads, while it is kept. */
export function Offers({ of: offered }: { of: readonly Entry[] }): JSX.Element {
  return (
    <>
      {offered.map((entry) => (
        <OneOffer key={entry.offer!.id} entry={entry} offer={entry.offer!} />
      ))}
    </>
  );
}

function OneOffer({ entry, offer }: { entry: Entry; offer: TimeOffer }): JSX.Element {
  const { bookingApi, bookings, entries } = useBookings();
  const { offer: bookable } = useOffer();
  const said = bookingTexts.value;
  const [key] = useState(newKey);
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const [faults, setFaults] = useState<Faults>({});
  const [isRunning, setIsRunning] = useState(false);
  // Without an answer only the very same may be sent again.
  const [isSent, setIsSent] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const questions = bookable?.services.find((one) => one.id === entry.service_id)?.questions ?? [];
  const names = listed(language.value, offer.resources);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    if (isRunning) return;
    setIsRunning(true);
    setError(null);
    try {
      await work();
    } catch (problem) {
      setFaults(faultsOf(problem));
      focusFirst(faultsOf(problem));
      setError(problem);
      setIsSent(isUncertain(problem));
      void entries.refresh();
    }
    setIsRunning(false);
  };
  const take = (): Promise<void> =>
    attempt(async () => {
      bookings.keep(await bookingApi.accept(entry.token, key, offer.id, { note: "", answers }));
      entries.forget(entry);
    });
  const refuse = (): Promise<void> =>
    attempt(async () => entries.keep(await bookingApi.refuse(entry.token, newKey(), offer.id)));
  return (
    <section class="held">
      <h1 class="headline headline--long" aria-live="polite">
        <bdi>{wallTime(language.value, Date.parse(offer.starts_at), entry.time_zone)}</bdi>
      </h1>
      <p class="lead">
        <Text of={said.becameFree} with={{ service: <bdi>{entry.service}</bdi> }} />{" "}
        {names !== "" && <Text of={said.with} with={{ names: <bdi>{names}</bdi> }} />}
      </p>
      <p role="timer">
        <Text of={said.keptFor} with={{ time: <bdi dir="ltr">{minutesAndSeconds(leftOf(offer))}</bdi> }} />
      </p>
      {questions.map(({ id, label, required }) => (
        <Field key={id} id={`answers.${id}`} label={label} fault={faults[`answers.${id}`]} isRequired={required}
          isFixed={isRunning || isSent} length={1000} text={answers[id] ?? ""}
          tell={(answer) => setAnswers({ ...answers, [id]: answer })} />
      ))}
      {error !== null && <Problem title={said.notBooked}>{whyNot(error)}</Problem>}
      <button type="button" class="button--main" aria-disabled={isRunning} onClick={() => void take()}>
        {said.takeIt}
      </button>
      <button type="button" class="button--plain" aria-disabled={isRunning} onClick={() => void refuse()}>
        {said.notThisOne}
      </button>
    </section>
  );
}

/** What one waits for, with nothing offered yet. */
export function Entries(): JSX.Element | null {
  const { bookingApi, entries } = useBookings();
  const said = bookingTexts.value;
  const [problem, setProblem] = useState<string | null>(null);
  const waiting = entries.kept.value.filter(({ item }) => item.state === "waiting");
  if (waiting.length === 0) return null;
  const leave = async (entry: Entry): Promise<void> => {
    setProblem(null);
    try {
      await bookingApi.leaveWaitlist(entry.token, newKey());
      entries.forget(entry);
    } catch (error) {
      setProblem(whyNot(error));
    }
  };
  const day = (at: string, zone: string): JSX.Element => (
    <bdi>{dayOf(language.value, Date.parse(`${dateIn(zone, Date.parse(at))}T12:00`))}</bdi>
  );
  return (
    <section>
      <h2>{said.waitingFor}</h2>
      {problem !== null && <Problem title={texts.value.notDone}>{problem}</Problem>}
      <ul class="rows">
        {waiting.map(({ item }) => (
          <li key={item.token}>
            <div class="row">
              <span class="row__main">
                <strong class="row__name">
                  <bdi>{item.service}</bdi>
                </strong>
                <span class="quiet">
                  <Text
                    of={said.between}
                    with={{
                      first: day(item.first, item.time_zone),
                      last: day(new Date(Date.parse(item.last) - 1).toISOString(), item.time_zone),
                    }}
                  />
                </span>
              </span>
              <button type="button" class="button--plain" onClick={() => void leave(item)}>
                {said.waitNoMore}
              </button>
            </div>
          </li>
        ))}
      </ul>
      <TellMe />
    </section>
  );
}

/** Being told of a free time while the app is closed: by a tap, and as it is. */
function TellMe(): JSX.Element {
  const said = bookingTexts.value;
  const [wasAsked, setWasAsked] = useState(false);
  const answer = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    // The button that had the focus is gone.
    if (wasAsked) answer.current?.focus();
  }, [wasAsked]);
  if (!wasAsked && !isPushed.value) {
    const ask = (): void => void enablePush().finally(() => setWasAsked(true));
    return (
      <p class="tell">
        <button type="button" class="button--framed" onClick={ask}>
          {said.tellMeOfTimes}
        </button>
      </p>
    );
  }
  return (
    <p class="tell" role="status" ref={answer} tabIndex={-1}>
      {isPushed.value ? said.toldOfTimes : said.notToldOfTimes}
    </p>
  );
}
