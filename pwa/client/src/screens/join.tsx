// A number in two taps: what for, and take it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { newKey } from "../app/api.ts";
import { useApp } from "../app/context.ts";
import { texts } from "../app/language.ts";
import { Counters, Loading, NotLoaded, Problem, Waiting } from "../app/parts.tsx";
import { useProvider } from "../app/provider.ts";
import { isUncertain, reasonFor } from "../app/reasons.ts";
import type { QueueNow, Service } from "../shared/types.ts";

export function Join({ queue: id }: { queue: number }): JSX.Element {
  const { value, error, askAgain } = useProvider();
  const { session } = useApp();
  const said = texts.value;
  if (session.isHolding.value) return <AlreadyHolding />;
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
  return (
    <>
      <h1>
        <bdi>{queue.name}</bdi>
      </h1>
      <p class="facts">
        <Waiting total={queue.waiting_total} />
        <span class="quiet">
          <Counters open={queue.open_counters} />
        </span>
      </p>
      {queue.status === "open" ? (
        <JoinForm key={queue.id} queue={queue} />
      ) : (
        <p class="notice">{said[queue.status]}</p>
      )}
    </>
  );
}

function AlreadyHolding(): JSX.Element {
  const said = texts.value;
  return (
    <>
      <h1>{said.oneAtATime}</h1>
      <a class="button" href="#/ticket">
        {said.seeMyPlace}
      </a>
    </>
  );
}

interface Attempt {
  isRunning: boolean;
  problem: string | null;
  /** Whether the last try may have been done; then only the very same may be tried again. */
  isOpen: boolean;
}

function JoinForm({ queue }: { queue: QueueNow }): JSX.Element {
  const { api, session, store } = useApp();
  const said = texts.value;
  // One key for each time the form is shown, so that a repeat issues no second ticket; a try
  // whose answer was lost is taken up again with its own, even after a reload.
  const [pending] = useState(() => {
    const left = store.pending.read();
    return left?.queue === queue.id ? left : null;
  });
  const [key] = useState(() => pending?.key ?? newKey());
  const [service, setService] = useState(pending?.service ?? onlyOne(queue.services));
  const [attempt, setAttempt] = useState<Attempt>({
    isRunning: false,
    problem: null,
    isOpen: pending !== null,
  });
  const mustChoose = queue.services.length > 1;

  const join = async (): Promise<void> => {
    setAttempt({ isRunning: true, problem: null, isOpen: true });
    store.pending.write({ queue: queue.id, service, key });
    try {
      const ticket = await api.join(queue.id, service, key);
      store.pending.clear();
      session.hold(ticket);
      // In place of the form, so that going back does not lead to it.
      location.replace("#/ticket");
    } catch (error) {
      const isOpen = isUncertain(error);
      if (!isOpen) store.pending.clear();
      setAttempt({ isRunning: false, problem: reasonFor(said, error), isOpen });
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (attempt.isRunning) return;
    if (mustChoose && service === null) {
      setAttempt({ isRunning: false, problem: said.chooseFirst, isOpen: false });
    } else {
      void join();
    }
  };
  return (
    <form onSubmit={submit}>
      {mustChoose && (
        <Services
          of={queue.services}
          chosen={service}
          isFixed={attempt.isRunning || attempt.isOpen}
          choose={setService}
        />
      )}
      {attempt.problem !== null && (
        <Problem title={said.notJoined}>
          {attempt.problem} {attempt.isOpen && said.sameNumber}
        </Problem>
      )}
      <button class="button--main" aria-disabled={attempt.isRunning}>
        {attempt.problem === null ? said.takeNumber : said.tryAgain}
      </button>
      <p class="quiet">{said.willTell}</p>
    </form>
  );
}

function onlyOne(services: Service[]): number | null {
  return services.length === 1 ? (services[0]?.id ?? null) : null;
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
