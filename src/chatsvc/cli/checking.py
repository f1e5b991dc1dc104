"""What `chatsvc check` prints, alone and at the end of what fills a database."""

import typer

from chatsvc.cli.progress import Bar
from chatsvc.cli.running import with_database
from chatsvc.ops.check import Report, check
from chatsvc.settings import Settings


def check_database(settings: Settings) -> None:
    """Print whether every promise holds; exit code 1 when one does not. Whole tables are read, as long as it takes."""
    unbounded = settings.model_copy(update={"statement_timeout_seconds": 0})
    bar = Bar()
    try:
        report: Report = with_database(unbounded, lambda db: db.read_primary(check, progress=bar))
    finally:
        bar.end()
    typer.echo(f"{report.users} users, {report.conversations} conversations, {report.messages} messages")
    for breach in report.breaches:
        typer.echo(f"BROKEN: {breach.promise} ({breach.count}): {', '.join(breach.examples)}", err=True)
    if report.breaches:
        raise typer.Exit(1)
    typer.echo("every promise holds")
