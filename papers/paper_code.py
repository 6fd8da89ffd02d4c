"""The square code on paper: a phone that is held over a printed page finds the page itself."""

from io import BytesIO

import segno


def paper_code(address: str) -> str:
    """An address as a QR code: SVG that stands in a page, drawn by attributes alone.

    Args:
        address: of a page that takes signing in. Paper goes through many hands: never a personal link.
    """
    code = segno.make_qr(address, error="m")
    return code.svg_inline(border=4, svgclass="code", lineclass=None, omitsize=True)


def paper_code_picture(address: str) -> bytes:
    """An address as a QR code: PNG that stands in a document.

    Args:
        address: as for ``paper_code``.
    """
    made = BytesIO()
    segno.make_qr(address, error="m").save(made, kind="png", scale=6, border=4)
    return made.getvalue()
