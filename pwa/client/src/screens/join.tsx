// A number in two taps: what for, and take it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { newKey, NoAnswerError } from "../app/api.ts";
import { now } from "../app/age.ts";
import { useApp } from "../app/context.ts";
import { join, unanswered } from "../app/joining.ts";
import { language, texts } from "../app/language.ts";
import { HeldNotice, Loading, NotLoaded, Problem, standingOf } from "../app/parts.tsx";
import { useProvider } from "../app/provider.ts";
import { isUncertain, reasonFor } from "../app/reasons.ts";
import { WaitNow } from "../app/waits.tsx";
import { asks, type Field, FIELDS, isAnonymous, missing } from "../shared/asks.ts";
import { number } from "../shared/format.ts";
import type { QueueNow, Service, Told } from "../shared/types.ts";

export function Join({ queue: id }: { queue: number }): JSX.Element {
  const { value, error, askAgain } = useProvider();
  const { session } = useApp();
  const said = texts.value;
  if (session.isHolding.value) return <HeldNotice as="h1" />;
  if (value === null) {
    return error === null ? <Loading lines={3} /> : <NotLoaded error={error} again={askAgain} />;
  }
  const queue = value.queues.find((found) => found.id === id);
  if (queue === undefined) {
    return (
      <>
        <h1>{said.noQueue}</h1>
        <p>{said.emptyAdvice}</p>
      </>
    );
  }
  const { isJoinable, standing } = standingOf(queue, now.value);
  return (
    <>
      <h1>
        <bdi>{queue.name}</bdi>
      </h1>
      <p class="facts">
        <WaitNow queue={queue} />
        <span class="quiet">
          {standing}
        </span>
      </p>
      {isJoinable ? (
        <JoinForm key={queue.id} queue={queue} />
      ) : (
        <p class="notice">{queue.remote_join ? said.isPaused : said.atPlace}</p>
      )}
    </>
  );
}

interface Attempt {
  isRunning: boolean;
  /** Why the last try is not known to have worked. */
  error: unknown;
}

