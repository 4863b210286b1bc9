// The public API of bookings.

import { type BookingApi, later } from "../shared/booking.ts";
import type { Config } from "../shared/types.ts";
import { openDoor } from "./api.ts";

export function createBookingApi(config: Pick<Config, "api" | "provider">): BookingApi {
  const { get, post } = openDoor(config.api);
  const provider = `providers/${config.provider.slug}`;
  const by =
    (header: string) =>
    (token: string, key?: string): Record<string, string> => ({
      [header]: token,
      ...(key && { "Idempotency-Key": key }),
    });
  const mine = by("Appointment-Token");
  const inLine = by("Ticket-Token");
  const waiting = by("Waitlist-Token");
  return {
    offer: () => get(`${provider}/booking`),
    times: ({ service, location, resource }, first, days) => {
      const query = new URLSearchParams({
        service: String(service),
        location: String(location),
        ...(resource && { resource: String(resource) }),
        first,
        days: String(days),
      });
      return get(`${provider}/slots?${query}`);
    },
    otherTimes: (token, first, days) =>
      get(`appointment/slots?${new URLSearchParams({ first, days: String(days) })}`, mine(token)),
    hold: ({ service, location, resource }, startsAt) =>
      post(`${provider}/holds`, {}, {
        service,
        location,
        starts_at: startsAt,
        ...(resource && { resource }),
      }),
    release: (token) => post("hold/release", { "Hold-Token": token }),
    book: (body, key) => post(`${provider}/appointments`, { "Idempotency-Key": key }, body),
    bookSeries: (body, key) =>
      post(`${provider}/appointments/series`, { "Idempotency-Key": key }, body),
    booking: (token) => get("appointment", mine(token)),
    move: (token, key, startsAt) =>
      post("appointment/reschedule", mine(token, key), { starts_at: startsAt }),
    cancel: (token, key) => post("appointment/cancel", mine(token, key)),
    checkIn: (token, key, code) => post("appointment/check-in", mine(token, key), { code }),
    mailCalendar: (token) => post("appointment/feed", mine(token)),
    waitFor: ({ service, location, resource }, who, [first, last], key) =>
      post(`${provider}/waitlist`, { "Idempotency-Key": key }, {
        service,
        location,
        ...(resource && { resource }),
        first: `${first}T00:00`,
        // Until before the next midnight.
        last: `${later(last, 1)}T00:00`,
        ...who,
      }),
    entry: (token) => get("waitlist", waiting(token)),
    leaveWaitlist: (token, key) => post("waitlist/leave", waiting(token, key)),
    accept: (token, key, offer, details) =>
      post("waitlist/accept", waiting(token, key), { offer, ...details }),
    acceptForTicket: (token, key, offer) =>
      post("ticket/offer/accept", inLine(token, key), { offer }),
    refuseForTicket: (token, key, offer) =>
      post("ticket/offer/refuse", inLine(token, key), { offer }),
    refuse: (token, key, offer) => post("waitlist/refuse", waiting(token, key), { offer }),
  };
}
