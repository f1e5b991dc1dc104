"""The text of a statement as each driver takes it, made once. Markers stand for what the dialects say differently."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chatsvc.db.sqlite_hops import MANY, SEPARATOR

Kind = str
"""uuid, bigint, text or timestamptz."""

_LOCKS = {"lock": "FOR NO KEY UPDATE OF {}", "free": "FOR UPDATE OF {} SKIP LOCKED"}
_WIRE = {"id": "CAST({} AS text)", "time": """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""}
_JSON_OBJECT = {"sqlite": "json_group_object({}, {})", "postgresql": "CAST(json_object_agg({}, {}) AS text)"}
_LOCK_MARK = re.compile(r"\{(lock|free):(\w+)\}")
_WIRE_MARK = re.compile(r"\{(id|time):([^}]+)\}")
_OBJECT_MARK = re.compile(r"\{object:([^,}]+), ([^}]+)\}")
_VALUES_MARK = re.compile(r"\{values:(\w+)\}")
_RETURNING = re.compile(r"\s+RETURNING \w+\s*$")
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)\b")


@dataclass(frozen=True, slots=True)
class DriverText:
    """Named parameters on SQLite, numbered ones in `order` on Postgres."""

    sql: str
    order: tuple[str, ...]


def driver_text(
    sql: str, dialect: str, parameters: Mapping[str, Kind], tables: Mapping[str, Mapping[str, Kind]]
) -> DriverText:
    """See Statement for what may stand in `sql`."""
    sqlite = dialect == "sqlite"
    sql = SEPARATOR.join(_inserting(part, tables, sqlite=sqlite) for part in sql.split(SEPARATOR))
    for name, shape in tables.items():
        sql = sql.replace("{" + name + "}", (_sqlite_table if sqlite else _postgres_table)(name, shape))
    order = tuple(dict.fromkeys(_PARAMETER.findall(sql)))
    if not sqlite:
        sql = _PARAMETER.sub(lambda found: _numbered(order.index(found[1]) + 1, parameters.get(found[1])), sql)
    sql = _LOCK_MARK.sub(lambda found: "" if sqlite else _LOCKS[found[1]].format(found[2]), sql)
    sql = _OBJECT_MARK.sub(lambda found: _JSON_OBJECT[dialect].format(found[1], found[2]), sql)
    sql = _WIRE_MARK.sub(lambda found: found[2] if sqlite else _WIRE[found[1]].format(found[2]), sql)
    return DriverText(sql, order)


def inserted_names(sql: str) -> frozenset[str]:
    """The parameters whose rows are inserted as they are."""
    return frozenset(_VALUES_MARK.findall(sql))


def _inserting(sql: str, tables: Mapping[str, Mapping[str, Kind]], *, sqlite: bool) -> str:
    if (mark := _VALUES_MARK.search(sql)) is None:
        return sql
    columns = tables[mark[1]]
    if not sqlite:
        return sql.replace(mark[0], f"SELECT {', '.join(columns)} FROM {{{mark[1]}}} AS n WHERE true")
    values = ", ".join("?" * len(columns))
    return f"{MANY}{mark[1]}\n" + _RETURNING.sub("", sql.replace(mark[0], f"VALUES ({values})"))


def _numbered(number: int, kind: Kind | None) -> str:
    return f"CAST(${number} AS {kind})" if kind else f"${number}"


def _sqlite_table(name: str, shape: Mapping[str, Kind]) -> str:
    fields = (f"json_extract(value, '$[{at}]') AS {column}" for at, column in enumerate(shape))
    return f"(SELECT {', '.join(fields)} FROM json_each(:{name}))"


def _postgres_table(name: str, shape: Mapping[str, Kind]) -> str:
    fields = (f"CAST(value->>{at} AS {kind}) AS {column}" for at, (column, kind) in enumerate(shape.items()))
    return f"(SELECT {', '.join(fields)} FROM jsonb_array_elements(CAST(:{name} AS jsonb)))"
