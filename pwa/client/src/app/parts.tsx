// What screens share: texts with marked-up values, the age of what is shown, loading, problems.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { clockTime, counted } from "../shared/format.ts";
import type { QueueNow, QueueStatus } from "../shared/types.ts";
import { type Age, now } from "./age.ts";
import { useApp } from "./context.ts";
import { language, texts } from "./language.ts";
import { reasonFor } from "./reasons.ts";

/** A number as people read it, in whatever direction the text around it runs. */
export function Code({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <bdi dir="ltr" class="code">
      {children}
    </bdi>
  );
}

/** A text whose {names} are replaced by elements. */
export function Text(props: { of: string; with: Record<string, ComponentChildren> }): JSX.Element {
  // Every second piece is a name.
  const pieces = props.of.split(/\{(\w+)\}/);
  return <>{pieces.map((piece, index) => (index % 2 === 0 ? piece : props.with[piece]))}</>;
}

/** A time of day; `at` in ISO 8601. */
export function Clock({ at }: { at: string }): JSX.Element {
  return <bdi>{clockTime(language.value, Date.parse(at), now.value)}</bdi>;
}

/** How a queue stands in words, and whether a phone can join it now (milliseconds since 1970). */
export function standingOf(
  queue: QueueNow,
  at: number,
): { isOpen: boolean; isJoinable: boolean; standing: JSX.Element } {
  const said = texts.value;
  const { status } = queue;
  const isOpen = status === "open";
  const isEarly = queue.joins_from !== null && Date.parse(queue.joins_from) <= at;
  const isJoinable = queue.remote_join && (isOpen || isEarly);
  if (status === "open") return { isOpen, isJoinable, standing: <Counters open={queue.open_counters} /> };
  if (queue.opens_at === null || status === "paused") {
    return { isOpen, isJoinable, standing: <>{said[status]}</> };
  }
  const from = queue.joins_from;
  const standing = (
    <>
      <Opens at={queue.opens_at} status={status} />
      {from !== null && !isEarly && (
        <>
          {" "}
          <Text of={said.joinFrom} with={{ time: <PlaceClock at={from} /> }} />
        </>
      )}
    </>
  );
  return { isOpen, isJoinable, standing };
}

/** The time on the location's clock, wherever the phone is; `at` with that clock's offset. */
function PlaceClock({ at }: { at: string }): JSX.Element {
  return <Clock at={at.slice(0, "2026-11-24T08:00:00".length)} />;
}

/** When a queue that takes nobody now opens. */
export function Opens(props: { at: string; status: QueueStatus }): JSX.Element {
  const said = texts.value;
  const text = props.status === "closing" ? said.closingOpens : said.closedOpens;
  return <Text of={text} with={{ time: <PlaceClock at={props.at} /> }} />;
}

/** How old what is shown is; `heardAt` in milliseconds since 1970. */
export function AgeLine({ age, heardAt }: { age: Age; heardAt: number }): JSX.Element {
  const said = { live: texts.value.live, "as-of": texts.value.asOf, cut: texts.value.cut }[age];
  const time = <bdi>{clockTime(language.value, heardAt, now.value)}</bdi>;
  return (
    <p class="age" role="status">
      <Text of={said} with={{ time }} />
    </p>
  );
}

/** Nothing at first, then grey lines in the shape of what comes, then a word. */
export function Loading({ lines }: { lines: number }): JSX.Element | null {
  const areLinesDue = useAfter(300);
  const isWordDue = useAfter(5000);
  if (!areLinesDue) return null;
  return (
    <div class="loading" aria-busy="true">
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} class="loading__line" />
      ))}
      <p role="status">{isWordDue && texts.value.loading}</p>
    </div>
  );
}

/** What happened, and what to do. */
export function Problem(props: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="notice notice--error" role="alert">
      <strong>{props.title}</strong> {props.children}
    </div>
  );
}

/** A screen that could not be shown at all. */
export function NotLoaded(props: { error: unknown; again: () => void }): JSX.Element {
  const said = texts.value;
  return (
    <>
      <Problem title={said.notLoaded}>{reasonFor(said, props.error)}</Problem>
      <button type="button" onClick={props.again}>
        {said.tryAgain}
      </button>
    </>
  );
}

/** That one holds a number already, and the way to it. */
export function HeldNotice({ as: Title }: { as: "h1" | "p" }): JSX.Element {
  const { session } = useApp();
  const said = texts.value;
  const code = <Code>{session.live.value?.ticket.value.code}</Code>;
  return (
    <section class="held">
      <Title class="lead">
        <Text of={said.youHave} with={{ code }} />
      </Title>
      <a class="button" href="#/ticket">
        {said.seeMyPlace}
      </a>
      <p class="quiet">{said.oneAtATime}</p>
    </section>
  );
}

export function Counters({ open }: { open: number }): JSX.Element {
  const said = texts.value;
  return <>{open === 0 ? said.noCounterOpen : counted(language.value, said.countersOpen, open)}</>;
}

function useAfter(milliseconds: number): boolean {
  const [isAfter, setIsAfter] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsAfter(true), milliseconds);
    return () => clearTimeout(timer);
  }, [milliseconds]);
  return isAfter;
}
