"""What an access token must be. Most of what is refused here, jose 3.5.0 alone lets through or crashes on."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chatsvc.errors import AccessTokenExpired, AccessTokenInvalid
from chatsvc.security.access_tokens import AccessClaims, AccessTokens
from chatsvc.security.keys import parse_keys

OLD, NEW, FOREIGN = "old" * 12, "new" * 12, "foreign" * 6
LIFE = 900
USER = UUID("01938c2e-7b1a-7c3d-8e4f-0123456789ab")
SESSION = UUID("01938c2e-7b1a-7c3d-8e4f-ba9876543210")
# Years from the wall clock, so that a check against the wrong one shows.
NOW = datetime(2001, 9, 9, 1, 46, 40, 250_000, tzinfo=UTC)
IAT = 1_000_000_000
HEADER = {"alg": "HS256", "kid": "new", "typ": "at+jwt"}
CLAIMS = {"iss": "chat", "aud": "phones", "sub": str(USER), "sid": str(SESSION), "iat": IAT, "exp": IAT + LIFE}


def tokens(keys: str = f"new:{NEW},old:{OLD}", issuer: str = "chat", audience: str = "phones") -> AccessTokens:
    return AccessTokens(keys=parse_keys(keys), issuer=issuer, audience=audience, max_life_seconds=LIFE)


def issued(by: AccessTokens) -> str:
    return by.issue(user_id=USER, session_id=SESSION, now=NOW, expires_at=NOW + timedelta(seconds=LIFE))


def segment(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part, separators=(",", ":"), sort_keys=True).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(header: Any = HEADER, claims: Any = CLAIMS, *, secret: str = NEW, digest: str = "sha256") -> str:
    """A token made without jose, with a true signature."""
    signed = f"{segment(header)}.{segment(claims)}"
    return f"{signed}.{segment(hmac.digest(secret.encode(), signed.encode(), digest))}"


def refused(token: str, by: AccessTokens | None = None) -> bool:
    with pytest.raises(AccessTokenInvalid):
        (by or tokens()).verify(token, now=NOW)
    return True


def test_an_issued_token_verifies_with_its_claims() -> None:
    token = issued(tokens())
    assert tokens().verify(token, now=NOW) == AccessClaims(USER, SESSION, IAT + LIFE)
    assert token.split(".")[0] == segment(HEADER)


def test_the_token_on_the_wire_is_plain_jwt() -> None:
    # What the other tests forge is what the service itself would make, so they fail for their one defect alone.
    assert tokens().verify(forged(), now=NOW) == AccessClaims(USER, SESSION, IAT + LIFE)


def test_the_first_key_signs_and_a_token_of_an_old_key_still_verifies() -> None:
    before, after = tokens(f"old:{OLD}"), tokens()
    old_token = issued(before)
    assert after.verify(old_token, now=NOW).user_id == USER
    assert refused(issued(after), before)
    assert refused(old_token, tokens(f"new:{NEW}"))  # the day the old key goes


def test_a_token_ends_at_its_second_by_the_clock_that_is_passed_in() -> None:
    token = issued(tokens())
    end = datetime.fromtimestamp(IAT + LIFE, UTC)
    tokens().verify(token, now=end - timedelta(microseconds=1))
    for late in (end, end + timedelta(days=9_999)):
        with pytest.raises(AccessTokenExpired):
            tokens().verify(token, now=late)


def test_no_time_is_judged_by_the_wall_clock() -> None:
    far = 4_000_000_000  # in the year 2096
    claims = {**CLAIMS, "iat": far, "nbf": far, "exp": far + LIFE}
    tokens().verify(forged(claims=claims), now=datetime.fromtimestamp(far, UTC))


def test_a_replica_whose_clock_is_behind_takes_a_fresh_token() -> None:
    tokens().verify(issued(tokens()), now=NOW - timedelta(seconds=5))


def test_a_token_of_no_life_is_expired_rather_than_invalid() -> None:
    token = tokens().issue(user_id=USER, session_id=SESSION, now=NOW, expires_at=NOW + timedelta(milliseconds=1))
    with pytest.raises(AccessTokenExpired):
        tokens().verify(token, now=NOW)


def test_an_expired_token_with_another_defect_is_invalid() -> None:
    past = {**CLAIMS, "iat": IAT - 2 * LIFE, "exp": IAT - LIFE}
    with pytest.raises(AccessTokenExpired):
        tokens().verify(forged(claims=past), now=NOW)
    assert refused(forged(claims=past, secret=FOREIGN))
    assert refused(forged(claims={**past, "aud": "others"}))
    assert refused(forged(claims={**past, "sid": None}))


@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, "alg": "none"},
        {**HEADER, "alg": "None"},
        {**HEADER, "alg": "HS384"},
        {**HEADER, "alg": "RS256"},
        {**HEADER, "typ": "JWT"},
        {**HEADER, "crit": ["exp"]},
        {**HEADER, "jku": "https://evil.example/keys"},
        {**HEADER, "jwk": {"kty": "oct", "k": segment(NEW.encode())}},
        {**HEADER, "kid": "unknown"},
        {**HEADER, "kid": "new "},
        {"alg": "HS256", "typ": "at+jwt"},
        json.dumps(HEADER).encode(),  # the same, written with spaces
        [],
        b"",
        b"\xff",
    ],
)
def test_a_header_that_is_not_exactly_ours_is_refused_however_it_is_signed(header: Any) -> None:
    assert refused(forged(header))


@pytest.mark.parametrize(("alg", "digest"), [("HS384", "sha384"), ("HS512", "sha512")])
def test_another_algorithm_with_the_right_key_is_refused(alg: str, digest: str) -> None:
    assert refused(forged({**HEADER, "alg": alg}, digest=digest))
    assert refused(forged(digest=digest))


def test_an_unsigned_token_is_refused() -> None:
    unsigned = f"{segment({**HEADER, 'alg': 'none'})}.{segment(CLAIMS)}."
    assert refused(unsigned)
    assert refused(f"{segment(HEADER)}.{segment(CLAIMS)}.")


def test_the_kid_of_another_key_is_refused() -> None:
    assert refused(forged({**HEADER, "kid": "old"}, secret=NEW))
    assert refused(forged(HEADER, secret=OLD))
    assert refused(forged(secret=FOREIGN))


def test_a_key_that_reads_as_json_is_only_bytes() -> None:
    # jose reads a key that is JSON as that JSON: a set of keys, or here a string without its quotes.
    quoted = tokens(f'new:"{NEW}"')
    assert quoted.verify(forged(secret=f'"{NEW}"'), now=NOW).user_id == USER
    assert refused(forged(secret=NEW), quoted)


@pytest.mark.parametrize("header", [b"[" * 2_000, b'{"a":' * 400, b"[" * 1_500])
def test_a_nested_header_is_refused(header: bytes) -> None:
    assert refused(forged(header))


@pytest.mark.parametrize("claims", [b"[" * 1_300, b"[", b"\xff", b"", [], "text", 7, None])
def test_signed_claims_that_are_no_object_are_refused(claims: Any) -> None:
    assert len(forged(claims=claims)) < 2_048
    assert refused(forged(claims=claims))


@pytest.mark.parametrize("name", CLAIMS)
def test_each_claim_is_needed(name: str) -> None:
    assert refused(forged(claims={key: value for key, value in CLAIMS.items() if key != name}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "other"},
        {"iss": None},
        {"iss": ["chat"]},
        {"aud": "others"},
        {"aud": None},
        {"aud": []},
        {"aud": ["others", 7]},
        {"sub": 7},
        {"sub": None},
        {"sub": ""},
        {"sub": str(USER).upper()},
        {"sub": USER.hex},
        {"sub": f"{{{USER}}}"},
        {"sub": USER.urn},
        {"sub": str(USER).replace("0", "٠")},  # digits to int(), not to us
        {"sid": None},
        {"sid": SESSION.hex},
        {"sid": str(SESSION) + "\n"},
        {"exp": float(IAT + LIFE)},
        {"exp": IAT + 0.5},
        {"exp": str(IAT + LIFE)},
        {"exp": True},
        {"exp": None},
        {"exp": 10**30},
        {"exp": -(10**30)},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": IAT + LIFE + 1},
        {"exp": IAT - 1},
        {"iat": float(IAT)},
        {"iat": str(IAT)},
        {"iat": False},
        {"iat": IAT - 1},
        {"iat": IAT + LIFE + 1},
        {"iat": 0},
        {"nbf": IAT + 1},
        {"nbf": float(IAT)},
        {"nbf": None},
        {"nbf": True},
        {"at_hash": "x"},
    ],
)
def test_a_wrong_claim_is_refused_though_the_signature_is_right(wrong: dict[str, Any]) -> None:
    assert refused(forged(claims={**CLAIMS, **wrong}))


def test_unknown_claims_and_a_past_nbf_are_no_defect() -> None:
    # A newer version may add a claim while this one still runs beside it.
    tokens().verify(forged(claims={**CLAIMS, "nbf": IAT, "new": [1]}), now=NOW)


def test_another_service_with_the_same_keys_is_refused() -> None:
    assert refused(issued(tokens(issuer="other")))
    assert refused(issued(tokens(audience="others")))


def test_a_token_has_one_spelling_alone() -> None:
    token = issued(tokens())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    varied = [token[:-1] + last for last in alphabet if last != token[-1]]
    others = [token + "=", token + "==", token + "\n", token + "!", token[:-5] + "*" + token[-5:], " " + token]
    assert all(refused(other) for other in varied + others)
    for issue_second in range(40):  # until some signature holds a - and a _
        claims = {**CLAIMS, "iat": IAT - issue_second}
        claims["exp"] = IAT - issue_second + LIFE
        head, _, signature = forged(claims=claims).rpartition(".")
        tokens().verify(f"{head}.{signature}", now=NOW)
        if "-" in signature and "_" in signature:
            assert refused(f"{head}.{signature.replace('-', '+')}")
            assert refused(f"{head}.{signature.replace('_', '/')}")
            return
    pytest.fail("no signature with - and _")


@pytest.mark.parametrize("position", [0, 30, -1])
@pytest.mark.parametrize("odd", ["\ud800", "é", "\0", "."])
def test_odd_characters_are_refused_anywhere(position: int, odd: str) -> None:
    token = issued(tokens())
    assert refused(token[:position] + odd + token[position:])


@pytest.mark.parametrize("token", ["", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "\ud800", "\ud800.\ud800.\ud800"])
def test_what_is_no_token_at_all_is_refused(token: str) -> None:
    assert refused(token)


def test_a_fourth_segment_is_refused() -> None:
    assert refused(issued(tokens()) + ".")
    assert refused(issued(tokens()) + ".a")
    header, claims, _ = forged().split(".")
    signed = f"{header}.{claims}.x"  # jose splits at the first and the last dot, and decodes what is between
    assert refused(f"{signed}.{segment(hmac.digest(NEW.encode(), signed.encode(), hashlib.sha256))}")


def test_the_longest_token_is_2048_characters() -> None:
    def padded(size: int) -> str:
        return forged(claims={**CLAIMS, "pad": "x" * size})

    longest = max((padded(size) for size in range(1_100, 1_300) if len(padded(size)) <= 2_048), key=len)
    tokens().verify(longest, now=NOW)
    longer = min((padded(size) for size in range(1_100, 1_400) if len(padded(size)) > 2_048), key=len)
    assert refused(longer)


def test_a_refusal_says_nothing_about_the_token() -> None:
    token = forged(claims={**CLAIMS, "aud": "others"})
    with pytest.raises(AccessTokenInvalid) as caught:
        tokens().verify(token, now=NOW)
    assert caught.value.details is None
    assert token.split(".")[1] not in repr(caught.value)
