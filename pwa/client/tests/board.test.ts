import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { fakeBrowser, pass, restoreBrowser, settle } from "../../../waitlessq/client/tests/fakes.ts";
import { Announcer, BETWEEN_CALLS, LIT } from "../src/board/announcer.ts";
import { Calls, visitOf } from "../src/board/calls.ts";
import { type Moment, pages, pictureOf } from "../src/board/picture.ts";
import { spelled } from "../../../waitlessq/client/sound.ts";
import type { BoardDocument, Call, Texts } from "../src/board/types.ts";
import type { Snapshot } from "../src/shared/types.ts";
import { call, snapshot } from "./made.ts";

let calls: Calls;

beforeEach(() => {
  calls = new Calls();
  calls.take(snapshot({ sequence: 1 }));
});

function take(sequence: number, called: Snapshot["called"], own: Partial<Snapshot> = {}): void {
  calls.take(snapshot({ sequence, called, ...own }));
}

function announced(): string[] {
  const codes = [];
  for (let next = calls.next(); next !== undefined; next = calls.next()) codes.push(next.code);
  return codes;
}

const at = (minute: number): { called_at: string } => ({
  called_at: `2026-11-24T10:${String(minute).padStart(2, "0")}:00Z`,
});

test("calls are announced in the order in which they were made, across queues", () => {
  calls.take(snapshot({ queue: 4, sequence: 1 }));
  take(2, [call("A012", at(9)), call("A010", at(5))]);
  calls.take(snapshot({ queue: 4, sequence: 2, called: [call("B001", at(7))] }));
  assert.deepEqual(announced(), ["A010", "B001", "A012"]);
});

test("a call is announced once, however often it is told", () => {
  take(2, [call("A012")]);
  assert.deepEqual(announced(), ["A012"]);
  take(2, [call("A012")]);
  take(3, [call("A012")]);
  assert.deepEqual(announced(), []);
});

test("a recall is announced, once", () => {
  take(2, [call("A012")]);
  announced();
  take(3, [call("A012", { call_count: 2 })]);
  take(4, [call("A012", { call_count: 2 })]);
  assert.deepEqual(announced(), ["A012"]);
});

test("that a call was a mistake is said, once, if the call was", () => {
  take(2, [call("A012"), call("A013", at(6))]);
  assert.deepEqual(announced(), ["A012", "A013"]);
  take(3, [], { waiting: ["A012", "A013"], called_by_mistake: ["A012"] });
  const said = calls.next();
  assert.deepEqual([said?.code, said?.isMistake], ["A012", true]);
  take(4, [], { waiting: ["A012"], called_by_mistake: ["A012"] });
  assert.deepEqual(announced(), []);
  take(5, [call("A014", at(7))]);
  take(6, [], { waiting: ["A014"], called_by_mistake: ["A014"] });
  assert.deepEqual(announced(), []);
});

test("the same number called on another visit is announced", () => {
  take(2, [call("A012")]);
  announced();
  take(3, []);
  take(4, [call("A012", at(30))]);
  assert.deepEqual(announced(), ["A012"]);
});

test("what was called before the page was loaded, or the queue shown, is not new", () => {
  calls.take(snapshot({ queue: 9, sequence: 70, called: [call("C001")] }));
  assert.deepEqual(announced(), []);
  assert.deepEqual(calls.shown.map(({ code }) => code), ["C001"]);
});

test("an older snapshot is dropped", () => {
  take(5, []);
  take(4, [call("A012")]);
  assert.deepEqual(announced(), []);
});

test("after a cut, only what was called meanwhile is announced", () => {
  take(2, [call("A011", at(1))]);
  announced();
  take(9, [call("A012", at(6)), call("A011", at(1))]);
  assert.deepEqual(announced(), ["A012"]);
});

test("an undone end does not announce the call again", () => {
  take(2, [call("A012")]);
  announced();
  take(3, []);
  take(4, [call("A012")]);
  assert.deepEqual(announced(), []);
});

test("whoever is being served already needs no call", () => {
  take(2, [call("A012", { state: "serving" })]);
  assert.deepEqual(announced(), []);
  assert.equal(calls.shown.length, 1);
});

test("a call that was taken back before its moment is not announced", () => {
  take(2, [call("A010", at(1)), call("A011", at(2))]);
  assert.equal(calls.next()?.code, "A010");
  take(3, [call("A010", at(1))]);
  assert.deepEqual(announced(), []);
});

