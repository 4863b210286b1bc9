"""Scheduled work."""

from celery import shared_task

from queues.services.figures import (
    accuracies_judge,
    figures_roll_up,
    show_rates_update,
)


@shared_task
def roll_up_figures() -> None:
    """Rolls up the days that are over, and sees whether what people are told holds."""
    figures_roll_up()
    show_rates_update()
    accuracies_judge()
