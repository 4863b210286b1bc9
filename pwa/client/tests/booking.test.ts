import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { NoAnswerError, ProblemError } from "../src/app/api.ts";
import { createBookingApi } from "../src/app/booking_api.ts";
import { conflictsOf, freeOf, whyNot } from "../src/app/booking_words.ts";
import { createHoldings } from "../src/app/bookings.ts";
import { language } from "../src/app/language.ts";
import { createStore } from "../src/app/storage.ts";
import {
  bodyOf,
  type Booking,
  byDate,
  calendarOf,
  dateIn,
  type Draft,
  isAhead,
  lastOf,
  later,
  minutesOf,
  mostTimes,
  NOBODY,
  seriesBodyOf,
} from "../src/shared/booking.ts";
import { foreignZone, wallTime } from "../src/shared/format.ts";

const WISH = { service: 5, location: 1, resource: null };

function booking(own: Partial<Booking> = {}): Booking {
  const start = Date.now() + 3_600_000;
  return {
    token: "7:secret",
    uid: "appointment-7@clinic.waitlessq",
    sequence: 2,
    service: "Check; up",
    service_id: 5,
    location: "Main",
    location_id: 1,
    address: "1 Harbour Road",
    time_zone: "Asia/Jerusalem",
    starts_at: new Date(start).toISOString(),
    ends_at: new Date(start + 900_000).toISOString(),
    state: "booked",
    resources: ["Ada"],
    cancel_until: null,
    reschedule_until: null,
    ...own,
  };
}

function spanOf({ starts_at, ends_at }: Booking): [string, string] {
  return [starts_at, ends_at];
}

afterEach(() => {
  mock.restoreAll();
  language.value = "en";
});

test("free times stand under their dates on the location's wall, empty days too", () => {
  const late = { starts_at: "2026-11-24T23:30:00+02:00" };
  const days = byDate([late], "2026-11-24", 3);
  assert.deepEqual([...days.keys()], ["2026-11-24", "2026-11-25", "2026-11-26"]);
  assert.deepEqual(days.get("2026-11-24"), [late]);
  assert.deepEqual(days.get("2026-11-25"), []);
});

test("dates go on over months and changes of clocks", () => {
  assert.equal(later("2026-10-31", 1), "2026-11-01");
  assert.equal(later("2027-03-26", -1), "2027-03-25");
  assert.equal(dateIn("Asia/Jerusalem", Date.UTC(2026, 10, 24, 22, 30)), "2026-11-25");
  assert.equal(dateIn("America/New_York", Date.UTC(2026, 10, 24, 2)), "2026-11-23");
});

test("durations are read with and without days", () => {
  assert.equal(minutesOf("00:15:00"), 15);
  assert.equal(minutesOf("60 00:00:00"), 86_400);
});

test("a time is told on its location's wall, which is named where it is another one", () => {
  const at = Date.UTC(2026, 10, 24, 8, 30);
  assert.equal(wallTime("en", at, "Asia/Jerusalem"), "Tue 24 Nov, 10:30");
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  assert.equal(foreignZone("en", at, here), null);
  assert.equal(foreignZone("en", at, "Pacific/Kiritimati"), "Line Islands Time");
});

test("a refused time says what is free instead", () => {
  const free = ["2026-11-24T10:40:00+02:00", "2026-11-24T11:00:00+02:00"];
  const taken = new ProblemError(409, "slot-taken", "", { free });
  const wanted = "2026-11-24T10:30:00+02:00";
  assert.equal(whyNot(taken, wanted), "10:30 was just taken. 10:40 and 11:00 are free.");
  assert.deepEqual(freeOf(taken), free);
  const one = new ProblemError(409, "slot-taken", "", { free: free.slice(0, 1) });
  assert.equal(whyNot(one, wanted), "10:30 was just taken. 10:40 is free.");
  const none = new ProblemError(409, "outside-hours", "", { free: [] });
  assert.equal(whyNot(none, wanted), "Nobody works at 10:30.");
  const other = new ProblemError(409, "slot-taken", "", { free: ["2026-11-25T09:00:00+02:00"] });
  assert.equal(whyNot(other, wanted), "10:30 was just taken. Wed 25 Nov, 09:00 is free.");
});

test("a held time is booked by its hold, another by itself, with what was typed", () => {
  const draft: Draft = {
    wish: { ...WISH, resource: 3 },
    starts_at: "2026-11-24T10:30:00+02:00",
    time_zone: "Asia/Jerusalem",
    hold: { token: "held", expires_at: "" },
    details: { ...NOBODY, name: "Dana" },
    key: "k",
    isSent: false,
  };
  assert.deepEqual(bodyOf(draft, "he"), { hold: "held", ...NOBODY, name: "Dana", language: "he" });
  const body = bodyOf({ ...draft, hold: null }, "en") as Record<string, unknown>;
  assert.deepEqual([body["starts_at"], body["resource"]], [draft.starts_at, 3]);
});

