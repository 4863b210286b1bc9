// The public API of bookings.

import type { BookingApi } from "../shared/booking.ts";
import type { Config } from "../shared/types.ts";
import { openDoor } from "./api.ts";

export function createBookingApi(config: Pick<Config, "api" | "provider">): BookingApi {
  const { get, post } = openDoor(config.api);
  const provider = `providers/${config.provider.slug}`;
  const mine = (token: string, key?: string): Record<string, string> => ({
    "Appointment-Token": token,
    ...(key && { "Idempotency-Key": key }),
  });
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
    booking: (token) => get("appointment", mine(token)),
    move: (token, key, startsAt) =>
      post("appointment/reschedule", mine(token, key), { starts_at: startsAt }),
    cancel: (token, key) => post("appointment/cancel", mine(token, key)),
    checkIn: (token, key) => post("appointment/check-in", mine(token, key)),
  };
}
