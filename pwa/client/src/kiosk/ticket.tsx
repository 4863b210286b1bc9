// The number: on the screen with the way to take it to a phone, and on paper.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { type Said, Title } from "./questions.tsx";
import type { KioskDocument, Taken } from "./types.ts";

interface Shown {
  taken: Taken;
  kiosk: KioskDocument;
  said: Said;
  language: string;
}

export function TicketScreen(props: Shown & { done: () => void }): JSX.Element {
  const { taken, kiosk, said } = props;
  useEffect(() => {
    if (kiosk.paper === "") return;
    try {
      // Whether paper came out nobody can tell; the screen shows everything besides.
      print();
    } catch {
      // A browser that may not print: the screen is enough.
    }
  }, []);
  return (
    <>
      <Title>{said.yourNumber}</Title>
      <p class="ticket__number">
        <bdi dir="ltr">{taken.code}</bdi>
      </p>
      <p>{kiosk.paper === "" ? said.remember : said.paper}</p>
      <Qr taken={taken} label={said.scan} />
      <div class="row">
        <button type="button" onClick={props.done}>
          {said.done}
        </button>
      </div>
    </>
  );
}

/** Black on white, nothing personal on it. */
export function PaperTicket({ taken, kiosk, said, language }: Shown): JSX.Element {
  const time = clock(kiosk, language);
  const joined = said.joined.replace("{time}", time(Date.parse(taken.joined_at)));
  return (
    <section class="paper" aria-hidden="true">
      <p class="paper__provider">
        <bdi>{kiosk.provider}</bdi>
      </p>
      <p class="paper__number">
        <bdi dir="ltr">{taken.code}</bdi>
      </p>
      <p>
        <bdi>{taken.service ?? taken.queue}</bdi>
      </p>
      <p>
        {joined}
        {taken.wait !== null && `, ${likely(taken, said, time)}`}
      </p>
      <Qr taken={taken} label="" />
      <p>{said.missed}</p>
    </section>
  );
}

function Qr({ taken, label }: { taken: Taken; label: string }): JSX.Element {
  return (
    <figure class="qr" style={{ "--modules": taken.modules }}>
      <div
        role={label === "" ? undefined : "img"}
        aria-label={label === "" ? undefined : label}
        // Drawn by the server; there is no text in it.
        dangerouslySetInnerHTML={{ __html: taken.qr }}
      />
      {label !== "" && <figcaption>{label}</figcaption>}
    </figure>
  );
}

function likely(taken: Taken, said: Said, time: (at: number) => string): string {
  const from = Date.parse(taken.joined_at);
  const [low, , high] = taken.wait!;
  return said.likely
    .replace("{from}", time(from + low * 1000))
    .replace("{to}", time(from + high * 1000));
}

/** Times on the location's wall. */
function clock(kiosk: KioskDocument, language: string): (at: number) => string {
  const format = new Intl.DateTimeFormat(`${language}-u-nu-latn`, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: kiosk.time_zone,
  });
  return (at) => format.format(new Date(at));
}
