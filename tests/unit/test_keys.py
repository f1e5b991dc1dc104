import os
import stat
import subprocess
import sys
from base64 import encodebytes
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from chatsvc.security.keys import SigningKeys, load_or_create_key_file, new_key, parse_keys

_DER = bytes.fromhex(
    "3059301306072a8648ce3d020106082a8648ce3d030107034200048e533b6fa0bf7b4625bb30667c01fb607ef9f8b8a80fef5b30062870"
    "3187b2a373eb1dbde03318366d069f83a6f5900053c73633cb041b21c55e1a86c1f400b4"
)
PUBLIC_KEY = {
    "DER": _DER,
    "PEM": b"-----BEGIN PUBLIC KEY-----\n" + encodebytes(_DER) + b"-----END PUBLIC KEY-----\n",
    "OpenSSH": b"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBI5TO2+gv3tGJbswZnwB"
    b"+2B++fi4qA/vWzAGKHAxh7Kjc+sdveAzGDZtBp+DpvWQAFPHNjPLBBshxV4ahsH0ALQ=",
}
"""One on the curve P-256, in each of its forms."""
A = "a" * 31 + "A"
B = "b" * 31 + "B"


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_keys_are_read_in_their_order() -> None:
    assert parse_keys(f" new:{A}, old.2-x_Y:{B}:=/+\n").pairs == (
        ("new", A.encode()),
        ("old.2-x_Y", f"{B}:=/+".encode()),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no signing key"),
        (" \n", "no signing key"),
        (A, "key 1 has a secret of fewer than 32 bytes"),  # a kid alone, to all appearance
        (A + "x", "key 1 is not `kid:secret`"),
        (f"a:{A},", "key 2 is not"),
        (f":{A}", "key 1 is not"),
        (f"k k:{A}", "key 1 is not"),
        (f"ké:{A}", "key 1 is not"),
        (f"{'k' * 33}:{A}", "key 1 is not"),
        (f"a:{A},b:{A[:31]}", "key 2 has a secret of fewer than 32 bytes"),
        (f"a:{A},b:{B},a:{B}", "key 3 has the kid of an earlier one"),
        (f"a:{A} {B}", "key 1 has a secret that is not printable ASCII"),
        (f"a:{A}\nb:{B}", "key 1 has a secret that is not printable ASCII"),
        (f"a:{A}é", "key 1 has a secret that is not printable ASCII"),
        (f"a:{A}\udcff", "key 1 has a secret that is not printable ASCII"),  # a stray byte of the environment
        (f"a:{A}\0", "key 1 has a secret that is not printable ASCII"),
    ],
)
def test_malformed_keys_are_refused_and_not_repeated(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        parse_keys(text)
    shown = f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert A not in shown
    assert A[:31] not in shown
    assert B not in shown


@pytest.mark.parametrize("encoding", PUBLIC_KEY)
@pytest.mark.parametrize(("codec", "errors"), [("latin-1", "strict"), ("ascii", "surrogateescape")])
def test_a_public_key_is_no_secret(encoding: str, codec: str, errors: str) -> None:
    # python-jose signs with a DER public key as if it were a secret (CVE-2026-85394).
    public = PUBLIC_KEY[encoding]
    text = public.decode(codec, errors).replace(",", ".")
    with pytest.raises(ValueError, match="not printable ASCII"):
        parse_keys(f"a:{text}")
    with pytest.raises(ValueError, match="not printable ASCII"):
        SigningKeys((("a", public),))


def test_secrets_are_not_shown() -> None:
    keys = parse_keys(f"a:{A}")
    for shown in (repr(keys), str(keys), f"{keys}", repr([keys])):
        assert "aaaa" not in shown


def test_a_new_key_is_random_and_can_be_read_back() -> None:
    lines = [new_key() for _ in range(50)]
    keys = parse_keys(",".join(lines))  # 50 different kids
    assert len({secret for _, secret in keys.pairs}) == 50
    assert all(len(secret) == 64 for _, secret in keys.pairs)
    assert new_key("mine").startswith("mine:")


@pytest.mark.parametrize("kid", ["", "a b", "a:b", "a,b", "k" * 33])
def test_a_new_key_with_a_bad_kid_is_refused(kid: str) -> None:
    with pytest.raises(ValueError, match="kid"):
        new_key(kid)


@pytest.mark.usefixtures("open_umask")
def test_a_missing_key_file_is_made_for_its_owner_alone_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "jwt.key"
    first = load_or_create_key_file(path)
    content = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(first.pairs) == 1
    assert load_or_create_key_file(path) == first
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_threads_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    def start(path: Path) -> SigningKeys:
        barrier.wait()
        return load_or_create_key_file(path)

    barrier = Barrier(8)
    with ThreadPoolExecutor(8) as threads:
        for attempt in range(30):
            directory = tmp_path / str(attempt)
            directory.mkdir()
            found = list(threads.map(start, [directory / "jwt.key"] * 8))
            assert found == [load_or_create_key_file(directory / "jwt.key")] * 8
            assert len(list(directory.iterdir())) == 1


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "jwt.key"
    code = (
        "import sys; from pathlib import Path; from chatsvc.security.keys import load_or_create_key_file\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(load_or_create_key_file(Path(sys.argv[1])).pairs)"
    )
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", code, str(path)]
    starting = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(4)]
    for process in starting:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    said = {process.communicate("\n", timeout=60)[0] for process in starting}
    assert said == {f"{load_or_create_key_file(path).pairs}\n"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620])
def test_a_key_file_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "jwt.key"
    load_or_create_key_file(path)
    path.chmod(mode)
    with pytest.raises(ValueError, match=f"{path} is open to others"):
        load_or_create_key_file(path)


@pytest.mark.parametrize("content", [b"", b"\n", b"a:short", f"a:{A[:31]}".encode() + b"\xff" * 40, b"\x00" * 40])
def test_a_key_file_without_keys_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "jwt.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ValueError, match=str(path)) as caught:
        load_or_create_key_file(path)
    assert A[:31] not in f"{caught.value!r} {caught.value.__context__!r}"
    assert path.read_bytes() == content


def test_a_key_file_that_an_operator_wrote_is_read(tmp_path: Path) -> None:
    path = tmp_path / "jwt.key"
    path.write_text(f"new:{A},old:{B}\n")
    path.chmod(0o400)
    assert load_or_create_key_file(path) == parse_keys(f"new:{A},old:{B}")
