// The screens that are not needed at first: one part, loaded when one of them is opened.

export { Book } from "./book.tsx";
export { Bookings, TakeBooking } from "./bookings.tsx";
export { Carry } from "./carry.tsx";
export { DetailsScreen } from "./details.tsx";
export { Move } from "./move.tsx";
export { Places } from "./places.tsx";
export { TicketOffer } from "./ticket_offer.tsx";
export { Settings } from "./settings.tsx";
