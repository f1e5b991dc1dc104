"""What a PromQL expression names: enough of its grammar for our own, and a word that is not known is told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.samples import Sample

_METRIC = re.compile(r"\b((?:chatsvc|process)_\w+|up\b)(?:\s*\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"')
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_COUNTING = re.compile(r"\b(?:rate|increase|irate)\(\s*(\w+)")
_KNOWN_WORDS = {
    *("sum", "max", "min", "avg", "count", "by", "and", "or", "unless", "offset"),
    *("rate", "increase", "changes", "histogram_quantile", "absent", "time", "vector"),
}
FROM_PROMETHEUS = {"job", "instance"}
_UP = [Sample("up", {}, 1.0)]


@dataclass(frozen=True)
class Exposed:
    """Samples of a running service, by name."""

    samples: Mapping[str, list[Sample]]

    def labels(self, metric: str) -> set[str]:
        return {name for sample in self._of(metric) for name in sample.labels} | FROM_PROMETHEUS

    def values(self, metric: str, label: str) -> set[str]:
        return {sample.labels[label] for sample in self._of(metric) if label in sample.labels}

    def _of(self, metric: str) -> list[Sample]:
        return _UP if metric == "up" else self.samples.get(metric, [])

    def problems(self, expression: str) -> list[str]:
        """What the expression names and the service does not expose."""
        found = self.unknown_selectors(expression)
        labels = {label for metric, _ in _METRIC.findall(expression) for label in self.labels(metric)}
        grouped = {label.strip() for group in _GROUPING.findall(expression) for label in group.split(",")}
        found += [f"nothing here has the label {label}" for label in grouped - labels]
        found += [f"{word} only grows" for word in _COUNTING.findall(expression) if not _is_counted(word)]
        if "histogram_quantile" in expression and not ("le" in grouped and "_bucket" in expression):
            found.append("a quantile is of buckets, by le")
        return found + [f"{word} is no word of PromQL" for word in _unknown_words(expression)]

    def unknown_selectors(self, text: str) -> list[str]:
        """The same of the metrics and their matchers alone, in a text for people too."""
        found: list[str] = []
        for metric, matchers in _METRIC.findall(text):
            if metric != "up" and metric not in self.samples:
                found.append(f"there is no {metric}")
            else:
                given = _MATCHER.findall(matchers)
                found += [problem for matcher in given for problem in self._of_matcher(metric, *matcher)]
        return found

    def _of_matcher(self, metric: str, label: str, operator: str, value: str) -> list[str]:
        if label not in self.labels(metric):
            return [f"{metric} has no label {label}"]
        if label in FROM_PROMETHEUS:
            return []
        values = value.split("|") if "~" in operator else [re.escape(value)]
        known = self.values(metric, label)
        return [f"no {label} of {metric} is {one}" for one in values if not any(re.fullmatch(one, v) for v in known)]


def _is_counted(metric: str) -> bool:
    return metric.endswith(("_total", "_bucket", "_count", "_sum"))


def _unknown_words(expression: str) -> list[str]:
    rest = re.sub(r"\[[^\]]*\]", "", _GROUPING.sub(" ", _METRIC.sub(" ", expression)))
    return [word for word in re.findall(r"\b[A-Za-z_]\w*", rest) if word not in _KNOWN_WORDS]