test("a booking comes again as often as the horizon lets it, and is sent with its first time", () => {
  const first = "2026-11-24T10:30:00+02:00";
  const days = (count: number): number => Date.parse(first) + count * 86_400_000;
  assert.equal(mostTimes(first, 1, days(6)), 1);
  assert.equal(mostTimes(first, 1, days(7)), 2);
  assert.equal(mostTimes(first, 2, days(60)), 5);
  assert.equal(mostTimes(first, 1, days(700)), 12);
  const repeat = { weeks: 2, times: 6, skips: true };
  assert.equal(lastOf(first, repeat), "2027-02-02");
  const draft: Draft = {
    wish: WISH,
    starts_at: first,
    time_zone: "Asia/Jerusalem",
    hold: { token: "held", expires_at: "" },
    details: NOBODY,
    key: "k",
    isSent: false,
  };
  const body = seriesBodyOf(draft, repeat, "en") as Record<string, unknown>;
  assert.deepEqual(
    ["starts_at", "hold", "weeks", "times", "skip_conflicts"].map((name) => body[name]),
    [first, "held", 2, 6, true],
  );
});

test("which times of a series are not free is read out of the refusal", () => {
  const taken = { starts_at: "2026-12-08T10:30:00+02:00", code: "slot-taken", free: [] };
  assert.deepEqual(conflictsOf(new ProblemError(409, "series-conflict", "", { conflicts: [taken] })), [taken]);
  assert.deepEqual(conflictsOf(new NoAnswerError()), []);
});

test("the tokens of a booking and of who waits are in no address", async () => {
  const fetched = mock.method(globalThis, "fetch", async () => new Response("{}"));
  const api = createBookingApi({ api: "/api/", provider: { slug: "clinic", name: "Clinic" } });
  await api.booking("secret");
  await api.cancel("secret", "key");
  await api.checkIn("secret", "key", "482913");
  await api.mailCalendar("secret");
  await api.release("secret");
  await api.entry("secret");
  await api.accept("secret", "key", 4, { note: "", answers: {} });
  for (const { arguments: [url, options] } of fetched.mock.calls) {
    assert.doesNotMatch(String(url), /secret/);
    assert.match(JSON.stringify(options?.headers), /secret/);
  }
});

test("one waits from the first midnight to the one after the last day", async () => {
  const fetched = mock.method(globalThis, "fetch", async () => new Response("{}"));
  const api = createBookingApi({ api: "/api/", provider: { slug: "clinic", name: "Clinic" } });
  const who = { name: "Dana", email: "", phone: "050", language: "he" };
  await api.waitFor(WISH, who, ["2026-11-24", "2026-11-30"], "key");
  const [url, options] = fetched.mock.calls[0]!.arguments;
  assert.equal(url, "/api/providers/clinic/waitlist");
  const body = JSON.parse(String(options?.body)) as Record<string, unknown>;
  assert.deepEqual([body["first"], body["last"]], ["2026-11-24T00:00", "2026-12-01T00:00"]);
});

test("an event for calendars is that of the mails, with lines of at most 75 octets", () => {
  const long = "הזמנה, ".repeat(20);
  const text = calendarOf(booking(), long, Date.UTC(2026, 10, 23));
  const lines = text.split("\r\n");
  assert.ok(lines.includes("UID:appointment-7@clinic.waitlessq"));
  assert.ok(lines.includes("SEQUENCE:2"));
  assert.ok(lines.includes("DTSTAMP:20261123T000000Z"));
  assert.ok(lines.every((line) => Buffer.byteLength(line) <= 75));
  assert.match(text.replaceAll("\r\n ", ""), /SUMMARY:הזמנה\\, הזמנה/);
});

test("what is cancelled or over is not ahead", () => {
  assert.ok(isAhead(booking(), Date.now()));
  assert.ok(!isAhead(booking({ state: "cancelled" }), Date.now()));
  assert.ok(!isAhead(booking(), Date.now() + 86_400_000));
});

test("bookings are kept by their time, and what became of them in their place", () => {
  const slot = createStore("clinic", null).bookings;
  const bookings = createHoldings(async () => booking(), slot, spanOf);
  const soon = booking({ token: "8:x", starts_at: new Date().toISOString() });
  bookings.keep(booking());
  bookings.keep(soon);
  bookings.keep(booking({ state: "cancelled" }));
  const states = bookings.kept.value.map((kept) => [kept.item.token, kept.item.state]);
  assert.deepEqual(states, [["8:x", "booked"], ["7:secret", "cancelled"]]);
  bookings.forget(soon);
  bookings.forget(booking());
  assert.equal(slot.read(), null);
});

test("an unknown booking is forgotten, an unanswered one stays as it was", async () => {
  const slot = createStore("clinic", null).bookings;
  let error: Error = new NoAnswerError();
  const ask = async (): Promise<Booking> => {
    throw error;
  };
  const bookings = createHoldings(ask, slot, spanOf);
  bookings.keep(booking());
  await bookings.refresh();
  assert.equal(bookings.kept.value.length, 1);
  assert.equal(bookings.hasFailed.value, true);
  error = new ProblemError(404, "not-found", "");
  await bookings.refresh();
  assert.equal(bookings.kept.value.length, 0);
  assert.equal(bookings.wasUnknown.value, true);
});
