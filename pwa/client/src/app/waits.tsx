// Waits on screens: a range with its unit, what is most likely, and why it changed.

import type { JSX } from "preact";

import { number, unitAround } from "../shared/format.ts";
import type { News } from "../shared/news.ts";
import { MINUTES_UP_TO, shown, type ShownWait } from "../shared/wait.ts";
import type { QueueNow } from "../shared/types.ts";
import { language, texts } from "./language.ts";
import { Text } from "./parts.tsx";

/** "20–35 min", "Up to 9 min", "Any minute". */
export function WaitRange({ of: wait }: { of: ShownWait }): JSX.Element {
  if (wait.isAnyMinute) return <>{texts.value.anyMinute}</>;
  if (wait.isRange) return <Amount from={wait.low} to={wait.high} />;
  return <Text of={texts.value.upTo} with={{ wait: <Amount to={wait.high} /> }} />;
}

/** "most likely 25", where that says more than the range. */
export function MostLikely({ of: wait }: { of: ShownWait }): JSX.Element | null {
  if (wait.isAnyMinute || wait.isNext) return null;
  const middle = number(language.value, wait.middle / unitOf(wait.high)[1]);
  const count = <bdi dir="ltr">{middle}</bdi>;
  return <Text of={texts.value.mostLikely} with={{ count }} />;
}

/** Why the wait is longer or shorter than it was. */
export function Changed({ by: news }: { by: News }): JSX.Element {
  return <Text of={texts.value[news.reason]} with={{ wait: <Amount to={news.minutes} /> }} />;
}

/** How long who would join waits, and how many do; while nobody can tell, their number leads. */
export function WaitNow({ queue }: { queue: QueueNow }): JSX.Element {
  const total = number(language.value, queue.waiting_total);
  const wait = queue.wait && shown(queue.wait, queue.waiting_total);
  return (
    <span class="waiting">
      <span class={wait ? "number number--wait" : "number"}>
        {wait ? <WaitRange of={wait} /> : total}
      </span>{" "}
      <span class="note quiet">
        {wait && total} {texts.value.waiting}
      </span>{" "}
    </span>
  );
}

/** Minutes, or where there are many hours, with their unit. */
function Amount({ from, to }: { from?: number; to: number }): JSX.Element {
  const [unit, each] = unitOf(to);
  const [before, after] = unitAround(language.value, unit, to / each);
  return (
    <span class="amount">
      {before}
      <bdi dir="ltr">
        {from !== undefined && `${number(language.value, from / each)}–`}
        {number(language.value, to / each)}
      </bdi>
      {after}
    </span>
  );
}

/** What a wait of up to so many minutes is said in, and the minutes in one. */
function unitOf(minutes: number): ["minute" | "hour", number] {
  return minutes > MINUTES_UP_TO ? ["hour", 60] : ["minute", 1];
}
