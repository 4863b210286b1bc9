// The chime by Web Audio, speech by the browser's voices. Both want one click after each load.

const TONES = [
  { hertz: 659.3, at: 0 },
  { hertz: 523.3, at: 0.3 },
];
const TONE_SECONDS = 0.3;
const LOUDNESS = 0.4;

export class Sound {
  #audio = new AudioContext();

  /** Whether the browser lets it be heard. */
  get isOn(): boolean {
    return this.#audio.state === "running";
  }

  /** To be called by a click: lets chime and speech be heard from then on. */
  async start(): Promise<void> {
    await this.#audio.resume();
    // Some browsers let a page speak only once it has done so in a click.
    globalThis.speechSynthesis?.speak(new SpeechSynthesisUtterance(""));
  }

  /** Two soft tones, 0.6 s in all. */
  chime(): Promise<void> {
    if (!this.isOn) return Promise.resolve();
    return new Promise((resolve) => {
      for (const [place, tone] of TONES.entries()) {
        const oscillator = this.#tone(tone.hertz, this.#audio.currentTime + tone.at);
        if (place === TONES.length - 1) oscillator.onended = () => resolve();
      }
    });
  }

  /** Says a sentence; at once over where there is no voice for its language. */
  say(sentence: string, language: string): Promise<void> {
    const voice = voiceFor(language);
    if (!this.isOn || voice === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const utterance = new SpeechSynthesisUtterance(sentence);
      utterance.voice = voice;
      utterance.lang = voice.lang;
      utterance.onend = () => resolve();
      utterance.onerror = () => resolve();
      speechSynthesis.speak(utterance);
    });
  }

  hush(): void {
    globalThis.speechSynthesis?.cancel();
  }

  #tone(hertz: number, at: number): OscillatorNode {
    const oscillator = this.#audio.createOscillator();
    const gain = this.#audio.createGain();
    oscillator.frequency.value = hertz;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, at + TONE_SECONDS);
    oscillator.connect(gain).connect(this.#audio.destination);
    oscillator.start(at);
    oscillator.stop(at + TONE_SECONDS);
    return oscillator;
  }
}

/** The languages that no voice of this browser speaks. */
export function voiceless(languages: string[]): string[] {
  return languages.filter((language) => voiceFor(language) === undefined);
}

function voiceFor(language: string): SpeechSynthesisVoice | undefined {
  // Hebrew has an older code that some systems still use.
  const codes = language === "he" ? ["he", "iw"] : [language];
  const voices = globalThis.speechSynthesis?.getVoices() ?? [];
  return voices.find((voice) => codes.includes(voice.lang.toLowerCase().split(/[-_]/)[0]!));
}

/** A number as it is read out: "A 0 1 2". */
export function spelled(code: string): string {
  return [...code].join(" ");
}