function JoinForm({ queue }: { queue: QueueNow }): JSX.Element {
  const { api, session, store } = useApp();
  const said = texts.value;
  // One key for each time the form is shown, so that a repeat issues no second ticket; a try
  // whose answer was lost is taken up again with its own, even after a reload.
  const [pending] = useState(() => unanswered(store.pending, queue.id));
  const [key] = useState(() => pending?.key ?? newKey());
  const [service, setService] = useState(pending?.service ?? onlyOne(queue.services));
  const [people, setPeople] = useState(pending?.people ?? 1);
  const [told, setTold] = useState<Told>({ name: pending?.name ?? "", phone: pending?.phone ?? "" });
  const [isChoiceMissing, setIsChoiceMissing] = useState(false);
  const [unfilled, setUnfilled] = useState<Field[]>([]);
  const [attempt, setAttempt] = useState<Attempt>({
    isRunning: false,
    error: pending && new NoAnswerError(),
  });
  // It may have worked: then only the very same may be tried again.
  const isOpen = attempt.error !== null && isUncertain(attempt.error);
  const mustChoose = queue.services.length > 1;

  const send = async (): Promise<void> => {
    setAttempt({ isRunning: true, error: null });
    try {
      const person = isAnonymous(queue) ? {} : { ...told, language: language.value };
      const joining = { queue: queue.id, service, people, key, ...person };
      session.hold(await join(api, store.pending, joining));
      // In place of the form, so that going back does not lead to it.
      location.replace("#/ticket");
    } catch (error) {
      setAttempt({ isRunning: false, error });
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const isMissing = mustChoose && service === null;
    const empty = missing(queue, told);
    setIsChoiceMissing(isMissing);
    setUnfilled(empty);
    if (empty[0]) document.getElementById(empty[0])?.focus();
    if (!isMissing && empty.length === 0 && !attempt.isRunning) void send();
  };
  const choose = (chosen: number): void => {
    setService(chosen);
    setIsChoiceMissing(false);
  };
  return (
    <form onSubmit={submit} noValidate>
      {mustChoose && (
        <Services
          of={queue.services}
          chosen={service}
          isFixed={attempt.isRunning || isOpen}
          choose={choose}
        />
      )}
      {queue.max_people > 1 && (
        <People
          most={queue.max_people}
          chosen={people}
          isFixed={attempt.isRunning || isOpen}
          choose={setPeople}
        />
      )}
      {FIELDS.filter((field) => asks(queue, field) !== "no").map((field) => (
        <Asked
          key={field}
          field={field}
          isRequired={asks(queue, field) === "required"}
          isMissing={unfilled.includes(field)}
          isFixed={attempt.isRunning || isOpen}
          text={told[field] ?? ""}
          tell={(text) => setTold({ ...told, [field]: text })}
        />
      ))}
      {!isAnonymous(queue) && <p class="quiet asked__why">{said.deskSees}</p>}
      {isChoiceMissing && <Problem title={said.notJoined}>{said.chooseFirst}</Problem>}
      {attempt.error !== null && (
        <Problem title={said.notJoined}>
          {reasonFor(said, attempt.error)} {isOpen && said.sameNumber}
        </Problem>
      )}
      <button class="button--main" aria-disabled={attempt.isRunning}>
        {attempt.error === null ? said.takeNumber : said.tryAgain}
      </button>
      <p class="quiet">{said.willTell}</p>
    </form>
  );
}

function onlyOne(services: Service[]): number | null {
  return services.length === 1 ? (services[0]?.id ?? null) : null;
}

function People(props: {
  most: number;
  chosen: number;
  isFixed: boolean;
  choose: (people: number) => void;
}): JSX.Element {
  return (
    <label class="people">
      {texts.value.howMany}
      <select
        disabled={props.isFixed}
        onChange={(event) => props.choose(Number(event.currentTarget.value))}
      >
        {Array.from({ length: props.most }, (_, index) => index + 1).map((people) => (
          <option key={people} value={people} selected={people === props.chosen}>
            {number(language.value, people)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A field for what the queue asks; what was typed stays, whatever happens. */
function Asked(props: {
  field: Field;
  isRequired: boolean;
  isMissing: boolean;
  isFixed: boolean;
  text: string;
  tell: (text: string) => void;
}): JSX.Element {
  const said = texts.value;
  const { field, isRequired, isMissing } = props;
  const noteId = `${field}-note`;
  const label = field === "name" ? said.yourName : said.yourPhone;
  const whenMissing = field === "name" ? said.nameMissing : said.phoneMissing;
  const note = isMissing ? whenMissing : isRequired ? null : said.mayBeEmpty;
  return (
    <div class={isMissing ? "asked asked--missing" : "asked"}>
      <label for={field}>{label}</label>
      {note !== null && (
        <p id={noteId} class="asked__note" role={isMissing ? "alert" : undefined}>
          {note}
        </p>
      )}
      <input
        id={field}
        name={field}
        type={field === "phone" ? "tel" : "text"}
        autocomplete={field === "phone" ? "tel" : "name"}
        dir={field === "phone" ? "ltr" : "auto"}
        maxLength={field === "phone" ? 40 : 100}
        required={isRequired}
        aria-invalid={isMissing}
        aria-describedby={note === null ? undefined : noteId}
        disabled={props.isFixed}
        value={props.text}
        onInput={(event) => props.tell(event.currentTarget.value)}
      />
    </div>
  );
}

function Services(props: {
  of: Service[];
  chosen: number | null;
  isFixed: boolean;
  choose: (service: number) => void;
}): JSX.Element {
  return (
    <fieldset disabled={props.isFixed}>
      <legend>{texts.value.whichService}</legend>
      {props.of.map((service) => (
        <label key={service.id} class="option">
          <input
            type="radio"
            name="service"
            checked={props.chosen === service.id}
            onChange={() => props.choose(service.id)}
          />
          <bdi>{service.name}</bdi>
        </label>
      ))}
    </fieldset>
  );
}
