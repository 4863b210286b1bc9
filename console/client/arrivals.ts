// New arrivals at the desk: how many wait stands in the title, and a soft tick for each who comes.

const sound = document.getElementById("arrival-sound");
const REMEMBERED = "desk-arrival-sound";
const TICK_SECONDS = 0.08;
const TICK_HERTZ = 880;
const LOUDNESS = 0.12;

const title = document.title.replace(/^\(\d+\) /, "");
let audio: AudioContext | null = null;
let issued = issuedNow();

function shown(name: string): number {
  return Number(document.getElementById("live")?.dataset[name] ?? 0);
}

/** How many numbers were given out; it begins anew each day. */
function issuedNow(): number {
  return shown("issued");
}

function isOn(): boolean {
  return sound instanceof HTMLInputElement && sound.checked;
}

/** Sound wants a click or key after each load; what was chosen before is taken up with the first. */
function unlock(): void {
  if (!isOn()) return;
  audio ??= new AudioContext();
  void audio.resume();
}

function tick(): void {
  if (audio?.state !== "running") return;
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = TICK_HERTZ;
  gain.gain.setValueAtTime(LOUDNESS, audio.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + TICK_SECONDS);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start();
  oscillator.stop(audio.currentTime + TICK_SECONDS);
}

function look(): void {
  const waiting = shown("waiting");
  document.title = waiting > 0 ? `(${waiting}) ${title}` : title;
  const now = issuedNow();
  if (now > issued && isOn()) tick();
  issued = now;
}

if (sound instanceof HTMLInputElement) {
  sound.checked = localStorage.getItem(REMEMBERED) === "on";
  sound.addEventListener("change", () => {
    localStorage.setItem(REMEMBERED, sound.checked ? "on" : "off");
    unlock();
    // So that one hears what one has chosen.
    if (sound.checked) void audio?.resume().then(tick);
  });
  for (const gesture of ["pointerdown", "keydown"]) {
    document.addEventListener(gesture, unlock, { once: true });
  }
}

// Of a press as of a refresh.
document.addEventListener("htmx:load", look);
look();