test("a call shows from its moment on; a recalled one stays", () => {
  take(2, [call("A012")]);
  assert.deepEqual(calls.shown, []);
  announced();
  take(3, [call("A012", { call_count: 2 })]);
  assert.equal(calls.shown.length, 1);
});

test("what it remembers has a bound", () => {
  for (let number = 0; number < 2_000; number += 1) {
    take(number + 2, [call(`A${number}`, { called_at: new Date(number * 1000).toISOString() })]);
    assert.equal(announced().length, 1);
  }
  assert.equal(calls.remembered, 500);
});

test("the first of each queue comes before the second of any", () => {
  take(2, [], { waiting: ["A1", "A2", "A3"] });
  calls.take(snapshot({ queue: 4, sequence: 1, waiting: ["B1"] }));
  assert.deepEqual(calls.upcoming(3), ["A1", "B1", "A2"]);
});

test("a queue that is not the board's any more is forgotten", () => {
  calls.take(snapshot({ queue: 4, sequence: 1, waiting: ["B1"] }));
  calls.keep([4]);
  assert.deepEqual(calls.upcoming(9), ["B1"]);
});

// The announcer.

interface Log {
  lines: string[];
  due: Call[];
  start: () => void;
}

function announcer(speak: () => Promise<void> = async () => undefined): Log {
  const lines: string[] = [];
  const began = Date.now();
  const log = (line: string): void => void lines.push(`${(Date.now() - began) / 1000} ${line}`);
  const due: Call[] = [];
  const made = new Announcer({
    next: () => {
      const next = due.shift();
      return next && { call: next, waiting: due.length };
    },
    show: ({ code }) => log(`show ${code}`),
    chime: async () => log("chime"),
    speak: ({ code }) => {
      log(`speak ${code}`);
      return speak();
    },
    hush: () => undefined,
  });
  return { lines, due, start: () => made.wake() };
}

const made = (code: string): Call => ({ ...call(code), queue: 3 });

test("calls at the same moment are shown four seconds apart, each with chime and speech", async () => {
  fakeBrowser();
  const log = announcer();
  log.due.push(made("A010"), made("A011"));
  log.start();
  log.start();
  await settle();
  await pass(BETWEEN_CALLS / 1000 + 1);
  restoreBrowser();
  assert.deepEqual(log.lines, [
    "0 show A010",
    "0 chime",
    "0 speak A010",
    "4 show A011",
    "4 chime",
    "4 speak A011",
  ]);
});

test("speech is waited for, but not for ever", async () => {
  fakeBrowser();
  const log = announcer(() => new Promise(() => undefined));
  log.due.push(made("A010"), made("A011"));
  log.start();
  await settle();
  await pass(11);
  restoreBrowser();
  assert.equal(log.lines[3], "10 show A011");
});

test("while many wait for their moment, the chime must do", async () => {
  fakeBrowser();
  const log = announcer();
  log.due.push(...["A1", "A2", "A3", "A4"].map(made));
  log.start();
  await pass(17);
  restoreBrowser();
  assert.deepEqual(
    log.lines.filter((line) => line.includes("speak")),
    ["4 speak A2", "8 speak A3", "12 speak A4"],
  );
});

test("a sound that fails keeps no call from being shown", async () => {
  fakeBrowser();
  const log = announcer(() => Promise.reject(new Error("no voice")));
  log.due.push(made("A010"), made("A011"));
  log.start();
  await pass(5);
  await settle();
  restoreBrowser();
  assert.ok(log.lines.includes("4 show A011"));
});

test("a number is read out letter by letter", () => {
  assert.equal(spelled("A012"), "A 0 1 2");
});

// The picture.

const words = (language: string): Texts => ({
  dir: "ltr",
  counter: `Counter ${language}`,
  next: "Next",
  closed: `Closed ${language}`,
  opens: `Opens {time} ${language}`,
  idle: "Idle",
  spoken: "{code} {counter}",
  mistaken: "Sorry, {code} was called by mistake.",
  lost: "Lost at {time}",
});
const texts = { en: words("en"), he: words("he") };
const board = (own: Partial<BoardDocument> = {}): BoardDocument => ({
  release: "1",
  provider: "Clinic",
  languages: ["en", "he"],
  time_zone: "Asia/Jerusalem",
  notice: "",
  font: 20.36,
  rows: 3,
  queues: [],
  ...own,
});
const NOON = Date.parse("2026-11-24T10:00:00Z");
const moment = (own: Partial<Moment> = {}): Moment => ({
  now: NOON,
  heardAt: NOON,
  isCutOff: false,
  lit: new Map(),
  ...own,
});
const look = (own: Partial<Moment> = {}, set: Partial<BoardDocument> = {}) =>
  pictureOf(board(set), calls, texts, moment(own));

