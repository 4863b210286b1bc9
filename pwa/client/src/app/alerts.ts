// How a phone tells that it is one's turn: sound, vibration, notification, a screen that stays on.
//
// Browsers allow most of it only after a tap, so one tap asks for all of it; what works then is
// said as it is.

import { signal } from "@preact/signals";

import { endPush, follow, type Followed, isPushOn } from "./push.ts";

export type Way = "sound" | "vibration" | "push" | "notification" | "screen";

/** Ways that work on this phone now; null until the tap. */
export const ways = signal<readonly Way[] | null>(null);

/** Whether the platform may be asked to tell this browser: by a gesture, now or before. */
export const mayPush = signal(false);

/** Whether the platform said that it will tell this browser of all it was last asked for. */
export const isPushed = signal(false);

/** Whether this phone was asked to make no noise; what is shown stays. */
export const isQuiet = signal(false);

const EVERY_MILLISECONDS = 5000;
const TIMES = 6;
const VIBRATION = [400, 150, 400];
// Two soft tones, in hertz, a third of a second apart.
const TONES = [659, 523];
const TAG = "ticket-";

let audio: AudioContext | null = null;
let screen: WakeLockSentinel | null = null;

/** The one gesture: call it while a tap is handled. */
export async function enableAlerts(): Promise<void> {
  audio ??= new AudioContext();
  // Its prompt may stay open for long; the others are said meanwhile.
  const answered = askToNotify();
  await Promise.all([unlock(audio), keepScreenOn()]);
  relist();
  await answered;
  relistIfOn();
}

/** For what comes another day, notifications are enough; call it while a tap is handled. */
export async function enablePush(): Promise<void> {
  await askToNotify();
  mayPush.value = mayNotifyNow();
}

/** Where somebody asked for it before, on this browser, no gesture is needed again. */
export async function resumePush(): Promise<void> {
  if (mayNotifyNow() && (await isPushOn())) mayPush.value = true;
}

/** Has the platform tell this browser of all these, in this language. */
export async function push(
  api: string,
  about: readonly Followed[],
  language: string,
): Promise<void> {
  // Without an answer it is not known to work, so it is not promised.
  const done = await Promise.all(about.map((one) => follow(api, one, language).catch(() => false)));
  isPushed.value = done.every(Boolean);
  relistIfOn();
}

/** For settings: everything is off, until the gesture is made again. */
export async function disableAlerts(): Promise<void> {
  isPushed.value = mayPush.value = false;
  ways.value = null;
  hush();
  letScreenOff();
  await endPush();
}

/** Tries to keep the screen on; the phone takes that back whenever the page is hidden. */
export async function keepScreenOn(): Promise<void> {
  try {
    screen = (await navigator.wakeLock?.request("screen")) ?? null;
    screen?.addEventListener("release", relistIfOn);
  } catch {
    screen = null;
  }
  relistIfOn();
}

/** Gives the screen back to the phone. */
export function letScreenOff(): void {
  void screen?.release();
  screen = null;
}

/** Tells once, in every way that works; of the ticket with this code, if it is about one. */
export function alertOnce(title: string, body: string, code = ""): void {
  if (!isQuiet.value) {
    if (audio?.state === "running") chime(audio);
    navigator.vibrate?.(VIBRATION);
  }
  if (mayNotifyNow()) void notify(TAG + code, title, body);
}

/** Tells now and every 5 s, for 30 s; returns what stops it. */
export function alertRepeatedly(tell: () => void, ended: () => void): () => void {
  let left = TIMES;
  const again = (): void => {
    if (left === 0) {
      clearInterval(timer);
      ended();
      return;
    }
    left -= 1;
    tell();
  };
  const timer = setInterval(again, EVERY_MILLISECONDS);
  again();
  return () => clearInterval(timer);
}

/** Makes noise, or none, from now on. */
export function setQuiet(quiet: boolean): void {
  isQuiet.value = quiet;
  if (quiet) navigator.vibrate?.(0);
  relistIfOn();
}

/** Takes back what still shows or shakes. */
export function hush(): void {
  navigator.vibrate?.(0);
  if (!mayNotifyNow()) return;
  void registration().then(async (found) => {
    for (const shown of (await found?.getNotifications()) ?? []) {
      if (shown.tag.startsWith(TAG)) shown.close();
    }
  });
}

/** What was turned off stays off, whatever is heard of it later. */
function relistIfOn(): void {
  if (ways.value !== null) relist();
}

function relist(): void {
  const works: Record<Way, boolean> = {
    sound: !isQuiet.value && audio?.state === "running",
    // Desktops have the call and no motor.
    vibration: !isQuiet.value && "vibrate" in navigator && navigator.maxTouchPoints > 0,
    push: isPushed.value,
    notification: !isPushed.value && mayNotifyNow(),
    screen: screen !== null && !screen.released,
  };
  mayPush.value = mayNotifyNow();
  ways.value = (Object.keys(works) as Way[]).filter((way) => works[way]);
}

// Where sound is refused, some browsers never answer.
async function unlock(context: AudioContext): Promise<void> {
  await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 500))]);
}

async function askToNotify(): Promise<void> {
  if (!("Notification" in window) || !("serviceWorker" in navigator)) return;
  if (Notification.permission === "default") await Notification.requestPermission();
}

function mayNotifyNow(): boolean {
  return (
    "Notification" in window &&
    "serviceWorker" in navigator &&
    Notification.permission === "granted"
  );
}

async function registration(): Promise<ServiceWorkerRegistration | undefined> {
  return navigator.serviceWorker.getRegistration();
}

// By the worker: phones refuse notifications that a page makes.
async function notify(tag: string, title: string, body: string): Promise<void> {
  const found = await registration();
  await found?.showNotification(title, {
    body,
    // As what is pushed of the ticket has: one of them shows.
    tag,
    data: { url: "#/ticket" },
    renotify: true,
    silent: isQuiet.value,
    icon: "icons/icon-192.png",
    badge: "icons/monochrome-512.png",
  } as NotificationOptions);
}

function chime(context: AudioContext): void {
  TONES.forEach((hertz, index) => {
    const start = context.currentTime + index * 0.3;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.5, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.55);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.6);
  });
}
