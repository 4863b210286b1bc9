// What the kiosk is told.

import type { Ask, QueueStatus, Service, Wait } from "../shared/types.ts";

export interface KioskQueue {
  id: number;
  name: string;
  status: QueueStatus;
  /** When it opens next, where one can tell. */
  opens_at: string | null;
  asks_name: Ask;
  asks_phone: Ask;
  max_people: number;
  services: Service[];
}

export interface KioskDocument {
  release: string;
  provider: string;
  languages: string[];
  time_zone: string;
  /** The paper's width in millimetres; empty without a printer. */
  paper: "" | "58" | "80";
  /** How high the picture is. */
  height_cm: number;
  /** Between which hundredths of it, from below, everybody can touch it. */
  reach: [number, number];
  /** Whether who booked a time can check in. */
  takes_bookings: boolean;
  /** What says on a phone that one is there, typed or scanned (SVG); null where nobody asks for it. */
  on_site: { code: string; qr: string } | null;
  queues: KioskQueue[];
}

/** A ticket as it stands on the screen and on paper. */
export interface Taken {
  code: string;
  queue: string;
  service: string | null;
  people: number;
  joined_at: string;
  wait: Wait | null;
  /** The way to it on a phone, as SVG, and how many modules wide it is. */
  qr: string;
  modules: number;
}
