// What can I queue for, and how long would I wait?

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

import { now } from "../app/age.ts";
import { useApp } from "../app/context.ts";
import { language, texts } from "../app/language.ts";
import { lazy } from "../app/lazy.tsx";
import { AgeLine, HeldNotice, Loading, NotLoaded, standingOf } from "../app/parts.tsx";
import { useProvider } from "../app/provider.ts";
import { WaitNow } from "../app/waits.tsx";
import { listed } from "../shared/format.ts";
import type { QueueNow } from "../shared/types.ts";

const Places = lazy(() => import("./more.ts").then((part) => part.Places));

export function Home(): JSX.Element {
  const { config, session } = useApp();
  const { value, heardAt, error, askAgain } = useProvider();
  const hasFailed = error !== null;
  return (
    <div class={hasFailed ? "stale" : ""}>
      <h1>{config.provider.name}</h1>
      {session.isHolding.value && <HeldNotice as="p" />}
      {value !== null && (
        <>
          {(value.queues.length > 0 || !value.takes_bookings) && <Queues queues={value.queues} />}
          {value.takes_bookings && <Book isAlone={value.queues.length === 0} />}
          {/* Asked twice a minute, so it is never quite live. */}
          <AgeLine age={hasFailed ? "cut" : "as-of"} heardAt={heardAt} />
          <WhereAndWhen />
        </>
      )}
      {value === null && !hasFailed && <Loading lines={4} />}
      {value === null && hasFailed && <NotLoaded error={error} again={askAgain} />}
    </div>
  );
}

/** Closed until somebody asks. */
function WhereAndWhen(): JSX.Element {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{texts.value.whereAndWhen}</summary>
      {isOpen && <Places />}
    </details>
  );
}

/** Leads where there is no queue. */
function Book({ isAlone }: { isAlone: boolean }): JSX.Element {
  return (
    <p class="book">
      <a class={isAlone ? "button button--main" : "button button--framed"} href="#/book">
        {texts.value.bookTime}
      </a>
    </p>
  );
}

function Queues({ queues }: { queues: QueueNow[] }): JSX.Element {
  const said = texts.value;
  if (queues.length === 0) {
    return (
      <>
        <p class="lead">{said.empty}</p>
        <p>{said.emptyAdvice}</p>
      </>
    );
  }
  const locations = [...new Set(queues.map((queue) => queue.location))];
  return (
    <>
      {locations.map((location) => (
        <section key={location}>
          {locations.length > 1 && (
            <h2>
              <bdi>{location}</bdi>
            </h2>
          )}
          <ul class={queues.length === 1 ? "rows rows--one" : "rows"}>
            {queues
              .filter((queue) => queue.location === location)
              .map((queue) => (
                <Row key={queue.id} queue={queue} />
              ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Row({ queue }: { queue: QueueNow }): JSX.Element {
  const { session } = useApp();
  const said = texts.value;
  const { isOpen, isJoinable, standing } = standingOf(queue, now.value);
  const inside = (
    <>
      <Name of={queue}>
        {standing}
        {isOpen && !queue.remote_join && <> {said.atPlace}</>}
        {queue.services.length > 1 && <Services of={queue} />}
      </Name>
      {isOpen && <WaitNow queue={queue} />}
    </>
  );
  if (!isJoinable || session.isHolding.value) return <li class="row">{inside}</li>;
  return (
    <li>
      <a class="row row--link" href={`#/join/${queue.id}`}>
        {inside}
        <span class="row__action">{said.join}</span>
      </a>
    </li>
  );
}

/** What the queue is for. */
function Services({ of: { services } }: { of: QueueNow }): JSX.Element {
  return (
    <>
      <br />
      <bdi>{listed(language.value, services.map((one) => one.name))}</bdi>
    </>
  );
}

function Name(props: { of: QueueNow; children: ComponentChildren }): JSX.Element {
  return (
    <span class="row__main">
      <strong class="row__name">
        <bdi>{props.of.name}</bdi>
      </strong>{" "}
      <span class="quiet">{props.children}</span>{" "}
    </span>
  );
}
