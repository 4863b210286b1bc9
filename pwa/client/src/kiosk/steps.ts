// One question at a time: which is next, and which was before.

import { asks } from "../shared/asks.ts";
import type { KioskDocument, KioskQueue } from "./types.ts";

/** What was answered so far; an empty text is an answer that one left out. */
export interface Answers {
  language?: string;
  queue?: number;
  service?: number;
  people?: number;
  name?: string;
  phone?: string;
  /** That a time is booked; then only the number is asked. */
  booking?: true;
  /** That somebody is there, where nothing else is asked. */
  present?: true;
}

export type Question = keyof Answers;
export type Step = Exclude<Question, "booking"> | "closed" | "take";

const ORDER: Question[] = ["language", "present", "queue", "service", "people", "name", "booking", "phone"];

/** The queue that was chosen, or the only one there is. */
export function queueOf(kiosk: KioskDocument, answers: Answers): KioskQueue | undefined {
  if (kiosk.queues.length === 1) return kiosk.queues[0];
  return kiosk.queues.find(({ id }) => id === answers.queue);
}

/** What to ask now; what there is no choice in is not asked. */
export function stepOf(kiosk: KioskDocument, answers: Answers): Step {
  if (kiosk.languages.length > 1 && answers.language === undefined) return "language";
  if (answers.booking) return answers.phone === undefined ? "phone" : "take";
  const queue = queueOf(kiosk, answers);
  if (queue === undefined) return "queue";
  if (queue.status !== "open") return "closed";
  if (queue.services.length > 1 && answers.service === undefined) return "service";
  if (queue.max_people > 1 && answers.people === undefined) return "people";
  if (asks(queue, "name") !== "no" && answers.name === undefined) return "name";
  if (asks(queue, "phone") !== "no" && answers.phone === undefined) return "phone";
  // A number is for somebody who touched the screen.
  return Object.keys(answers).length === 0 ? "present" : "take";
}

/** The answers without the last one, which is asked again; null at the start. */
export function back(answers: Answers): Answers | null {
  const last = [...ORDER].reverse().find((question) => answers[question] !== undefined);
  if (last === undefined) return null;
  const { [last]: _, ...before } = answers;
  return before;
}

/** What the server is sent. */
export function joining(kiosk: KioskDocument, answers: Answers, language: string): object {
  const queue = queueOf(kiosk, answers)!;
  const only = queue.services.length === 1 ? queue.services[0]!.id : null;
  return {
    queue: queue.id,
    service: answers.service ?? only,
    people: answers.people ?? 1,
    name: answers.name ?? "",
    phone: answers.phone ?? "",
    language,
  };
}
