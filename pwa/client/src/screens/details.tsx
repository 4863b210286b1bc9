// Who comes: what the provider asks of whoever books, while the time is held.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { now } from "../app/age.ts";
import { newKey, NoAnswerError, ProblemError } from "../app/api.ts";
import { useBookings } from "../app/bookings.ts";
import { bookingTexts, conflictsOf, freeOf, timeBeside, whyNot } from "../app/booking_words.ts";
import { useApp } from "../app/context.ts";
import { language, texts } from "../app/language.ts";
import { Clock, Loading, NotLoaded, Problem, Text } from "../app/parts.tsx";
import { isUncertain } from "../app/reasons.ts";
import {
  bodyOf,
  type BookableService,
  type Booking,
  dateOf,
  type Details,
  type Draft,
  type Repeat,
  seriesBodyOf,
} from "../shared/booking.ts";
import { filled, number, wallTime } from "../shared/format.ts";
import { useOffer } from "./book.tsx";
import { Field } from "./field.tsx";
import { Conflicts, RepeatChoice } from "./repeat.tsx";
import { Zone } from "./times.tsx";

/** What is wrong with a field; by its name, of questions "answers.<id>". */
export type Faults = Record<string, string>;

export function DetailsScreen(): JSX.Element {
  const { store } = useApp();
  const { offer, error, askAgain } = useOffer();
  const [draft] = useState(() => store.draft.read());
  const service = offer?.services.find((one) => one.id === draft?.wish.service);
  if (draft === null || (offer !== null && service === undefined)) {
    return (
      <>
        <h1>{bookingTexts.value.noBookings}</h1>
        <a class="button" href="#/book">
          {texts.value.bookTime}
        </a>
      </>
    );
  }
  if (service !== undefined) return <Form service={service} from={draft} />;
  return error === null ? <Loading lines={6} /> : <NotLoaded error={error} again={askAgain} />;
}

function Form({ service, from }: { service: BookableService; from: Draft }): JSX.Element {
  const { store } = useApp();
  const { bookingApi, bookings } = useBookings();
  const [draft, setDraft] = useState(from);
  const [faults, setFaults] = useState<Faults>({});
  const [isRunning, setIsRunning] = useState(false);
  const [error, setError] = useState<unknown>(from.isSent ? new NoAnswerError() : null);
  const said = bookingTexts.value;
  const { details } = draft;
  const isFixed = isRunning || draft.isSent;

  const write = (next: Draft): Draft => {
    store.draft.write(next);
    setDraft(next);
    return next;
  };
  const tell = (told: Partial<Details>): void => {
    write({ ...draft, details: { ...details, ...told } });
  };
  /** Books what is held, and if that is over the same time. */
  const book = async (sent: Draft): Promise<Booking[]> => {
    if (sent.repeat) {
      return bookingApi.bookSeries(seriesBodyOf(sent, sent.repeat, language.value), sent.key);
    }
    try {
      return [await bookingApi.book(bodyOf(sent, language.value), sent.key)];
    } catch (problem) {
      if (!(problem instanceof ProblemError && problem.code === "hold-expired")) throw problem;
      const without = write({ ...sent, hold: null, key: newKey() });
      return [await bookingApi.book(bodyOf(without, language.value), without.key)];
    }
  };
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setIsRunning(true);
    setError(null);
    try {
      await work();
    } catch (problem) {
      const refused = faultsOf(problem);
      setFaults(refused);
      focusFirst(refused);
      setError(problem);
      const left = store.draft.read();
      // Refused, it may be changed; without an answer only the very same may be sent again.
      if (left !== null) write({ ...left, isSent: left.isSent && isUncertain(problem) });
    }
    setIsRunning(false);
  };
  const send = (what = draft): Promise<void> =>
    attempt(async () => {
      const made = await book(write({ ...what, isSent: true }));
      made.forEach(bookings.keep);
      store.draft.clear();
      // In place of the form, so that going back does not lead to it.
      location.replace("#/bookings");
    });
  const takeOther = (startsAt: string): Promise<void> =>
    attempt(async () => {
      const hold = await bookingApi.hold(draft.wish, startsAt);
      write({ ...draft, starts_at: startsAt, hold, key: newKey(), isSent: false });
    });
  const submit = (event: Event): void => {
    event.preventDefault();
    if (isRunning) return;
    const missing = missingIn(service, details);
    setFaults(missing);
    focusFirst(missing);
    if (Object.keys(missing).length > 0) return;
    // They were seen.
    if (repeat && others > 0) void send({ ...draft, repeat: { ...repeat, skips: true }, key: newKey() });
    else void send();
  };
  const free = freeOf(error);
  const { repeat } = draft;
  const conflicts = conflictsOf(error);
  // What is left once they are left out; none where nothing is, or all of it is free.
  const others = repeat && conflicts.length > 0 ? repeat.times - conflicts.length : 0;
  return (
    <form onSubmit={submit} noValidate>
      <h1 class="headline headline--long">
        <bdi>{wallTime(language.value, Date.parse(draft.starts_at), draft.time_zone)}</bdi>
      </h1>
      <p class="lead">
        <bdi>{service.name}</bdi>
      </p>
      <Zone of={draft.time_zone} day={dateOf(draft.starts_at)} />
      {!draft.isSent && <Kept draft={draft} />}
      <Field id="name" label={texts.value.yourName} fault={faults["name"]} isRequired isFixed={isFixed}
        autocomplete="name" length={100} text={details.name} tell={(name) => tell({ name })} />
      <Field id="email" label={said.yourEmail} note={said.tellOfChanges} fault={faults["email"]} isFixed={isFixed}
        type="email" autocomplete="email" length={254} text={details.email} tell={(email) => tell({ email })} />
      <Field id="phone" label={texts.value.yourPhone} fault={faults["phone"]} isFixed={isFixed}
        type="tel" autocomplete="tel" length={40} text={details.phone} tell={(phone) => tell({ phone })} />
      {service.questions.map(({ id, label, required }) => (
        <Field key={id} id={`answers.${id}`} label={label} fault={faults[`answers.${id}`]} isRequired={required}
          isFixed={isFixed} length={1000} text={details.answers[id] ?? ""}
          tell={(answer) => tell({ answers: { ...details.answers, [id]: answer } })} />
      ))}
      <Field id="note" label={said.note} fault={faults["note"]} isFixed={isFixed} length={500}
        text={details.note} tell={(note) => tell({ note })} />
      <RepeatChoice draft={draft} service={service} isFixed={isFixed} choose={(chosen) => {
        setError(null);
        write({ ...draft, repeat: chosen, key: newKey() });
      }} />
      {repeat && conflicts.length > 0 && (
        <Conflicts of={conflicts} repeat={repeat} />
      )}
      {error !== null && conflicts.length === 0 && (
        <Problem title={said.notBooked}>
          {whyNot(error, draft.starts_at)} {draft.isSent && said.neverTwice}
        </Problem>
      )}
      {free.length > 0 && (
        <p class="actions">
          {free.map((startsAt) => (
            <button key={startsAt} type="button" class="button--framed" onClick={() => void takeOther(startsAt)}>
              <bdi>{timeBeside(startsAt, draft.starts_at)}</bdi>
            </button>
          ))}
        </p>
      )}
      <button class="button--main" aria-disabled={isRunning}>
        {draft.isSent ? texts.value.tryAgain : sendLabel(service, repeat, others)}
      </button>
      <p class="otherwise">
        <a href={`#/book/${service.id}`}>{said.otherTimes}</a>
      </p>
    </form>
  );
}

