// "Tell me when it is my turn": the one gesture, and afterwards what works.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { HeldTicket } from "../shared/types.ts";
import { alertOnce, enableAlerts, keepScreenOn, type Way, ways } from "./alerts.ts";
import { useApp } from "./context.ts";
import { texts } from "./language.ts";
import { Code, Text } from "./parts.tsx";
import { tryPush } from "./push.ts";

export function AlertPanel({ ticket }: { ticket: HeldTicket }): JSX.Element {
  const said = texts.value;
  const works = ways.value;
  const isOn = works !== null;
  const panel = useRef<HTMLElement>(null);
  const wasTapped = useRef(false);
  useEffect(() => {
    // The button that had the focus is gone.
    if (isOn && wasTapped.current) panel.current?.focus();
  }, [isOn]);
  const enable = (): void => {
    wasTapped.current = true;
    void enableAlerts();
  };
  if (!isOn) {
    return (
      <button type="button" class="button--main" onClick={enable}>
        {said.tellMe}
      </button>
    );
  }
  return (
    <section class="alerts" ref={panel} tabIndex={-1} role="status">
      {works.length === 0 ? (
        <p>
          <Text of={said.nothingWorks} with={{ code: <Code>{ticket.code}</Code> }} />
        </p>
      ) : (
        <Works ways={works} />
      )}
      <Offers ticket={ticket} ways={works} />
    </section>
  );
}

function Works(props: { ways: readonly Way[] }): JSX.Element {
  const said = texts.value;
  return (
    <>
      <p>{said.thisPhone}</p>
      <ul>
        {props.ways.map((way) => (
          <li key={way}>{said[way]}</li>
        ))}
      </ul>
    </>
  );
}

function Offers(props: { ticket: HeldTicket; ways: readonly Way[] }): JSX.Element {
  const { config } = useApp();
  const said = texts.value;
  const test = (): void => {
    const { code, token } = props.ticket;
    alertOnce(said.test, `${config.provider.name}, ${code}`, code);
    // In place of what the page just showed, and by the whole way that a call takes.
    if (props.ways.includes("push")) void tryPush(config.api, token).catch(() => false);
  };
  const mayLoseScreen = "wakeLock" in navigator && !props.ways.includes("screen");
  return (
    <p class="actions">
      {props.ways.some((way) => way !== "screen") && (
        <button type="button" class="button--framed" onClick={test}>
          {said.test}
        </button>
      )}
      {mayLoseScreen && (
        <button type="button" class="button--framed" onClick={() => void keepScreenOn()}>
          {said.keepScreenOn}
        </button>
      )}
    </p>
  );
}
