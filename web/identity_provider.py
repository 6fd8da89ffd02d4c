"""The office's identity provider (统一身份认证), by OpenID Connect: where to send a browser, and whom it brings back.

Authlib speaks the protocol, joserfc checks the signature. What is fetched is fetched within the reach of messages: the
host of the issuer is the office's own word, every other host inside must be named by the policy; no redirect counts.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from config.settings import Settings, settings
from letters.reach import reaching
from tasks.context import policy
from tasks.doors import web_url
from text.refusals import Refusal

BACK = "/sign-in/oidc/back"
_SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only the provider can make: none of the kinds that anybody who knows our secret could."""
_LEEWAY_SECONDS = 60
_KNOWN_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """What a browser was sent away with, to be compared with what it brings back."""

    state: str
    nonce: str
    verifier: str
    page: str


class _Wrong(Exception):
    """What came back is not what was asked for; the words are for the log alone."""


@dataclass(frozen=True, slots=True)
class _Provider:
    """What a provider says of itself."""

    issuer: str
    authorization: str
    token: str
    keys: str
    basic: bool


def is_offered() -> bool:
    """Whether the office has an identity provider."""
    return settings().oidc_issuer is not None


def sent_away(page: str) -> tuple[str, SignInRequest]:
    """Where to send a browser so that its person signs in there.

    Args:
        page: where he wants to afterwards.

    Returns:
        The address at the provider, and what to remember.

    Raises:
        Refusal: ``oidc_away`` when the provider is not reached or says nothing sound.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    asked = SignInRequest(state, nonce, verifier, page)
    found = settings()
    try:
        provider = _provider(found)
        with _client(found, provider) as client:
            address, _ = client.create_authorization_url(
                provider.authorization,
                state=asked.state,
                nonce=asked.nonce,
                code_challenge=create_s256_code_challenge(asked.verifier),
                code_challenge_method="S256",
            )
    except _FAULTS as error:
        raise Refusal("oidc_away", why=type(error).__name__) from error
    return str(address), asked


def brought_back(asked: SignInRequest, answer: Mapping[str, str]) -> Mapping[str, Any]:
    """What the provider says of the person who came back.

    Args:
        asked: what his browser was sent away with.
        answer: what it came back with, from anywhere.

    Returns:
        The claims of the ID token: signed by the provider, for us, for this browser, and not over yet.

    Raises:
        Refusal: ``oidc_wrong`` for whatever was not asked for, ``oidc_away`` when the provider is not reached.
    """
    found = settings()
    # RFC 9207: an answer of another provider is not taken to ours.
    if not secrets.compare_digest(answer.get("state", "").encode(), asked.state.encode()):
        raise Refusal("oidc_wrong", why="state")
    if answer.get("iss", found.oidc_issuer) != found.oidc_issuer or not answer.get("code"):
        raise Refusal("oidc_wrong", why=answer.get("error", "code")[:40])
    try:
        provider = _provider(found)
        with _client(found, provider) as client:
            token = client.fetch_token(
                provider.token,
                code=answer["code"],
                code_verifier=asked.verifier,
                allow_redirects=False,
                timeout=policy().delivery.timeout_seconds,
            )
        keys = KeySet.import_key_set(_fetched(found, provider.keys))
    except (requests.RequestException, OSError, _Wrong) as error:
        raise Refusal("oidc_away", why=type(error).__name__) from error
    except Exception as error:  # whatever the provider refused, or the libraries do not understand of it
        raise Refusal("oidc_wrong", why=type(error).__name__) from error
    try:
        signed = jwt.decode(str(token["id_token"]), keys, algorithms=_SIGNED_BY)
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            {"iss": {"essential": True, "value": provider.issuer}, "aud": {"essential": True, "value": _id(found)}},
            {"nonce": asked.nonce, "client_id": _id(found), "access_token": token.get("access_token")},
        )
        claims.validate(leeway=_LEEWAY_SECONDS)
    except Exception as error:  # JoseError, KeyError, ValueError …: a token that is not sound is none
        raise Refusal("oidc_wrong", why=type(error).__name__) from error
    return dict(signed.claims)


def _id(found: Settings) -> str:
    assert found.oidc_client_id is not None
    return found.oidc_client_id


def _client(found: Settings, provider: _Provider) -> "_Session":
    return _Session(
        found,
        client_id=_id(found),
        client_secret=found.oidc_client_secret.get_secret_value() if found.oidc_client_secret else None,
        token_endpoint_auth_method="client_secret_basic" if provider.basic else "client_secret_post",
        scope=found.oidc_scope,
        redirect_uri=f"{(web_url() or '').rstrip('/')}{BACK}",
    )


class _Session(OAuth2Session):  # type: ignore[misc]
    """Authlib's session, within our reach.

    Args:
        found: the settings.
        facts: as Authlib takes them.
    """

    def __init__(self, found: Settings, **facts: Any) -> None:
        super().__init__(**facts)
        self._found = found

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send, to the issuer or to where messages may go."""
        with reaching([_host(self._found)], policy().delivery.inside):
            answer: requests.Response = super().send(request, **options)
            return answer


def _host(found: Settings) -> str:
    return urlsplit(found.oidc_issuer or "").hostname or ""


def _fetched(found: Settings, address: str) -> Any:
    with reaching([_host(found)], policy().delivery.inside):
        answer = requests.get(address, timeout=policy().delivery.timeout_seconds, allow_redirects=False)
    if answer.status_code != requests.codes.ok:
        raise _Wrong(f"{answer.status_code}")
    told = answer.json()
    if not isinstance(told, dict):
        raise _Wrong("no object")
    return told


def _provider(found: Settings) -> _Provider:
    assert found.oidc_issuer is not None
    # The time is a part of the key: what a provider says of itself is asked anew from time to time.
    return _discovered(found.oidc_issuer, int(time.monotonic() // _KNOWN_SECONDS))


@lru_cache(maxsize=4)
def _discovered(issuer: str, _: int) -> _Provider:
    told = _fetched(settings(), f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if told.get("issuer") != issuer:
        raise _Wrong("another issuer")
    ways = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    ends = [str(told.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    scheme = urlsplit(issuer).scheme
    if any(urlsplit(end).scheme not in ("https", scheme) or not urlsplit(end).hostname for end in ends):
        raise _Wrong("an end that is not safe")
    authorization, token, keys = ends
    return _Provider(issuer, authorization, token, keys, "client_secret_basic" in ways)


_FAULTS = (requests.RequestException, OSError, JoseError, ValueError, KeyError, TypeError, _Wrong)
