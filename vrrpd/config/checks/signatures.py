"""Whether two hosts with auth_hmac hear each other. Never shows a key."""

from vrrpd.protocol.trailer import Mode, Signing


def deaf(hearer: str, ears: Signing | None, speaker: str, mouth: Signing | None) -> str:
    """Why one host drops what the other sends; empty: it does not."""
    signs = mouth is not None and mouth.signs
    if ears is None:
        return f"{speaker} signs, and {hearer} has no keys" if signs else ""
    if mouth is None or not signs:
        return f"{speaker} signs nothing, which {hearer} refuses" if ears.mode is Mode.ENFORCE else ""
    ours, theirs = ears.key(mouth.active), mouth.key(mouth.active)
    if ours is None:
        return f"{speaker} signs with key {mouth.active}, which {hearer} has not"
    return "" if ours == theirs else f"key {mouth.active} of {speaker}, with which it signs, is another one in {hearer}"
