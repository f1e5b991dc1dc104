"""What the environment sets, and what production refuses to start with."""

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from chatsvc.settings import Settings

KEY = "q7Vx2JmLr9TzKd4WcYb8NhPs6FgUa3Ee"
SAFE = {
    "CHATSVC_ENV": "production",
    "CHATSVC_JWT_KEYS": f"new:{KEY},old:{KEY[::-1]}",
    "CHATSVC_DATABASE_URL": "postgresql://chat:k8Hq-long-and-random@db/chat?sslmode=verify-full",
    "CHATSVC_CORS_ORIGINS": "https://app.example.org",
    "CHATSVC_TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8::/32",
}


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CHATSVC_")]:
        monkeypatch.delenv(name)


def from_environment(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    for name, value in {**SAFE, **changes}.items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("ENV", "development", "env", "development"),
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("PORT", "9000", "port", 9000),
        ("WORKERS", "4", "workers", 4),
        ("DATA_DIR", "/var/lib/chatsvc", "data_dir", Path("/var/lib/chatsvc")),
        ("WEB_DIR", "/srv/web", "web_dir", Path("/srv/web")),
        ("RATE_LIMITS", "off", "rate_limits", "off"),
        ("SESSION_CHECK_SECONDS", "0", "session_check_seconds", 0.0),
        ("LOG_LEVEL", "debug", "log_level", "debug"),
        (
            "CORS_ORIGINS",
            "https://a.example, https://b.example,",
            "cors_origins",
            ["https://a.example", "https://b.example"],
        ),
        ("CORS_ORIGINS", "", "cors_origins", []),
        ("TRUSTED_PROXIES", "10.0.0.1,::1", "trusted_proxies", ["10.0.0.1", "::1"]),
    ],
)
def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, name: str, text: str, field: str, value: Any) -> None:
    monkeypatch.setenv(f"CHATSVC_{name}", text)
    assert getattr(Settings(), field) == value


@pytest.mark.parametrize("name", ["DATABASE_URL", "READ_DATABASE_URL"])
def test_database_urls_are_read_and_not_shown(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"CHATSVC_{name}", "postgresql://u:hunter2@db/chat")
    settings = Settings()
    assert getattr(settings, name.lower()).get_secret_value() == "postgresql://u:hunter2@db/chat"
    assert "hunter2" not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"


def test_without_any_setting_it_is_sqlite_for_development_on_this_machine() -> None:
    settings = Settings()
    assert (settings.env, settings.host, settings.database_url.get_secret_value()) == ("development", "127.0.0.1", "")
    assert settings.serves_docs
    assert not settings.sends_hsts


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ENV", "prod"),
        ("PORT", "65536"),
        ("WORKERS", "0"),
        ("RATE_LIMITS", "maybe"),
        ("SESSION_CHECK_SECONDS", "6"),
        ("LOG_LEVEL", "loud"),
        ("LIMIT_SEND", "10 per minute"),
        ("LOCK_TIMEOUT_SECONDS", "0"),
        ("STATEMENT_TIMEOUT_SECONDS", "0"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    monkeypatch.setenv(f"CHATSVC_{name}", text)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_a_good_production_configuration_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = from_environment(monkeypatch)
    assert settings.production
    assert settings.sends_hsts
    assert not settings.serves_docs


def test_production_runs_on_sqlite_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_environment(monkeypatch, CHATSVC_DATABASE_URL="sqlite:////var/lib/chat.db").production


@pytest.mark.parametrize(
    ("setting", "unsafe"),
    [
        ("CHATSVC_DOCS", "true"),
        ("CHATSVC_JWT_KEYS", ""),
        ("CHATSVC_JWT_KEYS", "k:tooshort"),
        ("CHATSVC_JWT_KEYS", KEY),
        ("CHATSVC_JWT_KEYS", "k:" + "abcdefgh" * 8),
        ("CHATSVC_JWT_KEYS", "k:please-change-me-0123456789-abcdefghijklmnop"),
        ("CHATSVC_JWT_KEYS", "k:your-256-bit-secret-0123456789abcdefghijklmn"),
        ("CHATSVC_JWT_KEYS", f"new:{KEY},old:weak"),
        ("CHATSVC_CORS_ORIGINS", "*"),
        ("CHATSVC_CORS_ORIGINS", "https://app.example.org, *"),
        ("CHATSVC_TRUSTED_PROXIES", "*"),
        ("CHATSVC_TRUSTED_PROXIES", "10.0.0.1,0.0.0.0/0"),
        ("CHATSVC_TRUSTED_PROXIES", "1.2.3.4/0"),
        ("CHATSVC_TRUSTED_PROXIES", "::/0"),
        ("CHATSVC_DATABASE_URL", "postgresql://postgres:postgres@db/chat"),
        ("CHATSVC_DATABASE_URL", "postgresql+asyncpg://u:Password@db/chat"),
        ("CHATSVC_DATABASE_URL", " POSTGRES://u:%63hangeme@db/chat"),
        ("CHATSVC_DATABASE_URL", "postgresql://u:@db/chat"),
        ("CHATSVC_DATABASE_URL", "postgresql://u@db/chat?password=secret"),
        ("CHATSVC_READ_DATABASE_URL", "postgresql://u:chatsvc@replica/chat"),
    ],
)
def test_production_refuses_what_is_unsafe_and_names_it(
    monkeypatch: pytest.MonkeyPatch, setting: str, unsafe: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        from_environment(monkeypatch, **{setting: unsafe})
    message = str(refused.value)
    assert setting in message
    assert not any(other in message for other in SAFE if other not in {setting, "CHATSVC_ENV"})


def test_all_that_is_unsafe_is_told_at_once_and_no_secret_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = {
        "CHATSVC_JWT_KEYS": f"kid-{KEY[:9]}:hunter2",
        "CHATSVC_DATABASE_URL": "postgresql://hunter3:postgres@db/chat",
        "CHATSVC_READ_DATABASE_URL": "postgresql://u:hunter4\u2100@db/chat",
        "CHATSVC_CORS_ORIGINS": "*",
    }
    with pytest.raises(ValidationError) as refused:
        from_environment(monkeypatch, **bad)
    message = f"{refused.value} {refused.value!r}"
    assert all(name in message for name in ("JWT_KEYS", "DATABASE_URL", "CORS_ORIGINS"))
    assert not any(
        secret in message for secret in ("hunter", KEY[:9], "postgres:", SAFE["CHATSVC_DATABASE_URL"][18:30])
    )


def test_development_starts_with_what_production_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = from_environment(monkeypatch, CHATSVC_ENV="development", CHATSVC_CORS_ORIGINS="*", CHATSVC_JWT_KEYS="")
    assert settings.cors_origins == ["*"]


def test_settings_do_not_change_while_the_service_runs() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]
