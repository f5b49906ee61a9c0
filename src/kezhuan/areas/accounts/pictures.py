"""A text as a QR code, drawn into the page: no script, no foreign address."""

import base64

import qrcode
import qrcode.image.svg


def qr_picture(text: str) -> str:
    """The address of a picture of the text's QR code."""
    drawn = qrcode.make(text, image_factory=qrcode.image.svg.SvgPathImage, border=2).to_string()
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode()}"