test("a new call leads, in amber, for as long as it is lit", () => {
  const old = call("A010", at(9));
  const recalled = call("A009", { ...at(1), call_count: 2 });
  take(2, [old, recalled]);
  announced();
  const lit = new Map([[visitOf({ ...recalled, queue: 3 }), NOON + LIT]]);
  const shows = (now: number) => look({ now, lit }).rows.map(({ code, isLit }) => [code, isLit]);
  assert.deepEqual(shows(NOON), [["A009", true], ["A010", false]]);
  assert.deepEqual(shows(NOON + LIT), [["A010", false], ["A009", false]]);
});

test("cut off, it says since when, in each language, and shows nobody", () => {
  take(2, [call("A010")]);
  announced();
  const picture = look({ isCutOff: true, heardAt: NOON + 180_000, now: NOON + 300_000 });
  assert.deepEqual(picture.message, ["Lost at \u206612:03\u2069", "Lost at \u206612:03\u2069"]);
  assert.deepEqual([picture.rows, picture.further, picture.next], [[], [], []]);
});

test("who finds no row is still shown with a counter, before the next numbers", () => {
  take(2, [1, 2, 3, 4].map((minute) => call(`A00${minute}`, at(minute))));
  announced();
  assert.deepEqual(look().further.map(({ code }) => code), ["A001"]);
});

test("a number of an earlier day has its date, since today somebody else may have it", () => {
  take(2, [call("A010", { date: "2026-11-23" }), call("A010", at(6))]);
  announced();
  assert.deepEqual(look().rows.map(({ date }) => date).sort(), ["", "23 Nov"]);
});

test("closed queues dim it, unless somebody is still at a counter", () => {
  take(2, [call("A010", { state: "serving" })], { status: "closed" });
  assert.equal(look().isClosed, false);
  take(3, [], { status: "closed" });
  assert.deepEqual(look().message, ["Closed en", "Closed he"]);
  const time = new Date(NOON + 3_600_000).toISOString();
  take(4, [], { status: "closed", opens_at: time });
  const [said] = look().message;
  assert.match(said!, /^Opens \u2066\d\d:\d\d\u2069 en$/);
  take(5, [], { status: "closed", opens_at: new Date(NOON + 86_400_000).toISOString() });
  assert.match(look().message[0]!, /^Opens \w+,? \d+ \w+ \u2066/);
});

test("the clock changes its corner with the hour, the picture its place every five minutes", () => {
  const hours = [0, 1, 2, 3].map((hour) => look({ now: NOON + hour * 3_600_000 }).corner);
  assert.equal(new Set(hours).size, 4);
  const shifts = [0, 5, 10, 15].map((minutes) => look({ now: NOON + minutes * 60_000 }).shift);
  assert.equal(new Set(shifts.map(String)).size, 4);
  assert.ok(shifts.flat().every((pixels) => pixels <= 8));
});

test("next numbers and a notice take turns where there is one line for both", () => {
  const turns = (font: number) =>
    [0, 15_000].map((passed) => {
      const { next, notice } = look({ now: NOON + passed }, { notice: "Tea", font });
      return [next.length > 0, notice];
    });
  assert.deepEqual(turns(26.05), [[true, ""], [false, "Tea"]]);
  assert.deepEqual(turns(20.36), [[true, "Tea"], [true, "Tea"]]);
});

test("who is called and finds no row is never hidden by a notice", () => {
  take(2, [1, 2, 3].map((minute) => call(`A00${minute}`, at(minute))));
  announced();
  const picture = look({ now: NOON + 15_000 }, { notice: "Tea", font: 26.05, rows: 2 });
  assert.deepEqual([picture.further.length, picture.notice, picture.lines], [1, "", 1]);
});

test("languages stand beside each other, or one after the other", () => {
  const said = (font: number, passed: number) =>
    look({ now: NOON + passed }, { font }).counterLabel.map(({ language }) => language);
  assert.deepEqual(said(10, 0), ["en", "he"]);
  assert.deepEqual([said(30, 0), said(30, 15_000)].flat().sort(), ["en", "he"]);
});

test("a long notice is cut between words", () => {
  assert.deepEqual(pages("Flu vaccination until four", 15), ["Flu vaccination", "until four"]);
  assert.deepEqual(pages("Incomprehensibility", 4), ["Incomprehensibility"]);
});

afterEach(() => mock.restoreAll());
