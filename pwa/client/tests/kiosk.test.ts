import assert from "node:assert/strict";
import { test } from "node:test";

import { idleAfter } from "../src/kiosk/idle.ts";
import { back, joining, stepOf } from "../src/kiosk/steps.ts";
import { TEXTS } from "../src/kiosk/texts.ts";
import type { KioskDocument, KioskQueue } from "../src/kiosk/types.ts";

function queue(id: number, more: Partial<KioskQueue> = {}): KioskQueue {
  return {
    id,
    name: `Queue ${id}`,
    status: "open",
    opens_at: null,
    asks_name: "no",
    asks_phone: "no",
    max_people: 1,
    services: [],
    ...more,
  };
}

function kiosk(queues: KioskQueue[], languages = ["en", "he"]): KioskDocument {
  return {
    release: "1",
    provider: "Clinic",
    languages,
    time_zone: "Asia/Jerusalem",
    paper: "",
    height_cm: 40,
    reach: [0, 100],
    takes_bookings: true,
    on_site: null,
    queues,
  };
}

test("asks one thing after the other, and nothing that there is no choice in", () => {
  assert.equal(stepOf(kiosk([queue(1)]), { language: "he" }), "take");
  const services = [
    { id: 5, name: "Advice" },
    { id: 6, name: "Blood" },
  ];
  const asked = { asks_name: "required", asks_phone: "optional", max_people: 4, services } as const;
  const all = kiosk([queue(1), queue(2, { ...asked, services })]);
  const steps = [];
  let answers = {};
  const given = { language: "he", queue: 2, service: 5, people: 1, name: "Dana", phone: "" };
  for (const [question, answer] of Object.entries(given)) {
    steps.push(stepOf(all, answers));
    assert.equal(steps.at(-1), question);
    answers = { ...answers, [question]: answer };
  }
  assert.equal(stepOf(all, answers), "take");
  assert.deepEqual(joining(all, answers, "he"), { ...given, language: "he" });
});

test("who booked a time is asked for the number only, and goes back to where they were", () => {
  const all = kiosk([queue(1), queue(2, { asks_name: "required" })]);
  const asked = { language: "he", queue: 2, booking: true } as const;
  assert.equal(stepOf(all, asked), "phone");
  assert.equal(stepOf(all, { ...asked, phone: "050" }), "take");
  assert.deepEqual(back(asked), { language: "he", queue: 2 });
});

test("gives no number to nobody", () => {
  const asksNothing = kiosk([queue(1)], ["en"]);
  assert.equal(stepOf(asksNothing, {}), "present");
  assert.equal(stepOf(asksNothing, { present: true }), "take");
});

test("goes back one question at a time", () => {
  assert.deepEqual(back({ language: "he", queue: 2, name: "" }), { language: "he", queue: 2 });
  assert.equal(back({}), null);
});

test("a closed queue takes nobody", () => {
  assert.equal(stepOf(kiosk([queue(1, { status: "closed" })], ["en"]), {}), "closed");
});

test("starts again by itself, after it has asked", () => {
  assert.deepEqual(idleAfter(59), { is: "present" });
  assert.deepEqual(idleAfter(60), { is: "asked", secondsLeft: 20 });
  assert.deepEqual(idleAfter(79.5), { is: "asked", secondsLeft: 1 });
  assert.deepEqual(idleAfter(80), { is: "over" });
});

test("every language says everything, with the same places", () => {
  const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const said of Object.values(TEXTS)) {
    for (const [key, text] of Object.entries(TEXTS["en"]!)) {
      const other = said[key as keyof typeof said];
      assert.ok(other);
      assert.deepEqual(places(other), places(text), key);
    }
  }
});