/** What the button does: books it, all of them, or `others` than those that are not free. */
function sendLabel(service: BookableService, repeat: Repeat | null | undefined, others: number): string {
  const said = bookingTexts.value;
  const isAsked = service.needs_approval;
  if (!repeat) return isAsked ? said.askForIt : said.book;
  const text = others > 0 ? said.bookOthers : isAsked ? said.askForAll : said.bookAll;
  return filled(text, { count: number(language.value, others || repeat.times) });
}

/** Until when nobody else can take the time. */
function Kept({ draft }: { draft: Draft }): JSX.Element {
  const said = bookingTexts.value;
  const until = draft.hold?.expires_at;
  if (until === undefined || Date.parse(until) < now.value) return <p class="quiet">{said.keptNoMore}</p>;
  return (
    <p class="quiet">
      <Text of={said.keptUntil} with={{ time: <Clock at={until} /> }} />
    </p>
  );
}

function missingIn(service: BookableService, details: Details): Faults {
  const faults: Faults = {};
  if (!details.name.trim()) faults["name"] = texts.value.nameMissing;
  for (const { id, required } of service.questions) {
    if (required && !details.answers[id]?.trim()) {
      faults[`answers.${id}`] = bookingTexts.value.answerMissing;
    }
  }
  return faults;
}

/** What a refusal says of fields. */
export function faultsOf(problem: unknown): Faults {
  const said = bookingTexts.value;
  const errors = problem instanceof ProblemError ? problem.data["errors"] : null;
  const faults: Faults = {};
  for (const { field } of Array.isArray(errors) ? (errors as { field: string }[]) : []) {
    if (field === "email") faults[field] = said.emailNotUsable;
    else if (field === "phone") faults[field] = said.phoneNotUsable;
    else if (field.startsWith("answers.")) faults[field] = said.answerMissing;
    else faults[field] = texts.value.notUsable;
  }
  return faults;
}

export function focusFirst(faults: Faults): void {
  const [first] = Object.keys(faults);
  if (first !== undefined) document.getElementById(first)?.focus();
}
