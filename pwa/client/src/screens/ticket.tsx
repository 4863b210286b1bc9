// My ticket: how long I wait and how many are before me, until I am called; what became of it.

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

import { OpenApart } from "../app/apart.tsx";
import { AlertPanel } from "../app/alert_panel.tsx";
import { now } from "../app/age.ts";
import { CarryElsewhere } from "../app/carry.tsx";
import { useApp } from "../app/context.ts";
import { language, texts } from "../app/language.ts";
import { lazy } from "../app/lazy.tsx";
import type { LiveTicket } from "../app/live.ts";
import { AgeLine, Clock, Code, Counters, Opens, Problem, Text } from "../app/parts.tsx";
import { reasonFor, sentenceOf } from "../app/reasons.ts";
import { ways } from "../app/alerts.ts";
import type { Change } from "../app/session.ts";
import { placeInLine, placeOf } from "../app/turn.ts";
import { Unsent } from "../app/unsent.tsx";
import { Changed, MostLikely, WaitRange } from "../app/waits.tsx";
import { counted, dayOf } from "../shared/format.ts";
import { ahead, isLive, NEAR } from "../shared/place.ts";
import type { HeldTicket, Snapshot, TicketState, Why } from "../shared/types.ts";
import { shown, type ShownWait, waitOf } from "../shared/wait.ts";
import { Line } from "./line.tsx";

const TicketOffer = lazy(() => import("./more.ts").then((part) => part.TicketOffer));
const DAY = 86_400_000;
const WAITS: readonly TicketState[] = ["waiting", "deferred"];
const AT_COUNTER: readonly TicketState[] = ["called", "serving", "on_hold"];

export function Ticket(): JSX.Element {
  const { session } = useApp();
  const live = session.live.value;
  const said = texts.value;
  if (live !== null) return <Held live={live} />;
  return (
    <>
      <h1>{session.wasUnknown.value ? said.unknown : said.noTicket}</h1>
      {session.wasUnknown.value && <p class="lead">{said.unknownAdvice}</p>}
      <a class="button" href="#/">
        {said.join}
      </a>
    </>
  );
}

function Held({ live }: { live: LiveTicket }): JSX.Element {
  const { session } = useApp();
  const ticket = live.ticket.value;
  const age = session.age.value;
  if (!isLive(ticket)) return <Ended ticket={ticket} />;
  return (
    <div class={age === "live" ? "ticket" : "ticket stale"}>
      <Number ticket={ticket} />
      {ticket.state === "waiting" && (
        <Place live={live} ticket={ticket} isStale={age !== "live"} />
      )}
      {ticket.state === "deferred" && <Later ticket={ticket} />}
      {AT_COUNTER.includes(ticket.state) && <AtCounter ticket={ticket} />}
      <AgeLine age={age} heardAt={live.heardAt.value} />
      {live.offer.value !== null && (
        <TicketOffer
          key={live.offer.value.id}
          offer={live.offer.value}
          token={ticket.token}
          over={live.forgetOffer}
        />
      )}
      <OpenApart fragment={`#/take/${ticket.token}`} />
      <Unsent token={ticket.token} />
      {WAITS.includes(ticket.state) && <AlertPanel ticket={ticket} />}
      {ticket.state === "waiting" && <NotYet />}
      <CarryElsewhere fragment={`#/take/${ticket.token}`} />
      {ticket.state !== "serving" && <Leave />}
    </div>
  );
}

function Number({ ticket }: { ticket: HeldTicket }): JSX.Element {
  return (
    <p class="mine">
      <span class="quiet">{texts.value.yourNumber}</span>{" "}
      <span class="number">
        <Code>{ticket.code}</Code>
      </span>{" "}
      <NumberOf date={ticket.business_date} />{" "}
      {ticket.people > 1 && (
        <span class="quiet">{counted(language.value, texts.value.people, ticket.people)}</span>
      )}
    </p>
  );
}

/** The day of a number that was carried over: today's may be the same. */
function NumberOf({ date }: { date: string }): JSX.Element | null {
  const noon = Date.parse(`${date}T12:00`);
  // Half a day's difference is another time zone, not another day.
  if (now.value - noon < DAY) return null;
  return <span class="quiet">{dayOf(language.value, noon)}</span>;
}

function Place(props: { live: LiveTicket; ticket: HeldTicket; isStale: boolean }): JSX.Element {
  const said = texts.value;
  const queue = props.live.queue.value;
  const before = ahead(props.ticket) ?? 0;
  const known = waitOf(queue, props.ticket);
  const wait = known && shown(known, before);
  const place = placeInLine(props.ticket);
  const isSomebodyCalled = queue?.called.some((call) => call.state === "called") ?? false;
  return (
    <>
      {props.ticket.called_by_mistake && (
        <div class="notice" role="status">
          <strong>
            <Text of={said.calledByMistake} with={{ code: <Code>{props.ticket.code}</Code> }} />
          </strong>{" "}
          {said.placeStays}
        </div>
      )}
      <Headline of={wait} place={place} />
      {props.live.news.value !== null && (
        <p role="status">
          <Changed by={props.live.news.value} />
        </p>
      )}
      {wait !== null && <p class="place">{place}</p>}
      <Line ahead={before} isCalling={isSomebodyCalled && !props.isStale} />
      <Facts of={queue} ticket={props.ticket} />
      <p class="lead">
        {before <= NEAR ? said.stayNear : ways.value?.length ? said.willTell : said.mayLeave}
      </p>
    </>
  );
}

