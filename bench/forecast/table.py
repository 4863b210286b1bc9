"""The scores as a table to read."""

from collections.abc import Iterator

from bench.forecast.scores import Group, PointScore, Report

NAMES = {
    "naive": "naive: position × mean service / busy servers",
    "naive_recent": "naive, servers of the last 30 min",
    "les": "last to enter service (LES)",
    "moving_average": "moving average of waits, 0.9/0.1",
    "qlm": "queue length with abandonment (QLm)",
    "raw": "this estimator before what it learned from errors",
    "forecast": "this estimator",
}


def as_table(report: Report) -> str:
    """Lines of text."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield (
        f"{report.tickets} tickets that waited and were served, {report.mean_wait:.0f} s on the"
        f" mean; {report.without_estimate} more without an estimate."
    )
    yield ""
    yield f"{'estimator':<50}{'MAE s':>8}{'of mean':>9}{'median':>8}{'bias':>8}{'ours less':>11}"
    ours = report.estimators["forecast"]
    for name, score in report.estimators.items():
        yield _estimator(NAMES[name], score, ours)
    yield ""
    yield (
        f"{'ahead':<8}{'tickets':>8}{'mean s':>8}{'MAE s':>8}{'median':>8}{'bias':>8}{'inside':>8}"
        f"{'below':>8}{'above':>8}{'width':>8}{'Winkler':>9}"
    )
    for group in [report.overall, *report.by_position]:
        yield _group(group)
    if report.again is not None:
        again = report.again
        yield ""
        yield (
            f"Asked again, {again.tickets} that still waited: MAE {again.refreshed.share:.2f} of"
            f" the mean, {again.range.coverage:.1%} inside; the first answer run down:"
            f" {again.countdown.share:.2f}."
        )


def _estimator(name: str, score: PointScore, ours: PointScore) -> str:
    less = 1 - ours.mae / score.mae
    return (
        f"{name:<50}{score.mae:>8.1f}{score.share:>9.3f}{score.median_error:>8.1f}"
        f"{score.bias:>+8.1f}" + ("" if score is ours else f"{less:>11.1%}")
    )


def _group(group: Group) -> str:
    point, inside = group.point, group.range
    return (
        f"{group.name:<8}{group.tickets:>8}{group.mean_wait:>8.0f}{point.mae:>8.1f}"
        f"{point.median_error:>8.1f}{point.bias:>+8.1f}{inside.coverage:>8.1%}{inside.below:>8.1%}"
        f"{inside.above:>8.1%}{inside.width:>8.2f}{inside.winkler:>9.2f}"
    )
