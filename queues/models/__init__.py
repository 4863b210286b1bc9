from queues.models.board import Board
from queues.models.check_in import CheckIn
from queues.models.counter import Counter
from queues.models.event import EventType, TicketEvent
from queues.models.figures import WaitAccuracy, WaitFigures
from queues.models.forecast import Quote, QuoteOutcome, SavedForecast
from queues.models.kiosk import Kiosk, Paper
from queues.models.nearest import Nearest
from queues.models.queue import AppointmentMerge, Ask, AtClosing, Queue, QueueStatus
from queues.models.screen import Pairing, Screen
from queues.models.ticket import Source, Ticket, TicketState

__all__ = [
    "AppointmentMerge",
    "Ask",
    "AtClosing",
    "Board",
    "CheckIn",
    "Counter",
    "EventType",
    "Kiosk",
    "Nearest",
    "Pairing",
    "Paper",
    "Queue",
    "QueueStatus",
    "Quote",
    "QuoteOutcome",
    "SavedForecast",
    "Screen",
    "Source",
    "Ticket",
    "TicketEvent",
    "TicketState",
    "WaitAccuracy",
    "WaitFigures",
]
