import subprocess
import sys
from collections.abc import Callable
from time import thread_time

import pytest
from argon2 import PasswordHasher, Type

from chatsvc.security.passwords import hash_password, needs_rehash, normalize_password, verify_password, warm_up

pytestmark = pytest.mark.real_hashes
PASSWORD = "correct horse battery staple"
# Fixed: hashes of a released version must verify for ever.
STORED = "$argon2id$v=19$m=19456,t=2,p=1$urd2LqW0ttbaWwsBQOhdaw$dZrEagy0qpIxJfBKGpZhZxmlGONp/gcJJxe+01v4MMI"


def least_seconds(call: Callable[[], object]) -> float:
    """Of processor time, which a busy machine does not stretch."""

    def once() -> float:
        begin = thread_time()
        call()
        return thread_time() - begin

    return min(once() for _ in range(3))


def test_the_right_password_verifies_and_a_wrong_one_does_not() -> None:
    assert verify_password(PASSWORD, STORED)
    assert not verify_password(PASSWORD + " ", STORED)
    assert not verify_password("", STORED)


def test_a_hash_is_argon2id_with_our_parameters_and_its_own_salt() -> None:
    hashes = [hash_password(PASSWORD) for _ in range(3)]
    assert all(hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for hashed in hashes)
    assert all(verify_password(PASSWORD, hashed) for hashed in hashes)
    assert len(set(hashes)) == 3


def test_composed_and_decomposed_text_is_one_password() -> None:
    assert normalize_password("e\u0301") == "\u00e9"
    assert verify_password("pa\u00dfword \u00e9", hash_password("pa\u00dfword e\u0301"))


def test_nothing_but_nfc_is_done_to_a_password() -> None:
    stored = hash_password("ﬁve Boxes")
    assert not verify_password("five Boxes", stored)
    assert not verify_password("ﬁve boxes", stored)


def test_every_byte_counts_also_after_nul() -> None:
    assert not verify_password("password\0b", hash_password("password\0a"))


damaged = {
    "empty": "",
    "no hash": "x",
    "cut short": STORED[:40],
    "checksum cut": STORED[:-4],
    "odd character": STORED.replace("LqW", "Lq!W"),
    "not ASCII": STORED + "é",
    "surrogate": STORED[:-1] + "\ud800",
    "padding": STORED[:-1] + "=",
    "keyid": STORED.replace("$m=", "$keyid=abcd,m="),
    "future version": STORED.replace("v=19", "v=99"),
    "unknown type": STORED.replace("argon2id", "argon2x"),
    "bcrypt": "$2b$12$" + "a" * 53,
}


@pytest.mark.parametrize(
    ("password", "stored"),
    [
        pytest.param(PASSWORD, None, id="unknown user"),
        pytest.param("x" * 5_000, STORED, id="too many characters"),
        pytest.param("\u1000" * 2_000, STORED, id="too many bytes"),
        pytest.param("\ud800" + PASSWORD, STORED, id="lone surrogate"),
        pytest.param("\ud800", None, id="lone surrogate of an unknown user"),
        *(pytest.param(PASSWORD, stored, id=name) for name, stored in damaged.items()),
    ],
)
def test_what_cannot_be_verified_is_false_and_takes_as_long_as_a_wrong_password(
    password: str, stored: str | None
) -> None:
    assert verify_password(password, stored) is False
    wrong = least_seconds(lambda: verify_password("wrong", STORED))
    assert wrong / 2 < least_seconds(lambda: verify_password(password, stored)) < wrong * 2


def test_the_first_unknown_user_after_warming_up_costs_no_more() -> None:
    code = (
        "from time import thread_time; from chatsvc.security.passwords import *; warm_up()\n"
        "t = [thread_time()]\n"
        "for _ in range(5): verify_password('x', None); t.append(thread_time())\n"
        "spent = [b - a for a, b in zip(t, t[1:])]\n"
        "assert spent[0] < 1.7 * min(spent), spent"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_too_long_a_password_is_refused_without_being_repeated() -> None:
    with pytest.raises(ValueError, match="size") as caught:
        hash_password("secret!" * 1_000)
    assert "secret!" not in repr(caught.value)
    assert caught.value.__context__ is None


def test_text_that_is_not_utf8_raises_nothing_that_could_carry_it() -> None:
    password = "secret!\ud800"
    assert verify_password(password, hash_password(password))
    assert not verify_password("secret!\udfff", hash_password(password))


def test_a_hash_with_other_parameters_wants_a_new_one() -> None:
    assert not needs_rehash(STORED)
    for old in (
        PasswordHasher(time_cost=1, memory_cost=19_456, parallelism=1),
        PasswordHasher(time_cost=2, memory_cost=1_024, parallelism=1),
        PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.I),
    ):
        stored = old.hash(PASSWORD)
        assert verify_password(PASSWORD, stored)
        assert needs_rehash(stored)


def test_a_program_that_makes_warnings_errors_works_and_keeps_its_filters() -> None:
    # The canary for argon2-cffi, too: without `argon2.__version__` passlib 1.7.4 finds no backend.
    code = (
        "import warnings; before = list(warnings.filters)\n"
        "from chatsvc.security.passwords import *; warm_up()\n"
        "assert verify_password('x', hash_password('x'))\n"
        "assert warnings.filters == before, warnings.filters"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_warming_up_can_be_repeated() -> None:
    warm_up()
    warm_up()
    assert not verify_password("", None)
