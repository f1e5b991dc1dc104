"""The part of the page that tells where and how it was measured, and what that does not say."""

from typing import Any

from bench.results import Results
from bench.tables import table


def machine_section(results: Results) -> str:
    facts = results.facts
    if not facts:
        return "## The machine\n\nNot told."
    rows = [
        ("date, revision", f"{facts['date']}, {facts['revision']}"),
        ("processor", f"{facts['cores']} cores, {facts['processor']}"),
        ("memory", f"{facts['memory_gib']} GiB"),
        ("kernel, file system", f"{facts['kernel']}, {facts['file_system']}"),
        ("writing 4 KiB and syncing it (fdatasync, median)", f"{facts['sync_ms']} ms"),
        ("load of the machine before it began", f"{facts['load_before']}"),
        ("Python, SQLite", f"{facts['python']}, {facts['sqlite']}"),
        ("Postgres", postgres_settings(facts.get("postgres", {}))),
        ("wrk", f"{facts['wrk']}"),
        ("packages", ", ".join(f"{name} {version}" for name, version in sorted(facts["packages"].items()))),
    ]
    text = f"## The machine\n\n{table(('', ''), rows)}\n\n{_pinning(facts)}\n\n{_method(results)}"
    return text.replace("| --- | --: |", "| --- | --- |")


def postgres_settings(settings: dict[str, str]) -> str:
    told = [f"{name}={value}" for name, value in settings.items() if name != "server_version"]
    return f"{settings['server_version']}: {', '.join(told)}" if settings else "not measured"


def _pinning(facts: dict[str, Any]) -> str:
    if facts["cores"] < 2:
        return "Nothing was pinned: there is one core, which servers, Postgres and wrk shared."
    return (
        "Each server was pinned to core 0 and wrk to core 1; Postgres was free to use all. For one and two worker "
        "processes nothing was pinned, neither the servers nor wrk."
    )


def _method(results: Results) -> str:
    facts = results.facts
    return (
        f"Each figure was taken in {facts['rounds']} rounds of {facts['seconds']} s for each server, twice as long "
        "with 256 connections, after two seconds of warming up; within a round the servers were measured one right "
        "after the other. Before that one answer of each was looked at: that it holds what the figure claims. After "
        f"each run of sends the stored messages were counted: every answer has its row. {_checked(results)}SQLite ran "
        "with `synchronous=FULL` and a write-ahead log, in the baseline too; both databases lay on the same disk. The "
        "service's rate limits were off and its access tokens lived for a day, all else was as it is by default. An "
        "answer that is no success, or an error of a socket, fails its figure."
    )


def _checked(results: Results) -> str:
    """Those whose promises do not hold stand under the failures."""
    passed = sum(said.endswith("every promise holds") for said in results.checks.values())
    return f"At the end `chatsvc check` passed on {passed} of {len(results.checks)} databases. " if passed else ""


def limits_section(results: Results) -> str:
    cores = results.facts.get("cores", "few")
    return (
        "## What this does not say\n\n"
        f"- One machine, {cores} cores, loopback: no network, no TLS, no proxy, and the load generator and Postgres "
        "take time from the same cores.\n"
        "- A sync costs here what the table above says. Where it costs more, a send alone waits longer; sends that "
        "wait together share it.\n"
        "- wrk asks again as soon as it has an answer: the latencies at 32 and 256 connections are those of a server "
        "that is always full. They are wrk's own, which counts a late answer for the requests that it held up. With "
        "256 connections the time until the first answer is a part of the run: it takes some tenths from the rate of a "
        "server that is slow.\n"
        "- Everything that is read lies in memory, the kernel's or the database's: a database beyond memory reads "
        "from the disk.\n"
        "- Phones do not all ask at once, nor send a hundred characters of English each time."
    )