/** The wait leads, while it is known; else the place does. */
function Headline(props: { of: ShownWait | null; place: string }): JSX.Element {
  if (props.of === null) {
    return (
      <h1 class="headline" aria-live="polite">
        {props.place}
      </h1>
    );
  }
  return (
    <div class="wait" aria-live="polite">
      <h1 class="headline">
        <WaitRange of={props.of} />
      </h1>
      <p class="wait__likely">
        <MostLikely of={props.of} />
      </p>
    </div>
  );
}

function Facts(props: { of: Snapshot | null; ticket: HeldTicket }): JSX.Element {
  const { of: queue, ticket } = props;
  if (queue === null) return <p class="facts--late" />;
  const [last] = queue.called;
  return (
    <div class="quiet facts--late">
      <bdi>{queue.name}</bdi> ·{" "}
      {queue.opens_at === null ? (
        <Counters open={queue.open_counters} />
      ) : (
        <Opens at={queue.opens_at} status={queue.status} />
      )}
      {last !== undefined && (
        <>
          {" · "}
          <Text of={texts.value.calledLast} with={{ code: <Code>{last.code}</Code> }} />
          <WhyBefore key={last.code} code={last.code} ticket={ticket} />
        </>
      )}
    </div>
  );
}

/** Asks why that number was called before mine, and says it. */
function WhyBefore({ code, ticket }: { code: string; ticket: HeldTicket }): JSX.Element {
  const { api } = useApp();
  const said = texts.value;
  const [why, setWhy] = useState<Why | null>(null);
  const [problem, setProblem] = useState<ComponentChildren>(null);
  const ask = (): void => {
    setProblem(null);
    api
      .why(ticket.token, code)
      .then(setWhy)
      .catch((error: unknown) => setProblem(reasonFor(texts.value, error)));
  };
  return (
    <div class="why" role="status">
      {why === null ? (
        <button type="button" class="button--plain" onClick={ask}>
          {said.whyBefore}
        </button>
      ) : (
        <p>
          <Text
            of={sentenceOf(said, why)}
            with={{ code: <Code>{code}</Code>, minutes: <bdi dir="ltr">{why.minutes}</bdi> }}
          />
        </p>
      )}
      {problem !== null && <p>{problem}</p>}
    </div>
  );
}

/** For who is not ready: others first, or some minutes. */
function NotYet(): JSX.Element {
  const said = texts.value;
  const more = { notDone: said.notDone, look: "button--plain" };
  return (
    <>
      <Act how="defer" label={said.letTwo} {...more} />
      <Act how="tenMinutes" label={said.tenMinutes} {...more} />
    </>
  );
}

/** Who asked for more time: until when, and the way back. */
function Later({ ticket }: { ticket: HeldTicket }): JSX.Element {
  const said = texts.value;
  const time = <Clock at={ticket.deferred_until ?? ticket.issued_at} />;
  return (
    <>
      <h1 class="headline headline--long" aria-live="polite">
        <Text of={said.backAt} with={{ time }} />
      </h1>
      <p class="lead">{said.keepsPlace}</p>
      <Act how="comeBack" label={said.readyNow} notDone={said.notDone} look="button--framed" />
    </>
  );
}

function AtCounter({ ticket }: { ticket: HeldTicket }): JSX.Element {
  const said = texts.value;
  const place = <bdi>{placeOf(ticket.counter ?? "")}</bdi>;
  if (ticket.state === "on_hold") {
    return (
      <>
        <h1 class="headline headline--long">{said.onHold}</h1>
        <p class="lead">{said.stayNear}</p>
      </>
    );
  }
  return (
    <h1 class="headline headline--long">
      <Text of={ticket.state === "called" ? said.wasCalled : said.serving} with={{ place }} />
    </h1>
  );
}

function Ended({ ticket }: { ticket: HeldTicket }): JSX.Element {
  const said = texts.value;
  const title = {
    completed: said.completed,
    no_show: said.noShow,
    cancelled: said.cancelled,
    expired: said.expired,
  };
  return (
    <div class="ticket">
      <Number ticket={ticket} />
      <h1 class="headline headline--long" aria-live="polite">
        {title[ticket.state as keyof typeof title]}
      </h1>
      <Unsent token={ticket.token} />
      {ticket.state === "no_show" && ticket.rejoin_until !== null ? (
        <>
          <p class="lead">
            <Text of={said.placeKept} with={{ until: <Clock at={ticket.rejoin_until} /> }} />
          </p>
          <Act how="rejoin" label={said.hereNow} notDone={said.notDone} look="button--main" />
        </>
      ) : (
        <>
          {ticket.state === "no_show" && <p class="lead">{said.noShowAdvice}</p>}
          {ticket.state === "expired" && <p class="lead">{said.expiredAdvice}</p>}
          <a class="button" href="#/">
            {said.joinAgain}
          </a>
        </>
      )}
    </div>
  );
}

export function Leave(): JSX.Element {
  const said = texts.value;
  return <Act how="leave" label={said.leave} notDone={said.notLeft} look="button--plain" />;
}

export function Act(props: { how: Change; label: string; notDone: string; look: string }): JSX.Element {
  const { session } = useApp();
  const [isRunning, setIsRunning] = useState(false);
  const [problem, setProblem] = useState<ComponentChildren>(null);
  const act = async (): Promise<void> => {
    if (isRunning) return;
    setIsRunning(true);
    setProblem(null);
    try {
      await session.change(props.how);
    } catch (error) {
      setProblem(reasonFor(texts.value, error));
    }
    setIsRunning(false);
  };
  return (
    <div class="leave">
      {problem !== null && <Problem title={props.notDone}>{problem}</Problem>}
      <button type="button" class={props.look} aria-disabled={isRunning} onClick={act}>
        {props.label}
      </button>
    </div>
  );
}
