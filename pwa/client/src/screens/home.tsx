// What can I queue for, and how long would I wait?

import type { ComponentChildren, JSX } from "preact";

import { now } from "../app/age.ts";
import { useApp } from "../app/context.ts";
import { texts } from "../app/language.ts";
import { AgeLine, HeldNotice, Loading, NotLoaded, standingOf } from "../app/parts.tsx";
import { useProvider } from "../app/provider.ts";
import { WaitNow } from "../app/waits.tsx";
import type { QueueNow } from "../shared/types.ts";

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
        </>
      )}
      {value === null && !hasFailed && <Loading lines={4} />}
      {value === null && hasFailed && <NotLoaded error={error} again={askAgain} />}
    </div>
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
