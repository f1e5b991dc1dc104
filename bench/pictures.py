"""The pictures of the page: SVG, the same bytes for the same results, on white so that a dark page shows them too."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.figures import BUSY, EVERYWHERE, FLOOR
from bench.growth_section import TITLES
from bench.results import Results, Value, spread_of
from bench.speed_section import titled
from bench.targets import NAMES, growth, p50, rate, short, sizes_of

_STYLE = {
    "svg.hashsalt": "chatsvc",  # ids of elements: random otherwise
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "lines.marker": "o",
    "legend.frameon": False,
}
_SUBJECTS = {
    FLOOR: {"color": "#777777", "linestyle": "--"},
    "service/sqlite": {"color": "#0072b2"},
    "service/postgresql": {"color": "#d55e00"},
    "baseline/sqlite": {"color": "#0072b2", "linestyle": ":"},
    "baseline/postgresql": {"color": "#d55e00", "linestyle": ":"},
}
_COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#000000")


def draw(results: Results, folder: Path) -> None:
    """Write the pictures into a folder; none of what was not measured."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(_STYLE):
        if any(one.figure == "sends" for one in results.measurements):
            _save(_throughput(results), folder / "throughput.svg")
        if any(one.size for one in results.measurements):
            _save(_growth(results), folder / "growth.svg")


def _throughput(results: Results) -> Any:
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.subplots()
    for subject, line in _SUBJECTS.items():
        points = [(at, _median(results, "sends", subject, at, rate)) for at in EVERYWHERE]
        seen = [(EVERYWHERE.index(at), value) for at, value in points if value is not None]
        if seen:
            axes.plot(*zip(*seen, strict=True), label=titled(subject), **line)
    axes.set_xticks(range(len(EVERYWHERE)), [str(at) for at in EVERYWHERE])
    axes.set_xlabel("connections")
    axes.set_ylabel("durable sends a second (the floor: answers)")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _growth(results: Results) -> Any:
    figure = Figure(figsize=(9.5, 4.2), layout="constrained")
    panels = figure.subplots(1, len(NAMES), sharey=True)
    for panel, (kind, name) in zip(panels, NAMES.items(), strict=True):
        sizes = sizes_of(results, f"service/{kind}")
        for (call, title), color in zip(TITLES.items(), _COLORS, strict=True):
            connections = BUSY if call.endswith(f"-{BUSY}") else 1
            points = [(at, _median(results, growth(call), f"service/{kind}", connections, p50, at)) for at in sizes]
            seen = [(at, value) for at, value in points if value is not None]
            if seen:
                panel.plot(*zip(*seen, strict=True), label=title.replace("`", ""), color=color)
        panel.set_xscale("log")
        panel.set_yscale("log")
        panel.minorticks_off()
        panel.yaxis.set_major_formatter("{x:g}")
        panel.set_xticks(sizes, [short(size) for size in sizes])
        panel.set_title(name)
        panel.set_xlabel("messages in the database")
    panels[0].set_ylabel("p50, ms")
    panels[-1].legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _median(results: Results, figure: str, subject: str, connections: int, value: Value, size: int = 0) -> float | None:
    found = spread_of(results.of(figure, subject, connections, size), value)
    return None if found is None else found.median


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
