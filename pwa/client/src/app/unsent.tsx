// What waits for a connection, and what was refused once it was sent.

import type { JSX } from "preact";

import { ProblemError } from "./api.ts";
import { useApp } from "./context.ts";
import { texts } from "./language.ts";
import type { Deed } from "./deeds.ts";
import { Text } from "./parts.tsx";
import { reasonFor } from "./reasons.ts";

const LABELS = {
  leave: "leave",
  defer: "letTwo",
  tenMinutes: "tenMinutes",
  fiveMinutes: "fiveMinutes",
  cancelBooking: "cancelBooking",
  checkIn: "checkIn",
} as const satisfies Record<Deed["how"], string>;

/** Of one ticket or booking. */
export function Unsent({ token }: { token: string }): JSX.Element {
  const { outbox } = useApp();
  const mine = outbox.deeds.value.filter((deed) => deed.token === token);
  return (
    <div role="status">
      {mine.map((deed) => (
        <One key={deed.key} deed={deed} />
      ))}
    </div>
  );
}

function One({ deed }: { deed: Deed }): JSX.Element {
  const { outbox } = useApp();
  const said = texts.value;
  const action = <q>{said[LABELS[deed.how]]}</q>;
  if (deed.refused === null) {
    return (
      <p class="notice">
        <Text of={said.willBeSent} with={{ action }} />
      </p>
    );
  }
  return (
    <div class="notice notice--error">
      <p>
        <strong>
          <Text of={said.wasRefused} with={{ action }} />
        </strong>{" "}
        {whyRefused(deed.refused)}
      </p>
      <button type="button" class="button--framed" onClick={() => void outbox.dismiss(deed.key)}>
        {said.seen}
      </button>
    </div>
  );
}

function whyRefused(code: string): string {
  const said = texts.value;
  if (code === "too-late") return said.notSentInTime;
  if (code === "illegal-transition" || code === "appointment-state") return said.changedMeanwhile;
  if (code === "change-too-late") return said.askUs;
  return reasonFor(said, new ProblemError(0, code, ""));
}
