"""HTTP to services on this machine, which speak no TLS: without a context of ours each new client would first
read every authority that the world trusts, which takes longer than to ask.
"""

import ssl

import httpx

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# Nothing is kept open: the services that are asked are killed and started anew.
LOCAL = httpx.Client(trust_env=False, verify=NO_TLS, limits=httpx.Limits(max_keepalive_connections=0))


def serves(url: str, auth: tuple[str, str] | None = None) -> bool:
    """Whether `url` answers with 200 within two seconds."""
    try:
        return LOCAL.get(url, auth=auth, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
