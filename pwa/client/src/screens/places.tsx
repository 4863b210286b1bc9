// Where it is, and when it is open: asked for once somebody opens it, and kept for who is offline.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { NoAnswerError } from "../app/api.ts";
import { useApp } from "../app/context.ts";
import { language, texts } from "../app/language.ts";
import { AgeLine, Loading, NotLoaded } from "../app/parts.tsx";
import type { Kept } from "../shared/booking.ts";
import { dayOf, foreignZone, listed } from "../shared/format.ts";
import { PLACE_TEXTS } from "../shared/place_texts.ts";
import type { OpenDay, PlaceNow } from "../shared/types.ts";

const MIDNIGHT = "00:00";

export function Places(): JSX.Element {
  const { api, store } = useApp();
  const [kept, setKept] = useState<Kept<PlaceNow[]> | null>(null);
  const [error, setError] = useState<unknown>(null);
  const ask = async (): Promise<void> => {
    setError(null);
    try {
      const heard = { item: await api.places(), heardAt: Date.now() };
      store.places.write(heard);
      setKept(heard);
    } catch (problem) {
      if (problem instanceof NoAnswerError) setKept(store.places.read());
      setError(problem);
    }
  };
  useEffect(() => void ask(), []);
  if (kept === null) {
    return error === null ? <Loading lines={4} /> : <NotLoaded error={error} again={() => void ask()} />;
  }
  return (
    <div class={error === null ? "" : "stale"}>
      {kept.item.map((place) => (
        <Place key={place.id} place={place} />
      ))}
      {error !== null && <AgeLine age="cut" heardAt={kept.heardAt} />}
    </div>
  );
}

function Place({ place }: { place: PlaceNow }): JSX.Element {
  const said = PLACE_TEXTS[language.value];
  const zone = foreignZone(language.value, Date.now(), place.time_zone);
  return (
    <section>
      <h2>
        <bdi>{place.name}</bdi>
      </h2>
      {place.address !== "" && (
        <p>
          <bdi>{place.address}</bdi>
        </p>
      )}
      {place.days.every(isUsualAllDay) ? <p>{said.always}</p> : <Week of={place.days} />}
      {zone !== null && <p class="quiet">{zone}</p>}
    </section>
  );
}

function Week({ of: days }: { of: readonly OpenDay[] }): JSX.Element {
  const said = PLACE_TEXTS[language.value];
  return (
    <table class="hours" aria-label={said.hours}>
      <tbody>
        {days.map((day, index) => (
          <tr key={day.date}>
            <th scope="row">{index === 0 ? said.today : nameOf(day)}</th>
            <td>
              <Spans of={day} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function isAllDay({ spans }: OpenDay): boolean {
  return spans.some(({ opens, closes }) => opens === MIDNIGHT && closes === MIDNIGHT);
}

function isUsualAllDay(day: OpenDay): boolean {
  return isAllDay(day) && day.name === "";
}

/** Noon is on that date in any zone that the phone may be in. */
function nameOf({ date }: OpenDay): JSX.Element {
  return <bdi>{dayOf(language.value, Date.parse(`${date}T12:00`))}</bdi>;
}

function Spans({ of: day }: { of: OpenDay }): JSX.Element {
  const { name, spans } = day;
  const said = PLACE_TEXTS[language.value];
  const open = isAllDay(day)
    ? said.allDay
    : listed(language.value, spans.map(({ opens, closes }) => `\u2066${opens}–${closes}\u2069`));
  return (
    <>
      {spans.length === 0 ? texts.value.closed : open}
      {name !== "" && (
        <>
          {" "}
          <bdi class="quiet">{name}</bdi>
        </>
      )}
    </>
  );
}
